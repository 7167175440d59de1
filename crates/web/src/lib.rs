//! The door for people and programs: pages, JSON API, webhook, and the server behind them.
//!
//! [`router`] builds everything from one table, [`ROUTES`]; [`server::serve`] serves it.

mod api;
mod assets;
mod auth;
mod client_address;
mod error;
mod events;
mod extract;
mod health;
mod idle_timeout;
mod links;
mod middleware;
mod pages;
mod route_table;
mod router;
pub mod server;
mod state;
mod view;
mod webhook;

pub use route_table::{Auth, RouteSpec};
pub use router::{ROUTES, router};
pub use state::{Settings, Web};
