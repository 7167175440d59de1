//! The outside world of the demo and of the tests, on one loopback port.
//!
//! `/_github/...` is GitHub's REST API with webhooks, `/_cluster/NAME/...` a Kubernetes API with Velero, `/_velero/...` that Velero's
//! metrics and files, `/_sandbox/...` the control (call log, virtual clock, faults, seeding), and every other path is AWS: AWS Backup and
//! Data Lifecycle Manager of the sandbox's own, STS and RDS in front of a ministack that authorises each request as it was signed. All
//! state is in memory, and instances share nothing.
//!
//! `GET /_sandbox` tells what can be done to it.
//!
//! # Where it differs from the real systems
//!
//! What concerns one part alone stands in that part's own table: `aws::authority`, `aws::schedule`, `aws::dlm`, `aws::backup`'s `plan`, `copy`,
//! `restore`, `restore_testing` and `report`, `cluster`, `velero`.
//!
//! | Real | Here |
//! |---|---|
//! | AWS Backup has frameworks, indexes, scans, tiers, access points, approval teams, restore access vaults | refused by name |
//! | A vault that is not there is `AccessDeniedException` where nobody may know | `ResourceNotFoundException` |
//! | A recovery point can be of several volumes or resources, which are its parts | it is of one |
//! | A backup takes hours | `job_seconds` |
//! | A lock's grace period, a hold, an expiry take effect after a while | at their moment |
//! | All services live in one time | in a leap of the clock Velero, RDS, AWS Backup and DLM do theirs one after the other |
//! | A lifecycle, an expiry, a deletion of a recovery point is an event too | its coming alone is |
//! | A service's events go to targets of every kind, whole or in part | to SQS queues, whole; SNS has the notices of a vault |
//! | AWS checks permission before parameters | where RDS creates, changes or deletes a database, identifiers, ranges and windows are checked first |
//! | The maintenance window applies pending changes | it never comes: a pending change needs `ApplyImmediately` |
//! | Tagging and point-in-time restore are authorised on the instances that they name | so are a session's, if this sandbox saw it handed out; another key's are authorised on `*` |
//! | A restore from a snapshot is authorised on the snapshot too | on the new instance or cluster alone, as is a cluster's to a point in time |
//! | Copies, attributes, exports, automated backups and their replication are authorised on ARNs | on `*` |
//! | Tagging of snapshots, subnet groups, … is authorised on their ARNs | on `*` |
//! | RDS snapshots take a while | they are complete when the call ends; copies, restores and each step of an export take `restore_seconds` |
//! | RDS uses a key that exists and is enabled | any ARN, alias or id counts that is of the region |
//! | An export is written to a bucket, by a role | neither is looked at |
//! | RDS tells of reboots, failovers, patches, … | of creations, deletions, backups, copies, restores and exports; of what failed without a number, as none is documented |
//! | Aurora restores from an RDS snapshot, and RDS from a cluster's | each from its own |
//! | What AWS Backup changes at a database is seen by RDS at once | within a minute; snapshots at once |
//! | `garbage` could follow an effect | the call has no effect; `lost-response` is the one with an effect |
//! | GitHub lives in one time | issues, limits, deliveries and `Date` carry the virtual time, tokens and JWTs live by wall time |
//! | GitHub serves public repositories to everyone | every call needs a token |
//! | GitHub refuses a call without a `User-Agent` | taken |
//! | A secondary limit comes from load and asks for a minute or more | it comes from `throttle` and asks for a second |
//! | GitHub does not say what limit an App's JWT has | 5,000 calls an hour, as a user's |
//! | Search and GraphQL have limits of their own | shown at `/rate_limit` as unused: neither is offered |
//! | Deliveries are kept for three days | and no more than 64 MiB of payloads |
//! | Payloads are JSON or a form, certificates can go unchecked | JSON, checked: other settings of the webhook are a 422 |
//! | Webhooks are signed with SHA-1 too | with SHA-256 alone |
//! | An installation reaches all repositories or selected ones | selected ones |
//! | A token can be narrowed to some repositories or permissions | it reaches all that the installation does |
//! | A repository has many settings | `name`, `private`, `visibility` and `archived` can be changed, others are ignored |
//! | A repository's transfer may wait for the new owner's consent | it is done at once |
//! | Issues are transferred and deleted by GraphQL | by `/_sandbox/github/issues/transfer` and `…/delete` |
//! | Milestones, assignees, reactions, mentions, search, pull requests | none |
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
mod velero;
mod world;

pub use config::{App, Config, SeedRepo, SeedUser, Webhook};
pub use github::SeedError;
pub use server::{Running, StartError, start};
