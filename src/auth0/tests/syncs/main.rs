//! Whole syncs of the connector against the simulated tenant: the engine is driven
//! natively, one request at a time, by a clock that stands still while it waits.

mod driver;
mod failures;
mod http;
mod logs;
mod store;
mod users;
