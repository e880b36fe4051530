//! One metric with its samples.

use std::fmt::{self, Display, Formatter, Write};

/// A label's name and its value.
pub(super) type Label<'a> = (&'a str, &'a str);

/// All samples of one gauge.
pub(super) struct Family {
    name: &'static str,
    help: &'static str,
    /// The lines, each with its end.
    samples: String,
}

impl Family {
    /// A gauge without a sample.
    pub(super) fn new(name: &'static str, help: &'static str) -> Family {
        Family { name, help, samples: String::new() }
    }

    /// Adds a sample.
    pub(super) fn add(&mut self, labels: &[Label<'_>], value: f64) {
        let labels: Vec<String> =
            labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
        // Writing to a string cannot fail.
        let _ = writeln!(self.samples, "{}{{{}}} {value}", self.name, labels.join(","));
    }
}

/// Nothing, if there is no sample.
impl Display for Family {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.samples.is_empty() {
            return Ok(());
        }
        let Family { name, help, samples } = self;
        write!(f, "# HELP {name} {help}\n# TYPE {name} gauge\n{samples}")
    }
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
