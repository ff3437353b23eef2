//! Secrets: the configuration says where they are, never what they are.

use std::path::PathBuf;

use super::table::{Mistakes, Table};

/// Where a secret is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Secret {
    /// The text of a file, without the spaces and line ends around it.
    File(PathBuf),
    /// An environment variable.
    Environment(String),
}

impl Secret {
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        match text.split_once(':') {
            Some(("file", path)) if !path.is_empty() => Ok(Self::File(PathBuf::from(path))),
            Some(("env", name)) if !name.is_empty() => Ok(Self::Environment(name.to_owned())),
            // The text is not repeated: it may be the secret itself.
            _ => Err("secrets do not stand here: write where it is, as in \"file:/etc/topicwire/token\" or \"env:TOPICWIRE_TOKEN\""),
        }
    }
}

/// The tokens of those who may read a wire: one or a list.
pub(super) fn tokens(table: &mut Table<'_>, mistakes: &mut Mistakes<'_>) -> Vec<Secret> {
    let mut tokens = Vec::new();
    for text in table.texts("token", mistakes) {
        match Secret::parse(text.get_ref()) {
            Ok(token) => tokens.push(token),
            Err(message) => mistakes.add(text.span(), message),
        }
    }
    tokens
}
