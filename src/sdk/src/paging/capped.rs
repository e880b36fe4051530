//! Pages of a search that a source serves up to a cap: at most `MOST` rows a page,
//! and no page that begins at row `CAP` or later.

use serde::{Deserialize, Serialize};

/// Rows a page, from 1 to `MOST`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct PageSize<const MOST: u32>(u32);

impl<const MOST: u32> PageSize<MOST> {
    /// A single row.
    pub const ONE: PageSize<MOST> = PageSize(1);
    /// The most rows that the source serves.
    pub const MOST: PageSize<MOST> = PageSize(MOST);

    /// How many rows.
    pub fn get(self) -> u32 {
        self.0
    }

    /// Half as many rows; `None` at a single row.
    pub fn halved(self) -> Option<PageSize<MOST>> {
        (self.0 > 1).then_some(PageSize(self.0 / 2))
    }

    /// Twice as many rows, as far as the source serves them.
    pub fn doubled(self) -> PageSize<MOST> {
        PageSize(self.0.saturating_mul(2)).min(PageSize::MOST)
    }

    /// The size that a server serves at most `limit` rows of.
    pub fn limited(self, limit: Option<u32>) -> PageSize<MOST> {
        PageSize(limit.unwrap_or(self.0).clamp(1, self.0))
    }
}

impl<const MOST: u32> TryFrom<u32> for PageSize<MOST> {
    type Error = &'static str;

    fn try_from(rows: u32) -> Result<PageSize<MOST>, Self::Error> {
        (1..=MOST).contains(&rows).then_some(PageSize(rows)).ok_or("not a page size")
    }
}

impl<const MOST: u32> From<PageSize<MOST>> for u32 {
    fn from(size: PageSize<MOST>) -> u32 {
        size.0
    }
}

/// A page that begins before row `CAP`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "(u32, PageSize<MOST>)", into = "(u32, PageSize<MOST>)")]
pub struct CappedPage<const MOST: u32, const CAP: u32> {
    number: u32,
    size: PageSize<MOST>,
}

impl<const MOST: u32, const CAP: u32> CappedPage<MOST, CAP> {
    /// The first page.
    pub fn first(size: PageSize<MOST>) -> Self {
        CappedPage { number: 0, size }
    }

    /// The number of the page, from 0.
    pub fn number(self) -> u32 {
        self.number
    }

    /// Rows a page.
    pub fn size(self) -> PageSize<MOST> {
        self.size
    }

    /// The page behind this one, if the source serves it.
    pub fn next(self) -> Option<Self> {
        CappedPage::try_from((self.number.saturating_add(1), self.size)).ok()
    }

    /// The page of the same number, of a server that serves at most `limit`
    /// rows a page.
    pub fn limited(self, limit: Option<u32>) -> Self {
        CappedPage { size: self.size.limited(limit), ..self }
    }
}

impl<const MOST: u32, const CAP: u32> TryFrom<(u32, PageSize<MOST>)> for CappedPage<MOST, CAP> {
    type Error = &'static str;

    fn try_from((number, size): (u32, PageSize<MOST>)) -> Result<Self, Self::Error> {
        let served = number.checked_mul(size.0).is_some_and(|begin| begin < CAP);
        served.then_some(CappedPage { number, size }).ok_or("not a page that the source serves")
    }
}

impl<const MOST: u32, const CAP: u32> From<CappedPage<MOST, CAP>> for (u32, PageSize<MOST>) {
    fn from(page: CappedPage<MOST, CAP>) -> (u32, PageSize<MOST>) {
        (page.number, page.size)
    }
}

/// The place of a row among those of a search, from 0 to before `CAP`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct RowPlace<const CAP: u32>(u32);

impl<const CAP: u32> RowPlace<CAP> {
    /// The first row.
    pub const FIRST: RowPlace<CAP> = RowPlace(0);

    /// The place behind this one, if the source serves it.
    pub fn next(self) -> Option<RowPlace<CAP>> {
        RowPlace::try_from(self.0.saturating_add(1)).ok()
    }

    /// The page of the row alone.
    pub fn page<const MOST: u32>(self) -> CappedPage<MOST, CAP> {
        CappedPage { number: self.0, size: PageSize::ONE }
    }
}

impl<const CAP: u32> TryFrom<u32> for RowPlace<CAP> {
    type Error = &'static str;

    fn try_from(row: u32) -> Result<RowPlace<CAP>, Self::Error> {
        (row < CAP).then_some(RowPlace(row)).ok_or("not a place that the source serves")
    }
}

impl<const CAP: u32> From<RowPlace<CAP>> for u32 {
    fn from(place: RowPlace<CAP>) -> u32 {
        place.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Page = CappedPage<100, 1000>;
    type Place = RowPlace<1000>;

    #[test]
    fn a_stored_page_that_is_not_served_is_refused() {
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
