//! The store in figures.

use serde::{Deserialize, Serialize};

use super::{Desk, Question, Refusal};
pub use crate::store::Stats as Figures;

/// Asks for the store in figures.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Stats {}

impl Question for Stats {
    const NAME: &'static str = "stats";
    type Answer = Figures;

    fn answer(&self, desk: &Desk) -> Result<Figures, Refusal> {
        Ok(desk.store()?.stats()?)
    }
}
