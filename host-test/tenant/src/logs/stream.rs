//! The log stream: rows in the order of their ingestion.

use super::history::{self, Event};
use super::id::{LogIds, Position};
use super::mix::LogMix;
use super::new_log::NewLog;
use super::odd;
use super::people::{Person, people};
use super::row::LogRow;
use super::types::LOG_TYPES;
use crate::clock::whole_ms;
use crate::instant::DAY;
use crate::lucene::Document;
use crate::options::Options;
use crate::random::Random;
use crate::row::Row;
use crate::users::User;
use serde_json::Value;
use std::collections::HashMap;
use std::ops::Range;

const STREAM: u64 = 0x10c0;

/// A log row, as tests see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntry {
    /// Its id, even if the row does not contain it.
    pub id: String,
    /// Its type, even if the row does not contain it.
    pub kind: String,
    /// Its date in Unix ms, even if the row does not contain it.
    pub date: i64,
    /// When it became visible, in Unix ms.
    pub ingested: i64,
    /// The row, as answers contain it.
    pub json: String,
}

/// A row that is not generated from the seed.
#[derive(Clone, Debug)]
struct FixedRow {
    kind: String,
    json: String,
}

/// All log rows.
#[derive(Debug)]
pub(crate) struct Logs {
    seed: u64,
    ids: LogIds,
    mix: LogMix,
    events: Vec<Event>,
    fixed: HashMap<usize, FixedRow>,
    people: Vec<Person>,
    start: i64,
    retention_days: Option<u32>,
    dropped_before: i64,
}

/// A row by its place in the order of ingestion.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry<'a> {
    logs: &'a Logs,
    pub(crate) place: usize,
    event: &'a Event,
}

impl Logs {
    pub(crate) fn new(options: &Options, users: &[User], now: i64) -> Self {
        let mut logs = Self {
            seed: options.seed,
            ids: options.log_ids,
            mix: options.log_mix.clone(),
            events: history::events(options, now),
            fixed: HashMap::new(),
            people: people(options, users),
            start: history::start(options, now),
            retention_days: options.retention_days,
            dropped_before: i64::MIN,
        };
        for (kind, place) in odd::places(options).into_iter().enumerate() {
            let Some(entry) = logs.entry(place) else {
                continue;
            };
            let fixed =
                FixedRow { kind: entry.kind().to_owned(), json: odd::odd(kind, &entry.json()) };
            logs.fixed.insert(place, fixed);
        }
        logs
    }

    /// Appends a row and returns its id.
    pub(crate) fn append(&mut self, new: &NewLog, now: i64) -> String {
        let place = self.events.len();
        // Ids ascend: a new row never precedes an existing one.
        let newest = self.events.last().map_or(i64::MIN, |last| last.ingested);
        let ingested = (now + whole_ms(new.delay)).max(newest);
        self.events.push(Event {
            ingested,
            date: new.date,
            kind: self.mix.place_of(&new.kind).unwrap_or(u16::MAX),
            person: u32::MAX,
        });
        let log_id = self.id(place, ingested);
        let json = match &new.json {
            Some(json) => json.replace("{log_id}", &log_id),
            None => self.written(new, &log_id, place),
        };
        let kind = new.kind.clone();
        self.fixed.insert(place, FixedRow { kind, json });
        log_id
    }

    fn written(&self, new: &NewLog, log_id: &str, place: usize) -> String {
        let kind = self.mix.place_of(&new.kind).and_then(|kind| self.mix.get(kind));
        let entry = LogRow {
            log_id,
            date: new.date,
            kind: kind.unwrap_or(&LOG_TYPES[0]),
            person: None,
            noise: self.noise(place),
        };
        let Some(mut row) = Row::parse(&entry.json()) else {
            return String::new();
        };
        row.set("type", Some(&new.kind.as_str().into()));
        if let Some(user_id) = &new.user_id {
            row.set("user_id", Some(&user_id.as_str().into()));
        }
        for (member, value) in &new.members {
            row.set(member, value.as_ref());
        }
        row.select(|_| true)
    }

    /// Sets or removes a member of the row with this id, if there is one.
    pub(crate) fn set_member(&mut self, id: &str, member: &str, value: Option<&Value>) {
        let place = self.events_up_to(&Position::of(id)).checked_sub(1);
        let Some(entry) = place.and_then(|place| self.entry(place)).filter(|row| row.id() == id)
        else {
            return;
        };
        if let Some(mut row) = Row::parse(&entry.json()) {
            row.set(member, value);
            let fixed = FixedRow { kind: entry.kind().to_owned(), json: row.select(|_| true) };
            let place = entry.place;
            self.fixed.insert(place, fixed);
        }
    }

    /// Drops the rows that were ingested before `instant`.
    pub(crate) fn drop_before(&mut self, instant: i64) {
        self.dropped_before = self.dropped_before.max(instant);
    }

    /// The instant since which rows are kept.
    pub(crate) fn kept_since(&self, now: i64) -> Option<i64> {
        let by_plan = self.retention_days.map_or(i64::MIN, |days| now - i64::from(days) * DAY);
        let since = by_plan.max(self.dropped_before);
        (since > i64::MIN).then_some(since)
    }

    /// The rows that can be read at `now`, in the order of their ids.
    pub(crate) fn visible(&self, now: i64) -> impl DoubleEndedIterator<Item = Entry<'_>> {
        self.places(now).filter_map(|place| self.entry(place))
    }

    /// At most `take` visible rows after a position.
    pub(crate) fn after(&self, position: &Position, take: usize, now: i64) -> Vec<Entry<'_>> {
        let places = self.places(now);
        let from = places.start.max(self.events_up_to(position));
        (from..places.end).take(take).filter_map(|place| self.entry(place)).collect()
    }

    fn places(&self, now: i64) -> Range<usize> {
        let since = self.kept_since(now).unwrap_or(i64::MIN);
        let from = self.events.partition_point(|event| event.ingested < since);
        let to = self.events.partition_point(|event| event.ingested <= now);
        from..to
    }

    /// How many rows are at the position or before it.
    fn events_up_to(&self, position: &Position) -> usize {
        let (mut low, mut high) = (0, self.events.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            let before =
                self.entry(middle).is_some_and(|entry| Position::of(&entry.id()) <= *position);
            if before {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// Whether a position is before the oldest row that is kept.
    pub(crate) fn is_stale(&self, position: &Position, now: i64) -> bool {
        self.kept_since(now).is_some_and(|since| *position < Position::of(&self.ids.lowest(since)))
    }

    /// Every row ever, in the order of ingestion.
    pub(crate) fn events(&self) -> &[Event] {
        &self.events
    }

    /// Since when there are rows.
    pub(crate) fn start(&self) -> i64 {
        self.start
    }

    fn entry(&self, place: usize) -> Option<Entry<'_>> {
        self.events.get(place).map(|event| Entry { logs: self, place, event })
    }

    fn id(&self, place: usize, ingested: i64) -> String {
        let sequence = u32::try_from(place).unwrap_or(u32::MAX);
        self.ids.id(self.seed, ingested, sequence)
    }

    fn noise(&self, place: usize) -> u64 {
        Random::of(self.seed, STREAM, place as u64).next()
    }
}

impl Entry<'_> {
    pub(crate) fn id(&self) -> String {
        self.logs.id(self.place, self.event.ingested)
    }

    pub(crate) fn date(&self) -> i64 {
        self.event.date
    }

    pub(crate) fn kind(&self) -> &str {
        match self.logs.fixed.get(&self.place) {
            Some(fixed) => &fixed.kind,
            None => self.logs.mix.get(self.event.kind).map_or("", |kind| kind.code),
        }
    }

    pub(crate) fn json(&self) -> String {
        if let Some(fixed) = self.logs.fixed.get(&self.place) {
            return fixed.json.clone();
        }
        let person = usize::try_from(self.event.person).ok();
        self.logs.mix.get(self.event.kind).map_or_else(String::new, |kind| {
            LogRow {
                log_id: &self.id(),
                date: self.event.date,
                kind,
                person: person.and_then(|place| self.logs.people.get(place)),
                noise: self.logs.noise(self.place),
            }
            .json()
        })
    }

    pub(crate) fn to_entry(self) -> LogEntry {
        LogEntry {
            id: self.id(),
            kind: self.kind().to_owned(),
            date: self.event.date,
            ingested: self.event.ingested,
            json: self.json(),
        }
    }
}

impl Document for Entry<'_> {
    fn instant(&self, field: &str) -> Option<i64> {
        (field == "date").then_some(self.event.date)
    }

    fn texts(&self, field: &str) -> Vec<String> {
        match field {
            "type" => vec![self.kind().to_owned()],
            "log_id" | "_id" => vec![self.id()],
            _ => Row::parse(&self.json()).map_or_else(Vec::new, |row| row.texts(field)),
        }
    }
}
