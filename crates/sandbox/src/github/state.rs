//! The nouns that GitHub holds.

use std::collections::{BTreeMap, HashMap, VecDeque};

use jiff::Timestamp;
use tokio::sync::mpsc::UnboundedSender;

use super::delivery::{Delivery, Task};
use crate::config::Webhook;

/// Deliveries that are kept; GitHub keeps three days of them.
const DELIVERIES_KEPT: usize = 10_000;

pub(crate) struct State {
    pub(crate) users: BTreeMap<u64, User>,
    pub(crate) tokens: HashMap<String, Token>,
    pub(crate) repos: BTreeMap<u64, Repo>,
    /// Oldest first, attempted ones only.
    pub(crate) deliveries: VecDeque<Delivery>,
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

/// What somebody may do in a repository; each includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Permission {
    None,
    Read,
    Triage,
    Write,
    Maintain,
    Admin,
}

impl Permission {
    const NAMES: [(Self, &'static str); 6] = [
        (Self::None, "none"),
        (Self::Read, "read"),
        (Self::Triage, "triage"),
        (Self::Write, "write"),
        (Self::Maintain, "maintain"),
        (Self::Admin, "admin"),
    ];

    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::NAMES
            .iter()
            .find(|(_, known)| *known == name)
            .map(|(permission, _)| *permission)
    }

    /// The role's name.
    pub(crate) fn name(self) -> &'static str {
        Self::NAMES
            .iter()
            .find(|(permission, _)| *permission == self)
            .map_or("none", |(_, name)| name)
    }
}

#[derive(Debug)]
pub(crate) struct Repo {
    pub(crate) id: u64,
    pub(crate) owner: User,
    pub(crate) name: String,
    pub(crate) private: bool,
    pub(crate) installation: Option<u64>,
    /// By user id.
    pub(crate) collaborators: BTreeMap<u64, Permission>,
    pub(crate) labels: Vec<Label>,
    /// By number.
    pub(crate) issues: BTreeMap<u64, Issue>,
    pub(crate) created_at: Timestamp,
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

    pub(crate) fn open_issues(&self) -> usize {
        self.issues.values().filter(|issue| issue.closed.is_none()).count()
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Label {
    pub(crate) id: u64,
    pub(crate) name: String,
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
            deliveries: VecDeque::new(),
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

    pub(crate) fn user_tokens(&self) -> BTreeMap<String, String> {
        let of_user = |(token, holder): (&String, &Token)| match holder {
            Token::User(user) => Some((self.users.get(user)?.login.clone(), token.clone())),
            Token::Installation { .. } => None,
        };
        self.tokens.iter().filter_map(of_user).collect()
    }

    /// Keeps an attempted delivery.
    pub(crate) fn record(&mut self, delivery: Delivery) {
        if self.deliveries.len() == DELIVERIES_KEPT {
            self.deliveries.pop_front();
        }
        self.deliveries.push_back(delivery);
    }
}
