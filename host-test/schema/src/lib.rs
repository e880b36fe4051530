//! rawdash's database schema and how hosts store records in it: one text for all
//! storages. They differ in how they execute it, and not in what they store.
//!
//! In reading order: [`tables`], [`recognition`] (whose database it is), [`freshness`]
//! (what rawdash reads of it), [`connector`], [`staging`] and [`adoption`] (a connector's
//! part), [`actions`] (what storing a batch takes), [`publication`] (what may be published),
//! then the shapes: `entities`, `events` and `edges`, whose rows are `keyed`; `samples` and
//! `distributions`, whose rows are [`timed`] and compared in memory ([`comparison`],
//! `difference`).
//!
//! The parameters of every statement begin with the connector's name (`?1`) and, where
//! it is about one resource, the resource's name in storage (`?2`).

#![forbid(unsafe_code)]

pub mod actions;
pub mod adoption;
pub mod cell;
pub mod comparison;
pub mod connector;
mod difference;
mod distributions;
mod edges;
mod entities;
mod events;
pub mod freshness;
pub mod insertion;
mod keyed;
pub mod publication;
pub mod recognition;
mod samples;
pub mod staging;
pub mod tables;
#[cfg(feature = "testing")]
pub mod testing;
pub mod timed;
