//! The zone of a country, from the end of a host's name: where a page names none, its times are its readers' own.

use chrono_tz::Tz;

/// Countries whose agencies keep one time. The others are left out: there the host tells nothing.
const ZONES: [(&str, Tz); 52] = [
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

pub(super) fn of_host(host: &str) -> Option<Tz> {
    let country = host.rsplit('.').next()?;
    ZONES.iter().find(|(name, _)| *name == country).map(|(_, zone)| *zone)
}
