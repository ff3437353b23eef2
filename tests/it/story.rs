//! Stories: what is the same text and what is not, the window, and that the order does not matter.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::process::{Command, Stdio};

use chrono::TimeDelta;
use proptest::prelude::*;
use topicwire::model::{CanonicalUrl, FeedId, Instant, UrlHash};
use topicwire::story::{Window, alike, fingerprint, group, identity};
use unicode_normalization::UnicodeNormalization;
use url::Url;

const TITLE: &str = "В Алматы откроют двенадцать новых школ";
const WIRE: &str = "В Алматы до конца года откроют двенадцать новых школ, сообщил на брифинге руководитель управления образования.\n\
    По его словам, строительство ведётся во всех районах города, а самые большие здания появятся в Алатауском и Наурызбайском.\n\
    В каждой школе предусмотрены спортивный зал, столовая, медицинский кабинет и мастерские для уроков труда.\n\
    Учителей начали набирать весной, конкурс составил четыре человека на место, молодым специалистам обещают жильё.\n\
    Родители ранее жаловались, что дети учатся в три смены, а в некоторых классах сидит больше сорока учеников.\n\
    Управление рассчитывает, что после открытия новых зданий трёхсменное обучение в городе исчезнет полностью.";
const OTHER_REPORT: &str = "Дефицит ученических мест в крупнейшем городе страны обещают закрыть к зиме.\n\
    Чиновники отчитались перед депутатами маслихата: стройки идут по графику, подрядчики получили авансы, мебель закуплена.\n\
    Депутаты, однако, напомнили о прошлогодних обещаниях и потребовали показать акты приёмки каждого здания.\n\
    Больше всего вопросов вызвал Алатауский район, где первоклассников по-прежнему возят автобусами через весь город.\n\
    Следующее заседание комиссии назначено на ноябрь, тогда же обсудят зарплаты педагогов и охрану зданий.";

#[track_caller]
fn check(one: (&str, &str), other: (&str, &str), expected: bool) {
    let (one, other) = (fingerprint(one.0, one.1), fingerprint(other.0, other.1));
    assert!(!one.is_empty() && !other.is_empty());
    assert_eq!((alike(&one, &other), alike(&other, &one)), (expected, expected));
    assert_eq!(group(&[one, other]), if expected { [0, 0] } else { [0, 1] });
}

fn lines(text: &str, range: std::ops::Range<usize>) -> String {
    text.lines().skip(range.start).take(range.len()).collect::<Vec<_>>().join("\n")
}

#[test]
fn wire_copy_is_the_same_text() {
    check((TITLE, WIRE), (TITLE, WIRE), true);
    check((TITLE, WIRE), ("Трёхсменное обучение исчезнет", WIRE), true);
    check((TITLE, WIRE), (TITLE, &lines(WIRE, 0..3)), true);
    check((TITLE, WIRE), (TITLE, &WIRE.to_uppercase()), true);
    let lead = format!("Хорошая новость для родителей: мест в школах станет больше.\n{}", lines(WIRE, 1..6));
    check((TITLE, WIRE), (TITLE, &lead), true);
    let edited = WIRE.replace("сообщил", "рассказал").replace("двенадцать", "12").replace("весной", "в марте");
    check((TITLE, WIRE), (TITLE, &edited), true);
    check(
        ("", "Орталық сайлау комиссиясының мәліметі бойынша үміткерді қолдап он бес өңірде жүз жиырма екі мың адам қол жинаған."),
        ("", "Орталық сайлау комиссиясының мәліметі бойынша үміткерді қолдап 15 өңірде 122 мың адам қол жинаған."),
        true,
    );
}

#[test]
fn the_form_of_the_letters_does_not_matter() {
    let feed = FeedId::new("a").unwrap();
    let mixed = format!("{WIRE}\nҚазақстан Үкіметі ½ Ёлка—ель… №5 «ЀЁЇЎ»");
    let decomposed: String = mixed.nfd().collect();
    assert_ne!(decomposed, mixed);
    for other in [decomposed, mixed.to_uppercase(), mixed.replace('ё', "е"), mixed.replace("…", "...").replace('№', "No")] {
        assert_eq!(fingerprint(TITLE, &other), fingerprint(TITLE, &mixed), "{other}");
        assert_eq!(identity(&feed, TITLE, &other), identity(&feed, TITLE, &mixed), "{other}");
    }
}

#[test]
fn another_report_on_the_same_event_is_not() {
    check((TITLE, WIRE), (TITLE, OTHER_REPORT), false);
    let quoting = format!("{OTHER_REPORT}\n{}", lines(WIRE, 3..4));
    check((TITLE, WIRE), (TITLE, &quoting), false);
}

#[test]
fn the_next_of_a_series_is_not() {
    let rates = |figures: [&str; 5]| {
        format!(
            "Национальный банк установил официальные курсы валют на завтра, передаёт корреспондент агентства.\n\
             Доллар США стоит {} тенге, евро {} тенге, российский рубль {} тенге, китайский юань {} тенге, киргизский сом {} тенге.\n\
             Средневзвешенный курс сложился по итогам утренней торговой сессии на фондовой бирже.",
            figures[0], figures[1], figures[2], figures[3], figures[4]
        )
    };
    let (monday, tuesday) = (rates(["520,31", "601,02", "6,44", "71,9", "5,95"]), rates(["523,77", "604,58", "6,51", "72,3", "5,99"]));
    check(("Курсы валют", &monday), ("Курсы валют", &tuesday), false);
    check(("Курсы валют", &monday), ("Официальные курсы", &monday), true);
}

#[test]
fn a_notice_in_place_of_the_article_joins_nothing() {
    let notice = "Мы используем файлы cookie, чтобы улучшить работу сайта и показывать подходящую рекламу. Продолжая просмотр, пользователь \
        соглашается с обработкой персональных данных согласно политике конфиденциальности. Настройки можно изменить в браузере.";
    check((TITLE, notice), ("Сборная выиграла турнир по дзюдо", notice), false);
    check(("Настройки файлов cookie и реклама", notice), ("Политика конфиденциальности сайта", notice), true);
}

#[test]
fn a_short_text_has_no_fingerprint_and_is_like_nothing() {
    for text in ["", "Фото", "Смотрите видео на нашем сайте", "   \n\t ", "12 13 14 15 16 17 18 19 20", "а б в г д е ё ж з и к л м"]
    {
        assert_eq!(fingerprint(TITLE, text), [0; 0], "{text:?}");
    }
    assert!(!alike(&[], &[]));
    assert_eq!(group(&[vec![], vec![], vec![1, 2, 3]]), [0, 1, 2]);
}

#[test]
fn a_fingerprint_takes_128_bytes_and_never_changes() {
    let fingerprint = fingerprint(TITLE, WIRE);
    assert_eq!(fingerprint.len(), 32);
    // Stored fingerprints are compared with new ones: another value here means that stored ones are void.
    let sum = fingerprint.iter().fold(0_u32, |sum, word| sum.rotate_left(5) ^ word);
    assert_eq!(sum, 2_809_720_363);
}

#[test]
fn hostile_texts_cost_little_and_do_no_harm() {
    let long = "слово текста новости ".repeat(100_000);
    let odd = "\u{0}\u{202e}\u{fdfa}\u{1f468}\u{200d}\u{1f469}\u{301}\u{130}".repeat(5_000);
    let distinct: String = (0..60_000_u32)
        .filter_map(|number| char::from_u32(0x4e00 + number % 20_000))
        .flat_map(|letter| [letter, letter, letter, letter, ' '])
        .collect();
    for text in [&long, &odd, &distinct, &"a".repeat(1_000_000), &"1,".repeat(300_000)] {
        let fingerprint = fingerprint(text, text);
        assert!(fingerprint.is_empty() || alike(&fingerprint, &fingerprint));
    }
}

fn key(number: usize) -> UrlHash {
    UrlHash::of(&CanonicalUrl::of(&Url::parse(&format!("https://agency.kz/{number}")).unwrap()).unwrap())
}

fn hours(hours: i64) -> Instant {
    Instant::from_timestamp(1_700_000_000, 0).unwrap() + TimeDelta::hours(hours)
}

#[test]
fn the_window_finds_copies_within_72_hours_on_either_side() {
    let (mut window, print) = (Window::default(), fingerprint(TITLE, WIRE));
    window.insert(key(1), hours(0), &print);
    window.insert(key(2), hours(1), &fingerprint(TITLE, OTHER_REPORT));
    for (time, expected) in [(0, true), (72, true), (73, false), (-72, true), (-73, false)] {
        assert_eq!(window.find(&print, hours(time)), expected.then(|| key(1)), "{time}");
    }
    window.insert(key(3), hours(-5), &print);
    assert_eq!(window.stories(&print, hours(1)), [key(3), key(1)]);
    window.join(key(1), key(3));
    assert_eq!(window.stories(&print, hours(1)), [key(3)]);
    assert_eq!(window.find(&[], hours(0)), None);
    assert_eq!(window.find(&[7; 31], hours(0)), None);
    assert_eq!(window.find(&[7; 33], hours(0)), None);
    window.expire(hours(30));
    assert_eq!(window.find(&print, hours(1)), None);
    assert_eq!(window.bytes(), 0);
}

/// A made-up word for each number.
fn word(number: usize) -> String {
    (0..8).map(|digit| char::from(b'a' + u8::try_from(number >> (4 * digit) & 15).unwrap())).collect()
}

#[test]
fn many_fingerprints_are_found_again_and_take_little_memory() {
    let text = |number: usize| (0..40).map(|place| word(number * 1_000 + place)).collect::<Vec<_>>().join(" ");
    let prints: Vec<_> = (0..6_000).map(|number| fingerprint("", &text(number))).collect();
    let mut window = Window::default();
    for (number, print) in prints.iter().enumerate() {
        window.insert(key(number), hours(0), print);
    }
    for (number, print) in prints.iter().enumerate() {
        assert!(window.stories(print, hours(1)).contains(&key(number)), "{number}");
    }
    // A million take less than 200 each (benches/story.rs); the tables are there from the beginning.
    assert!(window.bytes() / prints.len() < 256, "{}", window.bytes() / prints.len());
}

/// Cuts of a few long texts: many overlap, some only by way of a third.
fn cuts() -> impl Strategy<Value = Vec<Vec<u32>>> {
    let cut = (0..2_usize, 0..60_usize, 12..40_usize).prop_map(|(text, start, length)| {
        let words: Vec<String> = (start..start + length).map(|place| word(text * 1_000 + place)).collect();
        fingerprint("", &words.join(" "))
    });
    prop::collection::vec(cut, 1..24)
}

/// The sets of articles that share a story, each by its first.
fn sets(stories: &[UrlHash]) -> Vec<usize> {
    stories.iter().map(|story| stories.iter().position(|other| other == story).unwrap()).collect()
}

/// What a poll does with the articles in this order; the story of each in the end, in their own order.
fn arrive(prints: &[Vec<u32>], order: &[usize]) -> Vec<UrlHash> {
    let mut window = Window::default();
    let mut stories: BTreeMap<usize, UrlHash> = BTreeMap::new();
    for number in order {
        let found = window.stories(&prints[*number], hours(0));
        let story = found.first().copied().unwrap_or(key(*number));
        for other in found.into_iter().skip(1) {
            window.join(other, story);
            stories.values_mut().filter(|known| **known == other).for_each(|known| *known = story);
        }
        window.insert(story, hours(0), &prints[*number]);
        stories.insert(*number, story);
    }
    stories.into_values().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn the_order_does_not_change_which_articles_share_a_story(
        (prints, order) in cuts().prop_flat_map(|prints| {
            let order = Just((0..prints.len()).collect::<Vec<_>>()).prop_shuffle();
            (Just(prints), order)
        })
    ) {
        let together = group(&prints);
        let in_order: Vec<usize> = (0..prints.len()).collect();
        prop_assert_eq!(sets(&arrive(&prints, &in_order)), together.clone());
        prop_assert_eq!(sets(&arrive(&prints, &order)), together.clone());
        let shuffled = group(&order.iter().map(|place| prints[*place].clone()).collect::<Vec<_>>());
        let mut told: Vec<_> = order.iter().zip(shuffled).map(|(place, first)| (*place, key(first))).collect();
        told.sort_unstable();
        prop_assert_eq!(sets(&told.into_iter().map(|(_, story)| story).collect::<Vec<_>>()), together);
    }
}

fn batch(input: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_topicwire"));
    let mut child = command.args(["story", "--batch", "--jobs", "2"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_batch_answers_each_line_in_order_with_the_story() {
    let line = |id: &str, title: &str, body: &str| format!("{}\n", serde_json::json!({"id": id, "title": title, "body": body}));
    let input = [
        line("cut", TITLE, &lines(WIRE, 0..3)),
        "not JSON\n".to_owned(),
        line("other", TITLE, OTHER_REPORT),
        line("whole", "Другой заголовок", WIRE),
        "{\"id\":5,\"title\":null,\"body\":\"коротко\"}\n".to_owned(),
        "{\"id\":6,\"body\":[]}\n".to_owned(),
    ];
    let output = batch(&input.concat());
    let answers: Vec<serde_json::Value> = output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let stories: Vec<_> = answers.iter().map(|answer| (answer["id"].to_string(), answer["story"].to_string())).collect();
    let expected =
        [("\"cut\"", "\"cut\""), ("null", "null"), ("\"other\"", "\"other\""), ("\"whole\"", "\"cut\""), ("5", "5"), ("6", "null")];
    assert_eq!(stories, expected.map(|(id, story)| (id.to_owned(), story.to_owned())));
    let bad: BTreeSet<usize> = (0..6).filter(|number| answers[*number].get("error").is_some()).collect();
    assert_eq!(bad, [1, 5].into());
    assert_eq!(batch(""), "");
}
