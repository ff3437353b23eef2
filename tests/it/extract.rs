//! Pages in, articles out: what is kept, what goes, and what hostile pages cost.

use std::fs;
use std::process::Command;
use std::time::Duration;

use cpu_time::ThreadTime;
use proptest::prelude::*;
use serde_json::Value;
use topicwire::extract::{Failure, Page, SiteRules, extract, markdown, selector};
use topicwire::model::{Article, Entry};
use url::Url;

use crate::safe_html::assert_safe;

const ARTICLE: &[u8] = include_bytes!("../../src/commands/demo/kazinform/article.html");
const LISTING: &[u8] = include_bytes!("../../src/commands/demo/kazinform/lenta.html");
const EXPECTED: &str = include_str!("../fixtures/kazinform/expected.json");

fn read_with(html: &[u8], url: &str, rules: &SiteRules) -> Result<Article, Failure> {
    let url = Url::parse(url).unwrap();
    extract(&Page { html, url: &url, content_type: None, entry: None, timezone: None, fetched_at: None }, rules)
}

fn read(html: &str) -> Result<Article, Failure> {
    read_with(html.as_bytes(), "https://news.example/2025/11/26/report", &SiteRules::default())
}

/// A page with a long enough text around what a test is about.
fn page(inside: &str) -> String {
    let prose = "The council met on Tuesday, and after a long debate it agreed to repair the two schools before winter. ";
    format!("<html lang=en><body><h1>Schools to be repaired</h1><div><p>{prose}{prose}</p>{inside}<p>{prose}</p></div></body></html>")
}

/// White space of every kind as one space: the fixture keeps some of the page's no-break spaces.
fn folded(text: &str) -> Vec<String> {
    text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

#[track_caller]
fn check_kazinform(rules: &SiteRules) {
    let expected: Value = serde_json::from_str(EXPECTED).unwrap();
    let text = |key: &str| expected[key].as_str().unwrap();
    let article = read_with(ARTICLE, text("url"), rules).unwrap();
    assert_eq!(article.title, text("title"));
    assert_eq!(article.published.unwrap().to_rfc3339(), text("published"));
    assert_eq!(article.language.unwrap().primary(), text("language"));
    assert_eq!(article.image.unwrap().as_str(), text("image"));
    assert_eq!(article.authors.join(", "), text("author"));
    assert_eq!(article.canonical.unwrap().as_str(), text("url"));
    assert_eq!(folded(&article.text), folded(text("text")));
    for unwanted in expected["not_in_text"].as_array().unwrap() {
        assert!(!article.text.contains(unwanted.as_str().unwrap()), "{unwanted} is in the text");
    }
}

#[test]
fn reads_the_recorded_article_without_rules() {
    check_kazinform(&SiteRules::default());
}

#[test]
fn reads_the_recorded_article_with_the_rules_of_its_site() {
    check_kazinform(&SiteRules {
        body: Some(selector(".article__description, .article__body-text").unwrap()),
        title: Some(selector(".article__title").unwrap()),
        date: Some(selector(".article__time").unwrap()),
        author: Some(selector(".article__author a").unwrap()),
        ..SiteRules::default()
    });
}

#[test]
fn rules_win_over_what_the_page_suggests() {
    let html = "<h1>Two texts</h1><article><p>This is the long text that anybody would take for the article, with commas, and stops.</p></article>\
                <div class=x><p>The other text.</p><div class=x>Inside it.</div></div><div class=x><p class=y>Dropped.</p>Its end.</div>";
    let rules = SiteRules { body: Some(selector(".x").unwrap()), remove: Some(selector(".y").unwrap()), ..SiteRules::default() };
    let article = read_with(html.as_bytes(), "https://news.example/a", &rules).unwrap();
    assert_eq!(article.text, "The other text.\nInside it.\nIts end.");
}

#[track_caller]
fn check_failure(html: &str, expected: Failure) {
    assert_eq!(read(html), Err(expected), "{html}");
}

#[test]
fn names_pages_that_hold_no_article() {
    assert_eq!(read_with(LISTING, "https://www.inform.kz/ru/lenta", &SiteRules::default()), Err(Failure::Listing));
    check_failure("", Failure::Empty);
    check_failure("<title>Just a moment...</title><p>Checking your browser before accessing the site, please wait.</p>", Failure::BotWall);
    check_failure("<p>You need to enable JavaScript to run this app.</p>", Failure::NeedsScript);
    check_failure("<title>404</title><h1>Страница не найдена</h1><p>Вернитесь на главную страницу сайта.</p>", Failure::ErrorPage);
    check_failure(
        "<h1>Before you continue</h1><p>We use cookies and data to deliver our services. Accept all cookies?</p>",
        Failure::CookieWall,
    );
    check_failure(
        "<h1>Gas prices</h1><p>Prices rose again this week.</p><p>Subscribe to continue reading this article.</p>",
        Failure::Paywall,
    );
}

#[track_caller]
fn check_html(inside: &str, expected: &str) {
    let article = read(&page(inside)).unwrap();
    assert!(article.html.contains(expected), "{expected} is not in {}", article.html);
}

#[test]
fn the_body_is_a_small_safe_html() {
    check_html(
        "<p onclick=x>See <a href='/next?a=1&b=2'>the second report</a> on this for details &lt;b&gt;.</p>",
        "<p>See <a href=\"https://news.example/next?a=1&amp;b=2\">the second report</a> on this for details &lt;b&gt;.</p>",
    );
    check_html(
        "<p>No <a href='javascript:alert(1)'>script</a> is ever kept in a link, not even here.</p>",
        "<p>No script is ever kept in a link, not even here.</p>",
    );
    check_html(
        "<ul><li>One thing is <b>bold</b>.</li><li>Another is <i>not</i>.</li></ul>",
        "<ul><li>One thing is <strong>bold</strong>.</li><li>Another is <em>not</em>.</li></ul>",
    );
    check_html(
        "<blockquote><p>We will keep our word, said the mayor.</p></blockquote>",
        "<blockquote><p>We will keep our word, said the mayor.</p></blockquote>",
    );
    check_html(
        "<table><tr><th>School</th><th>Cost</th></tr><tr><td>No. 1</td><td>12 million</td></tr></table>",
        "<tr><td>No. 1</td><td>12 million</td></tr>",
    );
    check_html(
        "<table><tr><td>School</td><td><b>Cost<table><tr><td>12 million</td></tr></table></b></td></tr></table>",
        "<tr><td>School</td><td><strong>Cost</strong></td><td><strong>12 million</strong></td></tr>",
    );
    check_html(
        "<figure><img data-src='/a.jpg' src='data:image/gif;base64,R0' alt='The school'><figcaption>The school in May</figcaption></figure>",
        "<figure><img alt=\"The school\" src=\"https://news.example/a.jpg\"><figcaption>The school in May</figcaption></figure>",
    );
    check_html(
        "<div>The first paragraph ends here.<br><br>The second one begins, without an element.</div>",
        "<p>The first paragraph ends here.</p><p>The second one begins, without an element.</p>",
    );
}

#[test]
fn the_body_can_be_read_as_markdown() {
    let html = "<p>See <a href=\"https://a.example/\">this</a>, <strong>now</strong> *.</p><h2>More</h2><ol><li>One</li><li>Two</li></ol>\
                <blockquote><p>Said.</p></blockquote><table><tbody><tr><td>A</td><td>B</td></tr><tr><td>1</td><td>2</td></tr></tbody></table>";
    let expected =
        "See [this](https://a.example/), **now** \\*.\n\n## More\n\n1. One\n2. Two\n\n> Said.\n\n| A | B |\n| --- | --- |\n| 1 | 2 |";
    assert_eq!(markdown(html), expected);
}

#[track_caller]
fn check_gone(line: &str) {
    let article = read(&page(line)).unwrap();
    assert_eq!(article.text.lines().count(), 2, "{line} is in {}", article.text);
}

#[test]
fn what_speaks_about_the_page_goes() {
    check_gone("<p>Читайте также: <a href=/x>Другая новость на сайте</a></p>");
    check_gone("<p>Ранее <a href=/x>в городе открыли новую школу на 240 мест</a>.</p>");
    check_gone("<p>Фото: пресс-служба</p>");
    check_gone("<p>Read more: <a href=/x>Another story of the day</a></p>");
    check_gone("<div class='share-buttons'><a href=/f>Facebook</a> <a href=/t>Telegram</a></div>");
    check_gone("<p>Подпишитесь на наш Telegram-канал</p>");
}

/// `before` and `after` stand in one element with the headline and the text, and are no part of the article.
#[track_caller]
fn check_framed(before: &str, after: &str) {
    let prose = "The council met on Tuesday, and after a long debate it agreed to repair the two schools before winter. ";
    let html = format!("<body><div>{before}<h1>Schools to be repaired</h1><p>{prose}{prose}</p><p>{prose}</p>{after}</div></body>");
    assert_eq!(read(&html).unwrap().text, format!("{}\n{}", format!("{prose}{prose}").trim(), prose.trim()), "{before} {after}");
}

#[test]
fn articles_begin_at_their_headline_and_end_where_something_else_begins() {
    check_framed("<p>Advertisers agree to the rules below, and the newspaper may change any advertisement at any time.</p>", "");
    let teasers: Vec<String> = ["Rates rise again", "Bridge to close in May", "Storm on its way"]
        .iter()
        .map(|headline| format!("<h4><a href=/x>{headline}</a></h4><p>A line on what happened, which is told in full elsewhere.</p>"))
        .collect();
    check_framed("", &teasers.concat());
    let comments: Vec<String> = (1..=3)
        .map(|day| format!("<p>Марина {day} января 2012 16:46</p><p>С вами согласна, хорошо начали, в общем, будем ждать зимы.</p>"))
        .collect();
    check_framed("", &comments.concat());
    check_framed("", "<p>При использовании материалов сайта гиперссылка на него обязательна, если не сказано иное.</p><p>Тел. 1.</p>");
    check_framed(
        "",
        "<p><b>Ссылки по теме:</b></p><p><a href=/y>Школы закрыты на ремонт</a> // <a href=/z>В стране</a></p><p>Каталог:</p>",
    );
}

#[test]
fn leads_are_part_of_the_text_whatever_they_stand_in() {
    let lead = "Two schools of the town will be repaired before winter comes.";
    let prose = "The council met on Tuesday, and after a long debate it agreed to repair the two schools before winter. ";
    for (element, end) in [("<h2>", "</h2>"), ("<p class=article-subheading>", "</p>"), ("<div class=b-text__lead><h3>", "</h3></div>")] {
        let html =
            format!("<header><h1>A vote on the schools</h1>{element}{lead}{end}</header><article><p>{prose}</p><p>{prose}</p></article>");
        assert!(read(&html).unwrap().text.starts_with(lead), "{element}");
    }
}

#[test]
fn the_entry_tells_which_of_two_texts_is_the_article() {
    let text = |subject: &str| {
        (1..=8).map(|day| format!("<p>On day {day}, the {subject} were debated, and all of them agreed to go on with it, one after another, in the end.</p>")).collect::<String>()
    };
    let schools = text("plans for the schools").repeat(3);
    let html = format!("<div class=a>{schools}</div><div class=b>{}</div>", text("ferries"));
    let url = Url::parse("https://news.example/a").unwrap();
    let rules = SiteRules::default();
    let page = Page { html: html.as_bytes(), url: &url, content_type: None, entry: None, timezone: None, fetched_at: None };
    assert!(extract(&page, &rules).unwrap().text.contains("schools"));
    let entry = Entry { content: Some(text("ferries")), ..Entry::default() };
    let article = extract(&Page { entry: Some(&entry), ..page }, &rules).unwrap();
    assert!(article.text.contains("ferries") && !article.text.contains("schools"), "{}", article.text);
}

#[track_caller]
fn check_published(url: &str, inside: &str, expected: &str) {
    let article = read_with(page(inside).as_bytes(), url, &SiteRules::default()).unwrap();
    assert_eq!(article.published.map(|time| time.to_rfc3339()).as_deref(), Some(expected), "{url} {inside}");
}

#[test]
fn the_day_of_publication_is_that_of_the_readers() {
    let meta = |time: &str| format!("<meta property=article:published_time content={time}>");
    check_published("https://news.example/a", &meta("2025-12-19T03:05:00Z"), "2025-12-19T03:05:00+00:00");
    check_published("https://news.example/2025/12/18/a", &meta("2025-12-19T03:05:00Z"), "2025-12-18T23:05:00-04:00");
    check_published("https://news.example/2025/12/20/a", &meta("2025-12-19T22:05:00Z"), "2025-12-20T00:05:00+02:00");
    check_published("https://news.example/2025/12/18/a", &meta("2025-12-19T03:05:00+05:00"), "2025-12-19T03:05:00+05:00");
    check_published("https://news.kz/a", &meta("2025-12-19T22:05:00Z"), "2025-12-20T03:05:00+05:00");
    check_published("https://news.kz/a", &meta("2025-12-19T22:05"), "2025-12-19T22:05:00+05:00");
    check_published("https://news.example/a", "<aside><time datetime=2021-06-06>June 6</time></aside>", "2021-06-06T00:00:00+00:00");
}

#[test]
fn authors_are_known_by_the_address_of_their_page() {
    let article = read(&page("<p><a href=/authors/jane-doe>Jane Doe</a></p>")).unwrap();
    assert_eq!(article.authors, ["Jane Doe"]);
}

#[test]
fn reads_the_charset_as_a_browser_does() {
    let text = "<meta charset=windows-1251><h1>Школы отремонтируют</h1><p>Совет собрался во вторник, и после долгих споров решил отремонтировать две школы до зимы.</p>";
    let (bytes, _, _) = encoding_rs::WINDOWS_1251.encode(text);
    let article = read_with(&bytes, "https://news.example/a", &SiteRules::default()).unwrap();
    assert_eq!(article.title, "Школы отремонтируют");
    // Kazakhstan's own: letters of Kazakh where Windows-1251 has those of other languages.
    let kazakh = text.replace("windows-1251", "KZ-1048").replace("Школы отремонтируют", "Ќазаќстан мектебi");
    let (bytes, _, _) = encoding_rs::WINDOWS_1251.encode(&kazakh);
    assert_eq!(read_with(&bytes, "https://news.example/a", &SiteRules::default()).unwrap().title, "Қазақстан мектебi");
    let (bytes, _, _) = encoding_rs::KOI8_R.encode(text.trim_start_matches("<meta charset=windows-1251>"));
    let url = Url::parse("https://news.example/a").unwrap();
    let page =
        Page { html: &bytes, url: &url, content_type: Some("text/html; charset=KOI8-R"), entry: None, timezone: None, fetched_at: None };
    assert_eq!(extract(&page, &SiteRules::default()).unwrap().title, "Школы отремонтируют");
}

#[track_caller]
fn check_bounded(name: &str, html: &str) {
    let start = ThreadTime::now();
    let _ = read(html);
    // A hundred times what it takes on a slow machine without optimisation would still be quadratic.
    assert!(start.elapsed() < Duration::from_secs(20), "{name} took {:?}", start.elapsed());
}

#[test]
fn hostile_pages_cost_bounded_time() {
    check_bounded("deep nesting", &format!("{}text, and more of it.", "<div>".repeat(100_000)));
    check_bounded("deep formatting", &format!("{}text, and more of it.", "<b><i><font size=1>".repeat(30_000)));
    let attributes = (0..1_000_000).fold(String::new(), |attributes, number| attributes + " a" + &number.to_string());
    check_bounded("a million attributes", &format!("<p{attributes}>text</p>"));
    check_bounded("many siblings", &"<div class=a><a href=/x>A linked headline of a story</a><p>text.</p></div>".repeat(20_000));
    let paragraph = |number| format!("<p>Абзац {number}: уполномоченный по правам ребенка рассказал о защите прав детей в регионах.</p>");
    check_bounded("many paragraphs", &format!("<article>{}</article>", (0..20_000).map(paragraph).collect::<String>()));
    check_bounded("entities", &"&amp;&nbsp;&#128512;".repeat(100_000));
    check_bounded("ten megabytes", &format!("<article>{}</article>", (0..60_000).map(paragraph).collect::<String>()));
    check_bounded("drawings without end", &"<svg>".repeat(200_000));
    check_bounded("drawings in drawings without end", &format!("<svg>{}", "<svg ".repeat(200_000)));
    check_bounded("quotes in drawings without end", &format!("<svg>{}", "<svg a='".repeat(200_000)));
    for name in ["script", "style", "title", "textarea", "svg", "math"] {
        check_bounded(name, &format!("<{name}>").repeat(200_000));
        check_bounded(name, &format!("<{name} ").repeat(200_000));
        check_bounded(name, &format!("<math>{}", format!("<{name}>").repeat(100_000)));
        check_bounded(name, &format!("<math><{name}>{}</{name}>", "<div>".repeat(100_000)));
    }
    check_bounded("declarations without end", &"<!x <?y ".repeat(200_000));
    check_bounded("remarks and quotes without end", &"<p a=\"<!-- ".repeat(200_000));
    check_bounded("drawings in drawings", &format!("{}{}", "<svg>".repeat(2_000), "<svg></svg></svg>".repeat(50_000)));
    check_bounded("remarks without end", &"<!--<p a='".repeat(200_000));
    check_bounded("quotes", &format!("<p a={}>text", " \"".repeat(500_000)));
    check_bounded("scripts in scripts", &"<script><!--<script></script>".repeat(50_000));
}

/// The most memory that reading a page may take, the program itself included.
const MAX_MEMORY: u64 = 512 << 20;

/// A process is given so much address space, and no more.
#[track_caller]
fn check_memory(name: &str, unit: &str) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("page.html");
    fs::write(&file, format!("<article>{}", unit.repeat(10_000_000 / unit.len()))).unwrap();
    let limited = format!("ulimit -v {} && exec \"$0\" extract --url https://news.example/a \"$1\"", MAX_MEMORY >> 10);
    let mut shell = Command::new("sh");
    let output = shell.args(["-c", &limited, env!("CARGO_BIN_EXE_topicwire")]).arg(&file).current_dir(folder.path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() || said.contains("the page "), "{name}: {}, {said}", output.status);
}

#[test]
fn hostile_pages_cost_bounded_memory() {
    check_memory("small elements", "<b>a</b>");
    check_memory("small paragraphs", "<p>a");
    check_memory("small cells", "<tr><td>a");
    check_memory("formatting without end", "<b><i><font size=1>");
    check_memory("nesting", "<div>");
    check_memory("small attributes", "<p a b c d e f g h i j k l>a");
    check_memory("entities", "&nGg;");
    check_memory("remarks", "<!-->a");
    check_memory("links", "<a href=/x>y");
    check_memory("facts", "<script type=application/ld+json>[{\"@type\":\"NewsArticle\"}]</script>");
}

#[track_caller]
fn check_passed_over(markup: &str) {
    let said = "Прокуратура региона проверила все школы, и нарушения нашлись в каждой третьей из них.";
    let html = format!(
        "<html><body><h1>Итоги проверки</h1><p>{said}{markup}</p><p>Отчёт передан в министерство просвещения и в суд.</p></body></html>"
    );
    let article = read(&html).unwrap();
    assert_eq!(article.text, format!("{said}\nОтчёт передан в министерство просвещения и в суд."), "after {markup}");
}

#[test]
fn code_drawings_and_remarks_are_passed_over() {
    check_passed_over("");
    check_passed_over("<script>let p = '<p>Не текст.</p>';</script>");
    check_passed_over("<SCRIPT type='a>b'>'</scripts>' < '<!--' </SCRIPT >");
    check_passed_over("<script><!-- document.write('<script>x</script>') --></script>");
    check_passed_over("<style>p { color: red } </style/>");
    check_passed_over("<noscript><p>Включите всё.</p></noscript>");
    check_passed_over("<svg><svg/><path d='M0'/><svg><title>Знак</title></svg></svg>");
    check_passed_over("<svg viewBox='0 0 1 1'/>");
    check_passed_over("<!-- <p>Не текст.</p> -->");
    check_passed_over("<!-->");
    check_passed_over("<!--->");
    check_passed_over("<!-- --!>");
    check_passed_over("<!-- a > b -- c > d -->");
    check_passed_over("<svg-icon></svg-icon>");
}

#[test]
fn a_drawing_that_never_ends_does_not_hide_the_article() {
    let html =
        page("<svg class='icon'><path d='M0'><p>The ombudsman reported on Monday, and the parliament listened to her for two hours.</p>");
    assert!(read(&html).unwrap().text.contains("ombudsman"));
}

#[test]
fn titles_and_fields_are_text_and_what_never_ends_is_left_to_the_parser() {
    let field =
        page("<textarea>Paste <script> and <style> and <!-- here</textarea><p>The roofs come first, said the mayor of the town.</p>");
    for html in [
        page("<p>The roofs come first, said the mayor of the town.</p>").replace("<body>", "<title>How <style> works</title><body>"),
        page("<p>The roofs come first, said the mayor of the town.</p>").replace("<body>", "<title>How <!-- works</title><body>"),
        page("<!x <script>><p>The roofs come first, said the mayor of the town.</p><?y <style> ?>"),
        field,
    ] {
        // Something else ends the same tags later on.
        let html = html.replace("</body>", "<script></script><style></style><!-- --></body>");
        let article = read(&html).unwrap();
        assert!(article.text.contains("The roofs come first"), "{html}: {}", article.text);
    }
    // A browser, too, shows nothing after these.
    for markup in ["<noscript>", "<!-- "] {
        let article = read(&page("").replace("</body>", &format!("{markup}<p>The roofs come first, said the mayor.</p></body>"))).unwrap();
        assert!(article.text.contains("council met") && !article.text.contains("roofs"), "{markup}: {}", article.text);
    }
}

/// Pieces that break careless writers of HTML.
fn fragment() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[a-zа-я ,.<>&\"']{0,60}",
        Just("<p>".to_owned()),
        Just("</p>".to_owned()),
        Just("<b>".to_owned()),
        Just("</b>".to_owned()),
        Just("<i><a href='/x\"&y'>".to_owned()),
        Just("</a>".to_owned()),
        Just("<a href='javascript:x'>".to_owned()),
        Just("<ul><li>".to_owned()),
        Just("</li><li>".to_owned()),
        Just("</ul>".to_owned()),
        Just("<table><tr><td>".to_owned()),
        Just("</td><td>".to_owned()),
        Just("</tr></table>".to_owned()),
        Just("<blockquote>".to_owned()),
        Just("</blockquote>".to_owned()),
        Just("<pre>\n\n x".to_owned()),
        Just("</pre>".to_owned()),
        Just("<br><br>".to_owned()),
        Just("<img src='/a.jpg' alt='\"><script>'>".to_owned()),
        Just("<figure><figcaption>".to_owned()),
        Just("</figure>".to_owned()),
        Just("<script>x</script><!-- c -->".to_owned()),
        Just("A whole sentence stands here, with a comma, and it is long enough to count as prose.".to_owned()),
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn text_without_markup_is_read_as_the_parser_reads_it(text in "[a-zA-Zа-яА-Я ,.\"'>=\n\t\r\u{a0}\u{ad}\u{200b}]{0,80}") {
        let url = url::Url::parse("https://agency.example/").unwrap();
        // A comment says nothing, but has to be parsed.
        prop_assert_eq!(topicwire::extract::fragment(&text, &url), topicwire::extract::fragment(&format!("<!-- -->{text}"), &url));
    }

    #[test]
    fn any_body_is_well_formed_and_safe(inside in fragment()) {
        if let Ok(article) = read(&page(&inside)) {
            assert_safe(&article.html);
        }
    }

    #[test]
    fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let _ = read_with(&bytes, "https://news.example/a", &SiteRules::default());
    }
}

#[test]
fn bytes_that_are_no_text_are_no_article() {
    let bytes: Vec<u8> = (0..20_000_u32).flat_map(|number| *blake3::hash(&number.to_le_bytes()).as_bytes()).collect();
    assert_eq!(read_with(&bytes, "https://news.example/a.jpg", &SiteRules::default()), Err(Failure::NotText));
}

#[test]
fn a_lead_that_stands_twice_is_said_once() {
    let lead = "<p>The ombudsman for children reported on Monday, and the parliament listened to her for two hours.</p>";
    let article = read(&format!("<html><body><article><h1>A report to parliament</h1>{lead}{lead}<p>More than eight thousand complaints came in this year, half of them about maintenance.</p></article></body></html>")).unwrap();
    assert_eq!(article.text.matches("ombudsman").count(), 1, "{}", article.text);
}
