//! Performance, in ratios that hold on any machine: each figure is compared with a
//! bound, or with a baseline measured in the same run.
//!
//! [`rows`] has the figures, [`table`] prints them. [`workload`] is one sync by
//! the component or by a baseline: [`native`] is the same code without a sandbox,
//! in the host's loop ([`taking`]); [`replayed_storage`] stores rows alone,
//! [`replayed_requests`] sends requests alone, [`discard`] stores nothing; [`node`] is
//! a client in another language. [`waiting_syncs`] is many syncs at once. [`process`]
//! does such [`work`], and runs the tenant, in separate processes; [`usage`] reads what
//! a process used.
//!
//! [`pages`] are read from a [`recording`], without a network, also by the component
//! as [`landed`]; [`instructions`] counts what a row of them costs. [`chain`] sends
//! requests one by one.

#![forbid(unsafe_code)]

pub mod chain;
pub mod discard;
pub mod instructions;
pub mod landed;
pub mod measured;
pub mod native;
pub mod node;
pub mod pages;
pub mod process;
pub mod recording;
pub mod replayed_requests;
pub mod replayed_storage;
pub mod rows;
pub mod table;
pub mod taking;
pub mod usage;
pub mod waiting_syncs;
pub mod work;
pub mod workload;
