//! One fault at one request of one run, carried to its end.

use std::fmt;
use std::sync::mpsc;

use auth0_tenant::{Endpoint, Fault, Rule, State};
use rawdash_host::report::Report;
use tokio::runtime::Handle;

use crate::faults::trouble::{Cause, Trouble};
use crate::support::auth0::{Auth0, Contents};
use crate::support::history::{History, Phase, carry, difference};

/// Where a fault begins, and how many requests it befalls.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) trouble: Trouble,
    pub(crate) phase: Phase,
    /// None: counted over all requests.
    pub(crate) endpoint: Option<Endpoint>,
    pub(crate) nth: u64,
    pub(crate) times: u64,
}

/// How a run came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The command repaired it.
    AtOnce,
    /// A later command repaired it, as its exit status said.
    Later,
    /// The run ended, nothing stored was touched, and the remedy that it told
    /// helped.
    Remedied,
    /// It succeeded before the request that the fault befalls. Runs differ in
    /// length: users are searched once more where the log shows a deletion only
    /// after all users were read.
    TooShort,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { trouble, phase, endpoint, nth, times } = self;
        write!(f, "{} at {endpoint:?} {nth} of {phase:?}, {times} times", trouble.name)
    }
}

impl Place {
    /// The first places of a fault; every run is long enough for them.
    pub(crate) fn first(trouble: &Trouble) -> Vec<Place> {
        let mut places = Vec::new();
        for phase in Phase::BOTH {
            let endpoints: Vec<_> = match trouble.endpoints {
                [] => vec![None],
                some => some.iter().copied().map(Some).collect(),
            };
            for endpoint in endpoints {
                places.extend(trouble.times.iter().map(|times| Place {
                    trouble: trouble.clone(),
                    phase,
                    endpoint,
                    nth: trouble.from,
                    times: *times,
                }));
            }
        }
        places
    }

    /// The place one request later.
    pub(crate) fn next(self) -> Place {
        Place { nth: self.nth + 1, ..self }
    }

    /// Lets it go wrong here and carries the run to its end.
    pub(crate) async fn end(&self, history: &History) -> Result<End, String> {
        let mut auth0 = history.before(self.phase).await;
        self.prepare(&mut auth0);
        let wanted = history.contents(self.phase);
        let end = match self.trouble.cause {
            Cause::Scope(scope, resource) => self.remedy(&mut auth0, scope, resource).await?,
            _ => match carry(&mut auth0, self.phase).await?.as_slice() {
                [_] => End::AtOnce,
                _ => End::Later,
            },
        };
        if let Some(difference) = difference(wanted, &auth0.contents()) {
            return Err(difference);
        }
        match self.reached(&auth0) {
            Ok(()) => self.happened(&auth0).map(|()| end),
            Err(_) if self.nth > self.trouble.from && end == End::AtOnce => Ok(End::TooShort),
            Err(why) => Err(why),
        }
    }

    /// Lets it go wrong here in the next sync.
    pub(crate) fn prepare(&self, auth0: &mut Auth0) {
        let mut state = auth0.tenant.state();
        match &self.trouble.cause {
            Cause::Answer(fault) => state.fault(self.rule(fault).times(self.times)),
            Cause::Change(change) => state.at_request(self.nth, *change),
            Cause::Refusal => state.fault(self.rule(&Fault::ResetBeforeHeaders)),
            Cause::Scope(scope, _) => state.at_request(self.nth, |state| withdraw(state, scope)),
        }
        drop(state);
        if matches!(self.trouble.cause, Cause::Refusal) {
            let tenant = auth0.tenant.clone();
            auth0.watcher.at_wait = Some(Box::new(move || {
                let (done, stopped) = mpsc::channel();
                Handle::current().spawn(async move { done.send(tenant.stop_listening().await) });
                stopped.recv().unwrap().unwrap();
            }));
        }
    }

    fn rule(&self, fault: &Fault) -> Rule {
        let rule = match self.endpoint {
            Some(endpoint) => Rule::on(endpoint, fault.clone()),
            None => Rule::any(fault.clone()),
        };
        rule.nth(self.nth)
    }

    /// A fault that did not happen proves nothing.
    fn happened(&self, auth0: &Auth0) -> Result<(), String> {
        let refused = || auth0.watcher.failures.iter().any(|told| told.contains("refused"));
        let faulty = || auth0.tenant.requests().iter().any(|request| request.faulty);
        match self.trouble.cause {
            Cause::Refusal if !refused() => Err("no connection was refused".to_owned()),
            Cause::Refusal | Cause::Answer(_) if !faulty() => {
                Err("the fault did not happen".to_owned())
            }
            _ => Ok(()),
        }
    }

    /// Whether the run sent the request that the fault befalls.
    pub(crate) fn reached(&self, auth0: &Auth0) -> Result<(), String> {
        let of = |endpoint| self.endpoint.is_none_or(|only| only == endpoint);
        let requests = auth0.tenant.requests();
        let count = requests.iter().filter(|request| of(request.endpoint)).count() as u64;
        if count < self.nth {
            return Err(format!("the fault was not met: {count} requests"));
        }
        Ok(())
    }
}

impl Place {
    /// A run that a missing scope ends: it says so and takes nothing away, and
    /// the scope granted, the rest comes.
    async fn remedy(&self, auth0: &mut Auth0, scope: &str, resource: &str) -> Result<End, String> {
        let before = if auth0.path().exists() { auth0.contents() } else { Contents::default() };
        let report = auth0.sync_mode(self.phase.mode()).await;
        let code = report.exit().code();
        // Late in a run nothing is left that would need the scope.
        if code == 0 {
            return Ok(End::AtOnce);
        }
        if code != 77 || !names_alone(&report, scope, resource) {
            return Err(format!("exit status {code}: {report:#?}"));
        }
        lost(&before, auth0).map_or(Ok(()), Err)?;
        grant(&mut auth0.tenant.state());
        carry(auth0, self.phase).await.map(|_| End::Remedied)
    }
}

const SCOPES: [&str; 3] = ["read:users", "read:logs", "read:stats"];

/// Grants the scope that was missing: new tokens have it.
pub(crate) fn grant(state: &mut State) {
    state.set_scopes(&SCOPES);
    state.revoke_tokens();
}

fn withdraw(state: &mut State, scope: &str) {
    let left: Vec<_> = SCOPES.into_iter().filter(|granted| *granted != scope).collect();
    state.set_scopes(&left);
    state.revoke_tokens();
}

/// Whether the resource alone failed, and the message says which scope helps.
fn names_alone(report: &Report, scope: &str, resource: &str) -> bool {
    report.failure.is_none()
        && report.resources.iter().all(|(name, came)| match &came.failure {
            Some(failure) => name == resource && failure.message.contains(scope),
            None => name != resource,
        })
}

/// A row that was stored and is not any more, though the tenant has it.
fn lost(before: &Contents, auth0: &Auth0) -> Option<String> {
    let (now, there) = (auth0.contents(), auth0.users());
    let gone = |id: &&String| there.contains_key(*id) && !now.users.contains_key(*id);
    let user = before.users.keys().find(gone).cloned();
    let event = before.events.keys().find(|id| !now.events.contains_key(*id)).cloned();
    let sample = before.samples.keys().find(|at| !now.samples.contains_key(*at));
    user.or(event).or(sample.map(|at| format!("{at:?}"))).map(|row| format!("lost {row}"))
}
