//! End to end, in one binary.

mod main_job;
