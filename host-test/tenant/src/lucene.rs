//! The part of the Lucene query syntax that Auth0 documents.

mod parser;
mod query;

pub(crate) use parser::parse;
pub(crate) use query::{Document, Search};
