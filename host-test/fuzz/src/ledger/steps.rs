//! The steps of syncs, judged one by one by the contract.

use rawdash_connector_sdk::contract::batch::Batch;
use rawdash_connector_sdk::contract::configuration::Configured;
use rawdash_connector_sdk::contract::failure::{Failure, FailureKind};
use rawdash_connector_sdk::contract::request::{SyncRequest, Want};
use rawdash_connector_sdk::contract::step::{Ending, Step};

use crate::batches::check_message;
use crate::ledger::Account;
use crate::seal::{State, StoredResource};

/// What the steps so far amount to.
#[derive(Debug)]
pub(crate) struct Steps {
    accounts: Vec<(String, Account)>,
    /// The request of the call under way.
    request: SyncRequest,
}

impl Steps {
    pub(crate) fn new(configured: &Configured) -> Steps {
        let account = |name: &str, shape| (name.to_owned(), Account::new(name, shape));
        let resources = configured.resources.iter();
        let accounts = resources.map(|resource| account(&resource.name, resource.shape)).collect();
        Steps { accounts, request: SyncRequest::default() }
    }

    /// A call begins.
    pub(crate) fn enter(&mut self, request: &SyncRequest) {
        self.request = request.clone();
    }

    /// A new instance begins with what a checkpoint holds.
    pub(crate) fn restore(&mut self, state: &State) {
        for (name, account) in &mut self.accounts {
            account.restore(stored(state, name));
        }
    }

    /// Checks that a checkpoint holds the runs that are not over.
    pub(crate) fn check_kept(&self, state: &State) {
        for (name, account) in &self.accounts {
            let stored = stored(state, name);
            assert!(!account.differs(stored), "{account:?} is stored as {stored:?}");
        }
    }

    /// Takes a step, as a host that stores it.
    pub(crate) fn take(&mut self, step: &Step) {
        match step {
            Step::Began { resource, mode, resumed } => {
                let want = self.want(resource);
                self.account(resource).begin(*mode, *resumed, want.as_ref());
            }
            Step::Batches(batches) => self.take_batches(batches),
            Step::Ended { resource, ending } => {
                if let Ending::Failed(failure) | Ending::Postponed(failure) = ending {
                    check_failure(failure);
                    assert_eq!(failure.resource.as_ref(), Some(resource));
                }
                self.account(resource).end(ending);
            }
            Step::Wait { cause, .. } => cause.iter().for_each(check_failure),
            Step::Done => {
                for (name, account) in &self.accounts {
                    account.check_done(self.want(name).is_some());
                }
                self.leave_sync();
            }
        }
    }

    /// Takes the failure of a call, which ends the sync.
    pub(crate) fn fail(&mut self, failure: &Failure) {
        check_failure(failure);
        let is_of_all = failure.resource.is_none();
        assert!(is_of_all || failure.kind == FailureKind::Request, "{failure:?}");
        self.leave_sync();
    }

    fn leave_sync(&mut self) {
        self.accounts.iter_mut().for_each(|(_, account)| account.leave_sync());
    }

    fn take_batches(&mut self, batches: &[Batch]) {
        for batch in batches {
            self.account(&batch.resource);
        }
        for (name, account) in &mut self.accounts {
            let own: Vec<&Batch> = batches.iter().filter(|batch| batch.resource == *name).collect();
            if !own.is_empty() {
                account.take(&own);
            }
        }
    }

    fn account(&mut self, name: &str) -> &mut Account {
        let account = self.accounts.iter_mut().find(|(known, _)| known == name);
        match account {
            Some((_, account)) => account,
            None => unreachable!("{name} is not configured"),
        }
    }

    fn want(&self, name: &str) -> Option<Want> {
        match self.request.wants.is_empty() {
            true => Some(Want::auto(name)),
            false => self.request.wants.iter().find(|want| want.resource == name).cloned(),
        }
    }
}

fn stored<'a>(state: &'a State, name: &str) -> Option<&'a StoredResource> {
    state.resources.iter().rev().find(|stored| stored.name == name)
}

fn check_failure(failure: &Failure) {
    check_message(&failure.message);
    assert_ne!(failure.kind, FailureKind::NotConfigured, "{failure:?}");
}
