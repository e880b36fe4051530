//! Performance, in ratios that hold on any machine: each figure is compared with a
//! bound, or with a baseline measured in the same run.
//!
//! [`rows`] has the figures. [`workload`] is one sync, by the component or by
//! its [`native`] baseline, both in the host's loop ([`taking`]); [`process`]
//! runs it, and the tenant, in separate processes; [`usage`] reads what a process
//! used. [`pages`] reads pages from a [`recording`], without a network; [`chain`]
//! sends requests one by one. [`table`] prints the figures.

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
