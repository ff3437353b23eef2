//! Rules and what they match.

use proptest::prelude::*;
use topicwire::config::Config;
use topicwire::model::{FeedId, Field, Language, Match, TopicId};
use topicwire::topic::{DEFAULT_THRESHOLD, Explainer, Matcher, Rules, Subject, Topic};

fn topic(id: &str, rules: &str) -> Topic {
    Topic::new(TopicId::new(id).unwrap(), DEFAULT_THRESHOLD, Rules::parse(rules).unwrap())
}

fn subject<'a>(title: &'a str, body: &'a str) -> Subject<'a> {
    Subject { title, body, ..Subject::default() }
}

fn matches_in(rules: &str, language: &str, body: &str) -> Vec<Match> {
    let language = Language::new(language).unwrap();
    Matcher::new(&[topic("t", rules)]).matches(&Subject { language: Some(&language), ..subject("", body) })
}

#[track_caller]
fn check(rules: &str, language: &str, body: &str, expected: &[&str]) {
    let found = matches_in(rules, language, body);
    let texts: Vec<&str> = found.iter().flat_map(|found| &found.evidence).map(|evidence| evidence.text.as_str()).collect();
    assert_eq!(texts, expected, "{rules} in {body}");
}

#[test]
fn a_bare_word_means_all_its_forms() {
    check("ребенок", "ru", "Вручили детям подарки", &["детям"]);
    check("ребенок", "ru", "Вручили дeтям подарки", &["дeтям"]);
    check("дети", "ru", "Нашли ребёнка дома", &["ребёнка"]);
    check("опека", "ru", "Страны ОПЕК решили. Органы опеки решили.", &["опеки"]);
    check("право", "ru", "Новые правила для всех", &[]);
    check("бала", "kk", "Мектепте балалардың құқығы туралы айтылды", &["балалардың"]);
    check("kk: құқық NEAR/2 бала", "kk-Latn", "Mektepte balalardyń quqyǵy týraly aıtyldy", &["balalardyń quqyǵy"]);
    check("ана SENT бала", "kk", "Балалардың ата-анасы келді", &[]);
    check("сирота", "ru", "Дом для детей-сирот", &["сирот"]);
    check("child", "en", "The children's home was closed", &["children's"]);
}

#[test]
fn exact_words_and_prefixes() {
    check("=WHO", "en", "Those who know said the WHO is right", &["WHO"]);
    check("зорла*", "kk", "Ол баланы зорлады деген сөз", &["зорлады"]);
    check("orphan*", "en", "The orphanage is for orphans only", &["orphanage", "orphans"]);
}

#[test]
fn nearness_order_and_sentences() {
    check("child NEAR/2 abuse", "en", "Abuse of the child. It was a child.", &[]);
    check("child NEAR/3 abuse", "en", "Abuse of the child is a crime", &["Abuse of the child"]);
    check("child THEN/3 abuse", "en", "Abuse of the child is a crime", &[]);
    check("\"child abuse\"", "en", "Child abuse is a crime, the child said, abuse", &["Child abuse"]);
    check("\"child abuse\"~4", "en", "Abuse of the child is a crime", &["Abuse of the child"]);
    check("child SENT crime", "en", "The child is here. A crime was seen. A child saw a crime there.", &["child saw a crime"]);
    check("child NEAR/9 crime", "en", "The child\ncrime", &[]);
}

#[test]
fn forms_that_were_not_met_before_are_read_in_their_order() {
    let matcher = Matcher::new(&[topic("t", "en 20: school NEAR/2 law")]);
    assert_eq!(matcher.matches(&subject("", "A school law")).len(), 1);
    let text = "The school laws were changed in spring, and there are many other words before the next law";
    assert_eq!(matcher.matches(&subject("", text)).len(), 1);
    assert_eq!(matcher.matches(&subject("", text)).len(), 1);
}

#[test]
fn logic_counts_and_exceptions() {
    check("school AND (bully OR suicide) NOT movie", "en", "They bullied him in school", &["bullied", "school"]);
    check("school AND (bully OR suicide) NOT movie", "en", "They bullied him in school, the movie says", &[]);
    check("school x2", "en", "One school is not enough", &[]);
    check("опека UNLESS NEAR/3 банк", "ru", "Опека над банками стала строже. Органы опеки города решили помочь.", &["опеки"]);
    check("опека UNLESS банк", "ru", "Опека и все её большие хорошие и новые банки", &[]);
}

#[test]
fn a_rule_that_cannot_hold_takes_nothing_from_the_others() {
    let matcher = Matcher::new(&[topic("t", "child SENT abuse\nschool")]);
    let found = matcher.matches(&subject("The child is here", "It rains. The abuse was seen in the school."));
    assert_eq!(found.len(), 1);
}

#[test]
fn parts_and_filters() {
    let matcher =
        Matcher::new(&[topic("t", "title:child"), topic("u", "body:child"), topic("v", "tag:Rights"), topic("w", "child NOT lang:en")]);
    let tags = ["rights".to_owned()];
    let found = matcher.matches(&Subject { tags: &tags, ..subject("The child is here with us", "They went to the house of the king") });
    assert_eq!(found.iter().map(|found| found.topic.as_str()).collect::<Vec<_>>(), ["t", "v"]);
}

#[test]
fn the_lead_and_the_filters_are_looked_at() {
    let (feed, authors) = (FeedId::new("agency").unwrap(), ["Анна Иванова".to_owned()]);
    let body = format!("The child is in the town. {}\nThe orphan is in the house.", "All the others are at work on that day. ".repeat(20));
    let on = |rules: &str| {
        let subject = Subject { feed: Some(&feed), authors: &authors, ..subject("", &body) };
        !Matcher::new(&[topic("t", rules)]).matches(&subject).is_empty()
    };
    for yes in [
        "lead:child",
        "body:orphan",
        "feed:agency AND child",
        "author:\"иванова\" AND child",
        "language:en AND child",
        "other x20",
        "(adoption OR orphan*) AND child NOT (movie OR film)",
        "child AND NOT (movie | film)",
    ] {
        assert!(on(yes), "{yes}");
    }
    for no in ["lead:orphan", "title:child", "feed:other AND child", "author:\"петрова\" AND child", "language:ru AND child", "other x21"]
    {
        assert!(!on(no), "{no}");
    }
}

#[test]
fn days_of_publication_are_compared() {
    let on = |rules: &str, published: Option<&str>| {
        let published = published.map(|time| time.parse().unwrap());
        !Matcher::new(&[topic("t", rules)]).matches(&Subject { published, ..subject("", "The child is here") }).is_empty()
    };
    for (rule, yes, no) in [
        ("date>=2025-03-10", "2025-03-10T00:30:00+05:00", "2025-03-09T23:59:00Z"),
        ("date>2025-03", "2025-04-01T00:00:00Z", "2025-03-31T10:00:00Z"),
        ("date<2025", "2024-12-31T23:00:00Z", "2025-01-01T00:00:00Z"),
        ("date<=2025-02", "2025-02-28T23:00:00Z", "2025-03-01T00:00:00Z"),
        ("date:2024-02", "2024-02-29T00:00:00Z", "2024-03-01T00:00:00Z"),
        ("date=2025-03-10", "2025-03-10T12:00:00Z", "2025-03-11T00:00:00Z"),
        ("date:2025-03-10..2025-04", "2025-04-30T12:00:00Z", "2025-05-01T00:00:00Z"),
    ] {
        let rule = format!("child AND {rule}");
        assert!(on(&rule, Some(yes)) && !on(&rule, Some(no)) && !on(&rule, None), "{rule}");
        let rules = Rules::parse(&rule).unwrap();
        assert_eq!(Rules::parse(&rules.to_string()), Ok(rules), "{rule}");
    }
    refused("child AND date>=soon", "column 11: `date>=soon` is not a date to compare with");
    refused("child AND date:2025-13", "`2025-13` is not a date");
    refused("child AND date:2025..2024", "ends before it begins");
    refused("date>=2025-01-01", "nearly everything");
}

#[test]
fn topics_build_on_others() {
    let topics = [topic("a", "topic:b AND school"), topic("b", "child NOT topic:c"), topic("c", "en NOT: topic:d\nabuse")];
    let on = |body| Matcher::new(&topics).matches(&subject("", body)).iter().map(|found| found.topic.to_string()).collect::<Vec<_>>();
    assert_eq!(on("The child is in the school"), ["a", "b"]);
    assert_eq!(on("The child in the school saw the abuse"), ["c"]);
    assert_eq!(topics[0].rules.topics().collect::<Vec<_>>(), [&topics[1].id]);
    let circle = [topic("a", "topic:b"), topic("b", "topic:a")];
    assert!(Matcher::new(&circle).matches(&subject("", "The child")).is_empty());
}

#[test]
fn weights_add_up_to_the_threshold() {
    check("en 6: child", "en", "The child was found there", &["child"]);
    check("en 5: child", "en", "The child was found there", &[]);
    check("en 5: child\nen 5: school", "en", "The child was found at school there", &["child", "school"]);
    check("en 6: child\nen -3: school", "en", "The child was found at school there", &[]);
    check("child\nNOT: school", "en", "The child was found at school there", &[]);
    check("ru 6: child", "en", "The child was found there", &[]);
}

#[track_caller]
fn refused(rules: &str, expected: &str) {
    let errors = Rules::parse(rules).unwrap_err();
    let text = errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    assert!(text.contains(expected), "{rules}\n{text}");
}

#[test]
fn mistakes_are_pointed_at() {
    refused("детский омбудсмен", "line 1, column 9: an operator is missing here");
    refused("a NEAR b\n\nru 10: (ребенок", "line 3, column 8: this `(` is never closed");
    refused("a NEAR b\n\nru 10: (ребенок", "line 1, column 3: `NEAR` needs a distance");
    refused("ru 10: \"ребенок", "column 8: this quotation mark is never closed");
    refused("author:”,", "column 8: this quotation mark closes what none has opened");
    refused("rus 10: ребенок", "`rus:` is neither a language (");
    refused("ru ten: ребенок", "`ten` is not a weight");
    refused("ru 0: ребенок", "the weight `0`");
    refused("titel:ребенок", "`titel:` is neither a language");
    refused("ребенок AND", "column 12: a word is missing");
    refused("ребенок)", "closes nothing");
    refused("дет* AND *дет", "column 10: `*дет`: `*` stands at the end of a word only");
    refused("де*", "would match nearly everything");
    for (rule, operator) in [("child or school", "OR"), ("en 5: child and school", "AND"), ("child sent school", "SENT")] {
        refused(rule, &format!("operators are written in capitals: `{operator}`"));
    }
    refused("child near/3 school", "operators are written in capitals: `NEAR/3`");
    refused("child AND then/3", "operators are written in capitals: `THEN/3`");
}

#[test]
fn signs_before_a_word_deny_it() {
    let same = |one: &str, other: &str| assert_eq!(Rules::parse(one), Rules::parse(other), "{one}");
    same("child -film", "child NOT film");
    same("!film AND child", "NOT film AND child");
    same("child AND !(film | \"big movie\")", "child AND NOT (film | \"big movie\")");
    same("child -\"big movie\"", "child NOT \"big movie\"");
    same("any 5: child -=Film", "any 5: child NOT =Film");
    same("-8: child-bride", "any -8: child-bride");
    refused("-film", "nearly everything");
}

#[test]
fn a_byte_order_mark_is_no_word() {
    assert_eq!(Rules::parse("\u{feff}ru 5: школа\nru 5: право"), Rules::parse("ru 5: школа\nru 5: право"));
    assert_eq!(Rules::parse("\u{feff}# remark\nru 5: школа"), Rules::parse("ru 5: школа"));
}

#[test]
fn rules_that_cannot_be_meant_are_refused() {
    for everything in [
        "NOT ребенок",
        "и",
        "lang:ru",
        "и AND на",
        "ребенок OR NOT школа",
        "any 5: the",
        "NOT: of",
        "de: und",
        "tr: ve",
        "uk: що",
        "ky: жана",
        "uz: va",
        "uz: ва",
        "be: якія",
        "en: their",
        "en: will",
        "en: were",
        "ru: который",
        "ru: которых",
        "ru: =и",
        "ru: \"и не\"",
        "kk: және",
        "kk: jáne",
    ] {
        refused(everything, "nearly everything");
    }
    for nothing in [
        "школа NOT школа",
        "title:(body:школа)",
        "школа UNLESS школа",
        "(lang:ru) NEAR/3 школа",
        "tag:x x2",
        "ребенок NOT дети",
        "ru 5: ребенок NOT дети",
        "en: child NOT children",
        "title:школа NOT школа",
        "школа AND (лицей NOT школы)",
        "\"детский дом\" UNLESS дом",
        "ru 5: lang:kk AND ребенок",
        "ru 5: ребенок NOT lang:ru",
        "lang:kk AND lang:ru AND ребенок",
        "feed:a AND feed:b AND школа",
        "date>2025 AND date<2024 AND школа",
    ] {
        refused(nothing, "would match nothing");
    }
    // A place of the one is no place of the other.
    assert!(Rules::parse("дети AND пожар UNLESS дети").is_ok());
    for right in [
        "школа NOT title:школа",
        "child NOT childhood",
        "rape NOT rap",
        "any: =WHO",
        "en: WHO",
        "en: =US",
        "ru: (и | на) NEAR/3 школа",
        "date>2024 AND date<2026 AND школа",
        "ru 5: lang:ru AND школа",
        "uz: lang:uz-Cyrl AND мактаб",
        "школа AND лицей NOT (школа AND лицей AND вуз)",
        "дом UNLESS \"детский дом\"",
        "de: die NEAR/2 Kinder",
        "en: die NEAR/3 child",
        "en: new",
    ] {
        assert!(Rules::parse(right).is_ok(), "{right}: {:?}", Rules::parse(right));
    }
}

#[test]
fn each_example_of_the_manual_is_a_rule() {
    let manual = include_str!("../../docs/rules.md");
    let examples: Vec<&str> = manual.lines().filter(|line| line.starts_with("    ")).collect();
    assert!(examples.len() > 20);
    for example in examples {
        let beside_another = format!("ru 5: школа\n{example}");
        assert_eq!(Rules::parse(&beside_another).map(|_| ()), Ok(()), "{example}");
    }
}

#[test]
fn hostile_rules_and_texts_cost_little() {
    assert!(Rules::parse(&"(".repeat(100_000)).is_err());
    assert!(Rules::parse(&format!("{}a{}", "(".repeat(1_000), ")".repeat(1_000))).is_err());
    assert!(Rules::parse(&"NOT ".repeat(100_000)).is_err());
    let matcher =
        Matcher::new(&[topic("t", "any 1: child UNLESS NEAR/2 abuse\nany 1: child NEAR/9 (abuse | law)\nany 1: (child SENT law) x3")]);
    for text in ["child law ", "child\n", "a-", "'", "\u{301}"] {
        matcher.matches(&subject(text, &text.repeat(100_000)));
    }
    // Two words that never meet, and a compound as long as the rest of the text.
    let matcher = Matcher::new(&[topic("t", "en 20: kid NEAR/8 (law | law*)")]);
    let apart = format!("{}{}{}{}", "law ".repeat(50_000), "word ".repeat(20), "kid ".repeat(50_000), "law-".repeat(100_000));
    let began = std::time::Instant::now();
    matcher.matches(&subject("", &apart));
    assert!(began.elapsed() < std::time::Duration::from_secs(5), "{:?}", began.elapsed());
    let denials: String = (0..300).map(|number| format!(" -да{number}")).collect();
    let began = std::time::Instant::now();
    let _ = Rules::parse(&format!("{}дом{denials}{}", "(".repeat(20), " -я)".repeat(20)));
    assert!(began.elapsed() < std::time::Duration::from_secs(2), "{:?}", began.elapsed());
}

/// The topics that ship.
fn shipped() -> Matcher {
    Config::parse(include_str!("../../feeds.toml")).unwrap().matcher()
}

const SEED_TITLE: &str = "Казахстан — пример в сфере защиты прав детей — Региональный директор ЮНИСЕФ";
const SEED_LEAD: &str =
    "Ерлан Карин отметил, что вопросы защиты и безопасности детей являются одним из приоритетов государственной политики.";

#[test]
fn the_recorded_article_is_about_child_rights_and_says_why() {
    let found = shipped().matches(&subject(SEED_TITLE, SEED_LEAD));
    let child_rights = found.iter().find(|found| found.topic.as_str() == "child-rights").unwrap();
    assert!(child_rights.score >= DEFAULT_THRESHOLD);
    for evidence in &child_rights.evidence {
        let text = if evidence.field == Field::Title { SEED_TITLE } else { SEED_LEAD };
        assert_eq!(text.get(evidence.start..evidence.end), Some(evidence.text.as_str()));
    }
    assert!(child_rights.evidence.iter().any(|evidence| evidence.text == "прав детей"), "{:?}", child_rights.evidence);
}

#[test]
fn the_recorded_article_matches_in_every_case_form_and_in_look_alikes() {
    let matcher = shipped();
    let look_alikes = |text: &str| text.replace('а', "a").replace('е', "e").replace('о', "o").replace('р', "p").replace('с', "c");
    for form in CASES {
        let (title, body) = (SEED_TITLE.replace("детей", form), SEED_LEAD.replace("детей", form));
        for (title, body) in [(look_alikes(&title), look_alikes(&body)), (title, body)] {
            let found = matcher.matches(&subject(&title, &body));
            assert!(found.iter().any(|found| found.topic.as_str() == "child-rights"), "{title}: {found:?}");
        }
    }
}

const CASES: [&str; 10] = ["ребенок", "ребёнка", "ребёнку", "ребёнком", "ребенке", "дети", "детей", "детям", "детьми", "детях"];

/// The remarks on a topic with these rules, with the lines of the rules.
fn remarks(rules: &str) -> String {
    let text = format!("[[topic]]\nid = \"t\"\nrules = \"\"\"\n{rules}\n\"\"\"\n");
    assert_eq!(Config::parse(&text).map(|_| ()), Ok(()));
    Config::remarks(&text).iter().map(|mistake| format!("{mistake}\n")).collect()
}

#[test]
fn what_was_probably_not_meant_is_remarked_on() {
    insta::assert_snapshot!(remarks(
        "ru 5: защитта | опека\nru 5: детьми NEAR/3 школа\nen 5: child | law | children\nru 9: \"дом ребенка\" | =ЮНИСЕФ | зорла* | feed\n\
         NOT: school\nen 5: school NEAR/3 bully\nru 5: опека\nany: suicide\nen 5: title:suicide\nru 5: опека\nkk 5: балаларға | =Балалар | бала\nkk 5: қүқық | мектепті | \"сабыйлер үйі\""
    ), @"
    4:7: `защитта` is not in the dictionary (ru): is `защита` or `защитка` meant? Or if it is right nevertheless, `=` before it finds it as it is, `*` after its beginning its forms
    5:7: `детьми` is a form of `ребенок`: write that, all its forms are found
    6:21: `children` finds nothing that `child` beside it does not find: leave it out
    9:7: this rule changes nothing: `any NOT: school` has the last word on whatever it finds
    12:7: this rule changes nothing: `suicide` has the last word on whatever it finds
    13:7: `ru 5: опека` stands here already: its points count twice
    14:7: `балаларға` is the plural of `бала`: write that, all its forms are found; or `=` before what is meant as it is
    15:7: `қүқық` is not in the dictionary (kk): is `құқық` meant? Or if it is right nevertheless, `=` before it finds it as it is, `*` after its beginning its forms
    15:26: `сабыйлер` is not in the dictionary (kk): if it is right nevertheless, `=` before it finds it as it is, `*` after its beginning its forms
    ");
    assert_eq!(
        remarks(
            "ru 5: опека SENT (сирота | право)\nen 5: child NEAR/3 law\nen 3: child\nkk 5: бала | хабар | қатар | халық | мұғалім\nany 5: school"
        ),
        ""
    );
}

#[test]
fn the_shipped_topics_are_free_of_remarks() {
    let remarks: Vec<String> = Config::remarks(include_str!("../../feeds.toml")).iter().map(ToString::to_string).collect();
    assert_eq!(remarks, Vec::<String>::new());
}

#[test]
fn a_rebuilt_matcher_is_as_one_built_anew() {
    let before = [topic("a", "topic:b AND school"), topic("b", "child"), topic("c", "abuse")];
    let after = [topic("b", "girl"), topic("d", "wonder"), topic("a", "topic:b AND school")];
    let rebuilt = Matcher::new(&before).rebuilt(&after);
    for body in ["The child is in the school", "The girl is in the school", "The wonder of abuse"] {
        assert_eq!(rebuilt.matches(&subject("", body)), Matcher::new(&after).matches(&subject("", body)), "{body}");
    }
    let mut matcher = Matcher::new(&[]);
    for round in 0..40 {
        let words: String = (0..400).map(|word| format!("en 1: word{round}x{word}\n")).collect();
        matcher = matcher.rebuilt(&[topic("t", &format!("{words}child"))]);
        assert_eq!(matcher.matches(&subject("", "The child is here")).len(), 1);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_account_of_an_article_agrees_with_the_match(rules in prop::collection::vec(rule(), 1..4), title in "(ребенок|школа|=WHO|a b c| ){0,4}", body in "(ребенок|школа|ата-ана|зорлады|WHO|k|a b c| |\\. A |\n){0,40}") {
        let Ok(rules) = Rules::parse(&format!("{}\nru 1: ребенок", rules.join("\n"))) else { return Ok(()) };
        let topics = [Topic::new(TopicId::new("t").unwrap(), DEFAULT_THRESHOLD, rules)];
        let subject = subject(&title, &body);
        let found = Matcher::new(&topics).matches(&subject);
        let explanation = Explainer::new(&topics, &topics[0].id).unwrap().explain(&subject);
        prop_assert_eq!(found.first().map(|found| found.score), explanation.on_topic.then_some(explanation.score), "{:?}", explanation);
        prop_assert!(explanation.on_topic || explanation.nearly.iter().all(|nearly| !nearly.lacks.is_empty()), "{:?}", explanation);
    }

    #[test]
    fn every_case_form_and_every_disguise_is_seen(form in prop::sample::select(&CASES[..]), disguise in any::<u16>()) {
        let twins = [('а', 'a'), ('е', 'e'), ('о', 'o'), ('р', 'p'), ('с', 'c'), ('к', 'k'), ('т', 't'), ('х', 'x'), ('м', 'm'), ('ё', 'ë')];
        let disguised: String = form.chars().enumerate().map(|(index, letter)| {
            let twin = twins.iter().find(|(own, _)| *own == letter).map(|(_, twin)| *twin);
            twin.filter(|_| disguise >> index & 1 == 1).unwrap_or(letter)
        }).collect();
        let body = format!("Вчера в городе обсудили права и обязанности, а также {disguised} и что с этим делать");
        prop_assert!(!matches_in("ребенок", "ru", &body).is_empty(), "{}", body);
    }

    #[test]
    fn evidence_is_where_it_says(title in "(прав[оа] детей|ЮНИСЕФ| |\\PC|\n|«){0,20}", body in "(защит[аы] детей|опека|сирот|\\PC| |\n){0,40}") {
        let matcher = Matcher::new(&[topic("t", "any 6: право NEAR/3 ребенок\nзащита THEN/3 ребенок\nопека | сирота*")]);
        for found in matcher.matches(&subject(&title, &body)) {
            for evidence in found.evidence {
                let field = if evidence.field == Field::Title { &title } else { &body };
                prop_assert_eq!(field.get(evidence.start..evidence.end), Some(evidence.text.as_str()));
            }
        }
    }

    #[test]
    fn printing_and_parsing_again_is_the_identity(text in rule()) {
        if let Ok(rules) = Rules::parse(&text) {
            let printed = rules.to_string();
            prop_assert_eq!(Rules::parse(&printed), Ok(rules), "{}\n{}", text, printed);
        }
    }

    #[test]
    fn the_parser_takes_anything(text in "(\\PC|[()|:\"*~=x0-9\n ]|NOT |NEAR/3 |title:){0,60}") {
        if let Ok(rules) = Rules::parse(&text) {
            let printed = rules.to_string();
            prop_assert_eq!(Rules::parse(&printed), Ok(rules), "{}\n{}", text, printed);
        }
    }
}

/// Rules of all kinds, most of them right.
fn rule() -> impl Strategy<Value = String> {
    let word = prop::sample::select(
        &[
            "ребенок",
            "=WHO",
            "зорла*",
            "\"a b c\"",
            "\"AND\"",
            "\"x3 школа\"",
            "tag:\"q r\"",
            "topic:k",
            "ата-ана",
            "date>=2025-01-01",
            "date:2024..2025-02",
        ][..],
    );
    let expression = word.prop_map(str::to_owned).prop_recursive(5, 24, 3, |inner| {
        let operator =
            prop::sample::select(&["AND", "OR", "|", "NEAR/3", "THEN/2", "SENT", "UNLESS", "UNLESS NEAR/2", "NOT", "AND NOT"][..]);
        prop_oneof![
            (inner.clone(), operator.clone(), inner.clone()).prop_map(|(left, operator, right)| format!("{left} {operator} {right}")),
            (inner.clone(), operator, inner.clone()).prop_map(|(left, operator, right)| format!("({left}) {operator} ({right})")),
            inner.clone().prop_map(|inner| format!("title:({inner})")),
            inner.clone().prop_map(|inner| format!("({inner}) x2")),
            inner.prop_map(|inner| format!("\"one two\"~3 OR {inner}")),
        ]
    });
    let head = prop::sample::select(&["", "ru 10: ", "kk: ", "any -2.5: ", "NOT: ", "en NOT: ", "7:"][..]);
    (head, expression).prop_map(|(head, expression)| format!("{head}{expression}"))
}

#[test]
fn a_line_without_end_is_refused() {
    for link in [" NEAR/3 right", " THEN/3 right", " SENT right", " UNLESS child", " x2", " UNLESS (child"] {
        let errors = Rules::parse(&format!("right{}", link.repeat(50_000))).unwrap_err();
        assert_eq!(errors.len(), 1, "{link}");
        assert!(errors[0].message.contains("nested too deeply") && errors[0].column > 24, "{link}: {:?}", errors[0]);
    }
    assert!(Rules::parse(&format!("\"{}\" ~3", "right ".repeat(50_000))).is_err());
    assert!(Rules::parse(&format!("right{}", " NEAR/3 right".repeat(10))).is_ok());
    assert!(Rules::parse(&format!("right{}", " | right NEAR/3 child".repeat(5000))).is_ok());
}
