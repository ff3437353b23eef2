//! Corrections: which changes matter, what is shown of them, and by what an article is recognised.

use proptest::prelude::*;
use topicwire::model::{Article, FeedId, Instant, Version};
use topicwire::story::{Piece, agree, diff, identity, is_correction, resembles};

const TITLE: &str = "В Алматы откроют двенадцать новых школ";
const TEXT: &str = "В Алматы до конца года откроют двенадцать новых школ, сообщил руководитель управления образования.\n\
    Учителей начали набирать весной, конкурс составил 4 человека на место.";

fn article(title: &str, text: &str) -> Article {
    Article { title: title.into(), text: text.into(), ..Article::default() }
}

#[track_caller]
fn check(title: &str, text: &str, expected: bool) {
    let (before, after) = (article(TITLE, TEXT), article(title, text));
    assert_eq!((is_correction(&before, &after), is_correction(&after, &before)), (expected, expected), "{title:?} {text:?}");
}

#[test]
fn other_words_matter() {
    check("В Алматы откроют десять новых школ", TEXT, true);
    check(TITLE, &TEXT.replace("4 человека", "5 человек"), true);
    check(TITLE, &TEXT.replace(", сообщил руководитель управления образования", ""), true);
    check(TITLE, &format!("{TEXT}\nРанее сообщалось о десяти школах."), true);
    check(TITLE, &format!("{TEXT}\nПогибли 12 детей."), true);
    check(TITLE, "", true);
}

#[test]
fn white_space_counters_and_pointers_do_not() {
    check(TITLE, TEXT, false);
    check(&TITLE.to_uppercase(), &TEXT.replace(' ', "\u{a0} "), false);
    check(TITLE, &TEXT.replace('\n', " "), false);
    check("В Алматы откроют двенадцать новых школ!", &TEXT.replace("начали", "начали,"), false);
    for noise in [
        "Просмотров: 1 042",
        "1042",
        "5 комментариев",
        "2 часа назад",
        "Оқылды: 77",
        "Views: 1,042",
        "3 min read",
        "Читайте также: Дефицит мест обещают закрыть",
        "Читайте также\nДефицит мест обещают закрыть к зиме\nШколы достроят в срок",
        "Read also: schools will open",
        "Оқи отырыңыз: Мектептер ашылады",
    ] {
        check(TITLE, &format!("{TEXT}\n{noise}"), false);
        check(TITLE, &TEXT.replace('\n', &format!("\n{noise}\n")), false);
    }
}

#[track_caller]
fn check_diff(before: &str, after: &str, expected: &[Piece]) {
    let version = |text: &str| Version { since: Instant::UNIX_EPOCH, title: String::new(), text: text.into() };
    assert_eq!(diff(&version(before), &version(after)).text, expected);
}

#[test]
fn a_diff_names_the_words() {
    let [same, removed, added] =
        [|text: &str| Piece::Same(text.into()), |text: &str| Piece::Removed(text.into()), |text: &str| Piece::Added(text.into())];
    check_diff("", "", &[]);
    check_diff("one two three", "one two three", &[same("one two three")]);
    check_diff("one two three", "one 2 three", &[same("one "), removed("two "), added("2 "), same("three")]);
    check_diff("one two", "one two three", &[same("one two "), added("three")]);
    check_diff("one\ntwo three", "two three", &[removed("one\n"), same("two three")]);
    check_diff("a b c d e", "x b c y e", &[removed("a "), added("x "), same("b c "), removed("d "), added("y "), same("e")]);
}

#[test]
fn an_article_is_recognised_by_enough_words_in_its_feed() {
    let [one, other] = ["one", "other"].map(|id| FeedId::new(id).unwrap());
    let known = identity(&one, TITLE, TEXT);
    assert!(known.is_some());
    assert_eq!(known, identity(&one, &TITLE.to_lowercase(), &format!("{TEXT}\nПросмотров: 5")));
    assert_ne!(known, identity(&other, TITLE, TEXT));
    assert_ne!(known, identity(&one, TITLE, &TEXT.replace('4', "5")));
    assert_eq!(identity(&one, "Фото дня", "Смотрите на нашем сайте"), None);
}

#[test]
fn another_article_at_the_same_address_is_no_correction() {
    let before = article(TITLE, TEXT);
    assert!(resembles(&before, &article(TITLE, "Текст снят по требованию.")));
    assert!(resembles(&before, &article("Совсем другой заголовок", &TEXT.replace("двенадцать", "десять"))));
    assert!(!resembles(&before, &article("Главные новости", "Погода, курсы валют и афиша.")));
    assert!(agree("", TITLE) && agree(TITLE, "Двенадцать школ откроют в Алматы") && !agree(TITLE, "Курс доллара на сегодня"));
}

#[test]
fn hostile_texts_are_compared_in_time() {
    let words = |odd: usize| (0..200_000_usize).map(|number| (number * odd % 999_983).to_string()).collect::<Vec<_>>().join(" ");
    let (one, other) = (words(7), words(11));
    assert!(is_correction(&article("", &one), &article("", &other)));
    let version = |text: String| Version { since: Instant::UNIX_EPOCH, title: String::new(), text };
    assert!(!diff(&version(one), &version(other)).text.is_empty());
    let lines = "1\n".repeat(300_000);
    assert!(!is_correction(&article("", &lines), &article("", "")));
}

fn words() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(vec!["a ", "b ", "c\n", "школа ", "12 "]), 0..40).prop_map(|words| words.concat())
}

proptest! {
    #[test]
    fn the_pieces_of_a_diff_are_both_texts(before in words(), after in words()) {
        let version = |text: &str| Version { since: Instant::UNIX_EPOCH, title: String::new(), text: text.into() };
        let pieces = diff(&version(&before), &version(&after)).text;
        let told = |of_before: bool| pieces.iter().filter_map(|piece| match piece {
            Piece::Same(text) => Some(text.as_str()),
            Piece::Removed(text) => of_before.then_some(text),
            Piece::Added(text) => (!of_before).then_some(text),
        }).collect::<String>();
        prop_assert_eq!(told(false), after);
        let plain = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        prop_assert_eq!(plain(&told(true)), plain(&before));
    }
}
