//! The order of the members of rows: most rows of a page have the same.

/// Bytes of the longest name that is remembered, with its quotes and the colon.
const LONGEST: usize = 16;
/// Names that are remembered.
const MOST: usize = 64;
/// How many names a row may leave out one after the other and still be followed.
const LEFT_OUT: usize = 4;

/// The names that the rows had so far, in their order, and the place in the row
/// that is being read.
#[derive(Debug, Default)]
pub(crate) struct Order {
    known: Vec<Known>,
    at: usize,
}

#[derive(Debug)]
struct Known {
    /// `"name":` as it stands in the text, and which bits of a block that takes.
    text: u128,
    mask: u128,
    length: usize,
    /// The place among the names that are wanted.
    place: Option<usize>,
}

impl Order {
    /// Another row begins.
    #[inline(always)]
    pub(crate) fn begin(&mut self) {
        self.at = 0;
    }

    /// Where a name that is known, and the colon behind it, end in a text that begins
    /// with them; and the name's place.
    #[inline(always)]
    pub(crate) fn follow(&mut self, text: &[u8]) -> Option<(usize, Option<usize>)> {
        let block = u128::from_le_bytes(*text.first_chunk()?);
        let expected = self.known.get(self.at..)?.iter().take(LEFT_OUT);
        let (skipped, known) =
            expected.enumerate().find(|(_, known)| (block ^ known.text) & known.mask == 0)?;
        let found = (known.length, known.place);
        self.at += skipped + 1;
        Some(found)
    }

    /// Remembers a name, as it stands in the text with its quotes and the colon.
    pub(crate) fn learn(&mut self, written: &[u8], place: Option<usize>) {
        let length = written.len();
        if length > LONGEST || self.known.len() >= MOST {
            return;
        }
        let text = written.iter().rev().fold(0, |text, byte| text << 8 | u128::from(*byte));
        let mask = u128::MAX >> (8 * (LONGEST - length));
        self.known.insert(self.at, Known { text, mask, length, place });
        self.at += 1;
    }
}
