//! Made-up topics in the likeness of those that ship: rules of the same shapes in the same shares, over words of the articles.
//!
//! A word is drawn as often as it stands in the articles, words of more than a tenth of a language's articles apart: so a topic is
//! about what articles are about, and the words of most rules do occur. A word that is a rule by itself is a telling one and is
//! drawn among those of at most one article in a hundred.

use std::collections::{BTreeMap, BTreeSet};

use topicwire::model::TopicId;
use topicwire::text::{Kind, Lemmas, spelling, words};
use topicwire::topic::{DEFAULT_THRESHOLD, Rules, Topic};

use super::articles::Article;

const LANGUAGES: [&str; 3] = ["ru", "kk", "en"];
/// Of one topic, in all languages.
const RULES: usize = 15;

/// What the articles of a language are written with.
struct Vocabulary {
    language: &'static str,
    content: Words,
    telling: Words,
    /// Two words that follow each other.
    pairs: Vec<String>,
}

/// Each word with the number of its occurrences and those of all before it.
struct Words(Vec<(String, u64)>);

/// So many topics. The same articles give the same topics.
pub(crate) fn topics(articles: &[Article], count: usize) -> Vec<Topic> {
    let lemmas = Lemmas::default();
    let vocabularies: Vec<Vocabulary> = LANGUAGES.into_iter().filter_map(|language| vocabulary(articles, language, &lemmas)).collect();
    let mut random = Random(42);
    let topic = |number| {
        // One that excludes itself is drawn again.
        let rule = |vocabulary: &Vocabulary| std::iter::repeat_with(|| vocabulary.rule(&mut random)).find(|rule| is_rule(rule));
        let rules: Vec<String> = vocabularies.iter().cycle().take(RULES).filter_map(rule).collect();
        let rules = Rules::parse(&rules.join("\n")).expect("made-up rules are rules");
        Topic::new(TopicId::new(format!("made-up-{number}")).expect("an id"), DEFAULT_THRESHOLD, rules)
    };
    (0..count).map(topic).collect()
}

fn vocabulary(articles: &[Article], language: &'static str, lemmas: &Lemmas) -> Option<Vocabulary> {
    let articles: Vec<&Article> = articles.iter().filter(|article| article.lang.starts_with(language)).collect();
    let (mut occurrences, mut carriers, mut pairs) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
    for article in &articles {
        let plain = words(&article.body).into_iter().filter(|word| word.kind == Kind::Plain);
        let words: Vec<String> = plain
            .filter_map(|word| lemmas.meant(language, &spelling(word.text)).into_iter().next())
            .filter(|word| is_content(word))
            .collect();
        for word in &words {
            *occurrences.entry(word.clone()).or_insert(0) += 1;
        }
        for word in words.iter().collect::<BTreeSet<_>>() {
            *carriers.entry(word.clone()).or_insert(0) += 1;
        }
        pairs.extend(words.windows(2).step_by(7).map(|pair| format!("\"{} {}\"", pair[0], pair[1])));
    }
    let at_most = |share: usize| {
        let most = (articles.len() / share).max(1);
        let words = occurrences.iter().filter(|(word, _)| carriers.get(*word).is_some_and(|carriers| *carriers <= most));
        let words = words.filter(|(word, _)| is_rule(word));
        let summed = words.scan(0, |total, (word, count)| {
            *total += count;
            Some((word.clone(), *total))
        });
        Words(summed.collect())
    };
    pairs.retain(|pair| is_rule(pair));
    (!articles.is_empty()).then(|| Vocabulary { language, content: at_most(10), telling: at_most(100), pairs })
}

fn is_content(word: &str) -> bool {
    word.chars().nth(3).is_some() && word.chars().all(char::is_alphabetic)
}

/// Words that say nothing are refused.
fn is_rule(text: &str) -> bool {
    Rules::parse(text).is_ok()
}

impl Vocabulary {
    /// Of twenty rules, twelve ask for nearness, two for a sentence, three for single words, one for phrases; one has an exception and
    /// one takes away.
    fn rule(&self, random: &mut Random) -> String {
        let shape = random.below(20);
        let mut any = |most: u64| {
            let words: Vec<&str> = (0..=random.below(most)).map(|_| self.content.draw(random)).collect();
            format!("({})", words.join(" | "))
        };
        let expression = match shape {
            0..12 => format!("8: {} NEAR/4 {}", any(5), any(4)),
            12..14 => format!("6: {} SENT {}", any(4), any(3)),
            14 => format!("8: {} NEAR/3 {} UNLESS {}", any(4), any(3), any(2)),
            15 => format!("-8: title:{}", any(6)),
            16 => format!("8: {} | {}", random.among(&self.pairs), random.among(&self.pairs)),
            _ => format!("7: {} | {}", self.telling.draw(random), self.telling.draw(random)),
        };
        format!("{} {expression}", self.language)
    }
}

impl Words {
    fn draw(&self, random: &mut Random) -> &str {
        let all = self.0.last().map_or(1, |(_, total)| *total);
        let at = random.below(all);
        &self.0[self.0.partition_point(|(_, total)| *total <= at)].0
    }
}

/// `SplitMix64`: the same numbers in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound
    }

    fn among<'a>(&mut self, items: &'a [String]) -> &'a str {
        &items[usize::try_from(self.below(items.len() as u64)).unwrap_or(0)]
    }
}
