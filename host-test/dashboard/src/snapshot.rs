//! What the page shows, as values.

pub use crate::day::{Day, Days, Moment};

/// What a database held of a connector at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The connector's name: rawdash's `connector_id`.
    pub connector: String,
    /// The name of the database's file.
    pub file: String,
    /// When it was read.
    pub taken: Moment,
    /// What was found.
    pub found: Found,
}

/// What a database holds of a connector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nothing: the file has none of rawdash's tables.
    NoTables,
    /// Nothing, but something of these connectors, by name.
    NoConnector {
        /// The names; none if the tables are empty.
        others: Vec<String>,
    },
    /// What follows.
    Connector(Box<Numbers>),
}

/// What a database holds of a connector, in numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbers {
    /// How its syncs went.
    pub sync: SyncState,
    /// Every resource that has rows, and those of Auth0 where it may be that connector.
    pub resources: Vec<Resource>,
    /// What the charts show; none if no resource of Auth0 has rows.
    pub activity: Option<Activity>,
    /// The newest events, the newest first.
    pub events: Vec<Event>,
}

/// What rawdash's tables say about syncs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SyncState {
    /// When the last sync of this connector completed.
    pub last_sync: Option<Moment>,
    /// When the last full one did.
    pub last_full: Option<Moment>,
    /// What rawdash's own server has under way for all of its connectors.
    pub server: Server,
}

/// The state of rawdash's own server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Server {
    /// Nothing is under way.
    #[default]
    Idle,
    /// A sync waits for its turn or runs.
    Busy,
    /// Its last sync failed.
    Failed {
        /// What it says about that.
        error: String,
    },
}

/// One resource: what rawdash stores under one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// Its name in storage.
    pub name: String,
    /// What its rows are.
    pub shape: Shape,
    /// How many there are.
    pub rows: u64,
    /// The time of its newest row, if that can be found quickly. Rows of the future are
    /// left out: they say nothing about when a resource was read.
    pub newest: Option<Moment>,
}

/// What the rows of a resource are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    /// Entities.
    Entity,
    /// Events.
    Event,
    /// Samples of a metric.
    Metric,
    /// Edges.
    Edge,
    /// Distributions.
    Distribution,
}

/// The state of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResourceState {
    /// Nothing is stored.
    NoRows,
    /// Rows are stored, and nothing says when they were read.
    Unknown,
    /// It was read at this moment or later, which is recent.
    Fresh(Moment),
    /// It was read at this moment, which is too long ago.
    Stale(Moment),
}

/// Milliseconds. A source's log may be lost if it is read less often than once a day; an
/// hour is left for the sync itself.
const FRESH: i64 = 25 * 3_600_000;

impl Resource {
    /// Its state. A resource was read when its connector's last sync completed, and
    /// also when a newer row is stored: a sync may store one resource and postpone
    /// another.
    pub fn state(&self, sync: &SyncState, now: Moment) -> ResourceState {
        if self.rows == 0 {
            return ResourceState::NoRows;
        }
        let Some(read) = sync.last_sync.max(self.newest) else {
            return ResourceState::Unknown;
        };
        if is_recent(read, now) { ResourceState::Fresh(read) } else { ResourceState::Stale(read) }
    }
}

/// Whether what was read then need not be read again yet.
pub(crate) fn is_recent(read: Moment, now: Moment) -> bool {
    now.0.saturating_sub(read.0) <= FRESH
}

/// Users, logins, failures and sign-ups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activity {
    /// The days of all series.
    pub days: Days,
    /// All users.
    pub users: Users,
    /// Logins.
    pub logins: Logins,
    /// Failed logins by a wrong password: the log type `fp`.
    pub wrong_passwords: Series,
    /// Other failed logins: the log types `f` and `fu`.
    pub other_failures: Series,
    /// Sign-ups, from Auth0's statistics.
    pub signups: Series,
}

/// All users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Users {
    /// How many there are.
    pub total: u64,
    /// How many of them are blocked; `None` if they are too many to look at each.
    pub blocked: Option<u64>,
    /// How many were created on each day.
    pub created: Series,
}

/// Logins, and where their numbers are from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Logins {
    /// Auth0's daily statistics.
    Statistics(Series),
    /// The login events of the type `s`, because there are no statistics.
    Events(Series),
}

impl Logins {
    /// The numbers.
    pub fn series(&self) -> &Series {
        match self {
            Logins::Statistics(series) | Logins::Events(series) => series,
        }
    }
}

/// A number for each of [`Days::COUNT`] days; `None` for a day of which it is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series(pub(crate) Vec<Option<u64>>);

impl Series {
    /// Of no day.
    pub(crate) fn unknown() -> Series {
        Series(vec![None; Days::COUNT])
    }

    /// Zero on every day.
    pub(crate) fn zero() -> Series {
        Series(vec![Some(0); Days::COUNT])
    }

    /// Adds to the number of one day.
    pub(crate) fn add(&mut self, place: usize, count: u64) {
        if let Some(value) = self.0.get_mut(place) {
            *value = Some(value.unwrap_or(0).saturating_add(count));
        }
    }

    /// The number of each day, the first day first.
    pub fn values(&self) -> &[Option<u64>] {
        &self.0
    }

    /// All days together; `None` if no day is known.
    pub fn total(&self) -> Option<u64> {
        self.0.iter().flatten().copied().reduce(u64::saturating_add)
    }
}

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When it began.
    pub at: Moment,
    /// The resource that it is stored under.
    pub resource: String,
    /// Its log type, if it has one.
    pub log_type: Option<String>,
    /// The user's id.
    pub user: Option<String>,
    /// The user's e-mail address, if the user is stored.
    pub email: Option<String>,
    /// The connection over which the user came.
    pub connection: Option<String>,
    /// The address that the user came from.
    pub ip: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    fn resource(rows: u64, newest: Option<i64>) -> Resource {
        let (name, newest) = ("r".to_owned(), newest.map(Moment));
        Resource { name, shape: Shape::Event, rows, newest }
    }

    #[test]
    fn a_resource_is_as_fresh_as_the_last_thing_that_proves_that_it_was_read() {
        let now = Moment(100 * HOUR);
        let synced = |hours: i64| SyncState {
            last_sync: Some(Moment(hours * HOUR)),
            ..SyncState::default()
        };
        let state = |rows, newest, sync| resource(rows, newest).state(&sync, now);
        let (fresh, stale) =
            (|at| ResourceState::Fresh(Moment(at)), |at| ResourceState::Stale(Moment(at)));
        assert_eq!(state(0, None, synced(99)), ResourceState::NoRows);
        assert_eq!(state(1, None, SyncState::default()), ResourceState::Unknown);
        assert_eq!(state(1, Some(HOUR), synced(75)), fresh(75 * HOUR));
        assert_eq!(state(1, Some(HOUR), synced(74)), stale(74 * HOUR));
        // A sync since then stored this one and postponed another.
        assert_eq!(state(1, Some(99 * HOUR), synced(1)), fresh(99 * HOUR));
    }
}
