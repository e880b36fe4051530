//! Looks for the bytes that matter within a JSON string, many at once.

/// Where the next quote, backslash or control character is, or the end.
#[inline(never)]
pub(crate) fn special(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    let (blocks, tail) = rest.as_chunks();
    for (number, block) in blocks.iter().enumerate() {
        if let Some(at) = special_in(block) {
            return from + number * SIZE + at;
        }
    }
    // The last block overlaps those that were looked at.
    let found = match rest.last_chunk() {
        Some(last) => special_in(last).map(|at| rest.len() - SIZE + at),
        None => special_in_few(tail),
    };
    found.map_or(bytes.len(), |at| from + at)
}

/// Where the first of these bytes is among fewer than a block.
#[inline(always)]
fn special_in_few(bytes: &[u8]) -> Option<usize> {
    // Begin and end overlap, so that together they are the whole.
    let may_have_one = if let (Some(begin), Some(end)) = (bytes.first_chunk(), bytes.last_chunk()) {
        let [begin, end] = [begin, end].map(|word| swar::special(u64::from_le_bytes(*word)));
        begin | end != 0
    } else if let (Some(begin), Some(end)) = (bytes.first_chunk(), bytes.last_chunk()) {
        let [begin, end] = [begin, end].map(|half| u64::from(u32::from_le_bytes(*half)));
        swar::special(begin | end << 32) != 0
    } else {
        true
    };
    let is_special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
    may_have_one.then(|| bytes.iter().position(is_special)).flatten()
}

pub(crate) use word::{SIZE, special_in};

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod word {
    use std::arch::wasm32::{
        u8x16_bitmask, u8x16_eq, u8x16_lt, u8x16_splat, v128, v128_or, v128_xor,
    };

    /// Bytes of a block.
    pub(crate) const SIZE: usize = 16;

    /// Where the first of these bytes is in the block.
    #[inline(always)]
    pub(crate) fn special_in(block: &[u8; SIZE]) -> Option<usize> {
        let bytes: v128 = bytemuck::must_cast(*block);
        // A quote is 0x22: the next of the control characters, but for one bit.
        let quote_or_control = u8x16_lt(v128_xor(bytes, u8x16_splat(2)), u8x16_splat(0x21));
        let found = u8x16_bitmask(v128_or(quote_or_control, u8x16_eq(bytes, u8x16_splat(b'\\'))));
        (found != 0).then(|| found.trailing_zeros() as usize)
    }
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod word {
    use super::swar;

    /// Bytes of a block: a word of eight.
    pub(crate) const SIZE: usize = 8;

    /// Where the first of these bytes is in the block.
    #[inline(always)]
    pub(crate) fn special_in(block: &[u8; SIZE]) -> Option<usize> {
        let found = swar::special(u64::from_le_bytes(*block));
        (found != 0).then(|| found.trailing_zeros() as usize / SIZE)
    }
}

/// Eight bytes at once in a word, of which the first is lowest.
mod swar {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);

    /// The lowest bit that is set is in the first of these bytes; 0 where there is
    /// none.
    #[inline(always)]
    pub(super) fn special(word: u64) -> u64 {
        // The subtraction sets the highest bit of a byte that is smaller; it may
        // borrow from the bytes behind it, which are not looked at.
        let smaller = |word: u64, than: u8| word.wrapping_sub(ONES * u64::from(than));
        // A quote is 0x22: the next of the control characters, but for one bit.
        let quote_or_control = smaller(word ^ (ONES * 2), 0x21);
        let backslash = smaller(word ^ (ONES * u64::from(b'\\')), 1);
        let ascii = !word & (ONES * 0x80);
        (quote_or_control | backslash) & ascii
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_at_every_place_is_found_or_passed() {
        for byte in 0..=255_u8 {
            for (before, behind) in
                [(0, 0), (1, 3), (2, 1), (5, 0), (3, 6), (1, 40), (7, 9), (8, 8), (15, 3), (31, 0)]
            {
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
