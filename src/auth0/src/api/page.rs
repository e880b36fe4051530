//! The pages of a search that Auth0 serves: at most 100 rows each, and none that
//! begins at record 1000 or later.

use rawdash_connector_sdk::paging;

/// Auth0 refuses pages that begin at this record or later.
pub const PAGEABLE: u32 = 1000;
/// The most rows a page.
const MOST_ROWS: u32 = 100;

/// Rows a page, from 1 to 100.
pub type PageSize = paging::PageSize<MOST_ROWS>;
/// A page that begins before record 1000.
pub type Page = paging::CappedPage<MOST_ROWS, PAGEABLE>;
/// The place of a row among those of a search, from 0 to 999.
pub type Place = paging::RowPlace<PAGEABLE>;
