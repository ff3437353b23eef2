//! Any bytes as a list of subscriptions: what is read is written and read back as it was.
#![no_main]

use libfuzzer_sys::fuzz_target;
use topicwire::feed::opml;

fuzz_target!(|bytes: &[u8]| {
    let Some((mut subscriptions, _)) = opml::parse(bytes) else { return };
    let Some((mut again, _)) = opml::parse(opml::render("T", &subscriptions).as_bytes()) else { panic!("it is no OPML any more") };
    // Folders come together when they are written.
    for list in [&mut subscriptions, &mut again] {
        list.sort_by_key(|one| (one.folders.clone(), one.title.clone(), one.url.clone()));
    }
    assert_eq!(again, subscriptions);
});
