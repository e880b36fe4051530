//! How often each type occurs among the generated log rows.

use super::types::{LOG_TYPES, LogType, SUCCESSFUL_LOGIN, any};

/// How often each type occurs among the generated log rows.
///
/// A row `fepft` follows some rows `fp`, and each deleted user has a row
/// `sdu`, whatever the mix.
#[derive(Clone, Debug)]
pub struct LogMix {
    types: Vec<LogType>,
}

impl LogMix {
    /// Only these types, each with its weight. Types that Auth0 does not
    /// document are allowed.
    #[must_use]
    pub fn of(weights: &[(&'static str, u32)]) -> Self {
        let mut types = LOG_TYPES.to_vec();
        types.iter_mut().for_each(|kind| kind.weight = 0);
        for (code, weight) in weights {
            let weight = u64::from(*weight);
            match types.iter_mut().find(|kind| kind.code == *code) {
                Some(kind) => kind.weight = weight,
                None => types.push(any(code, weight)),
            }
        }
        Self { types }
    }

    /// The type at a place of the mix.
    pub(super) fn get(&self, place: u16) -> Option<&LogType> {
        self.types.get(usize::from(place))
    }

    /// The place of the type with this code.
    pub(super) fn place_of(&self, code: &str) -> Option<u16> {
        (0u16..).zip(&self.types).find_map(|(place, kind)| (kind.code == code).then_some(place))
    }

    /// The place of the type that a number below [`total`](Self::total) selects.
    pub(super) fn select(&self, number: u64) -> u16 {
        let mut left = number;
        for (place, kind) in (0u16..).zip(&self.types) {
            if left < kind.weight {
                return place;
            }
            left -= kind.weight;
        }
        SUCCESSFUL_LOGIN
    }

    /// The sum of all weights.
    pub(super) fn total(&self) -> u64 {
        self.types.iter().map(|kind| kind.weight).sum()
    }
}

impl Default for LogMix {
    /// The mix of an ordinary tenant.
    fn default() -> Self {
        Self { types: LOG_TYPES.to_vec() }
    }
}

#[cfg(test)]
mod tests {
    use super::super::types::{FAILED_PASSWORD_GRANT, USER_DELETED, WRONG_PASSWORD};
    use super::*;

    #[test]
    fn each_named_place_has_its_type_in_every_mix() {
        for mix in [LogMix::default(), LogMix::of(&[("fu", 1), ("brand_new", 2)])] {
            for (place, code) in [
                (SUCCESSFUL_LOGIN, "s"),
                (WRONG_PASSWORD, "fp"),
                (FAILED_PASSWORD_GRANT, "fepft"),
                (USER_DELETED, "sdu"),
            ] {
                assert_eq!(mix.get(place).unwrap().code, code);
            }
        }
    }

    #[test]
    fn a_number_selects_each_type_as_often_as_its_weight() {
        let mix = LogMix::of(&[("fu", 1), ("brand_new", 2)]);
        assert_eq!(mix.total(), 3);
        let selected = [0, 1, 2].map(|number| mix.get(mix.select(number)).unwrap().code);
        assert_eq!(selected, ["fu", "brand_new", "brand_new"]);
    }
}
