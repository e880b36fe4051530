//! The designs that are compared: how the same id is found again.

use super::ids::scramble;

/// A design.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Design {
    /// No identity: an event that arrives twice is stored twice. What the rest is
    /// measured against.
    None,
    /// A unique index on connector, name and id.
    Index,
    /// The same with the id first.
    IdFirst,
    /// A number for connector and name, in a column of its own.
    Number,
    /// 64 bits of a hash of connector, name and id, instead of the id.
    Hash,
    /// 128 bits of it.
    LongHash,
    /// The ids in a table without row numbers, beside `events`.
    WithoutRowid,
    /// One index, rawdash's, made longer by the id: only the same id at the same time
    /// is the same event.
    OneIndex,
    /// An index on an expression: only an id that stands in the attributes.
    Expression,
}

impl Design {
    pub(crate) const ALL: [Design; 9] = [
        Design::None,
        Design::Index,
        Design::IdFirst,
        Design::Number,
        Design::Hash,
        Design::LongHash,
        Design::WithoutRowid,
        Design::OneIndex,
        Design::Expression,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Design::None => "none, for comparison",
            Design::Index => "index on connector, name, id",
            Design::IdFirst => "index on id, connector, name",
            Design::Number => "index on a number for connector and name, id",
            Design::Hash => "index on a hash of 64 bits, no id",
            Design::LongHash => "index on a hash of 128 bits, no id",
            Design::WithoutRowid => "a table `WITHOUT ROWID` beside `events`",
            Design::OneIndex => "rawdash's index with the id, same time only",
            Design::Expression => "index on an expression of the attributes",
        }
    }

    /// What is added to rawdash's tables.
    pub(crate) fn tables(self) -> &'static str {
        match self {
            Design::None => "",
            Design::Index => {
                "ALTER TABLE events ADD COLUMN key TEXT;
                 CREATE UNIQUE INDEX by_key ON events (connector_id, name, key)
                     WHERE key IS NOT NULL;"
            }
            Design::IdFirst => {
                "ALTER TABLE events ADD COLUMN key TEXT;
                 CREATE UNIQUE INDEX by_key ON events (key, connector_id, name)
                     WHERE key IS NOT NULL;"
            }
            Design::Number => {
                "ALTER TABLE events ADD COLUMN key TEXT;
                 ALTER TABLE events ADD COLUMN number INTEGER;
                 CREATE UNIQUE INDEX by_key ON events (key, number) WHERE key IS NOT NULL;"
            }
            Design::Hash | Design::LongHash => {
                "ALTER TABLE events ADD COLUMN key;
                 CREATE UNIQUE INDEX by_key ON events (key) WHERE key IS NOT NULL;"
            }
            Design::WithoutRowid => {
                "CREATE TABLE ids (key TEXT, number INTEGER, event INTEGER,
                     PRIMARY KEY (key, number)) WITHOUT ROWID;"
            }
            Design::OneIndex => {
                "ALTER TABLE events ADD COLUMN key TEXT;
                 DROP INDEX events_conn_name_start;
                 CREATE UNIQUE INDEX events_conn_name_start
                     ON events (connector_id, name, start_ts, key);"
            }
            Design::Expression => {
                "CREATE UNIQUE INDEX by_key ON events (connector_id, name, attributes ->> '$.logId')
                     WHERE attributes ->> '$.logId' IS NOT NULL;"
            }
        }
    }

    /// Stores one event: ?1 connector, ?2 name, ?3 start, ?4 attributes, ?5 key.
    pub(crate) fn upsert(self) -> String {
        let changed = "DO UPDATE SET start_ts = excluded.start_ts, end_ts = excluded.end_ts,
                 attributes = excluded.attributes
             WHERE start_ts <> excluded.start_ts OR end_ts IS NOT excluded.end_ts
                 OR attributes <> excluded.attributes";
        let with_key = "INSERT INTO events (connector_id, name, start_ts, attributes, key)
                        VALUES (?1, ?2, ?3, ?4, ?5)";
        let without = "INSERT INTO events (connector_id, name, start_ts, attributes)
                       VALUES (?1, ?2, ?3, ?4)";
        let on = |target: &str, insert: &str| format!("{insert} ON CONFLICT {target} {changed}");
        match self {
            Design::None | Design::WithoutRowid => without.to_owned(),
            Design::Index | Design::IdFirst => {
                on("(connector_id, name, key) WHERE key IS NOT NULL", with_key)
            }
            Design::Number => on(
                "(key, number) WHERE key IS NOT NULL",
                "INSERT INTO events (connector_id, name, start_ts, attributes, key, number)
                 VALUES (?1, ?2, ?3, ?4, ?5, 1)",
            ),
            Design::Hash | Design::LongHash => on("(key) WHERE key IS NOT NULL", with_key),
            Design::OneIndex => on("(connector_id, name, start_ts, key)", with_key),
            Design::Expression => on(
                "(connector_id, name, attributes ->> '$.logId')
                     WHERE attributes ->> '$.logId' IS NOT NULL",
                without,
            ),
        }
    }

    /// The key of an event.
    pub(crate) fn key(self, id: &str) -> rusqlite::types::Value {
        match self {
            Design::None | Design::Expression => rusqlite::types::Value::Null,
            Design::Hash => hash(id, 0).cast_signed().into(),
            Design::LongHash => {
                [hash(id, 0).to_be_bytes(), hash(id, 1).to_be_bytes()].concat().into()
            }
            _ => id.to_owned().into(),
        }
    }
}

/// As good as any for a measurement.
fn hash(id: &str, seed: u64) -> u64 {
    id.as_bytes().chunks(8).fold(seed, |hash, chunk| {
        let word = chunk.iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
        scramble(hash ^ word)
    })
}
