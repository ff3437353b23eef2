//! Dates as agencies write them.

use chrono::{TimeZone, Utc};
use chrono_tz::Tz;
use proptest::prelude::*;
use topicwire::model::Instant;
use topicwire::text::date;

/// Wednesday.
fn now() -> Instant {
    Utc.with_ymd_and_hms(2025, 11, 26, 12, 0, 0).unwrap()
}

fn read(text: &str, timezone: Option<Tz>) -> Option<String> {
    date::parse(text, timezone, Some(now())).map(|time| time.to_rfc3339())
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(read(text, None).as_deref(), Some(expected), "{text:?}");
}

#[track_caller]
fn check_almaty(text: &str, expected: &str) {
    assert_eq!(read(text, Some(Tz::Asia__Almaty)).as_deref(), Some(expected), "{text:?}");
}

#[track_caller]
fn refuse(text: &str) {
    assert_eq!(read(text, None), None, "{text:?}");
}

const MOMENT: &str = "2025-11-26T15:22:00+00:00";
const EAST: &str = "2025-11-26T15:22:00+05:00";
const DAY: &str = "2025-11-26T00:00:00+00:00";

#[test]
fn iso_8601_and_what_comes_near_it() {
    for text in
        ["2025-11-26T15:22:00Z", "2025-11-26 15:22", "2025-11-26T15:22Z", "20251126T152200Z", "20251126T1522", "2025/11/26 15:22:00"]
    {
        check(text, MOMENT);
    }
    for text in ["2025-11-26T15:22:00+05:00", "2025-11-26T15:22+05", "2025-11-26 15:22:00 +0500", "2025-11-26T15:22:00\u{2212}05:00"] {
        let expected = if text.contains('\u{2212}') { "2025-11-26T15:22:00-05:00" } else { EAST };
        check(text, expected);
    }
    check("2025-11-26T15:22:00.123456Z", "2025-11-26T15:22:00.123456+00:00");
    check("20251126152200", MOMENT);
    check("2025-11-26", DAY);
    check("20251126", DAY);
    check("2025-11", "2025-11-01T00:00:00+00:00");
    check("2025-11-25T24:00:00Z", DAY);
    check("2016-12-31T23:59:60Z", "2016-12-31T23:59:59+00:00");
    check("1764170520", MOMENT);
    check("1764170520000", MOMENT);
    refuse("9999202602");
}

#[test]
fn rfc_822_and_what_programs_make_of_it() {
    for text in [
        "Wed, 26 Nov 2025 15:22:00 GMT",
        "Wed, 26 Nov 25 15:22 UT",
        "Mon, 26 November 2025 15:22:00 +0000",
        "Ср, 26 ноя 2025 15:22:00 +0000",
        "Срд., 26 Ноя 2025 15:22:00 Z",
        "Сәрсенбі, 26 қараша 2025 15:22:00 GMT",
        "Середа, 26 листопада 2025 15:22:00 +0000",
        "mar, 26 nov 2025 15:22:00 +0000",
        "Szerda, 26 Nov 2025 15:22:00 GMT",
        "Xyzzy, 26 Nov 2025 15:22:00 GMT",
        "Wed Nov 26 15:22:00 2025",
        "Wed Nov 26 15:22:00 UTC 2025",
        "26-Nov-25 15:22",
        "Wed, 26 Nov 2025 10:22:00 EST",
        "Wed, 26 Nov 2025 18:22:00 MSK",
        "Wed, 26 Nov 2025 20:22:00 ALMT",
        "Wed, 26 Nov 2025 17:22:00 (EET)",
    ] {
        assert_eq!(date::parse(text, None, None).map(|time| time.to_utc().to_rfc3339()).as_deref(), Some(MOMENT), "{text:?}");
    }
    for text in [
        "Wed, 26 Nov 2025 15:22:00 GMT+5",
        "Wed, 26 Nov 2025 15:22:00 GMT +5",
        "26 Nov 2025 15:22 UTC+05:00",
        "2025-11-26T15:22:00+05:00[Asia/Almaty]",
        "Wed Nov 26 2025 15:22:00 GMT+0500 (East Kazakhstan Time)",
    ] {
        check(text, EAST);
    }
    check("Tue, 26 Nov 2002 15:22:00 ALMT", "2002-11-26T15:22:00+06:00");
    check("Sun, 31 Nov 2025 10:00:00 GMT", "2025-11-30T10:00:00+00:00");
    check("Wed, 26 Nov 2025 15:22:00 QQQ", MOMENT);
}

#[test]
fn numbers_are_day_first_unless_that_is_impossible() {
    for text in [
        "26.11.2025 15:22",
        "26.11.2025, 15:22",
        "26/11/2025 15:22",
        "11/26/2025 3:22 PM",
        "15:22 26.11.25",
        "26.11.2025 - 15:22",
        "26.11.2025 | 15.22",
    ] {
        check(text, MOMENT);
    }
    check("03.04.2025", "2025-04-03T00:00:00+00:00");
    check("3/4/2025", "2025-04-03T00:00:00+00:00");
    check_almaty("26.11.2025 15:22", EAST);
}

#[test]
fn months_in_the_languages_of_the_agencies() {
    for text in [
        "26 ноября 2025",
        "26 Ноябрь 2025 г.",
        "26 листопада 2025 року",
        "26 лістапада 2025",
        "2025 жылғы 26 қараша",
        "26 қараша 2025 ж.",
        "26 қарашада 2025",
        "26 qarasha 2025",
        "26 qaraşa 2025",
        "2025-жылдын 26-ноябры",
        "26-noyabr 2025-yil",
        "2025 йил 26 ноябрь",
        "26 November 2025",
        "Nov 26, 2025",
        "November 26th, 2025",
        "26th of November 2025",
        "26. November 2025",
        "26 novembre 2025",
        "26 de noviembre de 2025",
        "mercoledì 26 novembre 2025",
        "26 Kasım 2025 Çarşamba",
        "26 KASIM 2025",
        "26 listopada 2025",
        "26 de novembro de 2025",
        "26 noiembrie 2025",
        "Τετάρτη, 26 Νοεμβρίου 2025",
        "2025. november 26.",
        "2025年11月26日",
        "2025년 11월 26일",
    ] {
        check(text, DAY);
    }
    check("1 мая 2025", "2025-05-01T00:00:00+00:00");
    check("8 Mar 2025", "2025-03-08T00:00:00+00:00");
    check("15 ago 2025", "2025-08-15T00:00:00+00:00");
    check("5 наурыз 2025", "2025-03-05T00:00:00+00:00");
    check("2 лютого 2025", "2025-02-02T00:00:00+00:00");
    check("2 маусым 2025", "2025-06-02T00:00:00+00:00");
    check("14 août 2025", "2025-08-14T00:00:00+00:00");
    for text in ["5 naýryz 2025", "5 nauryz 2025"] {
        check(text, "2025-03-05T00:00:00+00:00");
    }
    for text in ["5 sáýir 2025", "5 säuır 2025", "5 sáýirde 2025"] {
        check(text, "2025-04-05T00:00:00+00:00");
    }
    for text in ["5 maýsym 2025", "5 mausym 2025"] {
        check(text, "2025-06-05T00:00:00+00:00");
    }
}

#[test]
fn bylines() {
    check("15:22, 26 Ноябрь 2025 | GMT +5", EAST);
    for text in [
        "26 ноября 2025, 15:22",
        "26 ноября 2025 г. в 15:22",
        "2025 жылғы 26 қараша, 15:22",
        "Nov 26, 2025 3:22 pm",
        "November 26, 2025 at 3:22 p.m.",
        "26. November 2025 um 15.22 Uhr",
        "26 novembre 2025 à 15h22",
        "Опубликовано: 26.11.2025 15:22",
        "Дата публикации: 26 ноября 2025, 15:22",
        "Xyzzy: 26.11.2025 15:22",
        "  | 26 ноября, 15:22 |  ",
        "26.11, 15:22",
    ] {
        check(text, MOMENT);
    }
    check("26.11.2025 12:05 am", "2025-11-26T00:05:00+00:00");
    check("15 Uhr, 26.11.2025", "2025-11-26T15:00:00+00:00");
    check("26 ноября 2025, 18:22 МСК", "2025-11-26T18:22:00+03:00");
    check("30 декабря, 10:00", "2024-12-30T10:00:00+00:00");
    for (zone, offset) in [("ET", "-05:00"), ("EST", "-05:00"), ("CT", "-06:00"), ("MT", "-07:00"), ("PT", "-08:00"), ("(ET)", "-05:00")] {
        check(&format!("Nov. 26, 2025, 3:22 p.m. {zone}"), &format!("2025-11-26T15:22:00{offset}"));
    }
    check("3:22 PM ET, Nov 26, 2025", "2025-11-26T15:22:00-05:00");
    check("July 26, 2025 3:22 PM ET", "2025-07-26T15:22:00-04:00");
    check("28 ноября", "2025-11-28T00:00:00+00:00");
}

#[test]
fn what_programs_and_people_write_carelessly() {
    for text in ["2025-11-26 15:22:00 +0500 UTC", "Wed, 26 Nov 2025 15:22:00 0500", "26 ноября 2025 15:22 по Астане"] {
        check(text, EAST);
    }
    for text in
        ["Nov 26, 2025 @ 15:22", "26 ноября 2025 15 ч. 22 мин.", "26 ноября 2025, 15 час 22 минуты", "15 сағат 22 минут, 26.11.2025"]
    {
        check(text, MOMENT);
    }
    check("26 ноября 2025, 5 мин", DAY);
    refuse("26 Nov 2025 15:22 2024");
    // No date at all, as many programs write it.
    for text in ["1970-01-01T00:00:00Z", "Thu, 01 Jan 1970 05:00:00 +0500", "1970-01-01", "01.01.1970 03:00", "0000000000", "0000006000"] {
        refuse(text);
    }
    check("1970-01-02", "1970-01-02T00:00:00+00:00");
}

#[test]
fn times_counted_from_now() {
    check("сегодня, 15:22", MOMENT);
    check("Today at 3:22 pm", MOMENT);
    check("бүгін 15:22", MOMENT);
    check("вчера в 10:05", "2025-11-25T10:05:00+00:00");
    check("кеше, 10:05", "2025-11-25T10:05:00+00:00");
    check("gestern um 10:05 Uhr", "2025-11-25T10:05:00+00:00");
    check("2 часа назад", "2025-11-26T10:00:00+00:00");
    check("час назад", "2025-11-26T11:00:00+00:00");
    check("Published 5m ago", "2025-11-26T11:55:00+00:00");
    check("3 hours ago", "2025-11-26T09:00:00+00:00");
    check("an hour ago", "2025-11-26T11:00:00+00:00");
    check("2 сағат бұрын", "2025-11-26T10:00:00+00:00");
    check("1 час 5 минут назад", "2025-11-26T10:55:00+00:00");
    check("il y a 3 heures", "2025-11-26T09:00:00+00:00");
    check("2 days ago", "2025-11-24T12:00:00+00:00");
    check("полчаса назад", "2025-11-26T11:30:00+00:00");
    for text in ["только что", "жаңа ғана", "just now", "щойно", "Опубликовано: только что"] {
        check(text, "2025-11-26T12:00:00+00:00");
    }
    check("1 месяц назад", "2025-10-27T12:00:00+00:00");
    check("2 months ago", "2025-09-27T12:00:00+00:00");
    check("vor einer Stunde", "2025-11-26T11:00:00+00:00");
    check("vor einem Tag", "2025-11-25T12:00:00+00:00");
    check("2 soat avval", "2025-11-26T10:00:00+00:00");
    check("bügın, 05:22", "2025-11-26T05:22:00+00:00");
    check_almaty("сегодня, 15:22", EAST);
    check_almaty("бүгін", "2025-11-26T00:00:00+05:00");
    for text in ["сегодня, 15:22", "2 часа назад", "26 ноября, 15:22", "26.11"] {
        assert_eq!(date::parse(text, None, None), None, "{text:?} without a now");
    }
}

#[test]
fn what_is_no_date() {
    for text in [
        "",
        " ",
        "завтра",
        "15:22",
        "ноябрь",
        "2025",
        "ноябрь 2025",
        "32.11.2025",
        "30 февраля 2025",
        "31.11.2025",
        "2025-13-01",
        "26.11.1950",
        "26.11.2150",
        "13.13.2025",
        "26 ноября 2025 25:00",
        "+7 701 123 45 67",
        "5 000 тенге",
        "100%",
        "1234567890123456789",
        "1.2.3.4.5",
        "Заседание 26 ноября 2025 прошло",
        "26.11.2025 27.11.2025",
        "2025-11-26T15:22:00+99:00",
        "12345",
    ] {
        refuse(text);
    }
}

#[test]
fn finds_the_first_date_of_a_byline() {
    let find = |text| date::find(text, None, Some(now())).map(|time| time.to_rfc3339());
    assert_eq!(find("Астана, Казинформ — 26 ноября 2025, 15:22 Фото: Ақорда").as_deref(), Some(MOMENT));
    assert_eq!(find("Просмотров 1034 | 26.11.2025 15:22 | Комментариев 7").as_deref(), Some(MOMENT));
    assert_eq!(find("By John May, published 26 November 2025 at 15:22 and updated 27 November").as_deref(), Some(MOMENT));
    assert_eq!(find("Обновлено 2 часа назад").as_deref(), Some("2025-11-26T10:00:00+00:00"));
    assert_eq!(find("5 детей и 12 взрослых, тел. 8 7172 26 11 25"), None);
    assert_eq!(find("Publié le 26 novembre 2025 à 15h22 et mis à jour hier").as_deref(), Some(MOMENT));
    assert_eq!(find("Что сейчас читают"), None);
    assert_eq!(find(""), None);
}

proptest! {
    #[test]
    fn any_text_is_survived(text in "\\PC{0,300}") {
        let _ = date::parse(&text, Some(Tz::Europe__Kyiv), Some(now()));
        let _ = date::find(&text, None, Some(now()));
    }

    #[test]
    fn pieces_of_dates_are_survived(pieces in proptest::collection::vec("[0-9]{1,15}|[-+:./,TZh ]|ago|pm|ноября|вчера|часов|GMT|年|月|\\(", 0..30)) {
        let text = pieces.concat();
        let _ = date::parse(&text, Some(Tz::America__New_York), Some(now()));
        let _ = date::find(&text, Some(Tz::Asia__Almaty), Some(now()));
    }

    #[test]
    fn what_chrono_writes_is_read_back(seconds in 0_i64..4_100_000_000, offset in -14 * 60..14 * 60) {
        let zone = chrono::FixedOffset::east_opt(offset * 60).unwrap();
        let time = chrono::DateTime::from_timestamp(seconds, 0).unwrap().with_timezone(&zone);
        prop_assume!((1970..=2100).contains(&chrono::Datelike::year(&time)) && time.date_naive() != chrono::NaiveDate::default());
        prop_assert_eq!(date::parse(&time.to_rfc3339(), None, None), Some(time));
        prop_assert_eq!(date::parse(&time.to_rfc2822(), None, None), Some(time));
    }
}
