//! The door for people and programs: pages, JSON API, webhook, and the server behind them.

mod assets;
mod error;
mod idle_timeout;
mod links;
mod middleware;
mod pages;
pub mod server;
mod view;
