//! Whole numbers.

use super::Kind;
use crate::config::field::Field;
use crate::config::json::{Node, Object};
use crate::config::place::Place;

/// What JavaScript, too, reads exactly.
const MOST: i64 = (1 << 53) - 1;

/// A whole number within bounds.
#[derive(Clone, Copy, Debug)]
pub struct Whole {
    least: Option<i64>,
    most: Option<i64>,
}

impl Whole {
    /// Any whole number.
    pub const fn new() -> Whole {
        Whole { least: None, most: None }
    }

    fn bounds(&self) -> String {
        match (self.least, self.most) {
            (Some(least), Some(most)) => format!(" from {least} to {most}"),
            (Some(least), None) => format!(", {least} or more"),
            (None, Some(most)) => format!(", {most} or less"),
            (None, None) => String::new(),
        }
    }
}

impl Default for Whole {
    fn default() -> Whole {
        Whole::new()
    }
}

impl Field<'_, '_, Whole> {
    /// The least that is legal.
    pub fn from(mut self, least: i64) -> Self {
        self.kind.least = Some(least);
        self
    }

    /// The most that is legal.
    pub fn up_to(mut self, most: i64) -> Self {
        self.kind.most = Some(most);
        self
    }
}

impl Kind for Whole {
    type Value = i64;

    fn describe(&self, schema: &mut Object) {
        schema.text("type", "integer");
        if let Some(least) = self.least {
            schema.raw("minimum", &least.to_string());
        }
        if let Some(most) = self.most {
            schema.raw("maximum", &most.to_string());
        }
    }

    fn read(&self, node: Node<'_>, place: &mut Place<'_>) -> Option<i64> {
        let within = |number: &f64| {
            number.fract() == 0.0
                && self.least.is_none_or(|least| *number >= least as f64)
                && self.most.is_none_or(|most| *number <= most as f64)
        };
        let read = node.number().filter(within);
        if read.is_none() {
            place.refuse(format!("Write a whole number{}: {}.", self.bounds(), place.what));
        }
        read.map(|number| number.clamp(-MOST as f64, MOST as f64) as i64)
    }

    fn placeholder(&self) -> i64 {
        self.least.or(self.most).unwrap_or(0)
    }

    fn write(&self, value: &i64) -> Option<String> {
        Some(value.to_string())
    }
}
