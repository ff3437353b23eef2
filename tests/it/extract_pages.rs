//! Articles on several pages, what says each part of an article, and the rules of a site: those that match no more, and those that
//! are proposed.

use topicwire::extract::{Extraction, Page, SiteRules, Suggestion, extract, read, selector, suggest};
use topicwire::model::{Article, Origin, Part, RuleName};
use url::Url;

use crate::safe_html::assert_safe;

const SITE: &str = "https://news.example";

fn page<'a>(html: &'a str, url: &'a Url) -> Page<'a> {
    Page { html: html.as_bytes(), url, content_type: None, entry: None, timezone: None, fetched_at: None }
}

fn url(path: &str) -> Url {
    Url::parse(SITE).unwrap().join(path).unwrap()
}

fn paragraph(number: usize) -> String {
    format!("<p>On day {number} the council debated the repair of school {number}, and after many hours it agreed to go on with it.</p>")
}

/// A page of an article: what stands in its head, and the numbers of its paragraphs.
fn article(head: &str, numbers: std::ops::Range<usize>) -> String {
    let body: String = numbers.map(paragraph).collect();
    format!("<html lang=en><head>{head}</head><body><h1>The schools of the town</h1><article>{body}</article></body></html>")
}

fn next(address: &str) -> String {
    format!("<link rel=next href='{address}'>")
}

#[track_caller]
fn check_next(address: &str, next_address: &str, expected: bool) {
    let (html, address) = (article(&next(next_address), 0..4), url(address));
    let extraction = read(&page(&html, &address), &SiteRules::default()).unwrap();
    assert_eq!(extraction.next_page().is_some(), expected, "{next_address} after {address}");
}

#[test]
fn rel_next_counts_for_the_next_page_of_the_same_article_only() {
    for (first, second) in [
        ("/story", "/story?page=2"),
        ("/story?id=7", "/story?page=2&id=7"),
        ("/story?page=1", "/story?page=2"),
        ("/story", "?PAGEN_1=2"),
        ("/story", "/story?p=2"),
        ("/story/", "/story/2/"),
        ("/story", "/story/page/2"),
        ("/story.html", "/story-2.html"),
        ("/story-12.html", "/story-12-2.html"),
        ("/news/123", "/news/123/2"),
        ("/story.html", "/story/page-2.html"),
        ("/story", "/story/seite-2"),
    ] {
        check_next(first, second, true);
    }
    for (first, second) in [
        // Another article, by its number, its name or its address.
        ("/news/123", "/news/124"),
        ("/news/1", "/news/2"),
        ("/?p=123", "/?p=124"),
        ("/?p=1", "/?p=2"),
        ("/story", "/another-story"),
        ("/story", "/story-2"),
        ("/story?id=1", "/story?id=2"),
        ("/story", "/another-story?page=2"),
        // Not the page after this one, or not of this host.
        ("/story", "/story?page=3"),
        ("/story", "/story"),
        ("/story", "https://elsewhere.example/story?page=2"),
        ("/story", "/story/comment-page-2"),
        ("/story", "javascript:next()"),
    ] {
        check_next(first, second, false);
    }
}

#[track_caller]
fn read_on(extraction: &mut Extraction, html: &str, rules: &SiteRules) {
    let address = extraction.next_page().unwrap().clone();
    extraction.join(&page(html, &address), rules).unwrap();
}

#[test]
fn what_continues_an_article_is_said_once() {
    let address = url("/story");
    let mut whole = read(&page(&article(&next("?page=2"), 0..4), &address), &SiteRules::default()).unwrap();
    read_on(&mut whole, &article(&next("?page=3"), 3..6), &SiteRules::default());
    read_on(&mut whole, &article("", 6..8), &SiteRules::default());
    assert_eq!(whole.next_page(), None);
    let article = whole.into_article();
    assert_eq!(article.text.lines().count(), 8, "{}", article.text);
    assert_eq!(article.html.matches("<p>").count(), 8);
    assert_safe(&article.html);
}

#[test]
fn pages_that_add_nothing_or_are_of_another_article_end_it() {
    let address = url("/story");
    let first = article(&next("?page=2"), 0..4);
    let begin = || read(&page(&first, &address), &SiteRules::default()).unwrap();
    let another = article(&next("?page=3"), 4..8).replace("The schools of the town", "A storm is on its way");
    for later in [article(&next("?page=3"), 0..4), another] {
        let mut extraction = begin();
        read_on(&mut extraction, &later, &SiteRules::default());
        assert_eq!(extraction.next_page(), None);
        assert_eq!(extraction.into_article(), begin().into_article());
    }
    // The site led back to the first page.
    let mut extraction = begin();
    extraction.join(&page(&article("", 4..8), &address), &SiteRules::default()).unwrap();
    assert_eq!(extraction.into_article(), begin().into_article());
    // What is no article leaves this one as it was.
    let mut extraction = begin();
    let second = url("/story?page=2");
    assert!(extraction.join(&page("<title>404</title><h1>Page not found</h1>", &second), &SiteRules::default()).is_err());
    assert_eq!((extraction.next_page(), extraction.article()), (None, begin().article()));
}

#[test]
fn articles_without_end_are_cut() {
    let address = url("/story");
    let mut extraction = read(&page(&article(&next("?page=2"), 0..4), &address), &SiteRules::default()).unwrap();
    let mut pages = 1;
    while extraction.next_page().is_some() {
        read_on(&mut extraction, &article(&next(&format!("?page={}", pages + 2)), 4 * pages..4 * pages + 4), &SiteRules::default());
        pages += 1;
    }
    assert_eq!(pages, 12);
}

#[test]
fn the_rule_for_the_next_page_needs_no_number() {
    let rules = SiteRules { next_page: Some(selector(".further").unwrap()), ..SiteRules::default() };
    let address = url("/story");
    let html = article("", 0..4).replace("</article>", "<div class=further><a href=/story-continued>Go on</a></div></article>");
    let mut extraction = read(&page(&html, &address), &rules).unwrap();
    assert_eq!(extraction.next_page().unwrap().path(), "/story-continued");
    read_on(&mut extraction, &article("", 4..6), &rules);
    assert_eq!(extraction.into_article().text.lines().count(), 6);
    let elsewhere = html.replace("/story-continued", "https://elsewhere.example/");
    assert_eq!(read(&page(&elsewhere, &address), &rules).unwrap().next_page(), None);
}

#[track_caller]
fn check_origin(head: &str, inside: &str, part: Part, expected: Option<Origin>) {
    let html = article(head, 0..4).replace("<article>", &format!("<article>{inside}"));
    let article: Article = extract(&page(&html, &url("/story")), &SiteRules::default()).unwrap();
    assert_eq!(article.provenance.get(part), expected, "{part:?} of {head} {inside}");
}

#[test]
fn each_part_says_where_it_came_from() {
    let json_ld = |statement: &str| format!("<script type=application/ld+json>{{\"@type\":\"NewsArticle\",{statement}}}</script>");
    check_origin("", "", Part::Title, Some(Origin::Element));
    check_origin("", "", Part::Body, Some(Origin::Content));
    check_origin("", "", Part::Language, Some(Origin::Content));
    check_origin("", "", Part::Published, None);
    check_origin(&json_ld("\"datePublished\":\"2025-11-26T15:22:00+05:00\""), "", Part::Published, Some(Origin::JsonLd));
    check_origin("<meta property=article:published_time content=2025-11-26T15:22>", "", Part::Published, Some(Origin::OpenGraph));
    check_origin("<meta name=DC.date.issued content=2025-11-26>", "", Part::Published, Some(Origin::DublinCore));
    check_origin("<meta itemprop=datePublished content=2025-11-26>", "", Part::Published, Some(Origin::Microdata));
    check_origin("<meta name=pubdate content=2025-11-26>", "", Part::Published, Some(Origin::Meta));
    check_origin("", "<time datetime=2025-11-26T15:22>Yesterday</time>", Part::Published, Some(Origin::Element));
    check_origin("", "<p>26 November 2025, 15:22</p>", Part::Published, Some(Origin::VisibleText));
    check_origin("<meta property=article:modified_time content=2025-11-26T15:22>", "", Part::Modified, Some(Origin::OpenGraph));
    check_origin(&json_ld("\"author\":{\"name\":\"Jane Doe\"}"), "", Part::Authors, Some(Origin::JsonLd));
    check_origin("<meta name=author content='Jane Doe'>", "", Part::Authors, Some(Origin::Meta));
    check_origin("", "<span itemprop=author>Jane Doe</span>", Part::Authors, Some(Origin::Microdata));
    check_origin("", "<p>By Jane Doe</p>", Part::Authors, Some(Origin::VisibleText));
    check_origin("<meta property=og:image content=/a.jpg>", "", Part::Image, Some(Origin::OpenGraph));
    check_origin("<link rel=canonical href=/story>", "", Part::Canonical, Some(Origin::Element));
    check_origin(&json_ld("\"articleSection\":\"Town\""), "", Part::Section, Some(Origin::JsonLd));
    check_origin("<meta name=keywords content='schools, town'>", "", Part::Tags, Some(Origin::Meta));
}

#[test]
fn a_rule_that_finds_nothing_is_named() {
    let html = article("", 0..4).replace("<article>", "<article><i class=when>26 November 2025</i><i class=who></i>");
    let rule = |text: &str| Some(selector(text).unwrap());
    let rules = SiteRules {
        body: rule("article"),
        title: rule(".headline"),
        date: rule(".when"),
        author: rule(".who"),
        remove: rule("aside"),
        next_page: None,
    };
    let extraction = read(&page(&html, &url("/story")), &rules).unwrap();
    assert_eq!(extraction.unmatched(), [RuleName::Title, RuleName::Author, RuleName::Remove]);
    let provenance = &extraction.article().provenance;
    assert_eq!([Part::Body, Part::Published].map(|part| provenance.get(part)), [Some(Origin::SiteRule); 2]);
    assert_eq!(provenance.get(Part::Title), Some(Origin::Element));
}

/// A page of a site whose elements have names of all kinds.
fn named(number: usize) -> String {
    let body: String = (4 * number..4 * number + 4).map(paragraph).collect();
    format!(
        "<body><div class='sc-bdVaJa wrap'><h1 class=story-title id=t{number}841>School {number} to be repaired before winter</h1>\
         <div class='css-1x9kq{number} byline'>Jane Doe</div><b class=story-time>2{number} November 2025, 15:22</b>\
         <div class=story-lead><p>School {number} of the town will be repaired before the winter comes, the council said.</p></div>\
         <div class='Story_text__x9Kd{number}' id=post-12{number}45><div class=club-line><p>Join the club of our readers, and help the town to know what goes on in it.</p></div>{body}</div></div>\
         <aside class=story-time>1 January 2020</aside></body>"
    )
}

#[test]
fn rules_are_proposed_that_hold_on_all_pages() {
    let (htmls, address) = ((1..=4).map(named).collect::<Vec<_>>(), url("/story"));
    let suggestions = suggest(&htmls.iter().map(|html| page(html, &address)).chain([page("", &address)]).collect::<Vec<_>>());
    assert_eq!(suggestions.skipped.len(), 1);
    let selectors = |rule: RuleName| {
        let found: Option<&Suggestion> = suggestions.rules.iter().find(|suggestion| suggestion.rule == rule);
        found.map(|found| (found.selectors.join(", "), found.held)).unwrap_or_default()
    };
    assert_eq!(selectors(RuleName::Title), (".story-title".to_owned(), 4));
    assert_eq!(selectors(RuleName::Date), (".story-time".to_owned(), 4));
    assert_eq!(selectors(RuleName::Author), (".byline".to_owned(), 4));
    assert_eq!(selectors(RuleName::Body), ("[class*=Story_text__], .story-lead".to_owned(), 4));
    assert_eq!(selectors(RuleName::Remove), (".club-line".to_owned(), 4));
    let removed = suggestions.rules.iter().find(|suggestion| suggestion.rule == RuleName::Remove).unwrap();
    assert_eq!(removed.changes.len(), 4);
    assert!(removed.changes.iter().all(|change| change.before.contains("Join the club") && !change.after.contains("Join the club")));
}
