//! How a source parts what it has into pages: states that a run keeps, each of
//! which says what to request next and moves on with what was read.
//!
//! They are values without requests of their own, so that a run that is resumed
//! from its checkpoint requests exactly what was under way.

mod capped;
mod children;
mod cursor;
mod link;
mod number;
mod offset;
mod reach;

pub use self::capped::{CappedPage, PageSize, RowPlace};
pub use self::children::Children;
pub use self::cursor::Cursor;
pub use self::link::{LinkError, LinkPages, next_link};
pub use self::number::PageNumber;
pub use self::offset::Offset;
pub use self::reach::Reach;
