//! Words, spelling, lemmas and languages.

use std::collections::BTreeMap;

use proptest::prelude::*;
use topicwire::model::Language;
use topicwire::text::{Kind, Lemmas, detect, known_languages, lowercase, spelling, words};

#[track_caller]
fn spelt(word: &str, expected: &str) {
    assert_eq!(spelling(word), expected, "{word}");
}

#[test]
fn a_word_is_put_in_one_script_and_one_spelling() {
    spelt("Қазақcтан", "Қазақстан");
    spelt("pебёнка", "ребенка");
    spelt("қазiр", "қазір");
    spelt("прáва", "права");
    spelt("пра\u{301}ва", "права");
    spelt("попе\u{ad}чение", "попечение");
    spelt("и\u{306}од", "йод");
    spelt("oʻzbek", "o'zbek");
    spelt("ата‑ана", "ата-ана");
}

#[test]
fn words_of_one_script_stay() {
    for word in ["iPhone", "COVID19", "jasóspirim", "Straße", "қазақ"] {
        spelt(word, word);
    }
}

#[track_caller]
fn split(text: &str, expected: &[(&str, u32, u32)]) {
    let found: Vec<_> = words(text).iter().map(|word| (word.text, word.first, word.sentence)).collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn splits_words_sentences_and_compounds() {
    split("Дом. А. С. Пушкин жил", &[("Дом", 0, 0), ("А", 1, 1), ("С", 2, 1), ("Пушкин", 3, 1), ("жил", 4, 1)]);
    split("children's rights", &[("children's", 0, 0), ("rights", 1, 0)]);
    split("детей-сирот нет", &[("детей-сирот", 0, 0), ("детей", 0, 0), ("сирот", 1, 0), ("нет", 2, 0)]);
    split("one\ntwo", &[("one", 0, 0), ("two", 101, 1)]);
    split("- 'тис' —", &[("тис", 0, 0)]);
    assert_eq!(words("ата-ана").iter().map(|word| word.kind).collect::<Vec<_>>(), [Kind::Compound, Kind::Part, Kind::Part]);
}

#[test]
fn an_abbreviation_does_not_end_a_sentence() {
    for text in [
        "The child on Jan. 5 and Sept. 6 was seen",
        "A talk by Prof. Smith, Lt. Gen. Jones and Capt. Brown",
        "Resolution No. 5, Art. 7, para. 3 and pp. 12",
        "По словам проф. Иванова и акад. Петрова",
        "Закон №. 5 и приказ № 6",
        "Дом в пос. Южный, просп. Абая, пер. Садовый",
        "Родился 5 сент. 2025 и в янв. 2026",
        "Ст. 131 УК",
        "Алматы, көш. Абай",
    ] {
        assert_eq!(words(text).iter().map(|word| word.sentence).max(), Some(0), "{text}");
    }
    for text in
        ["He said no. 5 people came", "It was in the art. The man left", "Это был профессор. Иванов ушел", "She is seen in March. He left"]
    {
        assert_eq!(words(text).iter().map(|word| word.sentence).max(), Some(1), "{text}");
    }
}

#[track_caller]
fn has_lemma(language: &str, forms: &str, lemma: &str) {
    let lemmas = Lemmas::default();
    for form in forms.split(' ') {
        let found = lemmas.of(language, form);
        assert!(lemmas.meant(language, lemma).iter().any(|lemma| found.contains(lemma)), "{form}: {found:?}");
    }
}

#[track_caller]
fn lacks_lemma(language: &str, form: &str, lemma: &str) {
    let lemmas = Lemmas::default();
    let found = lemmas.of(language, form);
    assert!(!lemmas.meant(language, lemma).iter().any(|lemma| found.contains(lemma)), "{form}: {found:?}");
}

#[test]
fn russian_forms_of_one_word_have_its_lemma() {
    has_lemma("ru", "ребенок ребенка ребенку ребенком дети детей детям детьми детях", "ребенок");
    has_lemma("ru", "право права прав правам правами правах", "право");
    has_lemma("ru", "усыновлен усыновили усыновит усыновивший", "усыновить");
    lacks_lemma("ru", "правила", "право");
    lacks_lemma("ru", "интернет", "интернат");
}

#[test]
fn kazakh_forms_of_one_word_have_its_lemma() {
    has_lemma(
        "kk",
        "бала баланың балаға баланы балада баладан баламен балалар балалардың балалары балаларының баласына балам балаларымыз",
        "бала",
    );
    has_lemma("kk", "құқық құқығы құқығын құқықтар құқықтары құқығының құқықты", "құқық");
    has_lemma("kk", "мектептегі мектептерде мектебі мектебінің мектепке", "мектеп");
    has_lemma("kk", "халқы халқының халыққа", "халық");
    has_lemma("kk", "balalardyń balanyń balalaryna", "бала");
    has_lemma("kk", "qūqyğy quqyqtary", "құқық");
    has_lemma("kk", "ата-анасы ата-аналардың", "ата-ана");
    lacks_lemma("kk", "жетімдер", "жеті");
    lacks_lemma("kk", "жетімсіреу", "жетім");
}

#[test]
fn kazakh_in_either_latin_spelling_is_read_without_knowing_which() {
    for (word, forms) in [
        ("жетім", "jetım jetim jetımder jetimderge"),
        ("білім", "bılım bilim bılımın"),
        ("мектеп", "mektep mektebınde mektebinde"),
        ("жігіт", "jıgıt jigit"),
        ("кітап", "kıtap kitap"),
        ("тіл", "tıl til"),
        ("іс", "ıs is"),
        ("бірлік", "bırlık birlik"),
        ("есірткі", "esırtkı esirtki"),
        ("тегін", "tegın tegin"),
        ("киім", "kiım kıim"),
        ("ит", "it ıt"),
        ("ине", "ine ıne"),
        ("интернат", "internat ınternat"),
        ("министр", "ministr mınıstr"),
        ("сирек", "sirek sırek"),
        ("туралы", "týraly turaly"),
        ("әйел", "áıel äiel áıelder"),
        ("үй", "úı üi úıi üiı"),
        ("бейбіт", "beıbit beibıt"),
        ("ойын", "oıyn oiyn"),
        ("мейірім", "meıirim meiırım"),
        ("сөйлеу", "sóıleý söileu"),
        ("қайырымдылық", "qaıyrymdylyq qaiyrymdylyq"),
        ("сыйлық", "syılyq syilyq"),
        ("жүйе", "júıe jüie júıesi"),
        ("музей", "mýzeı muzei"),
        ("полиция", "polısıa polisia polısıasy"),
        ("комиссия", "komıssıa komissia"),
        ("аяқ", "aıaq aiaq"),
        ("қою", "qoıý qoiu"),
        ("аудан", "aýdan audan"),
        ("район", "raıon raion"),
        ("украина", "Ýkraına Ukraina"),
        ("қиын", "qıyn qiyn"),
    ] {
        has_lemma("kk", forms, word);
    }
    assert_eq!(Lemmas::default().transliterated("kk", "jetım"), ["жетим", "жетім"]);
}

/// Of the forms in the fixture: how many have their own lemma, and how many of the lemmas found are their own.
#[test]
fn kazakh_forms_are_joined_with_their_lemma_and_no_other() {
    let table: Vec<(&str, Vec<&str>)> = include_str!("../fixtures/topics/kazakh-forms.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(' ').map(|(lemma, forms)| (lemma, forms.split(' ').collect())))
        .collect();
    let lemmas = Lemmas::default();
    let (mut forms, mut right, mut wrong) = (0, 0, 0);
    for (lemma, inflected) in &table {
        for form in inflected {
            let found = lemmas.of("kk", form);
            let of_table: Vec<&str> =
                table.iter().map(|(lemma, _)| *lemma).filter(|lemma| found.iter().any(|found| found == lemma)).collect();
            forms += 1;
            right += usize::from(of_table.contains(lemma));
            wrong += of_table.iter().filter(|found| *found != lemma).count();
        }
    }
    assert!(right * 100 >= forms * 95, "recall {right}/{forms}");
    assert!(right * 100 >= (right + wrong) * 97, "precision {right}/{}", right + wrong);
}

#[test]
fn kazakh_verbs_are_joined_to_the_infinitive() {
    has_lemma("kk", "қорғау қорғауға қорғады қорғайды қорғаған қорғап қорғаса қорғайтын қорғамаған қорғамайды қорғадық", "қорғау");
    has_lemma("kk", "салды салған салып салады салатын салмаса", "салу");
    has_lemma("kk", "оқыды оқиды оқыған оқып оқитын", "оқу");
    has_lemma("kk", "шықты шыққан шығады шығып", "шығу");
    has_lemma("kk", "тапты тапқан табады", "табу");
    has_lemma("kk", "қойды қойған қоймады", "қою");
    has_lemma("kk", "қорғалғандарға қорғалғаны қорғалатындар", "қорғалу");
    lacks_lemma("kk", "бала", "балау");
    lacks_lemma("kk", "мектепте", "мектебу");
    lacks_lemma("kk", "алма", "алу");
}

#[test]
fn kazakh_words_are_known_and_slips_corrected() {
    let lemmas = Lemmas::default();
    let table = include_str!("../fixtures/topics/kazakh-forms.txt").lines().filter(|line| !line.starts_with('#'));
    let forms: Vec<&str> = table.flat_map(|line| line.split(' ')).collect();
    let unknown = forms.iter().filter(|form| lemmas.knows("kk", form) != Some(true)).count();
    assert!(unknown * 100 <= forms.len(), "{unknown} of {}", forms.len());
    assert_eq!(lemmas.knows("kk", "balalardyń"), Some(true));
    for (slip, word) in [("қүқық", "құқық"), ("мектпе", "мектеп"), ("жасөспрім", "жасөспірім"), ("аурухна", "аурухана")]
    {
        assert_eq!(lemmas.knows("kk", slip), Some(false), "{slip}");
        assert!(lemmas.nearest("kk", slip).contains(&word.to_owned()), "{slip}: {:?}", lemmas.nearest("kk", slip));
    }
    assert!(lemmas.nearest("ru", "опкеа").contains(&"опека".to_owned()));
    assert_eq!((lemmas.knows("uz", "bola"), lemmas.nearest("uz", "bola")), (None, vec![]));
}

#[test]
fn english_words_are_joined_by_inflection_only() {
    has_lemma("en", "child child's children children's", "child");
    has_lemma("en", "bully bullies bullied bullying", "bully");
    has_lemma("en", "abuse abuses abused abusing", "abuse");
    has_lemma("en", "detain detained detaining", "detain");
    has_lemma("en", "use uses used using", "use");
    has_lemma("en", "visit visits visited visiting", "visit");
    has_lemma("en", "traffic trafficked trafficking", "traffic");
    has_lemma("en", "control controls controlled controlling", "control");
    has_lemma("en", "kill killed", "kill");
    has_lemma("en", "argue argued arguing", "argue");
    has_lemma("en", "virus viruses", "virus");
    has_lemma("en", "gas gases", "gas");
    has_lemma("en", "lens lenses", "lens");
    has_lemma("en", "bias biases biased", "bias");
    has_lemma("en", "shooting shootings", "shooting");
    has_lemma("en", "shooting shootings shot", "shoot");
    has_lemma("en", "movie movies", "movie");
    has_lemma("en", "child-bride child-brides", "child-bride");
    lacks_lemma("en", "minority", "minor");
    lacks_lemma("en", "organization", "organ");
}

/// Each line of pairs has an inflected form and its own word, then a word that only looks like that.
#[test]
fn english_words_of_one_look_are_told_apart() {
    for (form, own, other) in [
        ("raping", "rape", "rap"),
        ("raped", "rape", "rap"),
        ("rapping", "rap", "rape"),
        ("rap", "rap", "rape"),
        ("cars", "car", "care"),
        ("cared", "care", "car"),
        ("hoping", "hope", "hop"),
        ("hopped", "hop", "hope"),
        ("planned", "plan", "plane"),
        ("planes", "plane", "plan"),
        ("hated", "hate", "hat"),
        ("scared", "scare", "scar"),
        ("scarred", "scar", "scare"),
        ("states", "state", "stat"),
        ("themes", "theme", "them"),
        ("notes", "note", "not"),
        ("wares", "ware", "war"),
        ("tasted", "taste", "tast"),
        ("stars", "star", "stare"),
        ("bathes", "bathe", "bath"),
        ("breathing", "breathe", "breath"),
        ("news", "news", "new"),
        ("toes", "toe", "to"),
        ("uses", "use", "us"),
        ("sued", "sue", "su"),
        ("stripped", "strip", "stripe"),
        ("evening", "evening", "even"),
        ("species", "species", "specie"),
        ("needed", "need", "nee"),
        ("humane", "humane", "human"),
        ("here", "here", "her"),
        ("winning", "win", "wine"),
        ("wines", "wine", "win"),
        ("addition", "addition", "add"),
        ("aided", "aid", "aide"),
        ("during", "during", "dure"),
        ("added", "add", "ad"),
        ("guided", "guide", "guid"),
    ] {
        has_lemma("en", form, own);
        lacks_lemma("en", form, other);
    }
}

#[test]
fn irregular_english_words_have_their_lemma() {
    has_lemma("en", "steals stole stolen stealing", "steal");
    has_lemma("en", "give gives gave given giving", "give");
    has_lemma("en", "leaves left leaving", "leave");
    has_lemma("en", "hid hidden hiding", "hide");
    has_lemma("en", "beats beaten beating", "beat");
    has_lemma("en", "die dies died dying", "die");
    has_lemma("en", "person people persons", "person");
    has_lemma("en", "schoolchild schoolchildren", "schoolchild");
    has_lemma("en", "grandchildren", "grandchild");
    has_lemma("en", "crises", "crisis");
    has_lemma("en", "thief thieves", "thief");
    has_lemma("en", "policewoman policewomen", "policewoman");
    has_lemma("en", "left", "left");
    has_lemma("en", "people", "people");
    has_lemma("en", "life lives", "life");
    has_lemma("en", "children", "children");
    has_lemma("en", "wound wounds wounded wounding", "wound");
    lacks_lemma("en", "leave", "left");
    lacks_lemma("en", "died", "dye");
}

proptest! {
    #[test]
    fn an_english_word_of_a_rule_is_found_as_it_stands(word in "[a-z]{1,9}(s|ed|ing|ies|ves|men|children|'s)?") {
        let lemmas = Lemmas::default();
        let (of, meant) = (lemmas.of("en", &word), lemmas.meant("en", &word));
        prop_assert!(!meant.is_empty() && meant.iter().all(|lemma| of.contains(lemma)), "{word}: {of:?} {meant:?}");
    }
}

#[test]
fn ukrainian_and_belarusian_forms_have_their_lemma() {
    has_lemma("uk", "дитина дитини дитину діти дітей дітям дітьми дітях", "дитина");
    has_lemma("uk", "діти дітей", "діти");
    has_lemma("uk", "право права прав правом правами правах", "право");
    has_lemma("uk", "насильство насильства насильством насильстві", "насильство");
    has_lemma("uk", "школа школи школі школу шкіл школах", "школа");
    has_lemma("uk", "ніч ночі", "ніч");
    has_lemma("uk", "підліток підлітка підлітки підлітків", "підліток");
    has_lemma("uk", "захист захисту захистом", "захист");
    has_lemma("uk", "навчання навчанню навчанням", "навчання");
    has_lemma("uk", "вчитель вчителя вчителі вчителів", "вчитель");
    has_lemma("uk", "дитячий дитячого дитячі дитячих", "дитячий");
    has_lemma("uk", "захищати захищають захищав захищали", "захищати");
    has_lemma("uk", "допомога допомозі", "допомога");
    has_lemma("be", "дзіця дзеці дзяцей дзецям дзецьмі", "дзіця");
    has_lemma("be", "школа школы школу школе школах", "школа");
    has_lemma("be", "права праву правам праў", "права");
    has_lemma("be", "закон закона законаў законам", "закон");
    has_lemma("be", "настаўнік настаўніка настаўнікі настаўнікаў", "настаўнік");
    has_lemma("be", "дзіцячы дзіцячага дзіцячых", "дзіцячы");
    lacks_lemma("uk", "правила", "право");
    lacks_lemma("uk", "правда", "право");
}

#[test]
fn kyrgyz_and_uzbek_nouns_have_their_lemma() {
    has_lemma("ky", "бала баланын балага баланы балдар балдардын балдарга баласы баласынын балам", "бала");
    has_lemma("ky", "мектеп мектепте мектептин мектептер мектеби мектебинде мектептеги", "мектеп");
    has_lemma("ky", "укук укугу укуктары укугун укуктарын", "укук");
    has_lemma("ky", "мугалим мугалимдер мугалимдердин", "мугалим");
    has_lemma("ky", "жетим жетимдер жетимге", "жетим");
    has_lemma("ky", "көз көздөр көзүн", "көз");
    has_lemma("uz", "bola bolalar bolaga bolaning bolalarni bolalarining bolasi bolalarga bolalardan", "bola");
    has_lemma("uz", "maktab maktabda maktablar maktabi maktabidagi maktablarda", "maktab");
    has_lemma("uz", "бола болалар болаларга боланинг", "бола");
    has_lemma("uz", "мактаб мактабда", "мактаб");
    has_lemma("uz", "huquq huquqi huquqlari huquqlarini", "huquq");
    has_lemma("uz", "o'qituvchi o'qituvchilar o'qituvchilarning", "o'qituvchi");
    has_lemma("uz", "yoshlik yoshligi", "yoshlik");
    lacks_lemma("ky", "жетим", "жети");
    lacks_lemma("ky", "балык", "бала");
}

#[track_caller]
fn speaks(text: &str, expected: Option<&str>) {
    let found = detect(text);
    assert_eq!(found.language.as_ref().map(Language::as_str), expected, "{text}: {}", found.confidence);
}

#[test]
fn detects_the_language_of_headlines() {
    speaks("Правительство утвердило план защиты детей", Some("ru"));
    speaks("Үкімет балаларды қорғау жоспарын бекітті", Some("kk"));
    speaks("Úkimet balalardy qorǵaý josparyn bekitti", Some("kk-Latn"));
    speaks("Ükımet balalardy qorğau josparyn bekıttı", Some("kk-Latn"));
    speaks("Government approves plan to protect children", Some("en"));
    speaks("Уряд затвердив план захисту дітей", Some("uk"));
    speaks("Өкмөт балдарды коргоо планын бекитти", Some("ky"));
    speaks("Hukumat bolalarni himoya qilish rejasini tasdiqladi", Some("uz"));
    speaks("Ҳукумат болаларни ҳимоя қилиш режасини тасдиқлади", Some("uz-Cyrl"));
    speaks("Урад зацвердзіў план абароны дзяцей", Some("be"));
    speaks("Hükümet çocukları koruma planını onayladı", Some("tr"));
    speaks("Die Regierung beschließt einen Plan zum Schutz der Kinder", Some("de"));
}

#[test]
fn five_words_tell_the_language() {
    let texts = include_str!("../fixtures/topics/five-words.txt").lines().filter(|line| !line.starts_with('#'));
    let (mut of, mut wrong) = (BTreeMap::new(), BTreeMap::new());
    for (language, text) in texts.filter_map(|line| line.split_once(' ')) {
        *of.entry(language).or_insert(0) += 1;
        let is_known = known_languages().iter().any(|known| known.as_str() == language);
        if detect(text).language.as_ref().map(Language::as_str) != is_known.then_some(language) {
            wrong.entry((is_known, language)).or_insert_with(Vec::new).push(text);
        }
    }
    assert_eq!(of.len(), 22);
    for ((is_known, language), wrong) in wrong {
        let percent = if is_known { 2 } else { 10 };
        assert!(wrong.len() * 100 <= of[language] * percent, "{language}: {} of {}: {wrong:?}", wrong.len(), of[language]);
    }
}

#[test]
fn a_name_does_not_decide_the_language() {
    speaks("Қасым-Жомарт Тоқаев провел встречу с главой правительства", Some("ru"));
    speaks("Нұрсұлтан Әбішұлы Назарбаев прибыл в столицу с визитом", Some("ru"));
    speaks("Нұрсұлтан Назарбаев прибыл в Астану", Some("ru"));
    speaks("Қасым-Жомарт Тоқаев подписал закон", Some("ru"));
    speaks("Дархан Сатыбалды возглавил Шымкент", Some("ru"));
    speaks("Ерлан Қошанов провел встречу с депутатами", Some("ru"));
    speaks("Әлихан Смайылов провел заседание правительства", Some("ru"));
    speaks("Мәжіліс рассмотрел законопроект о правах детей", Some("ru"));
    speaks("В Бишкеке закрыли школы", Some("ru"));
    speaks("В Ташкенте открылась новая школа", Some("ru"));
    speaks("Садыр Жапаров подписал новый закон", Some("ru"));
    speaks("Шавкат Мирзиёев посетил новую школу", Some("ru"));
    speaks("Ребёнка, т.е. дочь Иванова, защитили от насилия", Some("ru"));
    speaks("Министр, т.е. глава ведомства, подал в отставку", Some("ru"));
    speaks("Ребёнка защитил от насилия", Some("ru"));
    speaks("В стране обсуждали закон вчера. Ребёнка, т.е. дочь И.И. Иванова, и т.д. защитили от насилия.", Some("ru"));
    speaks("Kazakhstan passes law", Some("en"));
    speaks("Қасым-Жомарт Тоқаев заңға қол қойды", Some("kk"));
    speaks("Нұрсұлтан Назарбаев Астанаға келді", Some("kk"));
    speaks("Бишкекте мектептер жабылды", Some("ky"));
    speaks("Садыр Жапаров жаңы мыйзамга кол койду", Some("ky"));
    speaks("Мәжілісте заң жобасы қаралды", Some("kk"));
}

#[test]
fn names_and_words_of_english_do_not_decide_either() {
    speaks("Microsoft Windows Update жаңартуды тоқтатты", Some("kk"));
    speaks("Apple iPhone Pro Max подорожал", Some("ru"));
    speaks("Смартфон Samsung Galaxy Ultra подешевшав удвічі", Some("uk"));
    speaks("Microsoft yangi Surface Pro noutbukini taqdim etdi", Some("uz"));
    speaks("Netflix cookie siyosatini browserda yangiladi", Some("uz"));
    speaks("Газета «Kyiv Post» припинила вихід", Some("uk"));
    speaks("The newspaper «Известия» reports that talks in Astana have ended", Some("en"));
}

#[test]
fn says_when_it_does_not_know() {
    for text in ["", "12 345", "!!!", "日本語の文章です", "Η κυβέρνηση ενέκρινε το σχέδιο"] {
        speaks(text, None);
    }
}

proptest! {
    #[test]
    fn words_are_where_they_say(text in "(\\PC|[а-яё' \\-\\.\n]){0,80}") {
        let mut from = 0;
        for word in words(&text) {
            prop_assert_eq!(text.get(word.start..word.end()), Some(word.text));
            prop_assert!(word.start >= from && word.first <= word.last);
            from = word.start;
        }
    }

    #[test]
    fn spelling_is_a_fixed_point(word in "[а-яёa-zá'қіәӘ\u{301}\u{ad}-]{1,12}") {
        let once = lowercase(&spelling(&word));
        prop_assert_eq!(lowercase(&spelling(&once)), once);
    }

    #[test]
    fn detection_takes_anything(text in "\\PC{0,200}") {
        prop_assert!((0.0..=1.0).contains(&detect(&text).confidence));
    }
}
