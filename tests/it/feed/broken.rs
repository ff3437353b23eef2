//! What one forgotten character may cost: its own field, never the entries that follow.

use std::time::{Duration, Instant as Clock};

use topicwire::feed::opml;
use topicwire::model::Entry;
use url::Url;

use super::{check_summary, check_title, item, parse, try_parse};

const HEAD: &str = "<rss version='2.0'><channel><title>t</title>";

/// The titles of a feed's entries, and whether a section was found that nobody closed.
fn titles(inside: &str) -> (Vec<String>, bool) {
    let (document, warnings) = try_parse(format!("{HEAD}{inside}</channel></rss>").as_bytes(), None).expect(inside);
    let is_endless = warnings.iter().any(|warning| warning.0.contains("left open") && warning.0.contains("CDATA"));
    (document.entries.into_iter().map(|entry| entry.title.unwrap_or_default()).collect(), is_endless)
}

#[track_caller]
fn check(inside: &str, expected: &[&str]) {
    assert_eq!(titles(inside), (expected.iter().map(ToString::to_string).collect(), true), "{inside}");
}

#[test]
fn a_bracket_is_text_where_it_begins_no_tag() {
    check_title("<title><![CDATA[Если a<b то c & d]]></title>", "Если a<b то c & d");
    check_title("<title><![CDATA[a<b, но c>d]]></title>", "a<b, но c>d");
    check_title("<title><![CDATA[a<b <i>c</i>]]></title>", "a<b c");
    check_title("<title><![CDATA[<<b>a</b>]]></title>", "<a");
    check_title("<title><![CDATA[a <!-- b > c --> d <br/>e<p>f</P >g]]></title>", "a d e f g");
    check_title("<title><![CDATA[a <!-- b]]></title>", "a b");
    check_title("<title>&lt;a title=\"1 > 2\" href='x'>a&lt;/a></title>", "a");
    check_title("<title>&lt;script&gt; и &lt;title&gt;</title>", "и <title>");
}

#[test]
fn brackets_cost_no_more_than_letters() {
    let many = |text: &str| text.repeat((512 << 10) / text.len());
    let cases = [
        ("in a title", format!("<title>{}", many("<"))),
        ("in data", format!("<title><![CDATA[{}]]></title>", many("<<‹"))),
        ("escaped", format!("<title>{}</title>", many("&lt;"))),
        ("with spaces", format!("<title>{}", many("< "))),
        ("of tags", format!("<title><![CDATA[{}]]></title>", many("<b "))),
        ("of comments", format!("<title><![CDATA[{}]]></title>", many("<!--"))),
        ("in a source", format!("<source>{}</source>", many("<"))),
        ("in an author", format!("<author>{}</author>", many("&lt;"))),
        ("in a name", format!("<dc:creator>{}</dc:creator>", many("&lt;"))),
        ("in a text", format!("<description>{}", many("&lt;"))),
        ("of data left open", many("<title><![CDATA[</title>")),
        ("of data in data", many("<title><![CDATA[<item>")),
        ("of comments left open", many("<!-- <item>")),
        ("of both left open", many("<title><![CDATA[<!-- </title>")),
        ("of instructions", many("<? <b")),
        ("of instructions that are none", many("<?<a").repeat(4)),
        ("of comments in a long name", format!("<{}>{}", "a".repeat(1 << 17), many("<!--<!---->"))),
        ("of declarations", many("<!a [ >")),
        ("in values", many("<a b=\"<a \" ")),
        ("in many values", format!("<a {}", many("b=\"<a \" "))),
    ];
    for (name, inside) in cases {
        for end in ["", "]]>", "--> ]]> </item>"] {
            let start = Clock::now();
            let parsed = try_parse(format!("{HEAD}<item><title>first</title></item><item>{inside}{end}").as_bytes(), None);
            let took = start.elapsed();
            assert!(took < Duration::from_secs(2), "{name} with `{end}` took {took:?}, unoptimised");
            assert!(parsed.is_ok_and(|(document, _)| document.entries[0].title.as_deref() == Some("first")), "{name}");
        }
    }
}

#[test]
fn a_section_that_nobody_closed_ends_with_its_element_or_item() {
    let next = "<item><title>2</title><description><![CDATA[b]]></description></item><item><title>3</title></item>";
    let open = "<item><title>1</title><description><![CDATA[text without end</description></item>";
    check(&format!("{open}{next}"), &["1", "2", "3"]);
    check(&format!("{open}<item><title>2</title></item>"), &["1", "2"]);
    check(&format!("<item><title><![CDATA[1</title><link>https://a.kz/1</link></item>{next}"), &["1", "2", "3"]);
    check("<item><title><![CDATA[1</title><description><![CDATA[a]]></description></item>", &["1"]);
    check(&format!("<item><title>1</title></item><!-- made by X ->{next}"), &["1", "2", "3"]);
    check(&format!("<!-- made by X {next}<!-- in 0.1 s -->"), &["2", "3"]);
    check(&format!("<item><title>1</title><!-- made by X </item>{next}"), &["1", "2", "3"]);
    check(&format!("<?php echo 1 {next}"), &["2", "3"]);
    let document = parse(&format!("{HEAD}{open}{next}"));
    let texts: Vec<_> = document.entries.iter().map(|entry| entry.summary.as_deref()).collect();
    assert_eq!(texts, [Some("text without end"), Some("b"), None]);
}

#[test]
fn what_is_closed_may_speak_of_items() {
    check_summary("<description><![CDATA[RSS has <code><item></code> and </item>]]></description>", "RSS has <code></code> and");
    let commented = "<!-- <item><title>0</title><description><![CDATA[x]]></description></item> --><item><title>1</title></item>";
    assert_eq!(titles(commented), (vec!["1".to_owned()], false));
    check_summary("<description><![CDATA[<p>a ]]]]><![CDATA[> b</p>]]></description>", "<p>a ]]&gt; b</p>");
    check_summary("<description><![CDATA[<![CDATA[a]]>]]></description>", "a");
    assert_eq!(item("<title>a</title><!-- b -- c --><link>https://a.kz/1</link>").link.unwrap().as_str(), "https://a.kz/1");
    assert_eq!(titles("<?php echo '<item>'; ?><item><title>1</title></item>"), (vec!["1".to_owned()], false));
    let declared = parse("<!DOCTYPE rss [<!ENTITY a '<b>'> ]><rss><channel><item><title>1</title></item></channel></rss>");
    assert_eq!(declared.entries.len(), 1);
    let half = parse("<!DOCTYPE rss [ ><rss><channel><item><title><![CDATA[1]]></title></item></channel></rss>");
    assert_eq!(half.entries[0].title.as_deref(), Some("1"));
}

#[test]
fn a_feed_whose_items_are_out_of_reach_is_not_empty() {
    let error =
        |text: &str| try_parse(text.as_bytes(), None).map(|(document, _)| document.entries.len()).map_err(|error| error.to_string());
    let nested = "<x>".repeat(200);
    assert_eq!(
        error(&format!("{HEAD}{nested}<item><title>1</title></item>")),
        Err("not a feed: none of its 1 items could be read".to_owned())
    );
    assert!(error("<rss xmlns='http://search.yahoo.com/mrss/'><channel><item><title>1</title></item>").is_err());
    for empty in ["", "<!-- <item><title>1</title></item> -->", "<description><![CDATA[<item>]]></description>", "<items/>"] {
        assert_eq!(error(&format!("{HEAD}{empty}</channel></rss>")), Ok(0), "{empty}");
    }
}

/// The titles and links of what is left of a feed that is cut off, and the summary of the last entry.
fn cut(inside: &str) -> (Vec<(String, String)>, Option<String>) {
    let document = parse(&format!("{HEAD}<item><title>1</title><link>https://a.kz/1</link></item><item>{inside}"));
    assert!(document.is_cut, "{inside}");
    let summary = document.entries.last().and_then(|entry| entry.summary.clone());
    let link = |entry: &Entry| entry.link.as_ref().map(ToString::to_string).unwrap_or_default();
    (document.entries.iter().map(|entry| (entry.title.clone().unwrap_or_default(), link(entry))).collect(), summary)
}

#[test]
fn what_is_cut_off_is_not_taken_for_whole() {
    let first = || ("1".to_owned(), "https://a.kz/1".to_owned());
    for inside in [
        "<title>2</title><link>https://a.kz/news/20",
        "<title>2</title><link>https://a.kz/news/2</lin",
        "<link>https://a.kz/2</link><title>Заголовок кото",
        "<title>2</title><link href='https://a.kz/news/20",
        "<title>2</title><guid>https://a.kz/2</guid><link>https://a.kz/news/20",
        "<title>2</title>",
        "",
    ] {
        assert_eq!(cut(inside), (vec![first()], None), "{inside}");
    }
    let whole = "<title>2</title><link>https://a.kz/2</link>";
    for more in [
        "",
        "<description>half of it",
        "<description><![CDATA[half of it",
        "<pubDate>Wed, 26 Nov 20",
        "<guid>https://a.kz/2-",
        "<author>Ив",
    ] {
        assert_eq!(cut(&format!("{whole}{more}")), (vec![first(), ("2".to_owned(), "https://a.kz/2".to_owned())], None), "{more}");
        let entry = parse(&format!("{HEAD}<item>{whole}{more}")).entries.remove(0);
        assert_eq!((entry.id.as_str(), entry.published, entry.authors.len()), ("https://a.kz/2", None, 0), "{more}");
    }
    assert!(try_parse(format!("{HEAD}<item><title>2</title><link>https://a.kz/news/20").as_bytes(), None).is_err(), "nothing is left");
    assert!(!parse(&format!("{HEAD}<item>{whole}</item></channel></rss>")).is_cut);
    assert!(!parse(&format!("{HEAD}<item>{whole}</channel>")).is_cut, "the channel's end ends the item");
}

#[test]
fn where_links_lead_to_one_page_permalinks_count() {
    #[track_caller]
    fn check(channel: &str, items: &str, expected: &[&str]) {
        let document = parse(&format!("{HEAD}{channel}{items}"));
        let links: Vec<_> = document.entries.iter().filter_map(|entry| entry.link.as_ref()).map(Url::as_str).collect();
        assert_eq!(links, expected, "{items}");
    }
    let item = |link: &str, guid: &str| format!("<item><title>t</title><link>{link}</link><guid>{guid}</guid></item>");
    check("", &item("http://a.kz/", "http://a.kz/news/5"), &["http://a.kz/news/5"]);
    check("", &item("https://www.a.kz", "http://a.kz/?p=5"), &["http://a.kz/?p=5"]);
    check("<link>http://a.kz/ru/</link>", &item("http://a.kz/ru", "http://a.kz/5"), &["http://a.kz/5"]);
    let shared = item("http://a.kz/live", "http://a.kz/live/1") + &item("http://a.kz/live", "http://a.kz/live/2");
    check("", &shared, &["http://a.kz/live/1", "http://a.kz/live/2"]);
    // Nothing says that these ids are pages, or that the links are not.
    check("", &item("http://a.kz/", "urn:5"), &["http://a.kz/"]);
    check("", &item("http://a.kz/", "http://a.kz/5").replace("<guid>", "<guid isPermaLink='false'>"), &["http://a.kz/"]);
    check("", &item("http://a.kz/news/5", "http://a.kz/?p=5"), &["http://a.kz/news/5"]);
    let twice = item("http://a.kz/5", "http://a.kz/?p=5").repeat(2);
    check("", &twice, &["http://a.kz/5", "http://a.kz/5"]);
}

#[test]
fn the_first_date_that_can_be_read_counts() {
    let published = |inside: &str| item(inside).published.map(|time| time.to_rfc3339());
    let expected = || Some("2025-11-26T10:00:00+05:00".to_owned());
    assert_eq!(published("<pubDate>garbage</pubDate><dc:date>2025-11-26T10:00:00+05:00</dc:date>"), expected());
    assert_eq!(published("<dc:date>2025-11-26T10:00:00+05:00</dc:date><pubDate>Thu, 01 Jan 1970 00:00:00 GMT</pubDate>"), expected());
    assert_eq!(published("<pubDate>?</pubDate><pubDate>26.11.2025 10:00</pubDate>"), expected());
    assert_eq!(published("<dc:date>2025-11-25</dc:date><pubDate>26.11.2025 10:00</pubDate>"), expected());
    assert_eq!(published("<pubDate>garbage</pubDate>"), None);
}

#[test]
fn the_charset_of_kazakhstan() {
    // Of each pair the byte and its letter: `Қазақстан бала құқығы`.
    let text = b"\x8d\xe0\xe7\xe0\x9d\xf1\xf2\xe0\xed \xe1\xe0\xeb\xe0 \x9d\xa2\x9d\xfb\xba\xfb";
    for (label, content_type) in [("KZ-1048", None), ("rk1048", None), ("", Some("text/xml; charset=STRK1048-2002"))] {
        let declaration = if label.is_empty() { String::new() } else { format!("<?xml version='1.0' encoding='{label}'?>") };
        let bytes = [format!("{declaration}{HEAD}<item><title>").as_bytes(), text, b"</title></item></channel></rss>"].concat();
        let (document, warnings) = try_parse(&bytes, content_type).unwrap();
        assert_eq!(document.entries[0].title.as_deref(), Some("Қазақстан бала құқығы"), "{label}");
        assert_eq!(warnings, []);
    }
}

#[test]
fn json_that_is_not_quite_json() {
    let read = |text: &str| try_parse(text.as_bytes(), None).map(|(document, _)| (document.entries.len(), document.is_cut));
    let item = |id: u8| format!("{{\"id\":\"{id}\",\"url\":\"https://a.kz/{id}\",\"content_text\":\"[ \\\" {{,]\"}}");
    let items = format!("{{\"title\":\"t\",\"items\":[{},{}", item(1), item(2));
    assert_eq!(read(&format!("{items}]}}")), Ok((2, false)));
    assert_eq!(read(&format!("{items} , ],\n}}")), Ok((2, false)));
    assert_eq!(read(&items), Ok((2, true)));
    assert_eq!(read(&format!("{items},{{\"id\":\"3\",\"url\":\"https://a.k")), Ok((2, true)));
    assert_eq!(read(&format!("{items}],\"hubs\":[{{\"url\":\"ht")), Ok((2, true)));
    for bad in ["{\"items\":[{\"id\":\"1", "{\"items\":", "{{{{", &format!("{{\"a\":{}", "[".repeat(100_000))] {
        assert!(read(bad).is_err());
    }
}

#[test]
fn lists_of_subscriptions_with_brackets_and_comments() {
    let list = "<opml><body><outline text=\"<b>I</b>\" xmlUrl=\"https://a.kz/1\"/><outline text='1 < 2' xmlUrl='https://a.kz/2' /><outline \
        text='x' isComment='true' xmlUrl='https://a.kz/3'/><outline text='aside' isComment='TRUE'><outline text='f'><outline \
        text='y' xmlUrl='https://a.kz/4'/></outline></outline><outline text='z' xmlUrl='https://a.kz/5'/></body></opml>";
    let (found, warnings) = opml::parse(list.as_bytes()).unwrap();
    assert_eq!(found.iter().map(|found| found.url.path()).collect::<Vec<_>>(), ["/1", "/2", "/5"]);
    assert_eq!((found[0].title.as_str(), found[1].title.as_str(), warnings.len()), ("<b>I</b>", "1 < 2", 0));
    assert!(found[2].folders.is_empty());
    // A quote that is not closed takes no other tag with it.
    let open = "<enclosure url=\"https://a.kz/a.jpg length=5/>";
    check_title(&format!("{open}<title>Фильм \"А\"</title><link href=\"https://a.kz/1\"/>"), "Фильм \"А\"");
}
