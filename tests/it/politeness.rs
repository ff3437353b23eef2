//! The mistakes that other feed readers make with validators, each as whole polls of an origin that remembers what it was asked.
//! The same for one request, and the rest of good manners, is in `fetch`.

use tempfile::TempDir;

use crate::origin::{Origin, Reply};
use crate::pipeline::{Desk, one_feed, rss};

const MONDAY: &str = "Mon, 03 Nov 2025 08:49:37 GMT";

/// What the polls of a feed ask (`If-None-Match`, `If-Modified-Since`) while it gives these answers.
async fn asked(replies: Vec<Reply>) -> Vec<(Option<String>, Option<String>)> {
    let folder = TempDir::new().unwrap();
    let origin = Origin::start().await;
    let polls = replies.len();
    for reply in replies {
        origin.on("/rss", reply);
    }
    for _ in 0..polls {
        // A new desk each time: what counts is what was stored.
        Desk::new(&one_feed(&origin.url("/rss")), folder.path(), &origin).poll(0).await;
    }
    let sent = |name| move |seen: &crate::origin::Seen| seen.header(name).map(str::to_owned);
    let seen = origin.asked("/rss");
    seen.iter().map(|seen| (sent("if-none-match")(seen), sent("if-modified-since")(seen))).collect()
}

fn validators(etag: &str, last_modified: &str) -> (Option<String>, Option<String>) {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    (some(etag), some(last_modified))
}

fn feed() -> Reply {
    Reply::ok(rss(&[]))
}

#[tokio::test]
async fn the_first_question_of_a_feed_is_the_only_unconditional_one() {
    let answers = vec![feed().header("etag", "\"1\""), Reply::status(304), Reply::status(304), Reply::status(304)];
    let asked = asked(answers).await;
    assert_eq!(asked[0], validators("", ""));
    assert!(asked[1..].iter().all(|asked| *asked == validators("\"1\"", "")), "{asked:?}");
}

#[tokio::test]
async fn a_the_same_bytes_bring_their_new_validators() {
    let answers = vec![feed().header("etag", "\"1\""), feed().header("etag", "\"2\""), Reply::status(304)];
    assert_eq!(asked(answers).await[2], validators("\"2\"", ""));
}

#[tokio::test]
async fn b_the_same_date_does_not_hide_a_new_etag() {
    let reply = |etag| feed().header("etag", etag).header("last-modified", MONDAY);
    assert_eq!(asked(vec![reply("\"1\""), reply("\"2\""), Reply::status(304)]).await[2], validators("\"2\"", MONDAY));
}

#[tokio::test]
async fn c_validators_of_a_304_are_taken() {
    let first = feed().header("etag", "\"1\"").header("last-modified", MONDAY);
    let tuesday = "Tue, 04 Nov 2025 08:49:37 GMT";
    let second = Reply::status(304).header("etag", "\"2\"").header("last-modified", tuesday);
    assert_eq!(asked(vec![first, second, Reply::status(304)]).await[2], validators("\"2\"", tuesday));
}

#[tokio::test]
async fn d_dates_are_neither_printed_again_nor_made_up() {
    for date in ["Monday, 3-Nov-25 8:49:37 GMT", "2025-11-03T08:49:37Z", "0"] {
        let first = feed().header("last-modified", date).header("date", MONDAY);
        assert_eq!(asked(vec![first, Reply::status(304)]).await[1], validators("", date));
    }
    assert_eq!(asked(vec![feed().header("date", MONDAY), feed()]).await[1], validators("", ""), "our clock is no validator");
}

#[tokio::test]
async fn e_a_304_without_validators_clears_none() {
    let first = feed().header("etag", "W/\"1\"").header("last-modified", MONDAY);
    assert_eq!(asked(vec![first, Reply::status(304), Reply::status(304)]).await[2], validators("W/\"1\"", MONDAY));
}

#[tokio::test]
async fn f_a_document_that_cannot_be_read_leaves_the_validators_of_the_last_that_could() {
    let first = || feed().header("etag", "\"1\"");
    for broken in ["<html>maintenance</html>", "", "{\"error\": 1}"] {
        let second = Reply::ok(broken).header("etag", "\"2\"");
        assert_eq!(asked(vec![first(), second, Reply::status(304)]).await[2], validators("\"1\"", ""), "{broken}");
    }
    let failures = [Reply::status(500), Reply::status(404), Reply::status(403)].map(|reply| reply.header("etag", "\"2\""));
    for failure in failures {
        assert_eq!(asked(vec![first(), failure, Reply::status(304)]).await[2], validators("\"1\"", ""));
    }
}

#[tokio::test]
async fn validators_that_a_new_document_no_longer_has_are_forgotten() {
    let first = feed().header("etag", "\"1\"").header("last-modified", MONDAY);
    assert_eq!(asked(vec![first, feed().header("etag", "\"2\""), Reply::status(304)]).await[2], validators("\"2\"", ""));
}
