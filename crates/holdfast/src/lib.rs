//! The binary's parts: settings, commands, the processes that it starts.

pub mod child;
pub mod config;
pub mod database;
pub mod demo;
pub mod embedded_postgres;
mod port;
pub mod unix_account;
