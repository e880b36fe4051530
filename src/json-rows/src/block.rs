//! Looks for the bytes that matter within a JSON string, many at once.

/// Where the next quote, backslash or control character is, or the end.
#[inline(never)]
pub(crate) fn special(bytes: &[u8], from: usize) -> usize {
    let mut rest = bytes.get(from..).unwrap_or_default();
    while let Some((block, behind)) = rest.split_first_chunk() {
        if let Some(at) = special_in(block) {
            return bytes.len() - rest.len() + at;
        }
        rest = behind;
    }
    let is_special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
    bytes.len() - rest.len() + rest.iter().position(is_special).unwrap_or(rest.len())
}

pub(crate) use word::{SIZE, special_in};

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod word {
    use std::arch::wasm32::{
        u8x16_bitmask, u8x16_eq, u8x16_lt, u8x16_splat, u64x2, v128_or, v128_xor,
    };

    /// Bytes of a block.
    pub(crate) const SIZE: usize = 16;

    /// Where the first of these bytes is in the block.
    #[inline(always)]
    pub(crate) fn special_in(block: &[u8; SIZE]) -> Option<usize> {
        let half = |half: &[u8]| half.first_chunk().map_or(0, |half| u64::from_le_bytes(*half));
        let (low, high) = block.split_at(SIZE / 2);
        let bytes = u64x2(half(low), half(high));
        // A quote is 0x22: the next of the control characters, but for one bit.
        let quote_or_control = u8x16_lt(v128_xor(bytes, u8x16_splat(2)), u8x16_splat(0x21));
        let found = u8x16_bitmask(v128_or(quote_or_control, u8x16_eq(bytes, u8x16_splat(b'\\'))));
        (found != 0).then(|| found.trailing_zeros() as usize)
    }
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod word {
    /// Bytes of a block: a word of eight.
    pub(crate) const SIZE: usize = 8;
    const ONES: u64 = u64::from_ne_bytes([1; SIZE]);

    /// Where the first of these bytes is in the block.
    #[inline(always)]
    pub(crate) fn special_in(block: &[u8; SIZE]) -> Option<usize> {
        let word = u64::from_le_bytes(*block);
        // The subtraction sets the highest bit of a byte that is smaller; it may
        // borrow from the bytes behind it, which are not looked at.
        let smaller = |word: u64, than: u8| word.wrapping_sub(ONES * u64::from(than));
        // A quote is 0x22: the next of the control characters, but for one bit.
        let quote_or_control = smaller(word ^ (ONES * 2), 0x21);
        let backslash = smaller(word ^ (ONES * u64::from(b'\\')), 1);
        let ascii = !word & (ONES * 0x80);
        let found = (quote_or_control | backslash) & ascii;
        (found != 0).then(|| found.trailing_zeros() as usize / SIZE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_at_every_place_is_found_or_passed() {
        for byte in 0..=255_u8 {
            for (before, behind) in [(0, 0), (1, 40), (7, 9), (8, 8), (15, 3), (31, 0)] {
                let mut bytes = vec![b'x'; before];
                bytes.push(byte);
                bytes.extend([0xff].repeat(behind));
                let is_special = matches!(byte, b'"' | b'\\' | 0..0x20);
                let wanted = if is_special { before } else { bytes.len() };
                assert_eq!(special(&bytes, 0), wanted, "{byte:#x} behind {before}");
            }
        }
    }
}
