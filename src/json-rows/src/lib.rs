//! Takes rows of JSON apart, member by member, without interpreting the values:
//! each is handed on as it stands in the text. And writes the objects that are
//! made of them.
//!
//! serde_json's raw values would go over each value twice, and through a visitor
//! for each name; here every byte is looked at once, in blocks where it is part of
//! a string.

mod block;
mod names;
mod order;
mod raw;
mod rows;
mod scan;
mod text;
mod written;

pub use raw::{Raw, Said};
pub use rows::{Rows, items, members, row};
pub use text::Text;
pub use written::{Member, Value, is_plain, written};
