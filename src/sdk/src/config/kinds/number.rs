//! Numbers.

use super::Kind;
use crate::config::field::Field;
use crate::config::json::{Node, Object, decimal};
use crate::config::place::Place;

/// A number within bounds.
#[derive(Clone, Copy, Debug)]
pub struct Number {
    above: Option<f64>,
    most: Option<f64>,
}

impl Number {
    /// Any number.
    pub const fn new() -> Number {
        Number { above: None, most: None }
    }

    fn bounds(&self) -> String {
        match (self.above, self.most) {
            (Some(above), Some(most)) => {
                format!(" above {} and up to {}", decimal(above), decimal(most))
            }
            (Some(above), None) => format!(" above {}", decimal(above)),
            (None, Some(most)) => format!(" up to {}", decimal(most)),
            (None, None) => String::new(),
        }
    }
}

impl Default for Number {
    fn default() -> Number {
        Number::new()
    }
}

impl Field<'_, '_, Number> {
    /// Only numbers above this one.
    pub fn above(mut self, bound: f64) -> Self {
        self.kind.above = Some(bound);
        self
    }

    /// The most that is legal.
    pub fn up_to(mut self, most: f64) -> Self {
        self.kind.most = Some(most);
        self
    }
}

impl Kind for Number {
    type Value = f64;

    fn describe(&self, schema: &mut Object) {
        schema.text("type", "number");
        if let Some(above) = self.above {
            schema.raw("exclusiveMinimum", &decimal(above));
        }
        if let Some(most) = self.most {
            schema.raw("maximum", &decimal(most));
        }
    }

    fn read(&self, node: Node<'_>, place: &mut Place<'_>) -> Option<f64> {
        let within = |number: &f64| {
            self.above.is_none_or(|above| *number > above)
                && self.most.is_none_or(|most| *number <= most)
        };
        let read = node.number().filter(within);
        if read.is_none() {
            place.refuse(format!("Write a number{}: {}.", self.bounds(), place.what));
        }
        read
    }

    fn placeholder(&self) -> f64 {
        self.most.or(self.above).unwrap_or(0.0)
    }

    fn write(&self, value: &f64) -> Option<String> {
        Some(decimal(*value))
    }
}
