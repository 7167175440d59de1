//! Restores.

mod show;
