//! The people whom a contract names, and what they are entitled to (feature A7).

use std::collections::BTreeMap;

use email_address::EmailAddress;

use crate::id::{ContactId, TenantId, UserId};
use crate::scope_change::{Answers, Field, FieldKind, FormProblem, options, superseded};

/// What a contact stands for at the customer's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ContactRole {
    /// Leads the customer's platform team.
    PlatformLead,
    /// Works on the platform.
    TechnicalUser,
    /// Uses what runs on it.
    GeneralUser,
    /// Owns the contract.
    ContractOwner,
    /// Answers for compliance.
    ComplianceLead,
}

impl ContactRole {
    /// The name used in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PlatformLead => "platform-lead",
            Self::TechnicalUser => "technical-user",
            Self::GeneralUser => "general-user",
            Self::ContractOwner => "contract-owner",
            Self::ComplianceLead => "compliance-lead",
        }
    }

    /// The name that people read.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::PlatformLead => "Platform lead",
            Self::TechnicalUser => "Technical user",
            Self::GeneralUser => "General user",
            Self::ContractOwner => "Contract owner",
            Self::ComplianceLead => "Compliance lead",
        }
    }
}

/// What the provider does on a contact's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Entitlement {
    /// Ask for a change of the scope of work.
    RequestChange,
    /// Approve for the customer.
    Approve,
    /// Ask for a restore.
    RequestRestore,
    /// Say that an incident is critical, which opens the path round the clock.
    DeclareCritical,
}

impl Entitlement {
    /// Every entitlement, in the form's order.
    pub const ALL: [Self; 4] = [
        Self::RequestChange,
        Self::Approve,
        Self::RequestRestore,
        Self::DeclareCritical,
    ];

    /// The name used in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RequestChange => "request-change",
            Self::Approve => "approve",
            Self::RequestRestore => "request-restore",
            Self::DeclareCritical => "declare-critical",
        }
    }

    /// The name that people read.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::RequestChange => "ask for changes",
            Self::Approve => "approve",
            Self::RequestRestore => "ask for restores",
            Self::DeclareCritical => "declare an incident critical",
        }
    }
}

/// What is stated about a contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactCard {
    /// Their name.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// Telephone number; empty when not stated.
    pub phone: String,
    /// What they stand for.
    pub role: ContactRole,
    /// What the provider does on their word, in the order of [`Entitlement::ALL`].
    pub entitlements: Vec<Entitlement>,
    /// E-mail address under which they sign in here; `None`: they do not.
    pub signs_in_as: Option<String>,
}

/// A person whom a contract names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// Its id.
    pub id: ContactId,
    /// Whose contact it is.
    pub tenant: TenantId,
    /// What is stated.
    pub card: ContactCard,
    /// The person who signs in, where one is stated.
    pub user: Option<UserId>,
    /// Counts the changes, for `If-Match` and guarded writes.
    pub revision: i64,
}

const ROLES: [(&str, ContactRole); 5] = [
    (ContactRole::PlatformLead.words(), ContactRole::PlatformLead),
    (ContactRole::TechnicalUser.words(), ContactRole::TechnicalUser),
    (ContactRole::GeneralUser.words(), ContactRole::GeneralUser),
    (ContactRole::ContractOwner.words(), ContactRole::ContractOwner),
    (ContactRole::ComplianceLead.words(), ContactRole::ComplianceLead),
];
const YES: [(&str, bool); 2] = [("No", false), ("Yes", true)];
const YES_OR_NO: FieldKind = FieldKind::Choice {
    options: &options(&YES),
};

const NAME: Field = Field {
    id: "name",
    label: "Name",
    help: "As people call them.",
    required: true,
    newer: false,
    kind: FieldKind::Input {
        placeholder: "Ana Ortiz",
    },
};
const EMAIL: Field = Field {
    id: "email",
    label: "E-mail",
    help: "Where they read.",
    required: true,
    newer: false,
    kind: FieldKind::Input {
        placeholder: "ana@example.com",
    },
};
const PHONE: Field = Field {
    id: "phone",
    label: "Telephone",
    help: "With the country code. Empty: not stated.",
    required: false,
    newer: false,
    kind: FieldKind::Input {
        placeholder: "+32 2 555 01 23",
    },
};
const ROLE: Field = Field {
    id: "role",
    label: "Role",
    help: "What they stand for at the customer.",
    required: true,
    newer: false,
    kind: FieldKind::Choice {
        options: &options(&ROLES),
    },
};
const ENTITLED: [(Field, Entitlement); 4] = {
    const fn yes(id: &'static str, label: &'static str, help: &'static str) -> Field {
        Field {
            id,
            label,
            help,
            required: false,
            newer: false,
            kind: YES_OR_NO,
        }
    }
    [
        (
            yes(
                "request-change",
                "May ask for changes",
                "We act on their word by telephone and mail as well.",
            ),
            Entitlement::RequestChange,
        ),
        (
            yes(
                "approve",
                "May approve",
                "Approvals themselves are given here, by whoever has the role.",
            ),
            Entitlement::Approve,
        ),
        (
            yes(
                "request-restore",
                "May ask for restores",
                "By telephone and mail as well.",
            ),
            Entitlement::RequestRestore,
        ),
        (
            yes(
                "declare-critical",
                "May declare an incident critical",
                "Opens the path that is answered round the clock.",
            ),
            Entitlement::DeclareCritical,
        ),
    ]
};
const SIGNS_IN_AS: Field = Field {
    id: "signs_in_as",
    label: "Signs in as",
    help: "The e-mail address of their sign-in at this customer. Empty: they do not sign in.",
    required: false,
    newer: false,
    kind: FieldKind::Input {
        placeholder: "ana@example.com",
    },
};

impl ContactCard {
    /// The questions, in the form's order.
    pub const FIELDS: [Field; 9] = [
        NAME,
        EMAIL,
        PHONE,
        ROLE,
        ENTITLED[0].0,
        ENTITLED[1].0,
        ENTITLED[2].0,
        ENTITLED[3].0,
        SIGNS_IN_AS,
    ];

    /// Reads the answers, by field id. An entitlement that is not answered is not given.
    ///
    /// # Errors
    /// Every answer that is missing or not understood.
    pub fn from_answers(given: &BTreeMap<String, String>) -> Result<Self, Vec<FormProblem>> {
        let mut answers = Answers::new(&Self::FIELDS, given);
        let name = answers.line(&NAME);
        let name = answers.demand(&NAME, name);
        let email = answers.parsed(&EMAIL, address);
        let email = answers.demand(&EMAIL, email);
        let phone = answers.parsed(&PHONE, telephone).unwrap_or_default();
        let role = answers.choice(&ROLE, &ROLES);
        let role = answers.demand(&ROLE, role);
        let entitled = ENTITLED.iter().filter_map(|(field, entitlement)| {
            let yes = answers.choice(field, &YES).unwrap_or_default();
            yes.then_some(*entitlement)
        });
        let entitlements = entitled.collect();
        let signs_in_as = answers.parsed(&SIGNS_IN_AS, address);
        let record = || {
            Some(Self {
                name: name?,
                email: email?,
                phone,
                role: role?,
                entitlements,
                signs_in_as,
            })
        };
        let record = record();
        answers.finish(record)
    }

    /// The card as the form's answers, by field id.
    #[must_use]
    pub fn answers(&self) -> BTreeMap<String, String> {
        let yes = |entitlement| YES[usize::from(self.entitlements.contains(&entitlement))].0.to_owned();
        let entitled = ENTITLED
            .iter()
            .map(|(field, entitlement)| (field.id, yes(*entitlement)));
        let answers = [
            (NAME.id, self.name.clone()),
            (EMAIL.id, self.email.clone()),
            (PHONE.id, self.phone.clone()),
            (ROLE.id, self.role.words().to_owned()),
            (SIGNS_IN_AS.id, self.signs_in_as.clone().unwrap_or_default()),
        ];
        let all = answers.into_iter().chain(entitled);
        all.map(|(field, answer)| (field.to_owned(), answer)).collect()
    }

    /// The problem of a card that names a sign-in which this customer does not have.
    #[must_use]
    pub fn no_such_sign_in(&self) -> FormProblem {
        let why = "nobody with this e-mail address has a role at this customer: an administrator grants it first";
        FormProblem::new(&SIGNS_IN_AS, self.signs_in_as.as_deref(), why)
    }

    /// Where this card, which somebody else saved first, says something else than what was to be saved over it.
    #[must_use]
    pub fn differences(&self, wanted: &BTreeMap<String, String>) -> Vec<FormProblem> {
        superseded(Self::FIELDS, &self.answers(), wanted)
    }
}

fn address(text: &str) -> Result<String, String> {
    let plain = text
        .parse::<EmailAddress>()
        .is_ok_and(|address| address.as_str() == text);
    plain
        .then(|| text.to_owned())
        .ok_or_else(|| "an e-mail address is expected, such as `ana@example.com`".to_owned())
}

fn telephone(text: &str) -> Result<String, String> {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let plain = text.chars().all(|c| c.is_ascii_digit() || " +-()./".contains(c));
    (plain && (3..=20).contains(&digits))
        .then(|| text.to_owned())
        .ok_or_else(|| "digits, spaces and `+ - ( ) . /` are expected, such as `+32 2 555 01 23`".to_owned())
}
