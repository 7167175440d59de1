//! `holdfast demo`: the whole product with an outside world of its own, on loopback.

pub mod ministack;
