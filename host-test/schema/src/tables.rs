//! The tables: rawdash's, as its five migrations leave them, and those that this
//! host adds.

/// The tags of rawdash's migrations. rawdash applies each tag that is not in
/// `schema_migrations`, so it would migrate a file without them a second time, and
/// fail.
pub const RAWDASH_TAGS: [&str; 5] = [
    "0000_nosy_wendell_vaughn",
    "0001_clumsy_siren",
    "0002_milky_echo",
    "0003_milky_morbius",
    "0004_neat_swarm",
];

/// Stores a tag, with the time in milliseconds.
pub const STORE_TAG: &str = "INSERT INTO schema_migrations (tag, applied_at) VALUES (?1, ?2)";

/// rawdash's tables and indexes, and the one row of `sync_state` that its
/// server expects.
pub const RAWDASH: &str = "
CREATE TABLE schema_migrations (
    tag TEXT PRIMARY KEY,
    applied_at INTEGER NOT NULL
);
CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    connector_id TEXT NOT NULL,
    name TEXT NOT NULL,
    start_ts INTEGER NOT NULL,
    end_ts INTEGER,
    attributes TEXT DEFAULT '{}' NOT NULL
);
CREATE INDEX events_conn_name_start ON events (connector_id, name, start_ts);
CREATE TABLE entities (
    connector_id TEXT NOT NULL,
    type TEXT NOT NULL,
    id TEXT NOT NULL,
    attributes TEXT DEFAULT '{}' NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (connector_id, type, id)
);
CREATE INDEX entities_conn_type ON entities (connector_id, type);
CREATE TABLE metrics (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    connector_id TEXT NOT NULL,
    name TEXT NOT NULL,
    ts INTEGER NOT NULL,
    value REAL NOT NULL,
    attributes TEXT DEFAULT '{}' NOT NULL
);
CREATE INDEX metrics_conn_name_ts ON metrics (connector_id, name, ts);
CREATE TABLE edges (
    connector_id TEXT NOT NULL,
    from_type TEXT NOT NULL,
    from_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    to_type TEXT NOT NULL,
    to_id TEXT NOT NULL,
    attributes TEXT DEFAULT '{}' NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (connector_id, from_type, from_id, kind, to_type, to_id)
);
CREATE INDEX edges_conn_kind ON edges (connector_id, kind);
CREATE INDEX edges_conn_from ON edges (connector_id, from_type, from_id);
CREATE TABLE distributions (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    connector_id TEXT NOT NULL,
    name TEXT NOT NULL,
    ts INTEGER NOT NULL,
    kind TEXT NOT NULL,
    data TEXT NOT NULL,
    attributes TEXT DEFAULT '{}' NOT NULL
);
CREATE INDEX distributions_conn_name_ts ON distributions (connector_id, name, ts);
CREATE TABLE rollups (
    connector_id TEXT NOT NULL,
    resource TEXT NOT NULL,
    field TEXT DEFAULT '' NOT NULL,
    granularity TEXT NOT NULL,
    dims_key TEXT DEFAULT '' NOT NULL,
    dims TEXT DEFAULT '{}' NOT NULL,
    bucket_start INTEGER NOT NULL,
    partials TEXT NOT NULL,
    PRIMARY KEY (connector_id, resource, field, granularity, dims_key, bucket_start)
);
CREATE INDEX rollups_conn_resource_field ON rollups (connector_id, resource, field);
CREATE TABLE rollup_watermarks (
    connector_id TEXT NOT NULL,
    resource TEXT NOT NULL,
    watermark INTEGER NOT NULL,
    PRIMARY KEY (connector_id, resource)
);
CREATE TABLE sync_state (
    id INTEGER PRIMARY KEY NOT NULL,
    status TEXT NOT NULL,
    last_sync_at TEXT,
    last_error TEXT,
    queued_at TEXT,
    started_at TEXT
);
CREATE TABLE connector_sync_state (
    connector_id TEXT PRIMARY KEY NOT NULL,
    last_sync_at TEXT,
    last_backfill_at TEXT
);
INSERT INTO sync_state (id, status) VALUES (1, 'idle');
";

/// The columns of rawdash's tables that this host reads or writes. A file that
/// lacks one is refused before anything is written to it.
pub const RAWDASH_COLUMNS: [(&str, &[&str]); 7] = [
    ("events", &["id", "connector_id", "name", "start_ts", "end_ts", "attributes"]),
    ("entities", &["connector_id", "type", "id", "attributes", "updated_at"]),
    ("metrics", &["id", "connector_id", "name", "ts", "value", "attributes"]),
    (
        "edges",
        &[
            "connector_id",
            "from_type",
            "from_id",
            "kind",
            "to_type",
            "to_id",
            "attributes",
            "updated_at",
        ],
    ),
    ("distributions", &["id", "connector_id", "name", "ts", "kind", "data", "attributes"]),
    ("connector_sync_state", &["connector_id", "last_sync_at", "last_backfill_at"]),
    ("sync_state", &["id", "status", "last_sync_at", "last_error"]),
];

/// The version of [`ADDED`]. It grows with every change to those tables, so
/// that a host never works on tables that it does not know.
pub const ADDED_VERSION: i64 = 2;

/// Stores the version.
pub const STORE_VERSION: &str = "INSERT INTO host_schema (version) VALUES (?1)";

/// What rawdash's schema lacks. rawdash names its columns in every statement, so an
/// added nullable column is invisible to it.
///
/// `events_without_id` is empty unless rawdash itself stored events. It makes
/// finding those rows independent of the number of events.
///
/// A resource has one staged generation at a time, named in `host_staging`, so rows
/// of two generations cannot be mixed.
///
/// Staged rows are appended, the last row of an id counts, and there is no index:
/// ids arrive in random order, so with an index each page of 100 users would
/// rewrite 100 pages of the file (measured for 100,000 users: 5.2 s instead of
/// 0.5 s).
pub const ADDED: &str = "
ALTER TABLE events ADD COLUMN event_id TEXT;
CREATE UNIQUE INDEX events_by_id ON events (connector_id, name, event_id)
    WHERE event_id IS NOT NULL;
CREATE INDEX events_without_id ON events (connector_id, name)
    WHERE event_id IS NULL;
CREATE TABLE host_schema (
    version INTEGER NOT NULL
);
CREATE TABLE host_checkpoints (
    connector_id TEXT PRIMARY KEY NOT NULL,
    checkpoint TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE host_origins (
    connector_id TEXT NOT NULL,
    origin TEXT NOT NULL,
    PRIMARY KEY (connector_id, origin)
) WITHOUT ROWID;
CREATE TABLE host_staging (
    connector_id TEXT NOT NULL,
    resource TEXT NOT NULL,
    generation INTEGER NOT NULL,
    PRIMARY KEY (connector_id, resource)
) WITHOUT ROWID;
CREATE TABLE host_staged_events (
    row INTEGER PRIMARY KEY,
    connector_id TEXT NOT NULL,
    resource TEXT NOT NULL,
    event_id TEXT NOT NULL,
    start_ts INTEGER NOT NULL,
    end_ts INTEGER,
    attributes TEXT NOT NULL
);
CREATE TABLE host_staged_entities (
    row INTEGER PRIMARY KEY,
    connector_id TEXT NOT NULL,
    resource TEXT NOT NULL,
    id TEXT NOT NULL,
    attributes TEXT NOT NULL,
    updated_at INTEGER NOT NULL
);
CREATE TABLE host_staged_edges (
    row INTEGER PRIMARY KEY,
    connector_id TEXT NOT NULL,
    resource TEXT NOT NULL,
    from_type TEXT NOT NULL,
    from_id TEXT NOT NULL,
    to_type TEXT NOT NULL,
    to_id TEXT NOT NULL,
    attributes TEXT NOT NULL,
    updated_at INTEGER NOT NULL
);
CREATE TABLE host_staged_samples (
    row INTEGER PRIMARY KEY,
    connector_id TEXT NOT NULL,
    resource TEXT NOT NULL,
    ts INTEGER NOT NULL,
    value REAL NOT NULL,
    attributes TEXT NOT NULL
);
CREATE TABLE host_staged_distributions (
    row INTEGER PRIMARY KEY,
    connector_id TEXT NOT NULL,
    resource TEXT NOT NULL,
    ts INTEGER NOT NULL,
    kind TEXT NOT NULL,
    data TEXT NOT NULL,
    attributes TEXT NOT NULL
);
";
