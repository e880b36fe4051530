//! Samples and distributions are compared with the stored ones in memory, because what
//! tells them apart is a part of their attributes.

use std::collections::BTreeMap;

use rawdash_host::contract::{Publication, Window};
use rawdash_host::storage::StorageError;

use crate::cell::Cell;
use crate::difference::{Difference, Stored, difference};
use crate::publication::{Counts, judge, window};
use crate::timed::{Key, TimedRow, last_of_each};

/// What is compared with what.
#[derive(Clone, Debug)]
pub enum Comparison<'a> {
    /// Each of these rows takes the place of the one with the same identity, also where
    /// that is staged: it is newer than the one that was staged.
    Merge {
        /// The rows, at least one.
        rows: Vec<TimedRow>,
        /// Whether rows of the resource are staged.
        is_staged: bool,
    },
    /// These rows replace those of the window.
    ReplaceWindow(Window, Vec<TimedRow>),
    /// The staged rows replace the stored ones.
    Publish(&'a Publication),
}

/// What follows from a comparison, as the parameters of a [table's](crate::timed::Table)
/// statements.
#[derive(Debug)]
pub struct Changes {
    /// Rows to stage again. They do not count.
    pub restage: Vec<Cell<'static>>,
    /// Numbers of the rows to delete.
    pub delete: Vec<i64>,
    /// Rows to update.
    pub update: Vec<Vec<Cell<'static>>>,
    /// Rows to insert.
    pub insert: Vec<Cell<'static>>,
}

impl Comparison<'_> {
    /// The window of the stored rows that it needs.
    pub fn window(&self) -> Window {
        match self {
            Comparison::Merge { rows, .. } => {
                let times = || rows.iter().map(|row| row.at);
                let (start, end) = (times().min(), times().max());
                Window { start: start.unwrap_or_default(), end: end.unwrap_or_default() }
            }
            Comparison::ReplaceWindow(window, _) => *window,
            Comparison::Publish(publication) => window(publication),
        }
    }

    /// Whether it needs the staged rows.
    pub fn needs_staged(&self) -> bool {
        match self {
            Comparison::Merge { is_staged, .. } => *is_staged,
            Comparison::ReplaceWindow(..) => false,
            Comparison::Publish(_) => true,
        }
    }

    /// Compares the rows of the resource: the stored ones of the window with their
    /// numbers, and the staged ones.
    ///
    /// # Errors
    /// When a publication is refused.
    pub fn compare(
        self,
        resource: &str,
        dimensions: Option<&[String]>,
        stored: Vec<(i64, TimedRow)>,
        staged: Vec<TimedRow>,
    ) -> Result<Changes, StorageError> {
        let keyed = |(number, row): (i64, TimedRow)| Stored {
            row: number,
            key: row.key(dimensions),
            value: row,
        };
        let mut stored: Vec<_> = stored.into_iter().map(keyed).collect();
        let mut restage = Vec::new();
        let wanted = match self {
            Comparison::Merge { rows, .. } => {
                let wanted = last_of_each(dimensions, rows);
                stored.retain(|row| wanted.contains_key(&row.key));
                let newer = |row: &TimedRow| wanted.get(&row.key(dimensions)).cloned();
                restage.extend(staged.iter().filter_map(newer).flat_map(TimedRow::cells));
                wanted
            }
            Comparison::ReplaceWindow(_, rows) => last_of_each(dimensions, rows),
            Comparison::Publish(publication) => {
                let wanted = last_of_each(dimensions, staged);
                judge(publication, resource, counts(publication, stored.len(), &wanted))?;
                wanted
            }
        };
        let Difference { insert, update, delete } = difference(stored, wanted);
        let insert = insert.into_iter().flat_map(TimedRow::cells).collect();
        let update = update.into_iter().map(|(number, row)| row.update(number)).collect();
        Ok(Changes { restage, delete, update, insert })
    }
}

fn counts(publication: &Publication, stored: usize, wanted: &BTreeMap<Key, TimedRow>) -> Counts {
    let Window { start, end } = window(publication);
    let outside = wanted.keys().filter(|(at, _)| !(start..=end).contains(at)).count();
    Counts { stored: stored as u64, outside: outside as u64, staged: wanted.len() as u64 }
}
