//! Desired state beside observed state gives a plan. Pure: no IO, no clock, no failure of the outside world.

mod choose;
mod rds;
mod steps;

pub use choose::choose;
pub use steps::{Desired, Wanted, plan};
