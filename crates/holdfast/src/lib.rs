//! The binary's parts: settings, commands, the processes that it starts.

pub mod admin;
pub mod child;
pub mod cli;
mod clock;
pub mod compose;
pub mod config;
pub mod database;
pub mod demo;
mod doctor;
pub mod embedded_postgres;
mod port;
mod stop;
pub mod telemetry;
pub mod unix_account;
