//! Running a connector: [`Sync`] is one sync, from the configuration to the
//! report; [`take_steps`] the loop in it.

mod configured;
mod narration;
mod observer;
mod settings;
mod steps;
mod sync;

pub use configured::Configured;
pub use observer::RunObserver;
pub use settings::{Settings, SyncOptions};
pub use steps::{Breach, StepPlan, StepSource, StepWatcher, StepsEnd, take_steps};
pub use sync::Sync;
