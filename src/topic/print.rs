//! Rules written down. Reading back what is written gives the same rules.

use std::fmt;

use super::expression::{Days, Effect, Expression, Filter, Part, Reach, Rule, Term};
use super::token;
use crate::model::Language;

impl fmt::Display for Rule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let language = self.language.as_ref().map(Language::as_str);
        match (language, self.effect) {
            (None, Effect::Decides) => {}
            (Some(language), Effect::Decides) => write!(formatter, "{language}: ")?,
            (language, Effect::Weighs(weight)) => write!(formatter, "{} {weight}: ", language.unwrap_or("any"))?,
            (language, Effect::Excludes) => write!(formatter, "{} NOT: ", language.unwrap_or("any"))?,
        }
        self.expression.fmt(formatter)
    }
}

impl Expression<Term> {
    /// How tightly the expression holds together in writing; what holds less tightly than its place asks for gets parentheses.
    fn binding(&self) -> u8 {
        match self {
            Self::Unless { .. } => 0,
            Self::Or(_) => 1,
            Self::And(_) => 2,
            Self::Not(_) => 3,
            Self::Near { .. } | Self::Sentence(..) => 4,
            Self::AtLeast(..) => 5,
            Self::Word(_) | Self::Phrase(_) | Self::Within(..) | Self::Filter(_) => 6,
        }
    }

    fn write(&self, formatter: &mut fmt::Formatter<'_>, least: u8) -> fmt::Result {
        if self.binding() >= least {
            return write!(formatter, "{self}");
        }
        write!(formatter, "({self})")
    }

    fn write_pair(formatter: &mut fmt::Formatter<'_>, left: &Self, operator: &str, right: &Self) -> fmt::Result {
        left.write(formatter, 4)?;
        write!(formatter, " {operator} ")?;
        right.write(formatter, 5)
    }

    fn write_list(formatter: &mut fmt::Formatter<'_>, items: &[Self], operator: &str, least: u8) -> fmt::Result {
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                write!(formatter, " {operator} ")?;
            }
            item.write(formatter, least)?;
        }
        Ok(())
    }
}

impl fmt::Display for Expression<Term> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(Term::AllForms(word)) if token::is_operator(word) => write!(formatter, "\"{word}\""),
            Self::Word(term) => term.fmt(formatter),
            Self::Phrase(terms) => {
                let words: Vec<String> = terms.iter().map(Term::to_string).collect();
                write!(formatter, "\"{}\"", words.join(" "))
            }
            Self::Near { words, in_order, left, right } => {
                let operator = if *in_order { "THEN" } else { "NEAR" };
                Self::write_pair(formatter, left, &format!("{operator}/{words}"), right)
            }
            Self::Sentence(left, right) => Self::write_pair(formatter, left, "SENT", right),
            Self::And(items) => Self::write_list(formatter, items, "AND", 3),
            Self::Or(items) => Self::write_list(formatter, items, "|", 2),
            Self::Not(item) => {
                formatter.write_str("NOT ")?;
                item.write(formatter, 3)
            }
            Self::Unless { wanted, reach, unwanted } => {
                wanted.write(formatter, 1)?;
                formatter.write_str(" UNLESS ")?;
                if let Reach::Words(words) = reach {
                    write!(formatter, "NEAR/{words} ")?;
                }
                unwanted.write(formatter, 1)
            }
            Self::Within(part, item) => {
                write!(formatter, "{part}:")?;
                item.write(formatter, 6)
            }
            Self::AtLeast(times, item) => {
                item.write(formatter, 5)?;
                write!(formatter, " x{times}")
            }
            Self::Filter(filter) => filter.fmt(formatter),
        }
    }
}

impl fmt::Display for Term {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AllForms(word) => formatter.write_str(word),
            Self::Exact(word) => write!(formatter, "={word}"),
            Self::Prefix(word) => write!(formatter, "{word}*"),
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Title => "title",
            Self::Lead => "lead",
            Self::Body => "body",
        })
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Feed(id) => write!(formatter, "feed:\"{id}\""),
            Self::Language(language) => write!(formatter, "lang:\"{language}\""),
            Self::Author(name) => write!(formatter, "author:\"{name}\""),
            Self::Tag(tag) => write!(formatter, "tag:\"{tag}\""),
            Self::Topic(id) => write!(formatter, "topic:\"{id}\""),
            Self::Published(days) => days.fmt(formatter),
        }
    }
}

impl fmt::Display for Days {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.first, self.last) {
            (Some(first), Some(last)) if first == last => write!(formatter, "date:{first}"),
            (Some(first), Some(last)) => write!(formatter, "date:{first}..{last}"),
            (Some(first), None) => write!(formatter, "date>={first}"),
            (None, Some(last)) => write!(formatter, "date<={last}"),
            (None, None) => Ok(()),
        }
    }
}
