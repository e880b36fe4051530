//! The pages of a search that Auth0 serves.

use serde::{Deserialize, Serialize};

/// Auth0 refuses pages that begin at this record or later.
pub const PAGEABLE: u32 = 1000;

/// Rows a page, from 1 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct PageSize(u32);

impl PageSize {
    /// A single row.
    pub const ONE: PageSize = PageSize(1);
    /// The most rows that Auth0 serves.
    pub const MOST: PageSize = PageSize(100);

    /// How many rows.
    pub fn get(self) -> u32 {
        self.0
    }

    /// Half as many rows; `None` at a single row.
    pub fn halved(self) -> Option<PageSize> {
        (self.0 > 1).then_some(PageSize(self.0 / 2))
    }

    /// Twice as many rows, as far as Auth0 serves them.
    pub fn doubled(self) -> PageSize {
        PageSize(self.0 * 2).min(PageSize::MOST)
    }

    /// The size that a server serves at most `limit` rows of.
    pub fn limited(self, limit: Option<u32>) -> PageSize {
        PageSize(limit.unwrap_or(self.0).clamp(1, self.0))
    }
}

impl TryFrom<u32> for PageSize {
    type Error = &'static str;

    fn try_from(rows: u32) -> Result<PageSize, Self::Error> {
        let served = (PageSize::ONE.0..=PageSize::MOST.0).contains(&rows);
        served.then_some(PageSize(rows)).ok_or("not a page size")
    }
}

impl From<PageSize> for u32 {
    fn from(size: PageSize) -> u32 {
        size.0
    }
}

/// A page that begins before record 1000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "(u32, PageSize)", into = "(u32, PageSize)")]
pub struct Page {
    number: u32,
    size: PageSize,
}

impl Page {
    /// The first page.
    pub fn first(size: PageSize) -> Page {
        Page { number: 0, size }
    }

    /// The number of the page, from 0.
    pub fn number(self) -> u32 {
        self.number
    }

    /// Rows a page.
    pub fn size(self) -> PageSize {
        self.size
    }

    /// The page behind this one, if Auth0 serves it.
    pub fn next(self) -> Option<Page> {
        Page::try_from((self.number.saturating_add(1), self.size)).ok()
    }

    /// The page of the same number, of a server that serves at most `limit`
    /// rows a page.
    pub fn limited(self, limit: Option<u32>) -> Page {
        Page { size: self.size.limited(limit), ..self }
    }
}

impl TryFrom<(u32, PageSize)> for Page {
    type Error = &'static str;

    fn try_from((number, size): (u32, PageSize)) -> Result<Page, Self::Error> {
        let served = number.checked_mul(size.0).is_some_and(|begin| begin < PAGEABLE);
        served.then_some(Page { number, size }).ok_or("not a page that Auth0 serves")
    }
}

impl From<Page> for (u32, PageSize) {
    fn from(page: Page) -> (u32, PageSize) {
        (page.number, page.size)
    }
}

/// The place of a row among those of a search, from 0 to 999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Place(u32);

impl Place {
    /// The first row.
    pub const FIRST: Place = Place(0);

    /// The place behind this one, if Auth0 serves it.
    pub fn next(self) -> Option<Place> {
        Place::try_from(self.0.saturating_add(1)).ok()
    }

    /// The page of the row alone.
    pub fn page(self) -> Page {
        Page { number: self.0, size: PageSize::ONE }
    }
}

impl TryFrom<u32> for Place {
    type Error = &'static str;

    fn try_from(row: u32) -> Result<Place, Self::Error> {
        (row < PAGEABLE).then_some(Place(row)).ok_or("not a place that Auth0 serves")
    }
}

impl From<Place> for u32 {
    fn from(place: Place) -> u32 {
        place.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_page_that_auth0_does_not_serve_is_refused() {
        let read = |number: u32, size: u32| {
            let bytes = postcard::to_allocvec(&(number, size)).unwrap();
            postcard::from_bytes::<Page>(&bytes).is_ok()
        };
        assert!(read(0, 1) && read(999, 1) && read(9, 100));
        for (number, size) in [(0, 0), (0, 101), (1000, 1), (10, 100), (u32::MAX, 100)] {
            assert!(!read(number, size), "page {number} of {size} rows");
        }
        let place = |row: u32| postcard::from_bytes::<Place>(&postcard::to_allocvec(&row).unwrap());
        assert!(place(999).is_ok() && place(1000).is_err());
        assert_eq!(Page::try_from((9, PageSize::MOST)).unwrap().next(), None);
    }
}
