//! The figures, each row with its bound.

use std::fmt;

/// One figure and its bound.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// What was measured.
    pub what: String,
    /// The baseline, measured in the same run.
    pub against: String,
    /// The figure.
    pub figure: Figure,
    /// The bound, if there is one.
    pub wanted: Option<Bound>,
}

/// A number and its unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Figure {
    /// A multiple of the baseline.
    Times(f64),
    /// A part of the baseline; 1 is all of it.
    Part(f64),
    /// Milliseconds.
    Milliseconds(f64),
    /// Bytes.
    Bytes(u64),
    /// A count.
    Count(f64),
    /// None, for want of this on the machine.
    Unmeasured(&'static str),
}

/// A bound, in the figure's own unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// No more than.
    AtMost(Figure),
    /// No less than.
    AtLeast(Figure),
}

impl Figure {
    fn value(self) -> f64 {
        match self {
            Figure::Times(value)
            | Figure::Part(value)
            | Figure::Milliseconds(value)
            | Figure::Count(value) => value,
            Figure::Bytes(bytes) => bytes as f64,
            Figure::Unmeasured(_) => f64::NAN,
        }
    }
}

impl Bound {
    fn holds(self, figure: Figure) -> bool {
        match self {
            Bound::AtMost(bound) => figure.value() <= bound.value(),
            Bound::AtLeast(bound) => figure.value() >= bound.value(),
        }
    }
}

impl Comparison {
    /// A row of the table.
    pub fn new(
        what: impl Into<String>,
        against: impl Into<String>,
        figure: Figure,
        wanted: Option<Bound>,
    ) -> Comparison {
        Comparison { what: what.into(), against: against.into(), figure, wanted }
    }

    fn verdict(&self) -> &'static str {
        match (self.wanted, self.figure) {
            (None, _) => "",
            (Some(_), Figure::Unmeasured(_)) => "not measured",
            (Some(bound), figure) if bound.holds(figure) => "ok",
            (Some(_), _) => "missed",
        }
    }

    /// The heading of a table of rows, as Markdown.
    pub const HEADING: &str =
        "| what | against | measured | wanted | |\n| --- | --- | ---: | ---: | --- |";
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Comparison { what, against, figure, wanted } = self;
        let wanted = wanted.map(|bound| bound.to_string()).unwrap_or_default();
        let verdict = self.verdict();
        write!(f, "| {what} | {against} | {figure} | {wanted} | {verdict} |")
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Figure::Times(times) => write!(f, "{times:.2} ×"),
            Figure::Part(part) => write!(f, "{:.1} %", part * 100.0),
            Figure::Milliseconds(milliseconds) => write!(f, "{milliseconds:.2} ms"),
            Figure::Bytes(bytes) if *bytes < 1_000_000 => {
                write!(f, "{:.1} KB", *bytes as f64 / 1e3)
            }
            Figure::Bytes(bytes) => write!(f, "{:.1} MB", *bytes as f64 / 1e6),
            Figure::Count(count) => write!(f, "{count:.0}"),
            Figure::Unmeasured(why) => f.write_str(why),
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Bound::AtMost(figure) => write!(f, "≤ {figure}"),
            Bound::AtLeast(figure) => write!(f, "≥ {figure}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_beyond_its_bound_is_reported_as_missed() {
        let wanted = Some(Bound::AtMost(Figure::Times(1.3)));
        let mut row = Comparison::new("a", "b", Figure::Times(1.31), wanted);
        assert_eq!(row.to_string(), "| a | b | 1.31 × | ≤ 1.30 × | missed |");
        row.wanted = Some(Bound::AtLeast(Figure::Times(1.3)));
        assert_eq!(row.to_string(), "| a | b | 1.31 × | ≥ 1.30 × | ok |");
        row.wanted = None;
        assert_eq!(row.to_string(), "| a | b | 1.31 × |  |  |");
    }

    #[test]
    fn a_figure_that_was_not_measured_is_neither_within_its_bound_nor_left_out() {
        let wanted = Some(Bound::AtMost(Figure::Times(0.5)));
        let row = Comparison::new("a", "b", Figure::Unmeasured("no node"), wanted);
        assert_eq!(row.to_string(), "| a | b | no node | ≤ 0.50 × | not measured |");
    }
}
