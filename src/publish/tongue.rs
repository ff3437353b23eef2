//! What topicwire itself says in wires and pages, in the languages of its readers.

use crate::model::Language;

/// A language that topicwire speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tongue {
    #[default]
    English,
    Russian,
    Kazakh,
}

/// The phrases, one of each for a language.
pub(super) struct Phrases {
    pub(super) language: &'static str,
    pub(super) language_word: &'static str,
    pub(super) also_carried_by: &'static str,
    pub(super) no_page: &'static str,
    pub(super) withdrawn: &'static str,
    pub(super) score: &'static str,
    pub(super) more: &'static str,
    pub(super) topics: &'static str,
    pub(super) agencies: &'static str,
    pub(super) everything: &'static str,
    pub(super) subscribe: &'static str,
    pub(super) nothing_yet: &'static str,
    pub(super) new: &'static str,
    pub(super) more_there: &'static str,
    pub(super) sent_by: &'static str,
}

const ENGLISH: Phrases = Phrases {
    language: "en",
    language_word: "Language",
    also_carried_by: "Also carried by",
    no_page: "The page could not be read; this is the agency's own summary.",
    withdrawn: "Withdrawn: the agency took the page away",
    score: "score",
    more: "more",
    topics: "Topics",
    agencies: "Agencies",
    everything: "Everything",
    subscribe: "Subscribe",
    nothing_yet: "Nothing yet.",
    new: "new",
    more_there: "More of it is there:",
    sent_by: "This letter comes from topicwire, which watches the topic:",
};

const RUSSIAN: Phrases = Phrases {
    language: "ru",
    language_word: "Язык",
    also_carried_by: "Об этом же сообщают:",
    no_page: "Страницу прочитать не удалось; это аннотация самого агентства.",
    withdrawn: "Отозвано: агентство убрало страницу",
    score: "оценка",
    more: "ещё",
    topics: "Темы",
    agencies: "Агентства",
    everything: "Все сообщения",
    subscribe: "Подписаться",
    nothing_yet: "Пока ничего нет.",
    new: "новых",
    more_there: "Остальные сообщения здесь:",
    sent_by: "Это письмо составил topicwire, который следит за темой:",
};

const KAZAKH: Phrases = Phrases {
    language: "kk",
    language_word: "Тіл",
    also_carried_by: "Осы туралы жазғандар:",
    no_page: "Бетті оқу мүмкін болмады; бұл — агенттіктің өз аңдатпасы.",
    withdrawn: "Қайтарып алынды: агенттік бетті алып тастады",
    score: "баға",
    more: "тағы",
    topics: "Тақырыптар",
    agencies: "Агенттіктер",
    everything: "Барлық хабарлар",
    subscribe: "Жазылу",
    nothing_yet: "Әзірге ештеңе жоқ.",
    new: "жаңа",
    more_there: "Қалған хабарлар мына жерде:",
    sent_by: "Бұл хатты тақырыпты бақылайтын topicwire құрастырды:",
};

impl Tongue {
    pub const ALL: [Self; 3] = [Self::English, Self::Russian, Self::Kazakh];

    /// Its tag.
    #[must_use]
    pub fn tag(self) -> &'static str {
        self.phrases().language
    }

    /// What it calls itself.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Russian => "Русский",
            Self::Kazakh => "Қазақша",
        }
    }

    /// The tongue of an article; English where topicwire does not speak its language.
    #[must_use]
    pub fn of(language: Option<&Language>) -> Self {
        language.and_then(|language| Self::named(language.primary())).unwrap_or_default()
    }

    /// The tongue that a browser asks for first (RFC 9110, section 12.5.4), among those that topicwire speaks.
    #[must_use]
    pub fn of_accept_language(header: &str) -> Self {
        let mut best = (0.0, Self::default());
        for range in header.split(',').take(20) {
            let mut parts = range.split(';').map(str::trim);
            let primary = parts.next().and_then(|tag| tag.split('-').next()).unwrap_or_default().to_ascii_lowercase();
            let quality =
                parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1.0), |quality| quality.trim().parse().ok()).unwrap_or(0.0);
            if let Some(tongue) = Self::named(&primary).filter(|_| quality > best.0) {
                best = (quality, tongue);
            }
        }
        best.1
    }

    fn named(primary: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tongue| tongue.phrases().language == primary)
    }

    /// A day and time as the language writes it, for `format`.
    #[must_use]
    pub fn time_format(self) -> &'static str {
        match self {
            Self::English => "%-d %b %Y, %H:%M",
            Self::Russian | Self::Kazakh => "%d.%m.%Y, %H:%M",
        }
    }

    pub(super) fn phrases(self) -> &'static Phrases {
        match self {
            Self::English => &ENGLISH,
            Self::Russian => &RUSSIAN,
            Self::Kazakh => &KAZAKH,
        }
    }
}
