//! What words mean in dates: months, weekdays, zones, "yesterday", "hours ago", and words that only hold a date together.
//!
//! In the tables a `*` stands for an ending of at most five letters (`ноябр*`: ноябрь, ноября, ноябре, ноябрдин). Words are
//! compared folded (see `token::fold`), so letter case and accents do not matter here. The first table that has a word wins.

use std::sync::LazyLock;

use chrono_tz::Tz;
use rustc_hash::FxHashMap;

use super::token::fold;

/// What a word says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    Month(u32),
    /// "ago" in English, August for short in Spanish and Italian.
    AgoOrAugust,
    /// The day, counted from today.
    Today(i64),
    Now,
    /// A length of time, in seconds.
    Unit(i64),
    Ago,
    Afternoon(bool),
    Zone(Zone),
    /// 年: the number before it is the year, and so on.
    YearMark,
    MonthMark,
    DayMark,
    /// A weekday (it may be wrong, and adds nothing) or a word such as "at".
    Nothing,
}

/// How far local time is from UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Zone {
    /// Minutes east of UTC.
    Fixed(i32),
    /// A zone whose name has meant more than one offset.
    Named(Tz),
}

/// What a folded word means in a date.
pub(super) fn meaning(word: &str) -> Option<Meaning> {
    let vocabulary = &*VOCABULARY;
    vocabulary.whole.get(word).copied().or_else(|| {
        let stems = word.char_indices().map(|(end, _)| end).chain([word.len()]).rev().take(LONGEST_ENDING + 1);
        stems.filter_map(|end| word.get(..end)).find_map(|stem| vocabulary.stems.get(stem).copied())
    })
}

/// The zone that two letters mean behind a time of day in the United States. Elsewhere they are words: `et` is "and".
pub(super) fn american_zone(word: &str) -> Option<Tz> {
    match word {
        "et" => Some(Tz::America__New_York),
        "ct" => Some(Tz::America__Chicago),
        "mt" => Some(Tz::America__Denver),
        "pt" => Some(Tz::America__Los_Angeles),
        _ => None,
    }
}

/// Whether two words together say "just now". Each by itself says nothing of a time.
pub(super) fn is_just_now(word: &str, next: &str) -> bool {
    matches!((word, next), ("только", "что") | ("толькі", "што") | ("жаңа", "ғана") | ("just", "now"))
}

const LONGEST_ENDING: usize = 5;

static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(Vocabulary::new);

struct Vocabulary {
    whole: FxHashMap<String, Meaning>,
    stems: FxHashMap<String, Meaning>,
}

impl Vocabulary {
    fn new() -> Self {
        let mut vocabulary = Self { whole: FxHashMap::default(), stems: FxHashMap::default() };
        for names in MONTHS {
            for (names, month) in names.iter().zip(1..) {
                vocabulary.add(names, Meaning::Month(month));
            }
        }
        for (words, meaning) in WORDS {
            vocabulary.add(words, *meaning);
        }
        for (names, hours) in FIXED_ZONES {
            vocabulary.add(names, Meaning::Zone(Zone::Fixed(*hours * 60)));
        }
        vocabulary
    }

    fn add(&mut self, words: &str, meaning: Meaning) {
        for word in words.split_whitespace() {
            match word.strip_suffix('*') {
                Some(stem) => self.stems.entry(fold(stem)).or_insert(meaning),
                None => self.whole.entry(fold(word)).or_insert(meaning),
            };
        }
    }
}

/// A row a language: en, de, fr, es, it, ru (also ky and uz in Cyrillic), uk, be, kk in Cyrillic, kk in Latin, uz in Latin, tr,
/// pl, el, pt, ro, nl (with sv and az), ar, cs, hu.
#[rustfmt::skip]
const MONTHS: &[[&str; 12]] = &[
    ["january jan", "february feb febr", "march mar", "april apr", "may", "june jun", "july jul", "august aug", "september sept sep",
     "october oct", "november nov", "december dec"],
    ["januar jänner jän", "februar feber", "märz mär mrz", "april", "mai", "juni", "juli", "august", "september", "oktober okt",
     "november", "dezember dez"],
    ["janvier janv", "février févr fév", "mars", "avril avr", "mai", "juin", "juillet juil", "août", "septembre", "octobre",
     "novembre", "décembre déc"],
    ["enero ene", "febrero", "marzo", "abril abr", "mayo", "junio", "julio", "agosto", "septiembre setiembre set", "octubre",
     "noviembre", "diciembre dic"],
    ["gennaio gen", "febbraio", "marzo", "aprile", "maggio mag", "giugno giu", "luglio lug", "agosto", "settembre", "ottobre ott",
     "novembre", "dicembre"],
    ["январ* янв", "феврал* фев февр", "март* мар", "апрел* апр", "май мая мае мая майдын майда", "июн*", "июл*", "август* авг",
     "сентябр* сен сент", "октябр* окт", "ноябр* ноя нояб", "декабр* дек"],
    ["січен* січн* січ", "лютий лютого лютому лют", "березен* березн* бер", "квітен* квітн* квіт кві", "травен* травн* трав тра",
     "червен* червн* черв чер", "липен* липн* лип", "серпен* серпн* серп сер", "вересен* вересн* вер", "жовтен* жовтн* жовт жов",
     "листопад* лист лис", "груден* грудн* груд гру"],
    ["студзен* студ сту", "лютага лютым люты", "сакавік* сак", "красавік* крас кра", "травен* траўн*", "чэрвен* чэр",
     "ліпен* ліп", "жнівен* жніўн* жні", "верасен* верасн*", "кастрычнік* каст кас", "лістапад* ліс", "снежан* снежн* сне"],
    ["қаңтар* қаң қаңт", "ақпан* ақп", "наурыз* нау наур", "сәуір* сәу", "мамыр* мам", "маусым* мау", "шілде* шіл", "тамыз* там",
     "қыркүйек* қыркүйег* қыр қырк", "қазан* қаз", "қараша* қар", "желтоқсан* жел желт"],
    ["qantar* qaŋtar*", "aqpan*", "nauryz* nawrız* naýryz*", "sauir* sáwir* sáýir* säuır*", "mamyr* mamır*", "mausym* mawsım* maýsym*", "shilde* şilde* şılde* silde*",
     "tamyz* tamız*", "qyrkuiek* qyrkúıek* qyrkuieg* qırküyek*", "qazan*", "qarasha* qaraşa*", "jeltoqsan*"],
    ["yanvar* yan", "fevral* fev", "mart*", "aprel*", "may mayda", "iyun*", "iyul*", "avgust* avg", "sentabr* sentyabr* sen",
     "oktabr* oktyabr*", "noyabr* noy", "dekabr* dek"],
    ["ocak oca", "şubat şub", "mart", "nisan nis", "mayıs mayis", "haziran haz", "temmuz tem", "ağustos ağu", "eylül eyl", "ekim eki",
     "kasım kasim kas", "aralık aralik ara"],
    ["stycz* sty", "luty lutego lut", "marzec marca", "kwiecień kwietnia kwi", "maj maja", "czerwiec czerwca cze", "lipiec lipca lip",
     "sierpień sierpnia sie", "wrzesień września wrz", "październik* paź", "listopad* lis", "grudzień grudnia gru"],
    ["ιανουαρ* ιαν", "φεβρουαρ* φεβ", "μαρτ* μαρ μαω", "απριλ* απρ", "μαιος μαιου μαι μαη", "ιουν* ιον", "ιουλ* ιολ", "αυγουστ* αυγ",
     "σεπτεμβρ* σεπ σεπτ", "οκτωβρ* οκτ", "νοεμβρ* νοε", "δεκεμβρ* δεκ"],
    ["janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro out", "novembro", "dezembro"],
    ["ianuarie", "februarie", "martie", "aprilie", "mai", "iunie iun", "iulie iul", "august", "septembrie", "octombrie", "noiembrie",
     "decembrie"],
    ["januari", "februari", "maart mrt", "april", "mei maj", "juni", "juli", "augustus augusti avqust", "september", "oktober", "november",
     "december desember"],
    ["يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو", "يوليو يوليوز", "أغسطس غشت", "سبتمبر شتنبر", "أكتوبر", "نوفمبر نونبر",
     "ديسمبر دجنبر"],
    ["leden ledna", "únor února", "březen března", "duben dubna", "květen května", "červen června", "červenec července", "srpen srpna",
     "září", "říjen října", "listopadu", "prosinec prosince"],
    ["január*", "február*", "március* márc", "április* ápr", "május* máj", "június* jún", "július* júl", "augusztus*", "szeptember* szept",
     "október*", "november*", "december*"],
];

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

#[rustfmt::skip]
const WORDS: &[(&str, Meaning)] = &[
    ("ago", Meaning::AgoOrAugust),
    ("назад тому таму бұрын мурун мурда oldin олдин avval аввал burın buryn önce vor il hace fa temu πριν", Meaning::Ago),
    ("now сейчас щойно қазір азыр hozir şimdi jetzt", Meaning::Now),
    ("today сегодня сьогодні сёння бүгін бүгүн бугун bugun bügin bügın búgin bugün heute aujourd hoy oggi dziś dzisiaj σήμερα", Meaning::Today(0)),
    ("yesterday вчера вчора учора кеше кечээ кеча kecha keşe keshe dün gestern hier ayer ieri wczoraj χθες χτες", Meaning::Today(-1)),
    ("позавчера позавчора", Meaning::Today(-2)),

    ("second* sec secs s секунд* сек sekund* saniye* seconde* segundo* δευτερ*", Meaning::Unit(1)),
    ("minut* min mins m минут* мин хвилин* хв хвілін* минөт* мүнөт* daqiqa* дақиқа* dakika* dk λεπτ*", Meaning::Unit(MINUTE)),
    ("полчаса півгодини", Meaning::Unit(HOUR / 2)),
    ("hour* hr hrs h uhr час часа часов часы часу ч годин* год гадзін* сағат* саат* соат* soat* sagat* saat* sa stund* std heure* hora* ora ore godzin* ωρα ωρες",
     Meaning::Unit(HOUR)),
    ("day days d день дня дней дні днів дзён күн* кун kun gün tag tage tagen jour jours día días giorno giorni dzień dni ημερ* μέρες",
     Meaning::Unit(DAY)),
    ("week* недел* тижд* тижні тыдн* апта* жума hafta* woche* semaine* semana* settiman* tydzień tygodni*", Meaning::Unit(7 * DAY)),
    // About: what is told in months is told of a day that nobody knows any more.
    ("month months месяц месяца месяцев місяць місяці місяців месяцаў месяцы ай ой oy ay monat monate monaten mois mes meses mese mesi miesiąc miesiące miesięcy",
     Meaning::Unit(30 * DAY)),

    ("am 오전 上午 午前 πμ ص", Meaning::Afternoon(false)),
    ("pm 오후 下午 午後 μμ م", Meaning::Afternoon(true)),
    ("年 년", Meaning::YearMark),
    ("月 월", Meaning::MonthMark),
    ("日 일", Meaning::DayMark),

    ("msk мск московскому", Meaning::Zone(Zone::Named(Tz::Europe__Moscow))),
    ("almt алматы астаны астана астане astana almaty", Meaning::Zone(Zone::Named(Tz::Asia__Almaty))),
    ("aqtt", Meaning::Zone(Zone::Named(Tz::Asia__Aqtobe))),
    ("київ киев києва киева", Meaning::Zone(Zone::Named(Tz::Europe__Kyiv))),
    ("ist", Meaning::Zone(Zone::Fixed(330))),

    // Weekdays: en, de, fr, es, it; ru, uk, be; kk, ky, uz; tr, pl, el; zh, ja and ko.
    ("monday tuesday wednesday thursday friday saturday sunday mon tue tues wed wednes thu thur thurs fri sat sun", Meaning::Nothing),
    ("montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag mo di mi do fr so", Meaning::Nothing),
    ("lundi mardi mercredi jeudi vendredi samedi dimanche lun mer jeu ven sam dim", Meaning::Nothing),
    ("lunes martes miércoles jueves viernes sábado domingo mié jue vie sáb dom", Meaning::Nothing),
    ("lunedì martedì mercoledì giovedì venerdì sabato domenica gio", Meaning::Nothing),
    ("понедельник* вторник* сред* четверг* пятниц* суббот* воскресен* пн вт ср чт пт сб вс вск пон втр срд чтв птн суб вос", Meaning::Nothing),
    ("понеділ* вівтор* четвер* п'ятниц* пятниц* ятниц* п субот* неділ* нд панядзел* аўтор* серад* чацвер* чацв* субот* нядзел*", Meaning::Nothing),
    ("дүйсенбі* сейсенбі* сәрсенбі* бейсенбі* жұма сенбі* жексенбі* дүйшөмбү шейшемби шаршемби бейшемби ишемби жекшемби", Meaning::Nothing),
    ("düisenbi seisenbi särsenbi beisenbi juma senbi jeksenbi dushanba seshanba chorshanba payshanba shanba yakshanba", Meaning::Nothing),
    ("душанба сешанба чоршанба пайшанба шанба якшанба", Meaning::Nothing),
    ("pazartesi salı çarşamba perşembe cuma cumartesi pazar pzt sal çar per cum cmt paz", Meaning::Nothing),
    ("poniedział* wtorek środa czwartek piątek sobota niedziela pon wt śr czw pt sob niedz", Meaning::Nothing),
    ("δευτέρα τρίτη τετάρτη πέμπτη παρασκευή σάββατο κυριακή δευ τρι τετ πεμ παρ σαβ κυρ", Meaning::Nothing),
    ("月曜日 火曜日 水曜日 木曜日 金曜日 土曜日 日曜日 星期一 星期二 星期三 星期四 星期五 星期六 星期日", Meaning::Nothing),

    ("الأحد الاثنين الإثنين الثلاثاء الأربعاء الخميس الجمعة السبت", Meaning::Nothing),

    // What holds a date together: prepositions, articles, ordinal endings, "year".
    ("t at on of the a an um den le la el les de del di à das y e i st nd rd th er au no o einer einem", Meaning::Nothing),
    ("in time just almost about around hui", Meaning::Nothing),
    ("г года году год гг р року рік рока годзе в во у о об ж жыл жылғы жылдың жылы жылдын йил йили йилнинг", Meaning::Nothing),
    ("yil yili yilning jyl jylǵy jylğy jyly jılğı yılı го е ого ші шы де да те та ға ге күні күнү куни kuni kúni", Meaning::Nothing),
    ("по времени время времени только что около ровно", Meaning::Nothing),
    ("жаңа ғана few несколько бірнеше kl", Meaning::Nothing),
    ("published posted updated опубликовано обновлено добавлено дата публикации жарияланған жарияланды", Meaning::Nothing),
];

/// Zone names and their hours east of UTC. Where a name has several meanings, the one that newsrooms use most.
const FIXED_ZONES: &[(&str, i32)] = &[
    ("z utc gmt ut wet гринвичу", 0),
    ("cet bst west mez met wat", 1),
    ("eet cest mesz mest sast cat", 2),
    ("eest idt trt eat", 3),
    ("msd samt gst azt get", 4),
    ("uzt tjt tmt yekt pkt orat", 5),
    ("kgt omst bdt", 6),
    ("novt krat ict wib", 7),
    ("irkt hkt sgt pht awst", 8),
    ("jst kst yakt", 9),
    ("vlat aest", 10),
    ("aedt magt", 11),
    ("nzst pett", 12),
    ("nzdt", 13),
    ("brt art clst", -3),
    ("ast edt clt", -4),
    ("est cdt cot pet", -5),
    ("cst mdt", -6),
    ("mst pdt", -7),
    ("pst akdt", -8),
    ("akst", -9),
    ("hst", -10),
];
