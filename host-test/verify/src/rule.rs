//! The rules of the contract, each with its text.

/// One rule of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "`Rule::demand` says what each one demands")]
pub enum Rule {
    Component,
    Contract,
    Imports,
    Description,
    Manifest,
    Documentation,
    Origins,
    Resources,
    Fields,
    Metrics,
    Schema,
    SchemaSecrets,
    SchemaOrigins,
    NotConfigured,
    Returns,
    Configuration,
    Issues,
    AllIssues,
    ConfigureKeeps,
    ConfigureOffline,
    Configured,
    Request,
    Check,
    Run,
    Steps,
    Effects,
    Timestamps,
    Records,
    Attributes,
    Progress,
    Generations,
    Windows,
    Again,
    Wants,
    ChangedEvents,
    EmptyLists,
    RemovedEdges,
    Determinism,
    Resume,
    Checkpoint,
    AlteredCheckpoint,
    ForeignCheckpoint,
    Authentication,
    Unreachable,
    Postponed,
    Patience,
    Secrecy,
}

impl Rule {
    /// Every rule, in the order of the report.
    pub const ALL: [Rule; 47] = [
        Rule::Component,
        Rule::Contract,
        Rule::Imports,
        Rule::Description,
        Rule::Manifest,
        Rule::Documentation,
        Rule::Origins,
        Rule::Resources,
        Rule::Fields,
        Rule::Metrics,
        Rule::Schema,
        Rule::SchemaSecrets,
        Rule::SchemaOrigins,
        Rule::NotConfigured,
        Rule::Returns,
        Rule::Configuration,
        Rule::Issues,
        Rule::AllIssues,
        Rule::ConfigureKeeps,
        Rule::ConfigureOffline,
        Rule::Configured,
        Rule::Request,
        Rule::Check,
        Rule::Run,
        Rule::Steps,
        Rule::Effects,
        Rule::Timestamps,
        Rule::Records,
        Rule::Attributes,
        Rule::Progress,
        Rule::Generations,
        Rule::Windows,
        Rule::Again,
        Rule::Wants,
        Rule::ChangedEvents,
        Rule::EmptyLists,
        Rule::RemovedEdges,
        Rule::Determinism,
        Rule::Resume,
        Rule::Checkpoint,
        Rule::AlteredCheckpoint,
        Rule::ForeignCheckpoint,
        Rule::Authentication,
        Rule::Unreachable,
        Rule::Postponed,
        Rule::Patience,
        Rule::Secrecy,
    ];

    /// Its name: lower-case, stable.
    pub fn name(self) -> &'static str {
        self.texts().0
    }

    /// What it demands, as a sentence without a full stop.
    pub fn demand(self) -> &'static str {
        self.texts().1
    }

    /// How an author fixes a component that breaks it.
    pub fn fix(self) -> &'static str {
        self.texts().2
    }

    fn texts(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Rule::Component => (
                "component",
                "it is a WebAssembly component that the host can run",
                "build it for wasm32-unknown-unknown with the linker wasm-component-ld",
            ),
            Rule::Contract => (
                "contract",
                "it was built for a version of the contract that this host supports",
                "build it against the wit/ of this host's release",
            ),
            Rule::Imports => (
                "imports",
                "it imports wasi:http, wasi:io and clocks, and nothing else",
                "remove the code that needs the import; wasm32-unknown-unknown itself adds none",
            ),
            Rule::Description => (
                "description",
                "`describe` returns the same each time and sends nothing",
                "return constants from `describe`",
            ),
            Rule::Manifest => (
                "manifest",
                "id, name, description and semantic version are well-formed",
                "correct them in `describe`",
            ),
            Rule::Documentation => (
                "documentation",
                "rawdash's catalogue can show the connector",
                "fill in category, tagline, vendor and authentication in `describe`",
            ),
            Rule::Origins => (
                "origins",
                "every origin is https and a host name, perhaps from the configuration",
                "write https://api.example, https://{/pointer} or https://*.api.example in `describe`",
            ),
            Rule::Resources => (
                "resources",
                "every resource has a name of its own, a description and an endpoint",
                "correct them in `describe`",
            ),
            Rule::Fields => (
                "fields",
                "fields and dimensions are named once, described, and of the right shape",
                "describe them: fields for events, entities, edges; dimensions for the others",
            ),
            Rule::Metrics => (
                "metrics",
                "granularities are spans, and only metrics have them or a unit",
                "give `granularity` as 1h, 1d or 1mo in `describe`",
            ),
            Rule::Schema => (
                "schema",
                "the configuration's schema is a JSON Schema 2020-12 of a described object",
                "correct `configuration-schema` in `describe`",
            ),
            Rule::SchemaSecrets => (
                "schema-secrets",
                "a secret is an object with the one member `$secret`, and writeOnly",
                "give it \"writeOnly\": true, and `$secret` as its only and required member",
            ),
            Rule::SchemaOrigins => (
                "schema-origins",
                "what an origin points to is a string of the schema",
                "add the property to the schema",
            ),
            Rule::NotConfigured => (
                "not-configured",
                "before `configure`, `sync`, `checkpoint` and `check` fail with not-configured",
                "return that kind; `check` has it for every resource in the manifest's order",
            ),
            Rule::Returns => (
                "returns",
                "calls in any order, with any arguments, return; none traps",
                "return an error in its place: no unwrap, no index, no endless loop",
            ),
            Rule::Configuration => (
                "configuration",
                "`configure` and the schema accept the same configurations",
                "make the schema and `configure` agree",
            ),
            Rule::Issues => (
                "issues",
                "`configure` reports an error with its JSON Pointer and a fix",
                "return an issue with the path of the member, \"\" for the whole",
            ),
            Rule::AllIssues => (
                "all-issues",
                "`configure` reports all errors at once",
                "collect the issues of all members before you return",
            ),
            Rule::ConfigureKeeps => (
                "configure-keeps",
                "when `configure` refuses, the earlier configuration stays",
                "change the state last, once everything is accepted",
            ),
            Rule::ConfigureOffline => (
                "configure-offline",
                "`configure` sends nothing",
                "send the first request in `sync`",
            ),
            Rule::Configured => (
                "configured",
                "`configure` returns resources and origins within those of the manifest",
                "return the manifest's resources, and hosts that its origins allow",
            ),
            Rule::Request => (
                "request",
                "a request for a resource that does not exist, or twice for one, fails as request",
                "compare the request's wants with the configured resources in `sync`",
            ),
            Rule::Check => (
                "check",
                "`check` has one entry for each configured resource, in their order",
                "return an entry for every resource that `configure` returned",
            ),
            Rule::Run => ("run", "a sync ends with `done`", "see the message of the failure"),
            Rule::Steps => (
                "steps",
                "a run is `began`, batches and `ended`; `done` follows when every wanted one has ended",
                "return the steps in this order, and `checkpoint` after each",
            ),
            Rule::Effects => (
                "effects",
                "batches have a configured resource, its shape, and an effect of that shape",
                "see `effect` in wit/connector.wit",
            ),
            Rule::Timestamps => (
                "timestamps",
                "timestamps lie between 0 and 2^53 - 1 ms, and in their window",
                "give milliseconds since 1970, and leave out rows that have no time",
            ),
            Rule::Records => (
                "records",
                "ids, numbers and attributes of records are well-formed",
                "see wit/shapes.wit",
            ),
            Rule::Attributes => (
                "attributes",
                "records have the declared attributes, and dimensions distinguish samples",
                "declare the attribute in `describe`, or leave it out of the record",
            ),
            Rule::Progress => (
                "progress",
                "the progress of a run grows, also from instance to instance",
                "count pages and records from the start of the run, and keep both in the checkpoint",
            ),
            Rule::Generations => (
                "generations",
                "a run keeps its generation or, where it is carried on, takes a greater one; the next run has a greater one",
                "keep the last generation of each resource in the checkpoint, and add one for each run",
            ),
            Rule::Windows => (
                "windows",
                "no window that is replaced in a run has rows of an earlier page of it",
                "replace a window by one batch, or stage its pages and publish the window",
            ),
            Rule::Again => (
                "again",
                "after `done` another sync begins and ends, without lost or duplicate rows",
                "begin a new sync at the call after `done`",
            ),
            Rule::Wants => (
                "wants",
                "a full run of one resource with `since` loses no row, older ones included",
                "replace only what the run has read: publish with the window as scope",
            ),
            Rule::ChangedEvents => (
                "changed-events",
                "an event that changed at the source replaces the stored one",
                "let `id` be the source's own identity, and nothing that may change",
            ),
            Rule::EmptyLists => (
                "empty-lists",
                "after an empty list a complete run leaves no row; an answer that is no list removes none",
                "publish a list that was read and is empty with `empty-is-true`, and nothing else",
            ),
            Rule::RemovedEdges => (
                "removed-edges",
                "a full run removes the edges that the source no longer has",
                "publish all edges of a full run, or replace from the nodes that were read",
            ),
            Rule::Determinism => (
                "determinism",
                "two instances return the same records from a source that does not change",
                "let records depend only on the configuration, the checkpoint and the source",
            ),
            Rule::Resume => (
                "resume",
                "a new instance resumes from any checkpoint and returns the same records",
                "store everything that the rest of the run needs in the checkpoint",
            ),
            Rule::Checkpoint => (
                "checkpoint",
                "a checkpoint has at most 1 MiB, and no host name",
                "keep positions, not rows, and the source's identity as a checksum",
            ),
            Rule::AlteredCheckpoint => (
                "altered-checkpoint",
                "`configure` refuses a checkpoint that was truncated or altered",
                "write a checksum of the text into it, and compare it first",
            ),
            Rule::ForeignCheckpoint => (
                "foreign-checkpoint",
                "`configure` refuses the checkpoint of another source",
                "write a checksum of the source's name into the checkpoint, and compare it",
            ),
            Rule::Authentication => (
                "authentication",
                "if the source refuses the credentials, `sync` and `check` say so",
                "return kind authentication for status 401",
            ),
            Rule::Unreachable => (
                "unreachable",
                "if the source cannot be reached, a sync waits, postpones or fails as transient",
                "return `wait`, or kind transient once retries are exhausted; never `complete`",
            ),
            Rule::Postponed => (
                "postponed",
                "if one resource's endpoint answers 503, the others complete, also in the next sync",
                "end that resource as postponed, and go on with the others",
            ),
            Rule::Patience => (
                "patience",
                "a call returns when the request's `patience` is over",
                "wait for an answer no longer than that, and return a pause of 0",
            ),
            Rule::Secrecy => (
                "secrecy",
                "no checkpoint, message or record holds a secret or a token",
                "leave the credentials out of everything that you return",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_rule_is_left_out_or_listed_twice() {
        assert!(Rule::ALL.is_sorted());
        let names: BTreeSet<_> = Rule::ALL.iter().map(|rule| rule.name()).collect();
        assert_eq!(names.len(), Rule::ALL.len());
        assert_eq!(Rule::ALL.last(), Some(&Rule::Secrecy));
        assert_eq!(Rule::Secrecy as usize + 1, Rule::ALL.len());
    }
}
