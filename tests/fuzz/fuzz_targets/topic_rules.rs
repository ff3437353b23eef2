//! Any text as rules: the parser never panics, what it takes reads the same again once printed, and a matcher can be made of it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use topicwire::model::TopicId;
use topicwire::topic::{DEFAULT_THRESHOLD, Matcher, Rules, Subject, Topic};

fuzz_target!(|text: &str| {
    let Ok(rules) = Rules::parse(text) else { return };
    assert_eq!(Rules::parse(&rules.to_string()).as_ref(), Ok(&rules), "{rules}");
    let Ok(id) = TopicId::new("fuzzed") else { return };
    let matcher = Matcher::new(&[Topic::new(id, DEFAULT_THRESHOLD, rules)]);
    // The rules themselves are a text that has their words.
    matcher.matches(&Subject { title: text, body: text, ..Subject::default() });
});
