//! A vertical scale with round numbers.

/// At most so many lines above zero.
const LINES: u128 = 4;

/// From zero to a round number that no value exceeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Scale {
    step: u128,
    lines: u128,
}

impl Scale {
    /// The scale whose lines are the closest that are round: 1, 2 or 5 with zeros.
    pub(super) fn for_values_to(most: u64) -> Scale {
        let most = u128::from(most).max(1);
        let mut decade = 1;
        loop {
            for digit in [1, 2, 5] {
                let step = digit * decade;
                let lines = most.div_ceil(step);
                if lines <= LINES {
                    return Scale { step, lines };
                }
            }
            decade *= 10;
        }
    }

    /// The numbers of the lines, zero first.
    pub(super) fn ticks(self) -> impl Iterator<Item = u128> {
        (0..=self.lines).map(move |line| line * self.step)
    }

    /// The share of the scale up to a number: from 0 to 1.
    pub(super) fn share(self, number: u128) -> f64 {
        number as f64 / (self.step * self.lines) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_numbers_at_an_axis_are_round() {
        let ticks = |most| Scale::for_values_to(most).ticks().collect::<Vec<_>>();
        assert_eq!(ticks(0), [0, 1]);
        assert_eq!(ticks(3), [0, 1, 2, 3]);
        assert_eq!(ticks(7), [0, 2, 4, 6, 8]);
        assert_eq!(ticks(84), [0, 50, 100]);
        assert_eq!(ticks(1_234), [0, 500, 1_000, 1_500]);
    }

    proptest! {
        #[test]
        fn no_value_leaves_the_chart(most in any::<u64>(), part in 0.0..=1.0) {
            let scale = Scale::for_values_to(most);
            let share = scale.share((most as f64 * part) as u128);
            prop_assert!((0.0..=1.0).contains(&share));
            prop_assert!(scale.ticks().count() <= 5);
            // Half of the chart at least is used, however large the highest value.
            prop_assert!(most < 2 || scale.share(most.into()) >= 0.5);
        }
    }
}
