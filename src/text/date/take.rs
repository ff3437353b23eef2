//! Tokens into a [`Draft`]: what each means depends on itself, its neighbours and what is already known.

use chrono::{DateTime, Datelike};
use chrono_tz::Tz;

use super::draft::{Ago, Clock, Draft, YEARS};
use super::token::{Number, Token};
use super::words::{Meaning, Zone, american_zone, is_just_now, meaning};

/// Whether a date may begin here: used to skip through longer texts, in which "now" is only a word.
pub(super) fn may_begin(tokens: &[Token]) -> bool {
    match tokens.first() {
        Some(Token::Number(_)) => true,
        Some(Token::Word(word)) => {
            matches!(meaning(word), Some(Meaning::Month(_) | Meaning::Today(_) | Meaning::Unit(_) | Meaning::Ago))
        }
        Some(Token::Mark { .. }) | None => false,
    }
}

impl Draft {
    /// Takes tokens as long as they fit. Returns what is left.
    pub(super) fn read(tokens: &[Token]) -> (Self, &[Token]) {
        let (mut draft, mut rest) = (Self::default(), tokens);
        while !rest.is_empty() {
            let Some(taken) = draft.take(rest).filter(|taken| *taken > 0) else { break };
            rest = rest.get(taken..).unwrap_or_default();
        }
        (draft, rest)
    }

    /// Takes one thing from the front of `tokens` and says of how many tokens it was. None: it fits nowhere.
    fn take(&mut self, tokens: &[Token]) -> Option<usize> {
        if let Some(taken) = self.take_offset(tokens) {
            return Some(taken);
        }
        self.zone_is_open = false;
        match tokens {
            [Token::Number(number), ..] => {
                self.take_clock(tokens).or_else(|| self.take_numeric_date(tokens)).or_else(|| self.take_number(*number, tokens))
            }
            [Token::Word(word), rest @ ..] => self.take_word(word, rest).map(|taken| taken + 1),
            [Token::Mark { mark, .. }, rest @ ..] => self.take_mark(*mark, rest).map(|taken| taken + 1),
            [] => None,
        }
    }

    /// `+05:00`, `-0500`, `+5` after a clock or a zone's name.
    fn take_offset(&mut self, tokens: &[Token]) -> Option<usize> {
        let expected = self.zone_is_open || (self.clock.is_some() && self.zone.is_none());
        let [Token::Mark { mark: sign @ ('+' | '-'), clings: true }, Token::Number(number), rest @ ..] = tokens else { return None };
        if !expected {
            return None;
        }
        let (hours, minutes, taken) = match (number.digits, rest) {
            (1 | 2, [Token::Mark { mark: ':', .. }, Token::Number(minutes @ Number { digits: 1 | 2, .. }), ..]) => {
                (number.value, minutes.value, 4)
            }
            (1 | 2, [Token::Mark { mark: '.' | '/' | '-', clings: true }, Token::Number(_), ..]) => return None,
            (1 | 2, _) => (number.value, 0, 2),
            (3 | 4, _) => (number.value / 100, number.value % 100, 2),
            _ => return None,
        };
        if hours > 14 || minutes > 59 {
            return None;
        }
        let east = i32::try_from(hours * 60 + minutes).ok()?;
        self.zone = Some(Zone::Fixed(if *sign == '-' { -east } else { east }));
        self.zone_is_open = false;
        Some(taken)
    }

    /// `15:22`, `15:22:05.123`, `15h22`, `3 pm`, and `15.22` where a date is known already.
    fn take_clock(&mut self, tokens: &[Token]) -> Option<usize> {
        if self.clock.is_some() {
            return None;
        }
        let two = |number: &Number| number.digits <= 2;
        let (clock, taken) = match tokens {
            [
                Token::Number(hour),
                Token::Mark { mark: ':', .. },
                Token::Number(minute),
                Token::Mark { mark: ':', .. },
                Token::Number(second),
                rest @ ..,
            ] if two(hour) && two(minute) && two(second) => {
                let (nanoseconds, more) = fraction(rest);
                (Clock::new(hour.value, minute.value, second.value, nanoseconds)?, 5 + more)
            }
            [Token::Number(hour), Token::Mark { mark: ':', .. }, Token::Number(minute @ Number { digits: 2, .. }), ..] if two(hour) => {
                (Clock::new(hour.value, minute.value, 0, 0)?, 3)
            }
            [Token::Number(hour), Token::Word(h), Token::Number(minute @ Number { digits: 2, .. }), ..] if two(hour) && h == "h" => {
                (Clock::new(hour.value, minute.value, 0, 0)?, 3)
            }
            [Token::Number(hour), Token::Mark { mark: '.', clings: true }, Token::Number(minute @ Number { digits: 2, .. }), ..]
                if two(hour) && (self.day.is_some() || self.from_today.is_some()) && !goes_on_as_date(tokens) =>
            {
                (Clock::new(hour.value, minute.value, 0, 0)?, 3)
            }
            [Token::Number(hour), rest @ ..] if two(hour) && half_of_day(rest).is_some() => (Clock::new(hour.value, 0, 0, 0)?, 1),
            _ => return None,
        };
        let (afternoon, more) = half_of_day(tokens.get(taken..).unwrap_or_default()).map_or((None, 0), |(half, more)| (Some(half), more));
        self.clock = Some(clock.in_half(afternoon));
        Some(taken + more)
    }

    /// `2025-11-26`, `26.11.2025`, `11/26/2025`, `26.11`, `2025-11`, `20251126`, `20251126T152200`.
    fn take_numeric_date(&mut self, tokens: &[Token]) -> Option<usize> {
        if self.day.is_some() || self.month.is_some() || self.epoch.is_some() {
            return None;
        }
        match tokens {
            [
                Token::Number(first),
                Token::Mark { mark: one, .. },
                Token::Number(second),
                Token::Mark { mark: two, .. },
                Token::Number(third),
                ..,
            ] if one == two && matches!(one, '-' | '.' | '/') && second.digits <= 2 => {
                self.set_date(*first, *second, *third)?;
                Some(5)
            }
            [
                Token::Number(year @ Number { digits: 4, .. }),
                Token::Mark { mark: '-', clings: true },
                Token::Number(month @ Number { digits: 2, .. }),
            ] if self.year.is_none() => {
                // W3CDTF: a month stands for its first day.
                self.set_calendar(year.value, month.value, 1)?;
                Some(3)
            }
            [Token::Number(day), Token::Mark { mark: '.' | '/', clings: true }, Token::Number(month), ..]
                if day.digits <= 2 && month.digits == 2 && !goes_on_as_date(tokens) =>
            {
                (self.day, self.month) = (Some(day.value), Some(u32::try_from(month.value).ok()?));
                Some(3)
            }
            [Token::Number(number), rest @ ..] if number.digits >= 8 => self.take_basic(*number, rest),
            _ => None,
        }
    }

    /// The basic forms of ISO 8601, and seconds or milliseconds since 1970 where there is nothing else.
    fn take_basic(&mut self, number: Number, rest: &[Token]) -> Option<usize> {
        let Number { value, digits } = number;
        match digits {
            8 => {
                self.set_calendar(value / 10_000, value / 100 % 100, value % 100)?;
                match rest {
                    [Token::Word(t), Token::Number(clock @ Number { digits: 4 | 6, .. }), ..] if t == "t" => {
                        self.set_basic_clock(*clock)?;
                        Some(3)
                    }
                    _ => Some(1),
                }
            }
            12 | 14 => {
                let clock = Number { value: value % 10_u64.pow(digits - 8), digits: digits - 8 };
                let date = value / 10_u64.pow(digits - 8);
                self.set_calendar(date / 10_000, date / 100 % 100, date % 100)?;
                self.set_basic_clock(clock)?;
                Some(1)
            }
            10 | 13 if rest.is_empty() => {
                let seconds = if digits == 13 { value / 1000 } else { value };
                let epoch = DateTime::from_timestamp(i64::try_from(seconds).ok()?, 0)?;
                self.epoch = Some(epoch).filter(|epoch| u64::try_from(epoch.year()).is_ok_and(|year| YEARS.contains(&year)));
                self.epoch?;
                Some(1)
            }
            _ => None,
        }
    }

    /// A number by itself: the year by its four digits, the day, or a year of two digits after the day.
    fn take_number(&mut self, number: Number, tokens: &[Token]) -> Option<usize> {
        let Number { value, digits } = number;
        if let [_, Token::Word(word), ..] = tokens {
            match meaning(word) {
                Some(Meaning::Unit(seconds)) if digits <= 3 => {
                    let more = i64::try_from(value).ok()? * seconds;
                    self.length = Some(self.length.unwrap_or(0) + more);
                    return Some(2);
                }
                Some(Meaning::MonthMark) if self.month.is_none() && digits <= 2 => {
                    self.month = Some(u32::try_from(value).ok()?);
                    return Some(2);
                }
                _ => {}
            }
        }
        match digits {
            // `0500` without its sign.
            4 if self.year.is_some() && self.clock.is_some() && self.zone.is_none() && tokens.len() == 1 => {
                let (hours, minutes) = (i32::try_from(value / 100).ok()?, i32::try_from(value % 100).ok()?);
                self.zone = Some(Zone::Fixed(hours * 60 + minutes)).filter(|_| hours <= 14 && minutes % 15 == 0 && minutes < 60);
                self.zone?;
            }
            4 if self.year.is_none() && YEARS.contains(&value) => self.year = Some(value),
            1 | 2 if self.day.is_none() && (1..=31).contains(&value) => self.day = Some(value),
            2 if self.year.is_none() && self.day.is_some() && self.month.is_some() => self.year = Some(full_year(number)),
            _ => return None,
        }
        Some(1)
    }

    /// Returns how many tokens it took from `rest`, which follows the word.
    fn take_word(&mut self, word: &str, rest: &[Token]) -> Option<usize> {
        if let [Token::Word(next), ..] = rest
            && is_just_now(word, next)
        {
            (self.ago, self.length) = (Ago::Said, Some(0));
            return Some(1);
        }
        if let Some(zone) = self.american_zone(word, rest) {
            self.zone = Some(Zone::Named(zone));
            return Some(0);
        }
        match meaning(word) {
            Some(Meaning::Month(month)) => {
                // `mar` may have been a Tuesday: the later month counts.
                (self.month, self.month_is_named) = (Some(month), true);
            }
            Some(Meaning::AgoOrAugust) => self.ago = Ago::OrAugust,
            Some(Meaning::Ago) => self.ago = Ago::Said,
            Some(Meaning::Now) => (self.ago, self.length) = (Ago::Said, Some(0)),
            Some(Meaning::Unit(seconds)) => self.unit = Some(seconds),
            Some(Meaning::Today(days)) if self.from_today.is_none() => self.from_today = Some(days),
            Some(Meaning::Zone(zone)) if self.zone.is_none() => (self.zone, self.zone_is_open) = (Some(zone), true),
            Some(Meaning::Afternoon(afternoon)) => {
                // Before the clock in some languages; elsewhere it is the German "am".
                if let Some((clock, taken)) = afternoon.then(|| self.clock_ahead(rest)).flatten() {
                    self.clock = Some(clock);
                    return Some(taken);
                }
            }
            Some(Meaning::Nothing | Meaning::YearMark | Meaning::MonthMark | Meaning::DayMark) => {}
            // `+0500 UTC`: the offset was said already.
            Some(Meaning::Zone(_)) if self.clock.is_some() && rest.is_empty() => {}
            // A zone that is not in the table: the date counts all the same.
            None if self.clock.is_some() && self.zone.is_none() && rest.is_empty() && word.len() <= 5 => {}
            Some(Meaning::Today(_) | Meaning::Zone(_)) | None => return None,
        }
        Some(0)
    }

    /// What `ET` means behind a time of day, unless a sentence goes on behind it.
    fn american_zone(&self, word: &str, rest: &[Token]) -> Option<Tz> {
        let goes_on = match rest {
            [Token::Word(next), ..] => !matches!(meaning(next), Some(Meaning::Month(_))),
            [Token::Number(_), ..] => true,
            [Token::Mark { .. }, ..] | [] => false,
        };
        american_zone(word).filter(|_| self.clock.is_some() && self.zone.is_none() && !goes_on)
    }

    fn clock_ahead(&self, tokens: &[Token]) -> Option<(Clock, usize)> {
        let mut ahead = Self { day: Some(1), ..Self::default() };
        let taken = if self.clock.is_none() { ahead.take_clock(tokens)? } else { return None };
        Some((ahead.clock?.in_half(Some(true)), taken))
    }

    fn take_mark(&mut self, mark: char, rest: &[Token]) -> Option<usize> {
        match mark {
            // Comments: `(Central European Standard Time)` in RFC 822, `[Asia/Almaty]` in RFC 9557.
            '(' | '[' if self.zone.is_some() => {
                let end = rest.iter().position(|token| matches!(token, Token::Mark { mark: ')' | ']', .. }));
                Some(end.map_or(rest.len(), |end| end + 1))
            }
            ',' | '.' | ':' | ';' | '-' | '/' | '|' | '(' | ')' | '[' | ']' | '\'' | '’' | '"' | '«' | '»' | '·' | '•' | 'º' | '°'
            | '@' => Some(0),
            _ => None,
        }
    }

    /// Three numbers: year first if it has four digits, else day first unless that is impossible.
    fn set_date(&mut self, first: Number, second: Number, third: Number) -> Option<()> {
        match (first.digits, third.digits) {
            (4, 1 | 2) => self.set_calendar(first.value, second.value, third.value),
            (1 | 2, 2 | 4) => {
                let (day, month) = if second.value > 12 { (second.value, first.value) } else { (first.value, second.value) };
                self.set_calendar(full_year(third), month, day)
            }
            _ => None,
        }
    }

    fn set_calendar(&mut self, year: u64, month: u64, day: u64) -> Option<()> {
        if self.year.is_some() || !YEARS.contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
            return None;
        }
        (self.year, self.month, self.day) = (Some(year), u32::try_from(month).ok(), Some(day));
        Some(())
    }

    fn set_basic_clock(&mut self, clock: Number) -> Option<()> {
        let value = if clock.digits == 4 { clock.value * 100 } else { clock.value };
        self.clock = Some(Clock::new(value / 10_000, value / 100 % 100, value % 100, 0)?);
        Some(())
    }
}

/// The fraction of a second at the front of `tokens`, in nanoseconds, and how many tokens it is.
fn fraction(tokens: &[Token]) -> (u32, usize) {
    match tokens {
        [Token::Mark { mark: '.', clings: true }, Token::Number(Number { value, digits }), ..] => {
            let nanoseconds = if *digits <= 9 { value * 10_u64.pow(9 - digits) } else { value / 10_u64.pow(digits - 9) };
            (u32::try_from(nanoseconds).unwrap_or(0), 2)
        }
        _ => (0, 0),
    }
}

/// `am`, `p.m.` at the front: whether it is the afternoon, and how many tokens it is.
fn half_of_day(tokens: &[Token]) -> Option<(bool, usize)> {
    match tokens {
        [Token::Word(word), ..] if let Some(Meaning::Afternoon(afternoon)) = meaning(word) => Some((afternoon, 1)),
        [Token::Word(half), Token::Mark { mark: '.', .. }, Token::Word(m), ..] if m == "m" || m == "μ" => match half.as_str() {
            "a" | "π" => Some((false, 3)),
            "p" | "μ" => Some((true, 3)),
            _ => None,
        },
        _ => None,
    }
}

/// Whether `26.11` is followed by `.2025`.
fn goes_on_as_date(tokens: &[Token]) -> bool {
    matches!(tokens, [_, Token::Mark { mark: one, .. }, _, Token::Mark { mark: two, clings: true }, Token::Number(_), ..] if one == two)
}

/// RFC 2822, section 4.3, with the turn of the century where this program's years begin.
fn full_year(number: Number) -> u64 {
    match number {
        Number { value, digits: 2 } if value < 70 => 2000 + value,
        Number { value, digits: 2 } => 1900 + value,
        Number { value, .. } => value,
    }
}
