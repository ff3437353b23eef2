//! The HTML of entries: most of it is cleaned without a parser, and what comes out is what a parser would have made of it.

use ammonia::UrlRelative;
use proptest::prelude::*;
use topicwire::feed::{self, Context};
use url::Url;

/// The HTML of an entry as it is after reading.
fn cleaned(html: &str) -> String {
    let url = Url::parse("https://agency.kz/news/feed.json").unwrap();
    let feed = serde_json::json!({"items": [{"id": "1", "content_html": html}]}).to_string();
    let context = Context { url: &url, content_type: None, timezone: None, now: None };
    let (document, _) = feed::parse(feed.as_bytes(), &context).unwrap();
    document.entries.into_iter().next().unwrap().content.unwrap_or_default()
}

fn by_parser(html: &str) -> String {
    let base = Url::parse("https://agency.kz/news/feed.json").unwrap();
    let mut builder = ammonia::Builder::default();
    builder.url_relative(UrlRelative::RewriteWithBase(base)).link_rel(None);
    builder.clean(html.trim()).to_string().trim().to_owned()
}

#[track_caller]
fn check(html: &str) {
    // A text without a tag is not read as HTML.
    assert_eq!(cleaned(html), by_parser(html), "{html:?}");
}

#[test]
fn what_agencies_write_is_cleaned_as_by_a_parser() {
    for html in [
        "<p>Бір &amp; екі</p>\n<p class=\"lead\" style='x'>Үш &nbsp;&laquo;төрт&raquo; &#8212; > \"бес\"</p>",
        "<a href=\"https://a.kz/1?a=1&b=2&amp;c=3\" target=_blank>x</a><a href='/2'>y</a><a href=\"javascript:alert(1)\">z</a>",
        "<a href=\"mailto:a@a.kz\">m</a><a href=\"http://1.2.3.4.5/\">bad</a><a href=\"//b.kz/x\">s</a><a href=\"http://[::1\">b</a>",
        "<IMG SRC='a.jpg' ALT=\"a &quot;b&quot; <c>\" Width=640 onerror=alert(1) /><br/><hr>text",
        "<p>one<p>two<div>three</div><ul><li>a<li>b<ul><li>c</ul></ul><h2>h</h2><dl><dt>a<dd>b<dt>c</dl>",
        "<script>alert('</p>')</script><style>p{}</style><iframe src=\"https://x.kz/\"></iframe><p>t</p>",
        "<script><!-- <script> --></script>x<iframe><p>kept as text</p></iframe>",
        "<font color=red><b><i>x</i></b></font><section><address>y</address></section><video controls><source src=a>z</video>",
        "<!-- a --><p>b<!-->c--><!--d--!>e</p>",
        "<b><p>x</b>y</p><p><b>x<p>y</b>",
        "<a>1<a>2</a></a><h1>a<h2>b</h2></h1><p><table><tr><td>x</table></p>",
        "<table><tbody><tr><td>1</td></tr></tbody></table><pre>\nx</pre><textarea><p></textarea>",
        "<svg><style><img src=x onerror=alert(1)></style></svg><math><mi><p>x</p></mi></math>",
        "<b><b><b><b>x</b></b></b></b><p/>a<br></br></p>",
        "<a title='&copy=1&copy;&notit;&amp&lt;x'>q</a>&lang;&#150;&#1;&#x110000;&notit; &copy 1 &unknown;",
        "<p title=a\"b lang=ru title=c>x</p><p\ttitle = 'x'\n>y</p><p title='x'lang=y>z</p>",
        "<img src=\"\u{a0}x\"><img src=' https://a.kz/ '><q cite='a'>b</q><blockquote cite=\"javascript:1\">c</blockquote>",
        "a < b <3 </p> <p></ p></div><o:p>x</o:p><p>\r\n\u{c}x\u{1}</p>",
    ] {
        check(html);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn any_html_is_cleaned_as_by_a_parser(
        pieces in prop::collection::vec(
            "</?(p|div|a|b|i|ul|ol|li|dl|dt|dd|h1|h2|span|font|br|hr|img|pre|blockquote|section|script|style|iframe|table|td|svg|o:p)/?>|\
             <(a|img|p|hr|ol|q) (href|src|alt|title|cite|width|start|onclick|TITLE)=(\"[a-z:/.&;=? <>']{0,12}\"|'[a-z:/.&;= \"]{0,12}'|[a-z0-9/:]{0,5})( title)?/?>|\
             <a href=\"(https?://|//|mailto:|javascript:|HTTP://)[a-z0-9.:@%/?#-]{0,12}\">|\
             &[a-zA-Z]{2,6};?|&#x?[0-9]{1,5};?|<!--[a>!-]{0,5}-->|[ \n\tа-яa-z&<>\"']{1,6}|\\PC{1,3}",
            0..25,
        )
    ) {
        let html = format!("<i></i>{}", pieces.concat());
        prop_assert_eq!(cleaned(&html), by_parser(&html));
    }
}
