//! The zone of a page's readers, from the country in the host's name or from the language: where a page names none, its times are
//! its readers' own.

use chrono_tz::Tz;

use crate::model::Language;

/// Countries whose agencies keep one time. The others are left out: there the host tells nothing.
const OF_COUNTRIES: [(&str, Tz); 52] = [
    ("ae", Tz::Asia__Dubai),
    ("am", Tz::Asia__Yerevan),
    ("at", Tz::Europe__Vienna),
    ("az", Tz::Asia__Baku),
    ("be", Tz::Europe__Brussels),
    ("bg", Tz::Europe__Sofia),
    ("bo", Tz::America__La_Paz),
    ("by", Tz::Europe__Minsk),
    ("ch", Tz::Europe__Zurich),
    ("cn", Tz::Asia__Shanghai),
    ("co", Tz::America__Bogota),
    ("cz", Tz::Europe__Prague),
    ("de", Tz::Europe__Berlin),
    ("dk", Tz::Europe__Copenhagen),
    ("ee", Tz::Europe__Tallinn),
    ("es", Tz::Europe__Madrid),
    ("fi", Tz::Europe__Helsinki),
    ("fr", Tz::Europe__Paris),
    ("ge", Tz::Asia__Tbilisi),
    ("gr", Tz::Europe__Athens),
    ("hk", Tz::Asia__Hong_Kong),
    ("hu", Tz::Europe__Budapest),
    ("ie", Tz::Europe__Dublin),
    ("il", Tz::Asia__Jerusalem),
    ("in", Tz::Asia__Kolkata),
    ("ir", Tz::Asia__Tehran),
    ("it", Tz::Europe__Rome),
    ("jp", Tz::Asia__Tokyo),
    ("kg", Tz::Asia__Bishkek),
    ("kr", Tz::Asia__Seoul),
    ("kz", Tz::Asia__Almaty),
    ("lt", Tz::Europe__Vilnius),
    ("lv", Tz::Europe__Riga),
    ("md", Tz::Europe__Chisinau),
    ("nl", Tz::Europe__Amsterdam),
    ("no", Tz::Europe__Oslo),
    ("pe", Tz::America__Lima),
    ("pl", Tz::Europe__Warsaw),
    ("ro", Tz::Europe__Bucharest),
    ("rs", Tz::Europe__Belgrade),
    ("ru", Tz::Europe__Moscow),
    ("se", Tz::Europe__Stockholm),
    ("sg", Tz::Asia__Singapore),
    ("sk", Tz::Europe__Bratislava),
    ("tj", Tz::Asia__Dushanbe),
    ("tm", Tz::Asia__Ashgabat),
    ("tr", Tz::Europe__Istanbul),
    ("tw", Tz::Asia__Taipei),
    ("ua", Tz::Europe__Kyiv),
    ("uk", Tz::Europe__London),
    ("uz", Tz::Asia__Tashkent),
    ("za", Tz::Africa__Johannesburg),
];

/// Languages whose readers nearly all live by one clock. The others are left out.
const OF_LANGUAGES: [(&str, Tz); 30] = [
    ("az", Tz::Asia__Baku),
    ("be", Tz::Europe__Minsk),
    ("bg", Tz::Europe__Sofia),
    ("cs", Tz::Europe__Prague),
    ("da", Tz::Europe__Copenhagen),
    ("de", Tz::Europe__Berlin),
    ("el", Tz::Europe__Athens),
    ("et", Tz::Europe__Tallinn),
    ("fi", Tz::Europe__Helsinki),
    ("he", Tz::Asia__Jerusalem),
    ("hu", Tz::Europe__Budapest),
    ("hy", Tz::Asia__Yerevan),
    ("it", Tz::Europe__Rome),
    ("ja", Tz::Asia__Tokyo),
    ("ka", Tz::Asia__Tbilisi),
    ("kk", Tz::Asia__Almaty),
    ("ko", Tz::Asia__Seoul),
    ("ky", Tz::Asia__Bishkek),
    ("lt", Tz::Europe__Vilnius),
    ("lv", Tz::Europe__Riga),
    ("nl", Tz::Europe__Amsterdam),
    ("pl", Tz::Europe__Warsaw),
    ("sk", Tz::Europe__Bratislava),
    ("tg", Tz::Asia__Dushanbe),
    ("th", Tz::Asia__Bangkok),
    ("tr", Tz::Europe__Istanbul),
    ("uk", Tz::Europe__Kyiv),
    ("uz", Tz::Asia__Tashkent),
    ("vi", Tz::Asia__Ho_Chi_Minh),
    ("zh", Tz::Asia__Shanghai),
];

/// The zone of those who read `language` at `host`, where either tells.
pub(super) fn of_readers(host: Option<&str>, language: Option<&Language>) -> Option<Tz> {
    let find = |zones: &[(&str, Tz)], wanted: &str| zones.iter().find(|(name, _)| *name == wanted).map(|(_, zone)| *zone);
    let country = host.and_then(|host| host.rsplit('.').next());
    country.and_then(|country| find(&OF_COUNTRIES, country)).or_else(|| find(&OF_LANGUAGES, language?.primary()))
}
