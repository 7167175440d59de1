//! Plans: what they say for typical cases, and what holds for all.

mod laws;
mod plan;
mod support;
