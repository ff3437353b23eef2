//! Any text as a date: what is read is written and read back as the same time.
#![no_main]

use libfuzzer_sys::fuzz_target;
use topicwire::text::date;

fuzz_target!(|text: &str| {
    for time in [date::parse(text, None, None), date::find(text, Some(chrono_tz::Asia::Almaty), None)].into_iter().flatten() {
        let written = time.to_rfc3339();
        assert_eq!(date::parse(&written, None, None), Some(time), "{text:?} is {written}");
    }
});
