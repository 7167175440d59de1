//! The nouns that GitHub holds.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use tokio::sync::mpsc::UnboundedSender;

use super::deliveries::Deliveries;
use super::delivery::{Delivery, Task};
use super::permission::Permission;
use super::rate::Limits;
use crate::config::Webhook;

pub(crate) struct State {
    pub(crate) users: BTreeMap<u64, User>,
    pub(crate) tokens: HashMap<String, Token>,
    pub(crate) repos: BTreeMap<u64, Repo>,
    /// Full names that repositories had before, in lower case, each with the id of the last that had it.
    pub(crate) former_names: BTreeMap<String, u64>,
    pub(crate) installations: BTreeMap<u64, Installation>,
    pub(crate) limits: Limits,
    pub(crate) deliveries: Deliveries,
    /// Deliveries held back, in the order of their events. `None`: they go out at once.
    pub(crate) held: Option<Vec<Delivery>>,
    pub(crate) queue: UnboundedSender<Task>,
    pub(crate) webhook: Option<Webhook>,
    pub(crate) app: Option<u64>,
    /// The App's bot account.
    pub(crate) bot: u64,
    pub(crate) started_at: Timestamp,
    last_id: u64,
}

pub(crate) enum Token {
    User(u64),
    Installation {
        installation: u64,
        /// Wall time.
        expires_at: Timestamp,
    },
}

#[derive(Debug, Clone)]
pub(crate) struct User {
    pub(crate) id: u64,
    pub(crate) login: String,
    pub(crate) kind: UserKind,
    pub(crate) created_at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UserKind {
    User,
    Bot,
    Organization,
}

/// The App on one account.
#[derive(Debug, Clone)]
pub(crate) struct Installation {
    pub(crate) id: u64,
    /// User id of the account.
    pub(crate) account: u64,
    /// When and by whom. `None`: it works.
    pub(crate) suspended: Option<(Timestamp, u64)>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// Why an issue's number leads nowhere.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Gone {
    Deleted,
    Transferred { repo: u64, number: u64 },
}

#[derive(Debug)]
pub(crate) struct Repo {
    pub(crate) id: u64,
    pub(crate) owner: User,
    pub(crate) name: String,
    pub(crate) private: bool,
    /// Read-only.
    pub(crate) archived: bool,
    pub(crate) installation: Option<u64>,
    /// By user id.
    pub(crate) collaborators: BTreeMap<u64, Permission>,
    pub(crate) labels: Vec<Label>,
    /// By number.
    pub(crate) issues: BTreeMap<u64, Issue>,
    /// Numbers that once were issues.
    pub(crate) gone: BTreeMap<u64, Gone>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

impl Repo {
    pub(crate) fn full_name(&self) -> String {
        format!("{}/{}", self.owner.login, self.name)
    }

    pub(crate) fn permission(&self, user: u64) -> Permission {
        if self.owner.id == user {
            return Permission::Admin;
        }
        self.collaborators
            .get(&user)
            .copied()
            .unwrap_or_else(|| self.permission_of_strangers())
    }

    pub(crate) fn permission_of_strangers(&self) -> Permission {
        if self.private {
            Permission::None
        } else {
            Permission::Read
        }
    }

    /// A number that no issue has had.
    pub(crate) fn next_number(&self) -> u64 {
        let last = |number: Option<&u64>| number.copied().unwrap_or_default();
        last(self.issues.keys().next_back()).max(last(self.gone.keys().next_back())) + 1
    }

    pub(crate) fn label_named(&self, name: &str) -> Option<&Label> {
        self.labels.iter().find(|label| label.name.eq_ignore_ascii_case(name))
    }

    pub(crate) fn open_issues(&self) -> usize {
        self.issues.values().filter(|issue| issue.closed.is_none()).count()
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Label {
    pub(crate) id: u64,
    pub(crate) name: String,
    /// Six hexadecimal digits.
    pub(crate) color: String,
    pub(crate) description: Option<String>,
}

#[derive(Debug, Clone)]
pub(crate) struct Issue {
    pub(crate) id: u64,
    pub(crate) number: u64,
    pub(crate) title: String,
    pub(crate) body: Option<String>,
    /// Who opened it.
    pub(crate) user: u64,
    /// `None`: open.
    pub(crate) closed: Option<Closed>,
    /// Opened again after it was closed.
    pub(crate) reopened: bool,
    pub(crate) labels: Vec<Label>,
    pub(crate) comments: Vec<Comment>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

#[derive(Debug, Clone)]
pub(crate) struct Closed {
    pub(crate) at: Timestamp,
    pub(crate) by: u64,
    /// `completed`, `not_planned` or `duplicate`.
    pub(crate) reason: String,
}

#[derive(Debug, Clone)]
pub(crate) struct Comment {
    pub(crate) id: u64,
    pub(crate) body: String,
    pub(crate) user: u64,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

impl State {
    /// Nobody is there but the App's bot.
    pub(crate) fn new(
        queue: UnboundedSender<Task>,
        webhook: Option<Webhook>,
        app: Option<u64>,
        now: Timestamp,
    ) -> Self {
        let mut state = Self {
            users: BTreeMap::new(),
            tokens: HashMap::new(),
            repos: BTreeMap::new(),
            former_names: BTreeMap::new(),
            installations: BTreeMap::new(),
            limits: Limits::default(),
            deliveries: Deliveries::default(),
            held: None,
            queue,
            webhook,
            app,
            bot: 0,
            started_at: now,
            last_id: 1_000_000,
        };
        state.bot = state.next_id();
        let login = format!("{}[bot]", super::app::slug(app.unwrap_or_default()));
        state.users.insert(
            state.bot,
            User {
                id: state.bot,
                login,
                kind: UserKind::Bot,
                created_at: now,
            },
        );
        state
    }

    /// Ids are unique over all kinds of things.
    pub(crate) fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    pub(crate) fn user_named(&self, login: &str) -> Option<&User> {
        self.users.values().find(|user| user.login.eq_ignore_ascii_case(login))
    }

    pub(crate) fn repo_named(&self, full_name: &str) -> Option<&Repo> {
        self.repos
            .values()
            .find(|repo| repo.full_name().eq_ignore_ascii_case(full_name))
    }

    /// The repository that last had this name and is called otherwise now.
    pub(crate) fn repo_formerly(&self, full_name: &str) -> Option<&Repo> {
        self.repos.get(self.former_names.get(&full_name.to_ascii_lowercase())?)
    }

    /// The App's installation on an account.
    pub(crate) fn installation_on(&self, account: u64) -> Option<u64> {
        self.installations
            .values()
            .find(|installation| installation.account == account)
            .map(|installation| installation.id)
    }

    pub(crate) fn repos_of(&self, installation: u64) -> impl Iterator<Item = &Repo> {
        self.repos
            .values()
            .filter(move |repo| repo.installation == Some(installation))
    }

    /// Ends the holding and sends what was held in this order; what is not named is recorded as lost.
    /// `false`, and nothing is sent: one of them is not held.
    pub(crate) fn release(&mut self, order: &[u64], now: Timestamp) -> bool {
        let held = self.held.take().unwrap_or_default();
        if !order.iter().all(|id| held.iter().any(|delivery| delivery.id == *id)) {
            self.held = Some(held);
            return false;
        }
        for (index, id) in order.iter().enumerate() {
            let Some(delivery) = held.iter().find(|delivery| delivery.id == *id) else {
                continue;
            };
            let mut delivery = delivery.clone();
            if order[..index].contains(id) {
                delivery.id = self.next_id();
            }
            // The queue ends with the sandbox.
            self.queue.send(Task::Deliver(Box::new(delivery))).unwrap_or_default();
        }
        for lost in held.into_iter().filter(|delivery| !order.contains(&delivery.id)) {
            self.deliveries.record(lost.lost(now), now);
        }
        true
    }

    pub(crate) fn user_tokens(&self) -> BTreeMap<String, String> {
        let of_user = |(token, holder): (&String, &Token)| match holder {
            Token::User(user) => Some((self.users.get(user)?.login.clone(), token.clone())),
            Token::Installation { .. } => None,
        };
        self.tokens.iter().filter_map(of_user).collect()
    }
}
