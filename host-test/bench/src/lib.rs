//! Performance, in ratios that hold on any machine: each figure is compared with a
//! bound, or with a baseline measured in the same run.
//!
//! [`rows`] has the figures, [`table`] prints them. [`workload`] is one sync by
//! the component or by a baseline: [`native`] is the same code without a sandbox,
//! in the host's loop ([`taking`]); [`kept`] rows are stored alone, [`overheard`]
//! requests sent alone; [`node`] is a client in another language. [`waiting`]
//! is many syncs at once. [`process`] does such [`work`], and runs the tenant, in
//! separate processes; [`usage`] reads what a process used.
//!
//! [`pages`] are read from a [`recording`], without a network, also by the component
//! as [`landed`]; [`instructions`] counts what a row of them costs. [`chain`] sends
//! requests one by one.

#![forbid(unsafe_code)]

pub mod chain;
pub mod instructions;
pub mod kept;
pub mod landed;
pub mod measured;
pub mod native;
pub mod node;
pub mod nowhere;
pub mod overheard;
pub mod pages;
pub mod process;
pub mod recording;
pub mod rows;
pub mod table;
pub mod taking;
pub mod usage;
pub mod waiting;
pub mod work;
pub mod workload;
