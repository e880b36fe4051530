//! The table of faults: how many places each was tried at, and how the runs
//! ended.

use std::fmt;

use crate::faults::place::{End, Place};

/// What came of one fault at all of its places.
#[derive(Debug, Default)]
struct Row {
    name: &'static str,
    at_once: usize,
    later: usize,
    remedied: usize,
    failed: usize,
}

/// The rows, in the order of the faults.
#[derive(Debug, Default)]
pub(crate) struct Table(Vec<Row>);

impl Table {
    pub(crate) fn count(&mut self, place: &Place, end: &Result<End, String>) {
        let name = place.trouble.name;
        let at = self.0.iter().position(|row| row.name == name).unwrap_or_else(|| {
            self.0.push(Row { name, ..Row::default() });
            self.0.len() - 1
        });
        let row = &mut self.0[at];
        let counter = match end {
            Ok(End::AtOnce) => &mut row.at_once,
            Ok(End::Later) => &mut row.later,
            Ok(End::Remedied) => &mut row.remedied,
            Ok(End::TooShort) => return,
            Err(_) => &mut row.failed,
        };
        *counter += 1;
    }

    /// Faults that ended no run as they must.
    pub(crate) fn without_remedy(&self, name: &str) -> bool {
        self.0.iter().any(|row| row.name == name && row.remedied == 0)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:27} {:>6} {:>8} {:>14} {:>12} {:>7}",
            "fault", "places", "at once", "next command", "after remedy", "failed"
        )?;
        let mut all = Row { name: "all", ..Row::default() };
        for row in &self.0 {
            line(f, row)?;
            all.at_once += row.at_once;
            all.later += row.later;
            all.remedied += row.remedied;
            all.failed += row.failed;
        }
        line(f, &all)
    }
}

fn line(f: &mut fmt::Formatter<'_>, row: &Row) -> fmt::Result {
    let Row { name, at_once, later, remedied, failed } = row;
    let places = at_once + later + remedied + failed;
    writeln!(f, "{name:27} {places:>6} {at_once:>8} {later:>14} {remedied:>12} {failed:>7}")
}
