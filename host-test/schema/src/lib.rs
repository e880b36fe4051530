//! rawdash's database schema and the SQL by which hosts store records in it: one text
//! for all storages. They differ in how they execute it, and not in what they store.
//!
//! In reading order: [`tables`], [`recognition`] (whose database it is), [`freshness`]
//! (what rawdash reads of it), [`connector`] and [`staging`] (a connector's part), then
//! the shapes: [`entities`], [`events`], [`edges`]; [`timed`] for [`samples`] and
//! [`distributions`], whose rows are compared in memory ([`difference`]).
//!
//! The parameters of every statement begin with the connector's name (`?1`) and, where
//! it is about one resource, the resource's name in storage (`?2`).

#![forbid(unsafe_code)]

pub mod connector;
pub mod difference;
pub mod distributions;
pub mod edges;
pub mod entities;
pub mod events;
pub mod freshness;
pub mod insertion;
pub mod recognition;
pub mod samples;
pub mod staging;
pub mod tables;
#[cfg(feature = "testing")]
pub mod testing;
pub mod timed;
