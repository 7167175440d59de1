//! The outside world of the demo and of the tests, on one loopback port.
//!
//! `/_github/...` is GitHub's REST API with webhooks, `/_cluster/{name}/...` are the API servers of Kubernetes clusters, `/_sandbox/...` is
//! the control (call log, virtual clock, faults, seeding), and every other path is AWS: STS and RDS in front of a ministack that
//! authorises each request as it was signed. All state is in memory, and instances share nothing.
//!
//! # Where it differs from the real systems
//!
//! | Real | Here |
//! |---|---|
//! | AWS checks permission before parameters | ranges of retention and window, and `rds:` names, are checked first |
//! | The maintenance window applies pending changes | it never comes: a pending change needs `ApplyImmediately` |
//! | Tagging and point-in-time restore are authorised on the instances that they name | so are a session's, if this sandbox saw it handed out; another key's are authorised on `*` |
//! | A restore from a snapshot is authorised on the snapshot too | on the new instance alone |
//! | Tagging of snapshots, subnet groups, … is authorised on their ARNs | on `*` |
//! | A restored instance keeps the source's backup settings | ministack's: one day, 03:00-04:00 |
//! | Backups run on their own | what is due on the virtual clock is done before the next RDS call and by the clock call |
//! | `garbage` could follow an effect | the call has no effect; `lost-response` is the one with an effect |
//! | GitHub lives in one time | issues carry the virtual time, tokens and JWTs live by wall time |
//! | GitHub serves public repositories to everyone | every call needs a token |
//! | ETags, rate limits, search, pull requests | none |
//! | Anyone's App | one App, whose webhook is the only one |

mod aws;
mod calls;
mod clock;
mod cluster;
mod config;
mod control;
mod faults;
mod github;
mod server;
mod world;

pub use config::{App, Config, SeedRepo, SeedUser, Webhook};
pub use github::SeedError;
pub use server::{Running, StartError, start};
