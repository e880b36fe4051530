//! Rows that have a key of their own: events, entities and edges. Staged rows are
//! appended, and the last of a key counts.

use rawdash_host::contract::{Publication, Window};
use serde_json::Value;

use crate::actions::{Action, Statement};
use crate::cell::Cell;
use crate::insertion::Insertion;
use crate::publication::{Check, window};

/// The statements of one shape. Keys are a JSON list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Keyed {
    /// Adds rows or replaces earlier versions. Unchanged rows are not written again: most
    /// of a latest run are unchanged, and each write would cost a page of WAL.
    pub(crate) upsert: Insertion,
    /// Stages rows.
    pub(crate) stage: Insertion,
    /// Stages what is stored of the keys `?3`, where they are staged already: publishing
    /// must not restore the older version that the walk read.
    pub(crate) restage: &'static str,
    /// Removes the keys `?3` from what is stored.
    pub(crate) remove: &'static str,
    /// Removes the keys `?3` from what is staged.
    pub(crate) remove_staged: &'static str,
    /// Counts what is stored, within the [window](Replaced::Window) `?3` to `?4`.
    pub(crate) count: &'static str,
    /// Counts what is staged.
    pub(crate) count_staged: &'static str,
    /// Removes what is stored within the window and not staged.
    pub(crate) remove_unstaged: &'static str,
    /// Stores the last version of each staged key.
    pub(crate) publish: &'static str,
    /// What a publication replaces.
    pub(crate) replaced: Replaced,
}

/// What a publication replaces.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Replaced {
    /// All rows of the resource.
    All,
    /// Those within a window.
    Window {
        /// Counts the staged keys whose last version is not from `?3` to `?4`.
        count_outside: &'static str,
    },
}

impl Keyed {
    /// Replaces earlier versions, including staged ones: of these keys, if there are any.
    pub(crate) fn merge<'a>(
        &self,
        cells: Vec<Cell<'a>>,
        staged: Option<String>,
    ) -> Vec<Action<'a>> {
        let restage =
            staged.map(|keys| Action::Execute(Statement::new(self.restage, [keys.into()])));
        [self.upsert(cells)].into_iter().chain(restage).collect()
    }

    pub(crate) fn upsert<'a>(&self, cells: Vec<Cell<'a>>) -> Action<'a> {
        Action::Insert { insertion: self.upsert, cells, counts: true }
    }

    /// Removes keys from what is stored and from what is staged. Those that were stored
    /// count.
    pub(crate) fn remove<'a>(&self, keys: String, is_staged: bool) -> Vec<Action<'a>> {
        let mut actions = vec![Action::Remove(Statement::new(self.remove, [keys.clone().into()]))];
        if is_staged {
            actions.push(Action::Execute(Statement::new(self.remove_staged, [keys.into()])));
        }
        actions
    }

    /// Keeps rows aside under a generation.
    pub(crate) fn stage<'a>(&self, generation: u64, cells: Vec<Cell<'a>>) -> Vec<Action<'a>> {
        stage(self.stage, generation, cells)
    }

    /// Replaces what is stored by what is staged, and these rows. What changes in
    /// readers' sight counts; `None` if it has a window and these rows have no time.
    pub(crate) fn publish<'a>(
        &self,
        publication: &'a Publication,
        cells: Vec<Cell<'a>>,
    ) -> Option<Vec<Action<'a>>> {
        let Window { start, end } = window(publication);
        let window = [start, end].map(Cell::from);
        let (bounds, outside) = match self.replaced {
            Replaced::All if publication.scope.is_some() => return None,
            Replaced::All => (Vec::new(), None),
            Replaced::Window { count_outside } => {
                (window.to_vec(), Some(Statement::new(count_outside, window)))
            }
        };
        let check = Check {
            publication,
            stored: Statement::new(self.count, bounds.clone()),
            outside,
            staged: Statement::new(self.count_staged, []),
        };
        Some(vec![
            Action::BeginStaging(publication.generation),
            Action::Insert { insertion: self.stage, cells, counts: false },
            Action::Check(check),
            Action::Remove(Statement::new(self.remove_unstaged, bounds)),
            Action::Write(Statement::new(self.publish, [])),
            Action::ClearStaging,
        ])
    }
}

/// Keeps rows aside under a generation.
pub(crate) fn stage(
    insertion: Insertion,
    generation: u64,
    cells: Vec<Cell<'_>>,
) -> Vec<Action<'_>> {
    vec![Action::BeginStaging(generation), Action::Insert { insertion, cells, counts: true }]
}

/// The ids as a JSON list.
pub(crate) fn id_list<'a>(ids: impl IntoIterator<Item = &'a String>) -> String {
    Value::Array(ids.into_iter().map(|id| id.as_str().into()).collect()).to_string()
}
