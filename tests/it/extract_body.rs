//! What is kept of a page although its names speak against it, and what is told of it beside its text.

use tempfile::TempDir;
use topicwire::extract::{Page, SiteRules, extract};
use topicwire::model::Article;
use url::Url;

use crate::origin::{Origin, Reply};
use crate::pipeline::{Desk, one_feed};

const PROSE: &str = "The council met on Tuesday, and after a long debate it agreed to repair the two schools before winter. ";

#[track_caller]
fn read_at(url: &str, html: &str) -> Article {
    let url = Url::parse(url).unwrap();
    let page = Page { html: html.as_bytes(), url: &url, content_type: None, entry: None, timezone: None, fetched_at: None };
    extract(&page, &SiteRules::default()).unwrap()
}

#[track_caller]
fn read(html: &str) -> Article {
    read_at("https://news.example/a", html)
}

/// `inside` stands between two paragraphs of an article.
fn page(inside: &str) -> String {
    format!("<html lang=en><body><h1>Schools to be repaired</h1><div><p>{PROSE}{PROSE}</p>{inside}<p>{PROSE}</p></div></body></html>")
}

#[track_caller]
fn check_kept(inside: &str, expected: &str) {
    let article = read(&page(inside));
    assert!(article.text.contains(expected), "{expected:?} is not in {}", article.text);
}

#[track_caller]
fn check_gone(inside: &str, unwanted: &str) {
    let article = read(&page(inside));
    assert!(!article.text.contains(unwanted), "{unwanted:?} is in {}", article.text);
}

#[test]
fn names_are_read_as_people_mean_them() {
    let paragraph = "<p>The roofs come first, said the mayor.</p>";
    for name in [
        "block-3ad8c309",
        "sidebar-enabled--false",
        "elementor-widget elementor-widget-text-editor",
        "article-type-commentary",
        "hidden md:block",
        "field--label-hidden",
    ] {
        check_kept(&format!("<div class='{name}'>{paragraph}</div>"), "The roofs come first");
    }
    for name in ["ad", "sidebar", "post-comments", "hidden", "author-bio", "othernews"] {
        check_gone(&format!("<div class='{name}'>{paragraph}</div>"), "The roofs come first");
    }
}

#[test]
fn invitations_go_where_the_article_has_ended_and_only_there() {
    let article = |last: &str| read(&format!("{}<p>{last}</p>", page(""))).text;
    for invitation in [
        "Follow the Gazette on Twitter and Facebook, or email us at desk@gazette.example.",
        "Главное за день, коротко и без рекламы: следите за нашими новостями на сайте.",
        "Mehr über die Schulen der Region erfahren Sie hier, jeden Tag neu.",
        "Toda la región en un solo lugar: síguenos en las redes, cada mañana.",
    ] {
        assert!(!article(invitation).contains(invitation), "{invitation}");
        check_kept(&format!("<p>{invitation}</p>"), invitation);
    }
    for last in [
        "The ministry said that it would follow the repairs on site until the first of December.",
        "«Пишите нам о каждой школе, где холодно», — сказала уполномоченный по правам ребенка.",
        "An diesem Erfolge unseres Landes haben auch die Schulen ihren Anteil, und das bleibt so.",
    ] {
        assert!(article(last).contains(last), "{last}");
    }
}

#[test]
fn what_sounds_like_a_notice_of_the_site_may_be_news() {
    let after = "<p>The roofs come first, said the mayor.</p>";
    for news in [
        "При копировании паспортов мошенники меняли фотографии, и банк этого не заметил.",
        "Использование материалов дела в прессе суд запретил до конца процесса над директором.",
        "Задержанный вёл канал на YouTube, где выкладывал ролики с угрозами в адрес учителей.",
        "The agents earn a commission for each worker whom they send abroad, the report says.",
        "The views expressed by the rapporteur were rejected by the committee on Tuesday.",
    ] {
        check_kept(&format!("<p>{news}</p>{after}"), news);
        check_kept(&format!("<p>{news}</p>{after}"), "The roofs come first");
    }
}

#[test]
fn sentences_that_begin_with_the_words_of_a_button_are_the_articles() {
    for sentence in [
        "Реклама вейпов в школах Казахстана запрещена с 2024 года.",
        "Комментариев Минздрава по этому поводу пока нет.",
        "Похожие случаи ранее фиксировали в Астане и Шымкенте.",
        "Рекламациями займётся городской суд.",
        "Назад в школу вернулись 300 детей.",
        "Рейтинг: Казахстан поднялся на третье место в регионе.",
        "Опрос: 60% родителей против сокращения каникул.",
        "Фото с места аварии полиция публиковать не стала.",
        "Поделиться опытом приехали учителя из Турции.",
        "Жазылыңыз деген қоңырауларға сенбеңіз, деді полиция.",
        "Support our soldiers, the president told the nation.",
        "Donated books arrived in the town on Monday.",
        "Related talks in Geneva ended without a deal.",
        "Recommended doses were cut in half, the ministry said.",
        "Anzeigen gegen Unbekannt wurden erstattet.",
        "Teilen der Stadt droht eine Sperrung.",
    ] {
        check_kept(&format!("<p>{sentence}</p>"), sentence);
    }
    for button in [
        "Реклама",
        "Комментарии (3)",
        "Поделиться в Telegram",
        "Назад",
        "Фото: Акорда",
        "Фото Акорды",
        "Кадр из видео МВД",
        "Қаралды: 1234",
        "1 234 просмотра",
        "#школа #город",
        "Подписывайтесь на новости города.",
        "Loading",
        "Related",
    ] {
        check_gone(&format!("<p>{button}</p>"), button);
    }
}

#[test]
fn pointers_of_several_languages_go_with_their_links() {
    let link = "<a href=/b>В городе закрыли школу на ремонт до весны</a>";
    for pointer in ["Ранее:", "Еске салайық,", "Осыған дейін", "Дагы окуңуз:", "Shuningdek oʻqing:", "Earlier,"]
    {
        check_gone(&format!("<p>{pointer} {link}</p>"), "закрыли школу");
    }
    check_gone(&format!("<blockquote><p>Читайте также:</p><p>{link}</p></blockquote>"), "закрыли школу");
}

#[test]
fn an_article_goes_on_after_a_pointer_in_its_middle() {
    let paragraph = |number: usize| format!("<p>{PROSE}Paragraph {number}.</p>");
    let paragraphs = |numbers: std::ops::Range<usize>| numbers.map(paragraph).collect::<String>();
    let headline = |number: usize| format!("<h4><a href=/{number}>Another town repairs school number {number}</a></h4>");
    for heading in ["Читайте также", "По теме", "Другие новости", "Related articles"] {
        let pointer = format!("<h3>{heading}</h3><p><a href=/x>Another town repairs its schools</a></p>");
        let article = read(&page(&format!("{}{pointer}{}", paragraphs(1..4), paragraphs(4..8))));
        assert!(article.text.contains("Paragraph 7."), "{heading}: {}", article.text);
        assert!(!article.text.contains("Another town"), "{heading}: {}", article.text);
        // Each headline with its teaser: those are others.
        let others = (10..16).map(|number| headline(number) + &paragraph(number)).collect::<String>();
        let article = read(&page(&format!("{}<h3>{heading}</h3>{others}", paragraphs(1..6))));
        assert!(!article.text.contains("Paragraph 15."), "{heading}: {}", article.text);
    }
}

#[test]
fn a_sentence_that_is_shown_again_in_large_letters_is_said_where_it_is_said() {
    let said = "We will repair every school of the town before the winter comes, whatever it costs";
    let article = read(&page(&format!("<blockquote><p>{said}.</p></blockquote><p>The plan is old.</p><p>“{said}”, the mayor said.</p>")));
    assert_eq!(article.text.matches(said).count(), 1, "{}", article.text);
    assert!(article.text.contains("the mayor said"), "{}", article.text);
    // What is only quoted stays.
    check_kept(&format!("<blockquote><p>{said}.</p></blockquote>"), said);
}

#[test]
fn pictures_have_their_real_address_and_counters_are_none() {
    let pictured = |inside: &str| read(&page(inside)).html;
    for lazy in [
        "<picture><source data-srcset='/real.jpg 1200w'><img src='data:image/gif;base64,R0'></picture>",
        "<picture><source srcset=/real.jpg><img></picture>",
        "<img src=/img/lazy.gif data-hi-res-src=/real.jpg>",
        "<img src='data:image/gif;base64,R0' data-lazy=/real.jpg>",
        "<img data-srcset='/s.jpg 320w,/real.jpg 1200w'>",
        "<img srcset='/s.jpg 1x, /real.jpg 2x'>",
        "<img srcset='/real.jpg'>",
    ] {
        assert!(pictured(lazy).contains("src=\"https://news.example/real.jpg\""), "{lazy}: {}", pictured(lazy));
    }
    for counter in
        ["https://mc.yandex.ru/watch/123", "https://counter.yadro.ru/hit?r=1", "https://www.facebook.com/tr?id=1", "/no-image.png"]
    {
        assert!(!pictured(&format!("<img src='{counter}'>")).contains("<img"), "{counter}");
    }
}

#[test]
fn the_lead_picture_is_the_first_large_one_where_the_page_names_none() {
    let image = |head: &str| {
        let html = page("<img src=/author.jpg width=80 height=80><figure><img src=/school.jpg width=800 height=600></figure>");
        read(&html.replace("<body>", &format!("<head>{head}</head><body>"))).image.map(|url| url.path().to_owned())
    };
    assert_eq!(image("").as_deref(), Some("/school.jpg"));
    assert_eq!(image("<meta property=og:image content=/no-image.png>").as_deref(), Some("/school.jpg"));
    assert_eq!(
        image("<meta property=og:image content=/no-image.png><meta property=og:image content=/own.jpg>").as_deref(),
        Some("/own.jpg")
    );
}

#[test]
fn a_dateline_and_a_list_may_stand_at_the_beginning() {
    let begun = |first: &str| read(&format!("<article><h1>Ten schools</h1>{first}<p>{PROSE}</p><p>{PROSE}More.</p></article>")).text;
    assert!(begun("<p>Алматы. 26 ноября. KAZINFORM</p>").starts_with("Алматы. 26 ноября. KAZINFORM"));
    assert!(begun("<p>The schools are chosen.</p><ul><li>number one</li><li>number two</li></ul>").contains("number two"));
    assert!(!begun("<p>Society</p>").contains("Society"));
}

#[test]
fn a_word_that_may_end_an_article_ends_it_only_by_itself() {
    let after = "<p>The roofs come first, said the mayor.</p>";
    check_kept(&format!("<h2>Contact tracing</h2>{after}"), "The roofs come first");
    check_kept(&format!("<h2>Обсуждение закона</h2>{after}"), "The roofs come first");
    check_gone(&format!("<h2>Comments (3)</h2>{after}"), "The roofs come first");
}

#[test]
fn a_link_called_link_is_part_of_its_sentence() {
    check_kept(
        "<p>The mayor called the plan <a class=link href=/p>a bold one</a>, and two parties agreed with her at once.</p>",
        "a bold one",
    );
}

#[test]
fn a_line_that_is_all_a_link_points_elsewhere() {
    check_gone("<p><a href=/b>It is as it is and so it goes on in the two of us</a></p>", "so it goes");
    check_kept("<p><a href=/b>The roofs come first, said the mayor of the town.</a></p>", "The roofs come first");
}

#[test]
fn tables_of_facts_stay_also_with_links() {
    let row = |name: &str| format!("<tr><td><a href=/{name}>The school of {name}</a></td><td>12</td></tr>");
    check_kept(&format!("<table>{}{}{}</table>", row("Aksu"), row("Kokpekty"), row("Zaisan")), "Kokpekty 12");
}

#[test]
fn a_lead_is_found_under_a_headline_of_any_level() {
    let lead = "Two schools of the town will be repaired before winter comes, at last.";
    let html = format!(
        "<div><h2>A vote on the schools</h2><div class=x>{lead}</div><div class=body><p>{PROSE}</p><p>{PROSE}More.</p></div></div>"
    );
    assert!(read(&html).text.starts_with(lead));
}

#[test]
fn a_headline_that_is_repeated_inside_the_text_is_not_its_beginning() {
    let html =
        format!("<h1>Ten schools</h1><article><p>{PROSE}First.</p><h1>Ten schools</h1><p>{PROSE}</p><p>{PROSE}{PROSE}</p></article>");
    assert!(read(&html).text.contains("First."));
}

#[test]
fn text_that_was_encoded_twice_is_read_twice() {
    let twice = |text: &str| text.bytes().map(char::from).collect::<String>();
    check_kept(&format!("<p>{}</p>", twice("“We’re glad”, said the mayor of Köln.")), "“We’re glad”, said the mayor of Köln.");
    check_kept("<p>Die „Ä«-Linie“ fährt wieder nach Köln.</p>", "„Ä«-Linie“ fährt wieder nach Köln");
}

#[track_caller]
fn check_embedded(inside: &str, expected: &str) {
    let article = read(&page(inside));
    assert!(article.html.contains(&format!("<a href=\"{expected}\">")), "{expected} is not in {}", article.html);
    assert!(!article.text.contains("http"), "{}", article.text);
}

#[test]
fn embedded_posts_are_kept_as_links() {
    check_embedded("<iframe src='https://www.youtube.com/embed/abc'></iframe>", "https://www.youtube.com/watch?v=abc");
    check_embedded("<script async src=https://telegram.org/w.js data-telegram-post=channel/12></script>", "https://t.me/channel/12");
    check_embedded(
        "<div class=fb-post data-href='https://www.facebook.com/akorda/posts/1'></div>",
        "https://www.facebook.com/akorda/posts/1",
    );
    check_embedded(
        "<blockquote class=tiktok-embed cite='https://www.tiktok.com/@a/video/1'><section></section></blockquote>",
        "https://www.tiktok.com/@a/video/1",
    );
    assert!(!read(&page("<iframe src=https://ads.example/frame></iframe>")).html.contains("ads.example"));
}

#[track_caller]
fn check_published(head: &str, inside: &str, expected: &str) {
    let html = format!("{head}<h1>Schools to be repaired</h1>{inside}<article><p>{PROSE}{PROSE}</p><p>{PROSE}</p></article>");
    let published = read(&html).published.map(|time| time.date_naive().to_string());
    assert_eq!(published.as_deref(), Some(expected), "{head} {inside}");
}

#[test]
fn the_last_change_is_not_the_publication() {
    check_published("", "<p>Updated: 28 November 2025</p><p>26 November 2025</p>", "2025-11-26");
    check_published("", "<time class=updated datetime=2025-11-28>x</time><time datetime=2025-11-26>y</time>", "2025-11-26");
    check_published("", "<p>Обновлено: 28.11.2025 10:00</p>", "2025-11-28");
}

#[test]
fn dates_of_other_articles_are_not_its_own() {
    let teaser = "<ul><li><time datetime=2025-01-02>2 January</time> <a href=/b>The roofs of the schools are leaking again</a></li></ul>";
    check_published("", &format!("{teaser}<p><time datetime=2025-11-26>26 November</time></p>"), "2025-11-26");
    let permalink = "<p><a href=/a><time datetime=2025-11-26>Wednesday, 26 November 2025</time></a></p><p>On 1 May 2024 it began.</p>";
    check_published("", permalink, "2025-11-26");
}

#[test]
fn a_line_that_says_what_it_tells_is_believed() {
    check_published("", "<p>A photograph of 2 January 2024</p><ul><li><b>Datum</b> 26.11.2025</li></ul>", "2025-11-26");
    check_published("", "<p>Дата публикации: 26.11.2025</p>", "2025-11-26");
    check_published("", "<h3>What has changed since 1 October 2024 in all of the schools?</h3><p>26 November 2025</p>", "2025-11-26");
    check_published("", "<p class=current-time>Today is 11 May 2026</p><p>26 November 2025</p>", "2025-11-26");
}

#[test]
fn a_page_that_was_made_anew_is_not_published_anew() {
    let head = "<meta property=article:published_time content=2026-02-03><meta property=article:modified_time content=2026-02-03>";
    check_published(head, "<div>Published <b>26 November 2025</b></div>", "2025-11-26");
    check_published(head, "<div>26 November 2025</div>", "2026-02-03");
    check_published(head, "<div>Published 4 February 2026</div>", "2026-02-03");
    check_published(head, "<div>Date of birth: 3 January 2026</div>", "2026-02-03");
    check_published(head, "<div>Date: 3 May 2010</div>", "2026-02-03");
}

#[test]
fn a_label_of_something_else_is_no_label() {
    for other in
        ["Дата рождения: 12.03.2012", "Date of birth: 3 May 2010", "Datum der Gründung: 03.05.2010", "Fecha de nacimiento: 3.5.2010"]
    {
        check_published("", &format!("<p>26 November 2025</p><p>{other}</p>"), "2025-11-26");
    }
    let before = "<p>A photograph of 2 January 2024</p>";
    for (label, expected) in [
        ("Дата публикации: 12.03.2025", "2025-03-12"),
        ("Published: Monday, 3 May 2025", "2025-05-03"),
        ("Published on 3 May 2025 | 1200 views", "2025-05-03"),
        ("Datum: 03.05.2025", "2025-05-03"),
        ("Опубликовано (3 мая 2025, 10:00)", "2025-05-03"),
        ("Erschienen am 3. Mai 2025", "2025-05-03"),
    ] {
        check_published("", &format!("{before}<p>{label}</p>"), expected);
    }
}

#[test]
fn numbers_are_month_first_where_readers_are_american() {
    let head = |language: &str| format!("<html lang={language}><meta name=article:published_time content=03-09-2026>");
    check_published(&head("en-US"), "", "2026-03-09");
    check_published(&head("en-GB"), "", "2026-09-03");
}

#[test]
fn what_readers_are_shown_corrects_what_machines_are_told() {
    let made = "<meta name=date content=2025-11-21>";
    check_published(made, "<span class=date>26.11.2025</span>", "2025-11-26");
    check_published(made, "<p>26.11.2025</p>", "2025-11-21");
    check_published("<meta name=date content=2025-11-06>", "<time>06/11/2025</time>", "2025-11-06");
    check_published("<meta name=date content=2025-06-11>", "<time>06/11/2025</time>", "2025-06-11");
    let rebuilt = "<meta name=date content=2025-11-21><meta name=dateModified content=2025-11-21>";
    check_published(rebuilt, "<span class=date>20.11.2025</span>", "2025-11-21");
    check_published(rebuilt, "<p>Published 26 November 2024</p>", "2024-11-26");
}

#[test]
fn the_time_of_publication_stands_anywhere() {
    let below = "<div class=footer><abbr itemprop=datePublished title=2025-11-26T10:52:00+02:00>10:52</abbr></div>";
    check_published("", &format!("<p>The decree of 1 May 2024 is out.</p>{below}"), "2025-11-26");
    check_published("<meta name=published_on content=2025-11-26T21:00:00Z>", "", "2025-11-26");
    let aside = "<aside><time datetime=2025-11-26>26 November</time> <time datetime=2025-11-26>again</time></aside>";
    check_published("", aside, "2025-11-26");
    check_published("", "<time datetime=2025-11-26T23:07:45-05:00>26/11/2025</time>", "2025-11-26");
}

#[test]
fn a_language_of_one_country_tells_the_zone() {
    let japanese = "<meta http-equiv=content-language content=ja>";
    check_published(&format!("{japanese}<meta name=date content=2025-11-26T22:05:00Z>"), "", "2025-11-27");
    check_published("<meta name=date content=2025-11-26T22:05:00Z>", "", "2025-11-26");
}

#[test]
fn the_pieces_of_a_streamed_page_are_put_in_their_places() {
    let piece = |number: &str, inside: &str| format!("<div hidden id=\"S:{number}\">{inside}</div>");
    let page = format!(
        "<h1>Schools to be repaired</h1><article><p>{PROSE}</p><template id=\"B:0\"></template><p>The work ends in May, they said.</p></article>{}{}",
        piece("1f", "<p>It is the second year of the works, the council said.</p>"),
        piece("0", &format!("<p>{PROSE}{PROSE}</p><template id=\"P:1f\"></template>")),
    );
    let text = read(&page).text;
    let order: Vec<usize> = ["second year", "ends in May"].iter().map(|words| text.find(words).unwrap()).collect();
    assert!(order.is_sorted(), "{text}");
    // A piece whose place is inside it stays where it is.
    let inside = piece("0", &format!("<template id=\"B:0\"></template><p>{PROSE}</p>"));
    assert!(read(&format!("<h1>Schools</h1><p>{PROSE}{PROSE}</p>{inside}")).text.contains(PROSE.trim()));
}

#[test]
fn a_page_does_not_make_its_text_english_by_saying_so() {
    let polish =
        "Rada miejska spotkała się we wtorek i po długiej debacie zgodziła się wyremontować obie szkoły jeszcze przed zimą. ".repeat(6);
    let language = |html: &str| read(html).language.map(|language| language.primary().to_owned());
    assert_eq!(language(&format!("<html lang=en><h1>Szkoły</h1><article><p>{polish}</p></article>")), None);
    assert_eq!(language(&format!("<html lang=pl><h1>Szkoły</h1><article><p>{polish}</p></article>")).as_deref(), Some("pl"));
    assert_eq!(language(&page("")).as_deref(), Some("en"));
}

/// What a page with six paragraphs tells of its publication, with something `above` and `below` its `main`, and `before` and `after`
/// its text.
#[track_caller]
fn check_day(url: &str, [above, before, after, below]: [&str; 4], expected: Option<&str>) {
    let text = format!("<p>{PROSE}</p>").repeat(6);
    let main = format!("<main><h1>Schools to be repaired</h1>{before}<article>{text}</article>{after}</main>");
    let html = format!("<html lang=en><head><title>Schools to be repaired</title></head><body>{above}{main}{below}</body></html>");
    let published = read_at(url, &html).published.map(|time| time.date_naive().to_string());
    assert_eq!(published.as_deref(), expected, "{above} {before} {after} {below}");
}

const STORY: &str = "https://news.example/a/story";

#[test]
fn a_page_without_a_date_of_its_own_has_none() {
    let item = "<div class=right-col><div class=news-item><span class=date>12 March 2024, 10:00</span><a href=/n/9>Another story of the town</a></div></div>";
    let aside = format!("<aside>{item}</aside>");
    let times = "<li><time datetime=2025-01-05T10:00>5 January</time> <a href=/n>Another story</a></li>".repeat(5);
    let sidebar = format!("<aside class=sidebar><ul>{times}</ul></aside>");
    let related =
        "<div class=related><h3>Related</h3><div><time datetime=2024-03-12>12.03.2024</time><a href=/x>An old story</a></div></div>";
    let unnamed = "<div><div><span>12.03.2024</span><a href=/x>An old story of the town</a></div></div>";
    let comments =
        "<div class=comments><div><b>Ann</b> <time datetime=2025-02-03T10:00>3 February 2025</time><p>Well done!</p></div></div>";
    let today = "<header><div class=header-date>30 November 2026, Monday</div></header>";
    let footer = "<footer>The Gazette. Registered on 12.05.2019</footer>";
    let thing = "<div itemscope itemtype=https://schema.org/NewsArticle><meta itemprop=datePublished content=2024-01-01><a href=/x>An old story</a></div>";
    for parts in [
        ["", "", "", item],
        [item, "", "", ""],
        ["", "", "", &aside],
        ["", "", "", &sidebar],
        ["", "", related, ""],
        ["", "", unnamed, ""],
        ["", "", comments, ""],
        [today, "", "", ""],
        ["", "", "", footer],
        ["", "", thing, ""],
    ] {
        check_day(STORY, parts, None);
    }
}

#[test]
fn a_line_beside_the_article_does_not_contradict_it() {
    let labelled = "<div class=col2><p>Published: 12.03.2024</p><p><a href=/p/>A document</a></p></div>";
    check_day("https://news.example/2025/11/26/story", [labelled, "", "", ""], Some("2025-11-26"));
    let dated = "<div class=col2><p>Date: 12.03.2024</p><p>The dollar is at 500</p></div>";
    check_day(STORY, [dated, "<p>26 November 2025, 15:22</p>", "", ""], Some("2025-11-26"));
    check_day(STORY, ["", "", "<div>26.11.2025 15:22</div>", ""], Some("2025-11-26"));
}

#[test]
fn the_day_of_an_event_is_not_that_of_its_report() {
    let event = "<p>The council first spoke of the repair on 12 March 2019 at 10:00 and has not agreed since.</p>";
    check_day(STORY, ["", event, "", ""], None);
    for dateline in ["(21 November 2022) ", "ALMATY, 21 November 2022 – ", "<b>Press release of 21 November 2022</b> – "] {
        check_day(STORY, ["", &format!("<p>{dateline}{PROSE}</p>"), "", ""], Some("2022-11-21"));
    }
}

/// The day that is stored of an article whose feed says 27 November, and whose page has `before` its text.
async fn stored_day(before: &str) -> String {
    let (folder, origin) = (TempDir::new().unwrap(), Origin::start().await);
    let item = "<item><title>Schools</title><link>/1</link><pubDate>Thu, 27 Nov 2025 10:00:00 GMT</pubDate></item>";
    origin.on("/rss", Reply::ok(format!("<rss version=\"2.0\"><channel><title>Agency</title>{item}</channel></rss>")));
    let html = format!("<html lang=en><h1>Schools</h1>{before}<article><p>{PROSE}{PROSE}</p><p>{PROSE}</p></article>");
    origin.on("/1", Reply::ok(html));
    let desk = Desk::new(&one_feed(&origin.url("/rss")), folder.path(), &origin);
    assert_eq!(desk.poll(0).await.report.new, 1);
    let stored = desk.tools.store.newest_of_all(1, None).unwrap().into_iter().next().unwrap();
    stored.article.article.published.unwrap().date_naive().to_string()
}

#[tokio::test]
async fn the_feed_knows_better_than_a_line_of_the_page() {
    assert_eq!(stored_day("<p>Elections are on 26 November 2025</p>").await, "2025-11-27");
    assert_eq!(stored_day("<p><time datetime=2025-11-26T15:22:00Z>Wednesday</time></p>").await, "2025-11-26");
    assert_eq!(stored_day("<meta property=article:published_time content=2025-11-26T15:22:00Z>").await, "2025-11-26");
}
