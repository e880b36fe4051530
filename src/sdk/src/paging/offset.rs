//! Pages that begin at an offset.

use serde::{Deserialize, Serialize};

/// How many rows lie before the page; the last page has fewer rows than the
/// limit, or ends at the total where the source says it.
///
/// As with page numbers, a row that is added or removed moves the others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offset {
    next: Option<u64>,
    limit: u32,
}

impl Offset {
    /// From the first row, with so many rows a page.
    pub fn with_limit(limit: u32) -> Offset {
        Offset { next: Some(0), limit }
    }

    /// The offset to request; `None` at the end.
    pub fn next(&self) -> Option<u64> {
        self.next
    }

    /// How many rows to request.
    pub fn limit(&self) -> u32 {
        self.limit
    }

    /// Moves on after a page with so many rows. A server may return fewer rows
    /// than requested in the middle, so a total, where there is one, decides. A
    /// page without rows is the last in any case.
    pub fn read(&mut self, rows: usize, total: Option<u64>) {
        let Some(at) = self.next else { return };
        let after = at.saturating_add(rows as u64);
        let more = match total {
            Some(total) => after < total,
            None => rows >= self.limit as usize,
        };
        self.next = (more && rows > 0).then_some(after);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_page_in_the_middle_does_not_end_a_list_whose_total_is_known() {
        let mut offset = Offset::with_limit(50);
        offset.read(49, Some(120));
        assert_eq!(offset.next(), Some(49));
        offset.read(71, Some(120));
        assert_eq!(offset.next(), None);
        let mut offset = Offset::with_limit(50);
        offset.read(0, Some(120));
        assert_eq!(offset.next(), None, "a total that is wrong does not loop");
        let mut offset = Offset::with_limit(50);
        offset.read(50, None);
        assert_eq!(offset.next(), Some(50));
        offset.read(49, None);
        assert_eq!(offset.next(), None);
    }
}
