//! No byte of another tenant: what the schema promises, and what two tenants' data shows (facts: security 5 to 8).

mod catalogue;
mod filter;
mod pool;
mod role;
