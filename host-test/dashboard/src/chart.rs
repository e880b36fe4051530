//! Charts of days: values to SVG.
//!
//! Horizontal places are percentages and vertical ones pixels, so that a chart fills
//! any width while its text keeps its size.

mod bars;
mod number;
mod scale;

pub(crate) use bars::{Bars, Layer};
pub(crate) use number::grouped;
