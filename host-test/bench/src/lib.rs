//! How fast it is, in ratios that hold on any machine: each figure against a
//! bound, or a baseline in the same run.
//!
//! [`rows`] has the figures. [`workload`] is one sync, by the component or by
//! its [`native`] baseline, both in the host's loop ([`taking`]); [`process`]
//! runs it, and the tenant, in processes of their own; [`usage`] reads what a
//! process used. [`pages`] reads pages from a [`recording`], without a network;
//! [`chain`] sends requests one by one. [`table`] is what is printed.

#![forbid(unsafe_code)]

pub mod chain;
pub mod measured;
pub mod native;
pub mod nowhere;
pub mod pages;
pub mod process;
pub mod recording;
pub mod rows;
pub mod table;
pub mod taking;
pub mod usage;
pub mod workload;
