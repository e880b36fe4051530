//! Tests of the tenant over its own sockets.

#[cfg(test)]
mod client;
#[cfg(test)]
mod days;
#[cfg(test)]
mod determinism;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod hidden;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod logs;
#[cfg(test)]
mod outages;
#[cfg(test)]
mod stats;
#[cfg(test)]
mod token;
#[cfg(test)]
mod users;
