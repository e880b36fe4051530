//! Whole syncs of the connector against the simulated tenant: the engine is driven
//! natively, one request at a time, by a clock that stands still while it waits.

#[cfg(test)]
mod driver;
#[cfg(test)]
mod failures;
#[cfg(test)]
mod http;
#[cfg(test)]
mod logs;
#[cfg(test)]
mod store;
#[cfg(test)]
mod users;
