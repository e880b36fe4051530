//! Changes of a tenant that wait for their request or for their instant.

use super::State;
use crate::instant::DAY;

type Change = Box<dyn FnOnce(&mut State) + Send>;

/// The changes that wait.
#[derive(Default)]
pub(super) struct Schedule {
    by_request: Vec<(u64, Change)>,
    by_instant: Vec<(i64, Change)>,
    /// The instant of the change that is being made.
    pub(super) acting_at: Option<i64>,
}

/// How much happens in a tenant in the course of a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Day {
    /// Logins of existing users.
    pub logins: u32,
    /// New users.
    pub signups: u32,
}

impl State {
    /// Makes a change just before the request with this number, counted from
    /// 1, is answered.
    pub fn at_request(&mut self, number: u64, change: impl FnOnce(&mut Self) + Send + 'static) {
        self.schedule.by_request.push((number, Box::new(change)));
    }

    /// Makes a change at an instant (Unix ms) of the tenant's clock. It is
    /// made before the next request or the next access to the state after that
    /// instant, but as of that instant: [`now`](Self::now) returns it, and log
    /// rows that the change appends are ingested at it.
    pub fn at(&mut self, unix_ms: i64, change: impl FnOnce(&mut Self) + Send + 'static) {
        self.schedule.by_instant.push((unix_ms, Box::new(change)));
    }

    /// Schedules the same for each of the next `days` days, which begin now
    /// and last 24 hours: logins as by [`log_in`](Self::log_in) and signups as
    /// by [`sign_up`](Self::sign_up), spread evenly over the day.
    pub fn schedule_days(&mut self, days: u32, day: Day) {
        let now = self.now();
        for start in (0..days).map(|number| now + i64::from(number) * DAY) {
            let spread = |count: u32| {
                (1..=i64::from(count)).map(move |nth| start + nth * DAY / (i64::from(count) + 1))
            };
            for instant in spread(day.signups) {
                self.at(instant, |state| drop(state.sign_up()));
            }
            for (turn, instant) in spread(day.logins).enumerate() {
                self.at(instant, move |state| {
                    let users = state.users().count().max(1);
                    let user = state.users().nth(turn % users).map(|user| user.id().to_owned());
                    if let Some(id) = user {
                        state.log_in(&id);
                    }
                });
            }
        }
    }

    pub(crate) fn run_scheduled(&mut self, number: u64) {
        let due = |(at, _): &(u64, Change)| *at == number;
        while let Some(place) = self.schedule.by_request.iter().position(due) {
            let (_, change) = self.schedule.by_request.remove(place);
            change(self);
        }
    }

    /// Makes the changes whose instant has passed, in the order of instants.
    pub(crate) fn catch_up(&mut self) {
        let now = self.clock.now();
        loop {
            let waiting = self.schedule.by_instant.iter().enumerate();
            let earliest =
                waiting.min_by_key(|(_, (at, _))| *at).map(|(place, (at, _))| (place, *at));
            let Some((place, at)) = earliest.filter(|(_, at)| *at <= now) else {
                return;
            };
            let (_, change) = self.schedule.by_instant.remove(place);
            self.schedule.acting_at = Some(at);
            change(self);
            self.schedule.acting_at = None;
        }
    }
}
