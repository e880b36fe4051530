//! A hash of texts that stays the same from one version to the next: checkpoints
//! hold it.

/// Where a hash begins.
pub(crate) const BEGIN: u64 = 0xCBF2_9CE4_8422_2325;

/// As FNV-1a, but eight bytes at once, and on from the hash of a text before. Two
/// texts of one length that differ in one of these words have different hashes.
pub(crate) fn hash(text: &str, begin: u64) -> u64 {
    let (words, rest) = text.as_bytes().as_chunks();
    let words = words.iter().map(|word| u64::from_le_bytes(*word));
    let rest = rest.iter().map(|byte| u64::from(*byte));
    words
        .chain(rest)
        .fold(begin, |hash, word| (hash ^ word).wrapping_mul(0x0000_0100_0000_01B3).rotate_left(29))
}
