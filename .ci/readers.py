"""What the readers saw of a wire, against the wire itself. Those that were not there saw nothing. Usage: readers.py FOLDER (see .ci/readers)"""

import calendar
import email
import email.policy
import mailbox
import sys
import xml.etree.ElementTree as xml
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

try:
    import feedparser
except ImportError:
    feedparser = None

ATOM = "{http://www.w3.org/2005/Atom}"


def wire(path):
    """The entries by id: title, link, and the times that a reader may show."""
    entries = {}
    for entry in xml.parse(path).getroot().findall(ATOM + "entry"):
        text = lambda name: entry.findtext(ATOM + name)
        link = next(link.get("href") for link in entry.findall(ATOM + "link") if link.get("rel") == "alternate")
        times = {int(datetime.fromisoformat(text(name)).timestamp()) for name in ("published", "updated")}
        entries[text("id")] = (" ".join(text("title").split()), link, times)
    return entries


def check(reader, expected, seen):
    assert seen, f"{reader} saw nothing"
    assert {row[0] for row in seen} == set(expected), f"{reader}: other ids"
    for identifier, title, link, time in seen:
        wanted_title, wanted_link, times = expected[identifier]
        assert (" ".join(title.split()), link) == (wanted_title, wanted_link), f"{reader}: {title} {link}"
        assert int(time) in times, f"{reader}: {title} is of {time}, not of {times}"
    print(f"{reader}: the same {len(seen)} titles, links, dates and ids")


def by_feedparser(folder):
    for name in ("child-rights", "all"):
        for form in ("atom", "rss"):
            feed = feedparser.parse(str(folder / f"{name}.{form}"))
            assert not feed.bozo, feed.bozo_exception
            rows = [(e.id, e.title, e.link, calendar.timegm(e.published_parsed)) for e in feed.entries]
            check(f"feedparser, {name}.{form}", wire(folder / f"{name}.atom"), rows)


def main(folder):
    if feedparser:
        by_feedparser(folder)
    expected = wire(folder / "child-rights.atom")
    for form in ("atom", "rss"):
        there = lambda name: (folder / form / name).exists()
        rows = lambda name: [line.split("\t") for line in (folder / form / name).read_text().splitlines()]
        if there("newsboat"):
            check(f"newsboat, {form}", expected, rows("newsboat"))
        if there("sfeed"):
            # Time, title, link, content, its type, id.
            check(f"sfeed, {form}", expected, [(row[5], row[1], row[2], row[0]) for row in rows("sfeed")])
        if there("rsstail"):
            shown = (folder / form / "rsstail").read_text()
            for title, link, _ in expected.values():
                assert title in " ".join(shown.split()) and link in shown, f"rsstail, {form}: {title} {link}"
            # Of Atom it tells no time but its own.
            lines = [line.strip() for line in shown.splitlines() if line.strip()]
            for title, link, times in expected.values() if form == "rss" else ():
                time = lines[lines.index(link) + 1]
                assert parsedate_to_datetime(time).timestamp() in times, f"rsstail: {title} is of {time}, not of {times}"
            print(f"rsstail, {form}: the same {len(expected)} titles and links{', and dates' * (form == 'rss')}")
        if there("r2e"):
            read = lambda file: email.message_from_binary_file(file, policy=email.policy.default)
            mails = mailbox.Maildir(folder / form / "INBOX", factory=read)
            row = lambda mail: (mail["X-RSS-ID"], mail["Subject"], mail["X-RSS-URL"], parsedate_to_datetime(mail["Date"]).timestamp())
            check(f"rss2email, {form}", expected, [row(mail) for mail in mails])


main(Path(sys.argv[1]))
