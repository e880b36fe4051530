//! Users whom the search does not show.

/// How the search hides a user who exists: `GET /api/v2/users/{id}` still
/// answers 200.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hidden {
    /// The search does not find the user, as if the index had lost it.
    Unlisted,
    /// The search counts the user in `total`, but no page contains it. Pages
    /// are full nevertheless.
    Counted,
    /// The search counts the user in `total`, and its page has one row fewer
    /// than it should.
    Dropped,
}
