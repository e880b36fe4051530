//! The component: the exports of the contract, requests over `wasi:http`, and
//! clocks. The only module that uses WASI, and it exists only in a component.

pub mod bindings;
mod clocks;
mod component;
mod conversion;
mod exchanges;
mod outgoing;
mod rotation;

pub use self::component::Component;
pub use self::rotation::{KeepsSecrets, NoRotation, Rotation};
