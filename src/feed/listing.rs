//! Pages that list articles, for agencies without a feed: read by the CSS selectors of `feeds.toml`.

use std::collections::HashSet;

use scraper::{ElementRef, Html, Selector};
use url::Url;

use super::html::{is_costly, one_line};
use super::read::{Reader, language, stable_id, web_url};
use super::{Context, Error, ListingRules, MAX_ENTRIES, MAX_TITLE, Warning};
use crate::model::{Document, Entry};

/// Reads the items of a page in document order. A link that is listed twice counts once.
pub(super) fn read(text: &str, context: &Context<'_>, rules: &ListingRules, warnings: &mut Vec<Warning>) -> Result<Document, Error> {
    if is_costly(text) {
        return Err(Error::NotAFeed("the page's markup is out of all bounds".to_owned()));
    }
    let html = Html::parse_document(text);
    let base = first(&html, "base[href]").and_then(|element| context.url.join(element.attr("href")?).ok());
    let base = base.unwrap_or_else(|| context.url.clone());
    let mut reader = Reader::new(context);
    let (mut entries, mut seen, mut without_link) = (Vec::new(), HashSet::new(), 0_usize);
    for item in html.select(&rules.item).take(MAX_ENTRIES) {
        match entry(item, &base, rules, context, &mut reader) {
            Some(entry) if seen.insert(entry.id.clone()) => entries.push(entry),
            Some(_) => {}
            None => without_link += 1,
        }
    }
    match (entries.is_empty(), without_link) {
        (true, 0) => return Err(Error::NotAFeed(format!("the item selector `{}` finds nothing", source(&rules.item)))),
        (true, items) => {
            let link = rules.link.as_ref().map_or_else(|| "a[href]".to_owned(), source);
            return Err(Error::NotAFeed(format!("the link selector `{link}` finds no link in {items} items")));
        }
        (false, 0) => {}
        (false, items) => warnings.push(Warning(format!("left out {items} items without a link"))),
    }
    reader.say(warnings);
    let next = first(&html, "link[rel=next][href], a[rel=next][href]");
    let self_link = first(&html, "link[rel~=self][href]");
    Ok(Document {
        title: first(&html, "title").map(text_of).filter(|title| !title.is_empty()),
        language: first(&html, "html[lang]").and_then(|element| language(element.attr("lang")?)),
        home: Some(context.url.clone()),
        next: next.and_then(|element| href(element, &base)),
        hubs: all(&html, "link[rel~=hub][href]").filter_map(|element| href(element, &base)).collect(),
        self_link: self_link.and_then(|element| href(element, &base)),
        entries,
        ..Document::default()
    })
}

fn entry(item: ElementRef<'_>, base: &Url, rules: &ListingRules, context: &Context<'_>, reader: &mut Reader<'_>) -> Option<Entry> {
    let link = match &rules.link {
        Some(selector) => inside(item, selector),
        None => Some(item).filter(|item| item.attr("href").is_some()).or_else(|| find(item, "a[href]")),
    }?;
    let page = href(link, base)?;
    let title = rules.title.as_ref().and_then(|selector| inside(item, selector)).unwrap_or(link);
    let title = Some(text_of(title)).filter(|title| !title.is_empty()).or_else(|| link.attr("title").map(one_line));
    let time = match &rules.time {
        Some(selector) => inside(item, selector),
        None => find(item, "time[datetime]"),
    };
    let summary = rules.summary.as_ref().and_then(|selector| inside(item, selector));
    Some(Entry {
        id: stable_id("", Some(&page), context.url, ""),
        title: title.map(|title| title.chars().take(MAX_TITLE).collect()),
        published: time.and_then(|element| {
            let written = element.attr("datetime").and_then(|text| reader.time(text));
            written.or_else(|| reader.time_within(&text_of(element)))
        }),
        summary: summary.map(|element| reader.clean(&element.inner_html(), base)).filter(|html| !html.is_empty()),
        link: Some(page),
        ..Entry::default()
    })
}

/// The item itself, or else the first element inside it.
fn inside<'a>(item: ElementRef<'a>, selector: &Selector) -> Option<ElementRef<'a>> {
    if selector.matches(&item) { Some(item) } else { item.select(selector).next() }
}

fn find<'a>(item: ElementRef<'a>, selector: &str) -> Option<ElementRef<'a>> {
    item.select(&Selector::parse(selector).ok()?).next()
}

fn all<'a>(html: &'a Html, selector: &str) -> impl Iterator<Item = ElementRef<'a>> {
    Selector::parse(selector).ok().into_iter().flat_map(|selector| html.select(&selector).collect::<Vec<_>>())
}

fn first<'a>(html: &'a Html, selector: &str) -> Option<ElementRef<'a>> {
    html.select(&Selector::parse(selector).ok()?).next()
}

fn href(element: ElementRef<'_>, base: &Url) -> Option<Url> {
    let target = element.attr("href")?.trim();
    let link = web_url(base.join(target).ok()?.as_str())?;
    // `#` and the like lead back to the list.
    if target.starts_with('#') || target.is_empty() { None } else { Some(link) }
}

fn text_of(element: ElementRef<'_>) -> String {
    one_line(&element.text().collect::<String>())
}

fn source(selector: &Selector) -> String {
    use scraper::selector::ToCss;
    selector.to_css_string()
}
