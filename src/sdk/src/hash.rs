//! A hash of texts that stays the same from one version to the next: checkpoints
//! hold it.

/// Where a hash begins.
pub(crate) const BEGIN: u64 = 0xCBF2_9CE4_8422_2325;

/// Eight bytes at once, and on from the hash of a text before. Two texts of one length
/// that differ in one of these words have different hashes.
pub(crate) fn hash(text: &str, begin: u64) -> u64 {
    let (words, rest) = text.as_bytes().as_chunks();
    let words = words.iter().map(|word| u64::from_le_bytes(*word));
    let rest = rest.iter().map(|byte| u64::from(*byte));
    words.chain(rest).fold(mix(begin, text.len() as u64), mix)
}

/// The multiplication spreads a word upwards, the shift downwards.
fn mix(hash: u64, word: u64) -> u64 {
    let spread = (hash ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    spread ^ (spread >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_text_in_which_two_characters_were_changed_has_another_hash(
            text in "[A-Za-z0-9+/]{16,200}", at in any::<prop::sample::Index>(),
            distance in 1..20_usize, first in "[A-Za-z0-9+/]", second in "[A-Za-z0-9+/]",
        ) {
            let at = at.index(text.len());
            let mut altered = text.clone();
            altered.replace_range(at..=at, &first);
            if at + distance < text.len() {
                altered.replace_range(at + distance..=at + distance, &second);
            }
            prop_assert_eq!(hash(&text, BEGIN) == hash(&altered, BEGIN), text == altered);
        }
    }

    /// Each pair had one hash when words were multiplied by FNV's prime and rotated.
    #[test]
    fn bits_that_lie_apart_do_not_cancel_each_other() {
        assert_ne!(hash("Jrd22h41fpBErB4E", BEGIN), hash("Jrd22h4qfpBMrB4E", BEGIN));
        assert_ne!(hash("a", BEGIN), hash("a\0\0\0\0\0\0\0", BEGIN));
    }
}
