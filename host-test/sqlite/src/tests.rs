mod entities;
mod events;
mod file;
pub(super) mod fixture;
mod freshness;
mod locks;
mod origins;
mod timed;
mod transaction;
