//! Small charts: bars, whose meaning is also said in words.

use maud::{Markup, html};

const HEIGHT: u64 = 30;
const WIDTH: usize = 10;
const GAP: usize = 2;

/// Bars of these heights; those from `enough` on are of another colour. `text` says what they mean.
pub(super) fn bars(values: &[u64], enough: usize, text: &str) -> Markup {
    let highest = values.iter().copied().max().unwrap_or(0).max(1);
    let width = (values.len() * (WIDTH + GAP)).max(1);
    html! {
        svg.chart viewBox={ "0 0 " (width) " " (HEIGHT + 1) } preserveAspectRatio="none" role="img" aria-label=(text) {
            title { (text) }
            @for (index, &value) in values.iter().enumerate() {
                @let height = if value == 0 { 0 } else { (value * HEIGHT / highest).max(1) };
                rect.enough[index >= enough] x=(index * (WIDTH + GAP)) y=(HEIGHT - height) width=(WIDTH) height=(height) {}
            }
            line x1="0" y1=(HEIGHT) x2=(width) y2=(HEIGHT) {}
        }
    }
}
