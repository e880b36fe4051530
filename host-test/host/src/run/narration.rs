//! The messages of a sync: without secrets, and with the reason of each denial.

use crate::contract::Failure;
use crate::failure::{FailureKind, FailureReport, SourceKind};
use crate::origins::Denial;
use crate::redaction::Redaction;
use crate::transport::{Traffic, Transport};

/// The words of one instance's transport and component, redacted.
pub(super) struct Narration {
    transport: Transport,
    redaction: Redaction,
    /// The requests that were denied since the last record arrived.
    denied: Vec<String>,
    /// The last ones that failed because a certificate was refused.
    distrusted: Vec<String>,
}

impl Narration {
    pub(super) fn new(transport: Transport, redaction: Redaction) -> Narration {
        Narration { transport, redaction, denied: Vec::new(), distrusted: Vec::new() }
    }

    pub(super) fn redaction(&self) -> &Redaction {
        &self.redaction
    }

    /// What was sent and received.
    pub(super) fn traffic(&self) -> Traffic {
        self.transport.traffic()
    }

    /// Learns the credentials that the component has sent, to keep them out of
    /// messages.
    pub(super) fn learn(&mut self) {
        for credential in self.transport.take_credentials() {
            self.redaction.learn(&credential);
        }
    }

    /// The requests denied since the last call, as sentences.
    pub(super) fn take_denials(&self) -> Vec<String> {
        self.sentences(&self.transport.take_denials())
    }

    /// The same, and remembers them, because a component may report them some steps
    /// later.
    pub(super) fn note_denials(&mut self) -> &[String] {
        let denials = self.transport.take_denials();
        if denials.is_empty() {
            return &[];
        }
        self.denied = self.sentences(&denials);
        let distrusted = self.sentences(denials.iter().filter(|denial| denial.is_distrust()));
        if !distrusted.is_empty() {
            self.distrusted = distrusted;
        }
        &self.denied
    }

    /// Called when a record arrives: earlier denials explain nothing any more.
    pub(super) fn forget_denials(&mut self) {
        self.denied.clear();
    }

    /// The component's failure without secrets, with the denials that explain
    /// it: the component knows only that it was denied, the host knows why.
    pub(super) fn failure(&self, failure: &Failure, denied: &[String]) -> FailureReport {
        let mut report = FailureReport::from(failure).redacted(&self.redaction);
        for denial in denied {
            report.message = format!("{}; {denial}", report.message.trim_end_matches('.'));
        }
        report
    }

    /// The failure that ended the sync.
    pub(super) fn final_failure(&self, failure: &Failure) -> FailureReport {
        let untrusted = FailureKind::Source(SourceKind::Untrusted);
        // Records from other requests do not make a refused certificate valid.
        let distrust =
            FailureReport::from(failure).kind == untrusted && !self.distrusted.is_empty();
        self.failure(failure, if distrust { &self.distrusted } else { &self.denied })
    }

    fn sentences<'a>(&self, denials: impl IntoIterator<Item = &'a Denial>) -> Vec<String> {
        let sentence = |denial: &Denial| self.redaction.apply(&denial.to_string());
        denials.into_iter().map(sentence).collect()
    }
}
