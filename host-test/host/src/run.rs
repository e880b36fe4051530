//! Running a connector: [`Sync`] is one sync, from the configuration to the
//! report; [`take_steps`] the loop in it.

mod acceptance;
mod breach;
mod configured_instance;
mod ledger;
mod meter;
mod narration;
mod observer;
mod settings;
mod steps;
mod sync;
mod watcher;

pub use acceptance::{Acceptance, accept_origins};
pub use breach::{Breach, MAX_CHECKPOINT};
pub use configured_instance::ConfiguredInstance;
pub use meter::StepLimits;
pub use observer::RunObserver;
pub use settings::{Selection, Settings, SyncOptions};
pub use steps::{StepPlan, StepSource, StepsEnd, take_steps};
pub use sync::Sync;
pub use watcher::StepWatcher;
