//! One history of one tenant: a full sync, changes, a latest sync, and a fault
//! in one of the two.

use std::fmt;

use auth0_tenant::Endpoint;

use super::program::Program;
use super::rows::{Left, rows};
use super::tenant::{begun, change};
use crate::faults::place::{Place, grant};
use crate::faults::trouble::{Cause, troubles};
use crate::support::auth0::Auth0;
use crate::support::history::Phase;

/// Connections that are refused in turn: more than one request has attempts.
const REFUSED: u64 = 8;

/// A seed, and the fault with its place.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) seed: u64,
    place: Place,
}

/// The history of a seed without a fault.
pub(crate) struct Plain {
    pub(crate) left: Left,
    /// The file after the full sync.
    database: Vec<u8>,
}

impl Plain {
    pub(crate) async fn of(seed: u64, program: &Program) -> Result<Self, String> {
        let mut auth0 = begun(seed).await;
        program.carry(&mut auth0, Phase::Full).await?;
        let (full, database) = (rows(&auth0), std::fs::read(auth0.path()).unwrap());
        change(&auth0, seed);
        program.carry(&mut auth0, Phase::Latest).await?;
        Ok(Plain { left: Left { full, latest: rows(&auth0) }, database })
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { trouble, phase, endpoint, nth, times } = &self.place;
        let phase = match phase {
            Phase::Full => "full",
            Phase::Latest => "latest",
        };
        match endpoint {
            Some(endpoint) => write!(f, "{}: {phase} sync, {endpoint:?} {nth}", trouble.name)?,
            None => write!(f, "{}: {phase} sync, request {nth}", trouble.name)?,
        }
        if *times == 1 { Ok(()) } else { write!(f, ", {times} times") }
    }
}

impl Case {
    /// Every fault of the table under this seed. The seed and the fault's name choose
    /// the endpoint, the sync and the request, whatever else is in the table: ten
    /// seeds meet each of five endpoints in both syncs.
    pub(crate) fn all(seed: u64) -> Vec<Case> {
        let troubles = troubles().into_iter();
        let lasting = troubles
            .flat_map(|trouble| trouble.times.iter().map(move |times| (trouble.clone(), *times)));
        lasting
            .map(|(trouble, times)| {
                let letters = trouble.name.bytes().map(u64::from).sum::<u64>();
                let number = seed + letters + times;
                let endpoints = match trouble.cause {
                    Cause::Refusal => &[],
                    _ => trouble.endpoints,
                };
                let count = endpoints.len().max(1) as u64;
                let endpoint = endpoints.get((number % count) as usize).copied();
                let phase = Phase::BOTH[(number / count % 2) as usize];
                let places = requests(phase, endpoint) - trouble.from + 1;
                let nth = trouble.from + (3 * seed + number) % places;
                Case { seed, place: Place { trouble, phase, endpoint, nth, times } }
            })
            .collect()
    }

    /// What a program leaves.
    pub(crate) async fn left(&self, program: &Program, plain: &Plain) -> Result<Left, String> {
        let mut auth0 = begun(self.seed).await;
        let full = match self.place.phase {
            Phase::Full => {
                self.carry(program, &mut auth0).await?;
                self.over(&mut auth0);
                let full = rows(&auth0);
                change(&auth0, self.seed);
                program.carry(&mut auth0, Phase::Latest).await?;
                full
            }
            Phase::Latest => {
                std::fs::write(auth0.path(), &plain.database).unwrap();
                change(&auth0, self.seed);
                self.carry(program, &mut auth0).await?;
                plain.left.full.clone()
            }
        };
        Ok(Left { full, latest: rows(&auth0) })
    }

    /// The sync in which it goes wrong.
    async fn carry(&self, program: &Program, auth0: &mut Auth0) -> Result<(), String> {
        match self.place.trouble.cause {
            Cause::Refusal => {
                let refuse = |state: &mut auth0_tenant::State| state.refuse_connections(REFUSED);
                auth0.tenant.state().at_request(self.place.nth, refuse);
            }
            _ => self.place.prepare(auth0),
        }
        program.carry(auth0, self.place.phase).await?;
        self.place.reached(auth0)
    }

    /// Nothing goes wrong any more.
    fn over(&self, auth0: &mut Auth0) {
        let mut state = auth0.tenant.state();
        state.clear_faults();
        state.refuse_connections(0);
        if let Cause::Scope(..) = self.place.trouble.cause {
            grant(&mut state);
        }
    }
}

/// How many requests of a sync, at least, go to an endpoint, or to all.
fn requests(phase: Phase, endpoint: Option<Endpoint>) -> u64 {
    match (phase, endpoint) {
        (_, Some(Endpoint::User | Endpoint::Logs)) => 3,
        (Phase::Full, Some(Endpoint::Users)) => 4,
        (Phase::Latest, Some(Endpoint::Users)) => 2,
        (Phase::Full, None) => 9,
        (Phase::Latest, None) => 7,
        (_, Some(_)) => 1,
    }
}
