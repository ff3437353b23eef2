//! Feed documents in whatever state they are: charsets, broken markup, dialects, ids, links, texts; listing pages and sitemaps;
//! OPML and the discovery of feeds; and documents that mean harm.

mod broken;
mod cleaning;

use std::process::Command;
use std::time::{Duration, Instant as Clock};

use chrono::{TimeZone, Utc};
use proptest::prelude::*;
use topicwire::extract::selector;
use topicwire::feed::opml::{self, Subscription};
use topicwire::feed::{self, Context, Error, ListingRules, Warning};
use topicwire::model::{Document, Entry};
use url::Url;

fn try_parse(bytes: &[u8], content_type: Option<&str>) -> Result<(Document, Vec<Warning>), Error> {
    let url = Url::parse("https://agency.kz/news/rss.xml").unwrap();
    let now = Utc.with_ymd_and_hms(2025, 11, 26, 12, 0, 0).unwrap();
    feed::parse(bytes, &Context { url: &url, content_type, timezone: Some(chrono_tz::Asia::Almaty), now: Some(now) })
}

#[track_caller]
fn parse(text: &str) -> Document {
    try_parse(text.as_bytes(), None).expect(text).0
}

/// The only entry of an RSS feed with one item.
#[track_caller]
fn item(inside: &str) -> Entry {
    let text = format!("<rss version=\"2.0\"><channel><title>Agency</title><item>{inside}</item></channel></rss>");
    let mut document = parse(&text);
    assert_eq!(document.entries.len(), 1, "{inside}");
    document.entries.remove(0)
}

#[track_caller]
fn atom(inside: &str) -> Entry {
    let mut document = parse(&format!("<feed xmlns=\"http://www.w3.org/2005/Atom\"><entry>{inside}</entry></feed>"));
    assert_eq!(document.entries.len(), 1, "{inside}");
    document.entries.remove(0)
}

#[track_caller]
fn check_title(inside: &str, expected: &str) {
    assert_eq!(item(inside).title.as_deref(), Some(expected), "{inside}");
}

#[track_caller]
fn check_summary(inside: &str, expected: &str) {
    assert_eq!(item(inside).summary.as_deref(), Some(expected), "{inside}");
}

#[track_caller]
fn check_link(entry: &Entry, expected: &str) {
    assert_eq!(entry.link.as_ref().map(Url::as_str), Some(expected));
}

#[test]
fn a_whole_rss_feed() {
    let (document, warnings) = try_parse(include_bytes!("../fixtures/feeds/agency.rss"), None).unwrap();
    assert_eq!(warnings, []);
    assert_eq!(document.title.as_deref(), Some("Агентство: новости"));
    assert_eq!(document.language.as_ref().map(ToString::to_string).as_deref(), Some("ru"));
    assert_eq!(document.home.as_ref().map(Url::as_str), Some("https://agency.kz/"));
    assert_eq!(document.hubs.iter().map(Url::as_str).collect::<Vec<_>>(), ["https://hub.agency.kz/"]);
    assert_eq!(document.self_link.as_ref().map(Url::as_str), Some("https://agency.kz/news/rss.xml"));
    assert_eq!(document.next.as_ref().map(Url::as_str), Some("https://agency.kz/news/rss.xml?page=2"));
    assert_eq!(document.pacing.interval_seconds, Some(7200));
    assert_eq!(document.pacing.skip_hours, [0, 23]);
    assert_eq!(document.pacing.skip_days, [5, 6]);
    let [first, second] = document.entries.as_slice() else { panic!("{:?}", document.entries) };
    assert_eq!(first.id, "agency-1");
    assert_eq!(first.title.as_deref(), Some("Школа «Дарын» & новый корпус"));
    check_link(first, "https://agency.kz/news/1");
    assert_eq!(first.published.map(|time| time.to_rfc3339()).as_deref(), Some("2025-11-26T10:22:00+05:00"));
    assert_eq!(first.summary.as_deref(), Some("<p>Открыт <a href=\"https://agency.kz/news/more\">новый корпус</a>.</p>"));
    assert_eq!(first.content.as_deref(), Some("Полный текст новости."));
    assert!(first.is_full_text);
    assert_eq!(first.authors, ["Айгүл Сейт"]);
    assert_eq!(first.categories, ["Образование", "Дети"]);
    assert_eq!(first.image.as_ref().map(Url::as_str), Some("https://agency.kz/img/1.jpg"));
    let source = first.source.as_ref().unwrap();
    assert_eq!((source.title.as_deref(), source.url.as_ref().map(Url::as_str)), (Some("Другое агентство"), Some("https://other.kz/rss")));
    assert_eq!(second.id, "https://agency.kz/news/2");
    assert!(!second.is_full_text);
}

#[test]
fn charsets() {
    #[track_caller]
    fn check(encoding: &str, declared: &str, content_type: Option<&str>) {
        let declaration = if declared.is_empty() { String::new() } else { format!("<?xml version=\"1.0\" encoding=\"{declared}\"?>") };
        let text = format!(
            "{declaration}<rss><channel><item><title>Школы Алматы ждут детей: тысячи мест в новых классах</title><link>https://a.kz/1</link></item></channel></rss>"
        );
        let encoding = encoding_rs::Encoding::for_label(encoding.as_bytes()).unwrap();
        let (bytes, _, _) = encoding.encode(&text);
        let (document, _) = try_parse(&bytes, content_type).unwrap();
        let title = document.entries[0].title.as_deref();
        assert_eq!(title, Some("Школы Алматы ждут детей: тысячи мест в новых классах"), "{declared} {content_type:?}");
    }
    for label in ["windows-1251", "koi8-r", "iso-8859-5"] {
        check(label, label, None);
        check(label, "", Some(&format!("text/xml; charset=\"{label}\"")));
        check("utf-8", label, None);
        check("utf-8", "", Some(&format!("text/xml; charset={label}")));
    }
    check("windows-1251", "", None);
    check("windows-1251", "utf-8", None);
    check("windows-1251", "windows-1251", Some("text/xml; charset=us-ascii"));
    check("windows-1251", "windows-1251", Some("text/xml; charset=utf-8"));
}

#[test]
fn a_broken_character_does_not_make_it_another_charset() {
    let text = "<rss><channel><item><title>Школы Алматы ждут детей: тысячи мест</title><link>https://a.kz/1</link><description>Ж";
    let (document, warnings) = try_parse(&text.as_bytes()[..text.len() - 1], Some("text/xml; charset=windows-1251")).unwrap();
    assert_eq!(document.entries[0].title.as_deref(), Some("Школы Алматы ждут детей: тысячи мест"));
    assert_eq!(warnings[0], Warning("some characters of the UTF-8 text are broken".to_owned()));
}

#[test]
fn byte_order_marks() {
    let text = "<rss><channel><item><title>Жаңалық</title></item></channel></rss>";
    let utf_16 = |unit: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(unit).collect::<Vec<u8>>();
    let utf_32 = |unit: fn(u32) -> [u8; 4]| text.chars().map(u32::from).flat_map(unit).collect::<Vec<u8>>();
    let cases: [(&[u8], Vec<u8>); 8] = [
        (b"\xef\xbb\xbf", text.as_bytes().to_vec()),
        (b"\xff\xfe", utf_16(u16::to_le_bytes)),
        (b"\xfe\xff", utf_16(u16::to_be_bytes)),
        (b"", utf_16(u16::to_le_bytes)),
        (b"", utf_16(u16::to_be_bytes)),
        (b"\xff\xfe\0\0", utf_32(u32::to_le_bytes)),
        (b"\0\0\xfe\xff", utf_32(u32::to_be_bytes)),
        (b"", utf_32(u32::to_be_bytes)),
    ];
    for (mark, body) in cases {
        let (document, _) = try_parse(&[mark, &body].concat(), Some("text/xml; charset=windows-1251")).unwrap();
        assert_eq!(document.entries[0].title.as_deref(), Some("Жаңалық"), "{mark:?}");
    }
}

#[test]
fn broken_markup() {
    check_title(
        "<title>Bread & butter < 5 &nbsp;&mdash;&#151; &laquo;A&raquo; &unknown; &#1171;</title>",
        "Bread & butter < 5 —— «A» &unknown; ғ",
    );
    check_title("<title>a <b>bold</b> z</title>", "a bold z");
    check_title("<title>closed</Title>", "closed");
    check_title("<title>left open<link>https://a.kz/1</link>", "left open");
    check_title("<title>x\u{b}y</title>", "xy");
    check_title("<title><![CDATA[1 < 2 & 3]]></title>", "1 < 2 & 3");
    check_title("<title>AT&amp;amp;T</title>", "AT&T");
    check_title("<title>own</title><media:title>picture</media:title><image><title>logo</title></image>", "own");
    check_title("<category xmlns='http://www.w3.org/1999/xhtml'/><description xmlns:content='x'>d</description><title>t</title>", "t");
    check_title("<title a=1 a=\"2\" b='3\">quotes</title>", "quotes");
    check_summary("<description>first<br>second <p>third</description>", "first<br>second <p>third</p>");
    check_summary("<description>&lt;p>both &lt;b&gt;ways</description>", "<p>both <b>ways</b></p>");
    check_summary("<description>plain &amp; simple</description>", "plain &amp; simple");
    check_summary("<description>one\r\n  line\n \nand <![CDATA[another]]>\n</description>", "<p>one\nline</p><p>and another</p>");
    check_summary("<description>&lt;![CDATA[ &lt;b&gt;a&lt;/b&gt; ]]&gt;</description>", "<b>a</b>");
    assert_eq!(item("<yandex:full-text>1 &lt; 2\n3</yandex:full-text>").content.as_deref(), Some("1 &lt; 2\n3"));
    assert_eq!(
        item("<yandex:full-text>one\ntwo &amp; three</yandex:full-text>").content.as_deref(),
        Some("<p>one</p><p>two &amp; three</p>")
    );
    assert_eq!(item("<description> </description>").summary, None);
    check_summary("<description><![CDATA[<p>a ]]]]><![CDATA[> b</p>]]></description>", "<p>a ]]&gt; b</p>");
}

#[test]
fn documents_that_end_early_or_start_late_keep_their_entries() {
    let items = "<item><title>1</title><link>https://a.kz/1</link></item><item><title>2</title><link>https://a.kz/2</link>";
    for text in [
        format!("<rss version='2.0'><channel>{items}"),
        format!("<rss version='2.0'><channel>{items}<description>cut in the mid"),
        format!(
            "<br /><b>Warning</b>: mysql_connect() in <b>/x.php</b>\n<?xml version='1.0'?><rss><channel>{items}</item></channel></rss>"
        ),
        format!("<rss version='0.94'><channel></channel>{items}</item></rss>"),
        format!("<rss version='2.0' xmlns='http://backend.userland.com/rss2'><channel>{items}<item></channel></rss>"),
        format!("<!DOCTYPE rss [<!ENTITY a 'b'>]><!-- <item> --><rss><channel><item><title>1</title>{}", &items[22..]),
        format!("<rdf:RDF xmlns='http://purl.org/rss/1.0/'><channel>{items}</item></channel></rdf:RDF>"),
    ] {
        let document = parse(&text);
        let links: Vec<_> = document.entries.iter().filter_map(|entry| entry.link.as_ref()).map(Url::as_str).collect();
        assert_eq!(links, ["https://a.kz/1", "https://a.kz/2"], "{text}");
    }
}

#[test]
fn one_bad_type_does_not_cost_the_feed() {
    assert_eq!(atom("<title type='nonsense'>a</title>").title.as_deref(), Some("a"));
    assert_eq!(atom("<title>a</title><content type='image/png'>iVBORw0KGgo=</content>").content, None);
    assert_eq!(atom("<title/><summary type='text/plain'>1 &lt; 2</summary>").summary.as_deref(), Some("1 &lt; 2"));
    assert_eq!(
        atom("<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>a <b>b</b> &amp; c</div></content>").content.as_deref(),
        Some("<div>a <b>b</b> &amp; c</div>")
    );
}

#[test]
fn atom_0_3() {
    let document = parse(
        "<feed version='0.3' xmlns='http://purl.org/atom/ns#'><title>F</title><entry><title>E</title><link rel='alternate' href='https://a.kz/1'/>\
         <id>tag:a.kz,2003:1</id><issued>2003-12-13T08:29:29-04:00</issued><modified>2003-12-14T08:29:29-04:00</modified>\
         <content type='text/html' mode='escaped'>&lt;p&gt;x&lt;/p&gt;</content></entry></feed>",
    );
    let entry = &document.entries[0];
    assert_eq!((entry.id.as_str(), entry.content.as_deref()), ("tag:a.kz,2003:1", Some("<p>x</p>")));
    assert_eq!(entry.published.map(|time| time.to_rfc3339()).as_deref(), Some("2003-12-13T08:29:29-04:00"));
    assert_eq!(entry.updated.map(|time| time.to_rfc3339()).as_deref(), Some("2003-12-14T08:29:29-04:00"));
}

#[test]
fn ids_are_the_agencys_or_made_of_what_does_not_change() {
    assert_eq!(item("<guid isPermaLink='false'> 17 </guid><link>https://a.kz/1</link>").id, "17");
    assert_eq!(item("<title>A</title><link>http://www.a.kz/1/?utm_source=rss</link>").id, "https://a.kz/1");
    let untitled = |title: &str| item(&format!("<title>{title}</title><description>The text.</description>")).id;
    assert_eq!(untitled("A"), untitled("A, corrected"));
    assert_ne!(untitled("A"), item("<description>Another text.</description>").id);
    let about = parse(
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'><item rdf:about='https://a.kz/9'><title>T</title></item></rdf:RDF>",
    );
    assert_eq!(about.entries[0].id, "https://a.kz/9");
    check_link(&about.entries[0], "https://a.kz/9");
}

#[test]
fn links() {
    check_link(&item("<comments>https://a.kz/c</comments><link>https://a.kz/1</link>"), "https://a.kz/1");
    check_link(&item("<guid>https://a.kz/1</guid>"), "https://a.kz/1");
    check_link(&item("<atom:link href='/1'/>"), "https://agency.kz/1");
    check_link(&item("<link>  ../1?a=1&b=2 </link>"), "https://agency.kz/1?a=1&b=2");
    check_link(
        &atom(
            "<link rel='enclosure' href='https://a.kz/m.mp3'/><link rel='alternate' type='application/pdf' href='https://a.kz/p'/><link type='text/html' href='https://a.kz/1'/>",
        ),
        "https://a.kz/1",
    );
    check_link(&atom("<link rel='http://www.iana.org/assignments/relation/alternate' href='/1'/>"), "https://agency.kz/1");
    check_link(&atom("<link rel='self' href='/s'/><id>https://a.kz/1</id>"), "https://a.kz/1");
    check_link(&atom("<link xml:base='https://b.kz/x/' href='1'/>"), "https://b.kz/x/1");
    assert_eq!(item("<link>javascript:alert(1)</link>").link, None);
    let based = parse(
        "<feed xmlns='http://www.w3.org/2005/Atom' xml:base='https://b.kz/x/'><entry xml:base='y/'><link href='1'/><summary type='html'>&lt;a href='2'>a&lt;/a></summary></entry></feed>",
    );
    check_link(&based.entries[0], "https://b.kz/x/y/1");
    assert_eq!(based.entries[0].summary.as_deref(), Some("<a href=\"https://b.kz/x/y/2\">a</a>"));
}

#[test]
fn html_is_made_safe() {
    check_summary("<description>&lt;p onclick=\"x()\">a&lt;script>alert(1)&lt;/script>&lt;/p></description>", "<p>a</p>");
    let attack = atom("<content type='xhtml'><p title=\"a&quot; onclick=&quot;x\">t</p></content>").content.unwrap();
    assert_eq!(attack, "<p title=\"a&quot; onclick=&quot;x\">t</p>");
    check_summary(
        "<description>&lt;img src='/i.png'> &lt;a href='javascript:x'>j&lt;/a></description>",
        "<img src=\"https://agency.kz/i.png\"> <a>j</a>",
    );
}

#[test]
fn dates() {
    let (document, warnings) = try_parse(
        "<rss><channel><item><pubDate>Ср, 26 ноя 2025 10:00:00</pubDate></item><item><pubDate>Mon, 26 Nov 2035 10:00:00 GMT</pubDate></item>\
         <item><pubDate>soon</pubDate></item><item><dc:date>2025-11-26T10:00Z</dc:date></item></channel></rss>"
            .as_bytes(),
        None,
    )
    .unwrap();
    let times: Vec<_> = document.entries.iter().map(|entry| entry.published.map(|time| time.to_rfc3339())).collect();
    let expected = [Some("2025-11-26T10:00:00+05:00"), Some("2025-11-26T12:00:00+00:00"), None, Some("2025-11-26T10:00:00+00:00")];
    assert_eq!(times, expected.map(|time| time.map(str::to_owned)));
    let said: Vec<_> = warnings.into_iter().map(|Warning(text)| text).collect();
    assert_eq!(said, ["could not read 1 dates such as `soon`", "1 dates lie in the future; they count as now"]);
}

#[test]
fn people_and_pictures() {
    assert_eq!(item("<author>desk@a.kz (Айгүл Сейт)</author>").authors, ["Айгүл Сейт"]);
    assert_eq!(item("<dc:creator>A</dc:creator><dc:creator>B</dc:creator><itunes:author>C</itunes:author>").authors, ["A", "B"]);
    assert_eq!(atom("<author><name>A</name><email>a@a.kz</email></author><author><email>b@a.kz</email></author>").authors, ["A", "b@a.kz"]);
    let picture = |inside: &str| item(inside).image.map(String::from);
    assert_eq!(picture("<enclosure url='/e.jpg' type='image/jpeg' length='1'/>").as_deref(), Some("https://agency.kz/e.jpg"));
    assert_eq!(picture("<enclosure url='/e.mp3' type='audio/mpeg'/>"), None);
    assert_eq!(
        picture("<media:thumbnail url='/t.jpg'/><media:group><media:content url='/m.jpg' medium='image'/></media:group>").as_deref(),
        Some("https://agency.kz/m.jpg")
    );
    let aggregated = atom("<title>own</title><source><title>Other</title><link href='https://o.kz/'/><id>x</id></source><id>1</id>");
    assert_eq!((aggregated.id.as_str(), aggregated.title.as_deref()), ("1", Some("own")));
    assert_eq!(aggregated.source.unwrap().title.as_deref(), Some("Other"));
}

#[test]
fn captions_and_files_that_come_with_an_item() {
    let entry = item(
        "<title>own</title><description>words</description><enclosure url='/a.mp3' type='audio/mpeg' length='123'/>\
         <media:content url='/p.jpg' medium='image' fileSize='9'><media:title>Picture</media:title>\
         <media:description type='html'>&lt;b&gt;A school&lt;/b&gt; &amp;amp; children</media:description></media:content>",
    );
    assert_eq!((entry.title.as_deref(), entry.summary.as_deref()), (Some("own"), Some("words")));
    assert_eq!(entry.caption.as_deref(), Some("A school & children"));
    let files: Vec<_> = entry.enclosures.iter().map(|file| (file.url.as_str(), file.media_type.as_deref(), file.length)).collect();
    assert_eq!(files, [("https://agency.kz/a.mp3", Some("audio/mpeg"), Some(123)), ("https://agency.kz/p.jpg", None, Some(9))]);
    assert_eq!(item("<media:content url='/p.jpg'><media:title>Only</media:title></media:content>").title.as_deref(), Some("Only"));
    let grouped = item("<media:group><media:description>about the video</media:description></media:group>");
    assert_eq!((grouped.summary.as_deref(), grouped.caption), (Some("about the video"), None));
    let linked = atom("<link rel='enclosure' href='/v.mp4' type='video/mp4' length='7'/><link href='/1'/>");
    assert_eq!(linked.enclosures[0].media_type.as_deref(), Some("video/mp4"));
    check_link(&linked, "https://agency.kz/1");
    let json = "{\"items\":[{\"id\":\"1\",\"attachments\":[{\"url\":\"/a.mp3\",\"mime_type\":\"audio/mpeg\",\"size_in_bytes\":5},{}]}]}";
    assert_eq!(parse(json).entries[0].enclosures.len(), 1);
}

#[test]
fn base64_is_read_where_it_is_text() {
    let content = |attributes: &str, text: &str| {
        let feed =
            format!("<feed version='0.3' xmlns='http://purl.org/atom/ns#'><entry><content {attributes}>{text}</content></entry></feed>");
        parse(&feed).entries[0].content.clone()
    };
    assert_eq!(content("type='text/html' mode='base64'", "PHA+0JHQsNC70LAm\n YW1wOzwvcD4=").as_deref(), Some("<p>Бала&amp;</p>"));
    assert_eq!(content("type='text/plain' mode='base64'", "MSA8IDI=").as_deref(), Some("1 &lt; 2"));
    assert_eq!(content("type='text/html' mode='base64'", "not base64!"), None);
    assert_eq!(content("type='image/png' mode='base64'", "iVBORw0KGgo="), None);
}

#[test]
fn packed_documents_are_unpacked_within_the_limits() {
    use std::io::Write;
    let gzip = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let packed = gzip("<rss><channel><item><title>Жаңалық</title></item></channel></rss>".as_bytes());
    assert_eq!(try_parse(&packed, Some("application/gzip")).unwrap().0.entries[0].title.as_deref(), Some("Жаңалық"));
    let (document, warnings) = try_parse(&packed[..packed.len() - 4], None).unwrap();
    assert_eq!((document.entries.len(), warnings), (1, vec![Warning("the packed file ends early".to_owned())]));
    assert!(try_parse(b"\x1f\x8bnonsense", None).is_err());
    let bomb = gzip(&vec![b' '; 200 << 20]);
    assert_eq!(try_parse(&bomb, None).unwrap_err().to_string(), "not a feed: it is longer than 15 MB");
}

#[test]
fn json_feeds() {
    let text = "\u{feff}{\"version\":\"https://jsonfeed.org/version/1\",\"title\":\"F\",\"items\":[\
        {\"id\":17,\"url\":\"/1\",\"title\":\"A\\nB\",\"content_html\":\"<p>x<script>y</script></p>\",\"date_published\":\"2025-11-26T10:00:00+05:00\",\"author\":{\"name\":\"N\"}},\
        {\"url\":\"https://a.kz/2\",\"content_text\":\"1 < 2\",\"tags\":[\"t\"],\"image\":\"/i.png\"}]}";
    let document = parse(text);
    let [first, second] = document.entries.as_slice() else { panic!("{document:?}") };
    assert_eq!((first.id.as_str(), first.title.as_deref(), first.content.as_deref()), ("17", Some("A B"), Some("<p>x</p>")));
    check_link(first, "https://agency.kz/1");
    assert_eq!(first.authors, ["N"]);
    assert_eq!((second.id.as_str(), second.content.as_deref()), ("https://a.kz/2", Some("1 &lt; 2")));
    assert_eq!(second.image.as_ref().map(Url::as_str), Some("https://agency.kz/i.png"));
}

#[test]
fn what_is_no_feed_is_an_error() {
    let page = try_parse(b"<!DOCTYPE html><HTML><body><h1>404</h1></body></html>", None).unwrap_err();
    assert_eq!(page.to_string(), "not a feed: it is an HTML page");
    for text in ["", "  ", "<html><body><h1>404</h1></body></html>", "just text", "{\"error\":1}", "{", "<opml></opml>", "\0\0\0"] {
        assert!(matches!(try_parse(text.as_bytes(), None), Err(Error::NotAFeed(_))), "{text:?}");
    }
    assert!(parse("<rss><channel><title>Nothing yet</title></channel></rss>").entries.is_empty());
    assert!(try_parse(&vec![b' '; 16 << 20], None).is_err());
}

#[test]
fn hostile_documents_cost_little() {
    let head = "<rss><channel><item><title>first</title></item>";
    let repeat = |text: &str, times: usize| format!("{head}{}", text.repeat(times));
    let numbered = |count: usize, text: fn(usize) -> String| (1..=count).map(text).collect::<Vec<_>>().concat();
    let attributes = numbered(50_000, |number| format!(" a{number}=\"1\""));
    let laughs = numbered(9, |number| format!("<!ENTITY l{number} \"{}\">", format!("&l{};", number - 1).repeat(10)));
    let cases = [
        ("nested elements", repeat("<a>", 100_000)),
        ("nested items", repeat("<item>", 100_000)),
        ("nested markup in a text", format!("{head}<item><description>{}", "<div>".repeat(100_000))),
        ("nested escaped markup", format!("{head}<item><description>{}", "&lt;div>".repeat(100_000))),
        ("nested formatting", format!("{head}<item><description>{}", "&lt;b>&lt;p>".repeat(50_000))),
        (
            "formatting that piles up",
            format!("{head}<item><description>{}", numbered(30_000, |number| format!("&lt;p>&lt;b id={number}>x&lt;/p>"))),
        ),
        ("nested tables", format!("{head}<item><description>{}", "&lt;table>".repeat(100_000))),
        ("attributes", format!("{head}<x{attributes}/>")),
        ("attributes in a text", format!("{head}<item><description>&lt;p{attributes}>")),
        ("namespaces", repeat("<x xmlns:a='b'>", 100_000)),
        ("laughs", format!("<!DOCTYPE rss [<!ENTITY l0 \"lol\">{laughs}]>{head}<item><title>&l9;</title></item>")),
        ("end tags", repeat("</b>", 200_000)),
        ("tags that do not end", repeat("<a ", 300_000)),
        ("quotes that do not end", repeat("<a b=\"", 200_000)),
        ("mixed quotes", repeat("<a b=\"'>", 200_000)),
        ("comments that do not end", repeat("<!--", 200_000)),
        ("declarations", repeat("<![ >", 200_000)),
        ("data that does not end", repeat("<item><title><![CDATA[", 100_000)),
        ("references", repeat("<item><title>&&&&&&&&&&#;", 50_000)),
        ("brackets", repeat("<<<<<<", 200_000)),
        ("titles", repeat("<item><title><title><title>", 50_000)),
        ("dates", repeat("<item><pubDate>1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1</pubDate></item>", 20_000)),
        ("categories", format!("{head}<item>{}", numbered(100_000, |number| format!("<category>{number}</category>")))),
    ];
    for (name, text) in cases {
        let start = Clock::now();
        let document = try_parse(text.as_bytes(), None).map(|(document, _)| document);
        let took = start.elapsed();
        assert!(took < Duration::from_secs(3), "{name} took {took:?}, unoptimised");
        assert!(document.is_ok_and(|document| document.entries[0].title.as_deref() == Some("first")), "{name}");
    }
}

/// Memory is what the system lets the program have.
#[test]
#[cfg(target_os = "linux")]
fn the_longest_documents_fit_into_little_memory() {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("feed.xml");
    let head = "<rss><channel><item><title>first</title></item>";
    for (head, text) in [
        (format!("{head}<x"), " a='1'"),
        (format!("{head}<item><description>&lt;p"), " a='1'"),
        (head.to_owned(), "<item><title>n</title></item>"),
        (head.to_owned(), "<item>"),
        (head.to_owned(), "<a>"),
        (format!("{head}<item><description>"), "&lt;div>"),
    ] {
        let whole = format!("{head}{}", text.repeat(((15 << 20) - head.len()) / text.len()));
        std::fs::write(&file, whole).unwrap();
        let arguments = ["-c", "ulimit -v 600000 && exec \"$0\" feed parse --json \"$1\"", env!("CARGO_BIN_EXE_topicwire")];
        let output = Command::new("sh").args(arguments).arg(&file).output().unwrap();
        assert!(output.status.success(), "{head}{text}…: {}", String::from_utf8_lossy(&output.stderr));
        assert!(String::from_utf8_lossy(&output.stdout).contains("\"first\""), "{head}{text}…");
    }
    // Of what is longer nothing is read.
    let longer = try_parse(&vec![0; 1 << 30], None).unwrap_err();
    assert!(longer.to_string().contains("longer than 15 MB"), "{longer}");
}

proptest! {
    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = try_parse(&bytes, None);
    }

    #[test]
    fn pieces_of_feeds_are_survived_and_read_the_same_twice(
        pieces in proptest::collection::vec(
            "<rss>|<feed>|<item>|<entry>|</item>|</entry>|<title>|</title>|<link|href='[a-z:/ ]{0,9}'|>|/>|<link/>|<content type='xhtml'>|</content>|<guid>|</guid>|\
             <author>|<name>|</author>|<source>|</source>|<media:group>|<media:content url='x.jpg'>|<!\\[CDATA\\[|\\]\\]>|<!--|-->|&amp;|&#[0-9]{1,5};|&|<|[a-zа-я 0-9]{1,8}|xml:base='[a-z./]{0,6}'",
            0..40,
        )
    ) {
        let text = pieces.concat();
        let once = try_parse(text.as_bytes(), None);
        prop_assert_eq!(&once, &try_parse(text.as_bytes(), None));
        if let Ok((document, _)) = once {
            for entry in document.entries {
                prop_assert!(!entry.id.is_empty());
                prop_assert!(entry.link.is_none_or(|link| matches!(link.scheme(), "http" | "https")));
            }
        }
    }
}

fn listing(html: &str, item: &str, link: Option<&str>, time: Option<&str>) -> Result<(Document, Vec<Warning>), Error> {
    let url = Url::parse("https://agency.kz/news/").unwrap();
    let now = Utc.with_ymd_and_hms(2025, 11, 26, 12, 0, 0).unwrap();
    let context = Context { url: &url, content_type: None, timezone: Some(chrono_tz::Asia::Almaty), now: Some(now) };
    let rules = ListingRules {
        item: selector(item).unwrap(),
        link: link.map(|link| selector(link).unwrap()),
        title: None,
        time: time.map(|time| selector(time).unwrap()),
        summary: Some(selector(".lead").unwrap()),
    };
    feed::parse_listing(html.as_bytes(), &context, &rules)
}

#[test]
fn listing_pages() {
    let page = "<html lang=kk><title>Жаңалықтар</title><div class=n><a href='/1'> Бірінші\n жаңалық </a><span>бүгін, 10:22</span><p class=lead>Қысқаша</p></div>\
        <div class=n><a href='2'>Екінші</a><span>2025 жылғы 25 қараша, 09:00 | 120 рет</span></div><div class=n><a href='/1'>again</a></div><div class=n>none</div>\
        <a rel=next href='?page=2'>»</a>";
    let (document, warnings) = listing(page, ".n", None, Some("span")).unwrap();
    assert_eq!(document.title.as_deref(), Some("Жаңалықтар"));
    assert_eq!(document.next.as_ref().map(Url::as_str), Some("https://agency.kz/news/?page=2"));
    let [first, second] = document.entries.as_slice() else { panic!("{document:?}") };
    assert_eq!(first.title.as_deref(), Some("Бірінші жаңалық"));
    check_link(first, "https://agency.kz/1");
    assert_eq!(first.published.map(|time| time.to_rfc3339()).as_deref(), Some("2025-11-26T10:22:00+05:00"));
    assert_eq!(first.summary.as_deref(), Some("Қысқаша"));
    check_link(second, "https://agency.kz/news/2");
    assert_eq!(second.published.map(|time| time.to_rfc3339()).as_deref(), Some("2025-11-25T09:00:00+05:00"));
    assert_eq!(warnings, [Warning("left out 1 items without a link".to_owned())]);
}

#[test]
fn listing_rules_that_do_not_fit() {
    let error = |item, link| listing("<div class=n><a href='#'>x</a></div>", item, link, None).unwrap_err().to_string();
    insta::assert_snapshot!(error(".news", None), @"not a feed: the item selector `.news` finds nothing");
    insta::assert_snapshot!(error(".n", Some("h2 a")), @"not a feed: the link selector `h2 a` finds no link in 1 items");
}

#[test]
fn hostile_pages_and_sitemaps_cost_little() {
    let start = Clock::now();
    for piece in ["<div class=n>", "<b id=1><p>", "<a href=x>", "<table><td>", "<p class=n><a href=/1>", "<select><option>"] {
        let _ = listing(&piece.repeat(20_000), ".n", None, None);
    }
    for piece in ["<url>", "<url><loc>a</loc></url>", "<loc>", "<news:title><![CDATA["] {
        let _ = sitemap(&format!("<urlset>{}", piece.repeat(100_000)));
    }
    let _ = opml::parse(format!("<opml>{}", "<outline text='a'>".repeat(100_000)).as_bytes());
    assert!(start.elapsed() < Duration::from_secs(10), "took {:?}, unoptimised", start.elapsed());
}

fn sitemap(text: &str) -> Result<(Document, Vec<Warning>), Error> {
    let url = Url::parse("https://agency.kz/sitemap.xml").unwrap();
    feed::parse_sitemap(text.as_bytes(), &Context { url: &url, content_type: None, timezone: None, now: None })
}

#[test]
fn sitemaps() {
    let (document, _) = sitemap(
        "<?xml version='1.0'?><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' xmlns:news='http://www.google.com/schemas/sitemap-news/0.9'>\
         <url><loc>https://agency.kz/1</loc><lastmod>2025-11-26</lastmod><news:news><news:publication><news:name>Agency</news:name><news:language>kk</news:language>\
         </news:publication><news:publication_date>2025-11-26T10:00+05:00</news:publication_date><news:title><![CDATA[A & B]]></news:title></news:news>\
         <image:image><image:loc>https://agency.kz/1.jpg</image:loc></image:image></url><url><loc> /2 </loc></url></urlset>",
    )
    .unwrap();
    let [first, second] = document.entries.as_slice() else { panic!("{document:?}") };
    assert_eq!((first.id.as_str(), first.title.as_deref()), ("https://agency.kz/1", Some("A & B")));
    assert_eq!(first.published.map(|time| time.to_rfc3339()).as_deref(), Some("2025-11-26T10:00:00+05:00"));
    assert_eq!(first.language.as_ref().map(ToString::to_string).as_deref(), Some("kk"));
    assert_eq!(first.image.as_ref().map(Url::as_str), Some("https://agency.kz/1.jpg"));
    check_link(second, "https://agency.kz/2");
    let index =
        sitemap("<sitemapindex><sitemap><loc>https://agency.kz/a.xml</loc></sitemap><sitemap><loc>/b.xml</loc></sitemap></sitemapindex>");
    let Err(Error::Index(index)) = index else { panic!("{index:?}") };
    assert_eq!(index.parts.iter().map(Url::as_str).collect::<Vec<_>>(), ["https://agency.kz/b.xml", "https://agency.kz/a.xml"]);
    assert!(!index.is_dated);
    assert!(sitemap("<html/>").is_err());
    assert!(sitemap("<urlset><url><loc>mailto:a</loc></url></urlset>").is_err());
}

#[test]
fn opml_both_ways() {
    let (subscriptions, _) = opml::parse(include_bytes!("../fixtures/feeds/agencies.opml")).unwrap();
    let shown: Vec<_> = subscriptions.iter().map(|one| format!("{} | {} | {}", one.folders.join(" > "), one.title, one.url)).collect();
    insta::assert_snapshot!(shown.join("\n"), @r"
    Қазақстан | Агентство & Ко | https://agency.kz/rss
    Қазақстан > Облыстар | Өңір | https://region.kz/feed
     | No folder | https://plain.kz/rss
    World > English | By category | https://world.example/rss
    ");
    insta::assert_snapshot!(opml::render("Agencies <1>", &subscriptions), @r#"
    <?xml version="1.0" encoding="utf-8"?>
    <opml version="2.0">
      <head>
        <title>Agencies &lt;1&gt;</title>
      </head>
      <body>
        <outline text="Қазақстан">
          <outline type="rss" text="Агентство &amp; Ко" title="Агентство &amp; Ко" xmlUrl="https://agency.kz/rss" htmlUrl="https://agency.kz/"/>
          <outline text="Облыстар">
            <outline type="rss" text="Өңір" title="Өңір" xmlUrl="https://region.kz/feed"/>
          </outline>
        </outline>
        <outline type="rss" text="No folder" title="No folder" xmlUrl="https://plain.kz/rss"/>
        <outline text="World">
          <outline text="English">
            <outline type="rss" text="By category" title="By category" xmlUrl="https://world.example/rss"/>
          </outline>
        </outline>
      </body>
    </opml>
    "#);
    assert_eq!(opml::parse(b"<html></html>"), None);
}

#[test]
fn a_bad_line_of_a_list_harms_only_itself() {
    let list = "<opml><body><outline text='A' xmlUrl='https://a.kz/rss'/><outline text='B' xmlUrl='b.kz'/><outline text=C xmlUrl=https://c.kz/rss>\
        <outline text='D & E' xmlUrl='https://d.kz/rss?a=1&b=2'/></outline><outline><outline xmlUrl='https://e.kz/rss'";
    let (subscriptions, warnings) = opml::parse(list.as_bytes()).unwrap();
    let shown: Vec<_> = subscriptions.iter().map(|one| format!("{} {}", one.title, one.url)).collect();
    assert_eq!(shown, ["A https://a.kz/rss", "C https://c.kz/rss", "D & E https://d.kz/rss?a=1&b=2"]);
    assert_eq!(warnings, [Warning("left out `B`: `b.kz` is not a web address".to_owned())]);
}

proptest! {
    #[test]
    fn opml_that_was_written_is_read_back(
        written in proptest::collection::vec(("[^ \\p{C}\\p{Z}]{1,9}", "[a-z]{1,5}", proptest::collection::vec("[a-c]", 0..4)), 0..9)
    ) {
        let mut subscriptions: Vec<_> = written
            .into_iter()
            .map(|(title, name, folders)| Subscription { title, url: Url::parse(&format!("https://{name}.kz/rss?a=1&b=2")).unwrap(), home: None, folders })
            .collect();
        let (mut read, _) = opml::parse(opml::render("T", &subscriptions).as_bytes()).unwrap();
        let order = |one: &Subscription| (one.folders.clone(), one.title.clone(), one.url.clone());
        subscriptions.sort_by_key(order);
        read.sort_by_key(order);
        prop_assert_eq!(read, subscriptions);
    }
}

#[test]
fn feeds_are_discovered() {
    let page = "<html><head><base href='https://agency.kz/kz/'><link rel=stylesheet href=a.css><link rel='alternate' hreflang='ru' href='/ru/'>\
        <link rel='Alternate' type='application/rss+xml' href='rss.php?x=1&amp;y=2'><a href='/about'>a</a><a href='/export/atom.xml#top'>b</a>\
        <a href='/kz/rss'>c</a><a href='mailto:rss'>d</a>";
    let url = Url::parse("https://agency.kz/").unwrap();
    let found = feed::discover(page.as_bytes(), &url);
    let found: Vec<_> = found.iter().map(Url::as_str).take(4).collect();
    assert_eq!(
        found,
        ["https://agency.kz/kz/rss.php?x=1&y=2", "https://agency.kz/export/atom.xml", "https://agency.kz/kz/rss", "https://agency.kz/rss"]
    );
}

#[test]
fn robots_txt_names_sitemaps() {
    let url = Url::parse("https://agency.kz/robots.txt").unwrap();
    let text =
        "User-agent: *\nDisallow: /\nSitemap: https://agency.kz/sitemap.xml\nsitemap : /news/sitemap.xml \r\nSitemap: ftp://x/\nSitemap";
    let found = feed::sitemaps(text.as_bytes(), &url);
    assert_eq!(found.iter().map(Url::as_str).collect::<Vec<_>>(), ["https://agency.kz/news/sitemap.xml", "https://agency.kz/sitemap.xml"]);
}

#[test]
fn the_batch_answers_each_line() {
    use std::io::Write;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.rss");
    std::fs::write(
        &path,
        "<rss><channel><title>F</title><item><title>T</title><link>/1</link><pubDate>26.11.2025 10:00</pubDate></item></channel></rss>",
    )
    .unwrap();
    let lines = format!("{{\"id\":7,\"path\":{path:?},\"url\":\"https://a.kz/rss\"}}\nnonsense\n{{\"id\":\"b\",\"path\":\"/nowhere\"}}\n");
    let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_topicwire"))
        .args(["feed", "parse", "--batch", "--jobs", "1"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    program.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let output = program.wait_with_output().unwrap();
    assert!(output.status.success());
    let answers: Vec<serde_json::Value> = output
        .stdout
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect();
    let [first, second, third] = answers.as_slice() else { panic!("{answers:?}") };
    let expected = serde_json::json!({"id": 7, "title": "F", "warnings": [], "entries": [{"id": "https://a.kz/1", "title": "T", "link": "https://a.kz/1",
        "published": "2025-11-26T10:00:00+00:00", "updated": null, "summary": null, "content": null}]});
    assert_eq!(first, &expected);
    assert_eq!((&second["id"], &third["id"]), (&serde_json::Value::Null, &serde_json::json!("b")));
    assert!(second["error"].is_string() && third["error"].is_string());
}
