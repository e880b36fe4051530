//! Pages that are counted.

use serde::{Deserialize, Serialize};

/// The number of a page; the last has fewer rows than the size.
///
/// A row that is added or removed while the pages are read moves the others: one
/// may be skipped. Where the source has anything better, such as a cursor, use
/// that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageNumber {
    next: Option<u32>,
    size: u32,
}

impl PageNumber {
    /// From the page of this number, with so many rows each.
    pub fn from(first: u32, size: u32) -> PageNumber {
        PageNumber { next: Some(first), size }
    }

    /// The page to request; `None` at the end.
    pub fn next(&self) -> Option<u32> {
        self.next
    }

    /// How many rows to request.
    pub fn size(&self) -> u32 {
        self.size
    }

    /// Moves on after a page with so many rows.
    pub fn read(&mut self, rows: usize) {
        let full = rows >= self.size as usize;
        self.next = self.next.filter(|_| full).and_then(|page| page.checked_add(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_is_not_full_is_the_last() {
        let mut pages = PageNumber::from(1, 100);
        pages.read(100);
        assert_eq!(pages.next(), Some(2));
        pages.read(99);
        assert_eq!(pages.next(), None);
        pages.read(100);
        assert_eq!(pages.next(), None, "the end stays the end");
    }
}
