//! `holdfast admin`: customers and people, before and beside the pages.

mod onboard;

use std::path::PathBuf;

use app::{AppError, Cx};
use clap::Subcommand;
use domain::id::{TenantId, UserId};
use domain::role::Role;
use domain::tenant::TenantScope;
use email_address::EmailAddress;
use jiff::SignedDuration;
use secrecy::{ExposeSecret as _, SecretString};
use uuid::Uuid;

/// What can be administered.
#[derive(Debug, Subcommand)]
pub enum Admin {
    /// Takes a customer on, out of a file like deploy/customer/customer.example.toml, and prints its ExternalId.
    Onboard {
        /// The file.
        file: PathBuf,
    },
    /// Adds a person and prints a password for them, once.
    CreateUser {
        /// Signs in with it.
        #[arg(long)]
        email: EmailAddress,
        /// How others see them.
        #[arg(long)]
        name: String,
        /// A role for all customers (`engineer`, `admin`) or for one (`customer-approver@acme`); may be repeated.
        #[arg(long = "role", required = true, value_name = "ROLE[@CUSTOMER]")]
        roles: Vec<RoleAt>,
    },
    /// Says which person a customer's GitHub account is: they cannot approve for the customer what they ask for there.
    LinkGithub {
        /// The person.
        #[arg(long)]
        email: String,
        /// The customer at which the account may ask.
        #[arg(long)]
        customer: String,
        /// The account's login.
        #[arg(long)]
        login: String,
    },
    /// Gives a person a new password and prints it, once; their sessions end.
    ResetPassword {
        /// Whose.
        #[arg(long)]
        email: String,
    },
    /// Lets a person in no more; their sessions and API tokens end at once.
    DisableUser {
        /// Who.
        #[arg(long)]
        email: String,
    },
    /// Makes an API token that may do what the person may, and prints it, once.
    CreateToken {
        /// Whose.
        #[arg(long)]
        email: String,
        /// What it is for; `revoke-token` asks for it.
        #[arg(long)]
        name: String,
        /// Days until it ends, ten years at most; without it, it lasts until it is revoked.
        #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u16).range(1..=3650))]
        expires_days: Option<u16>,
    },
    /// Ends a person's API tokens of one name, at once.
    RevokeToken {
        /// Whose.
        #[arg(long)]
        email: String,
        /// The name that they were made with.
        #[arg(long)]
        name: String,
    },
}

/// A role, and the customer for which it is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleAt {
    role: Role,
    customer: Option<String>,
}

/// It was not done.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// No customer of that name.
    #[error("there is no customer `{0}`")]
    NoCustomer(String),
    /// Nobody has that address.
    #[error("nobody signs in as `{0}`")]
    Nobody(String),
    /// The GitHub account is none of those that may ask.
    #[error("the GitHub account `{login}` may ask for nothing at `{customer}`")]
    NoRequester {
        /// Its login.
        login: String,
        /// Where.
        customer: String,
    },
    /// They have no such token.
    #[error("`{email}` has no API token named `{name}`")]
    NoToken {
        /// Whose.
        email: String,
        /// The name.
        name: String,
    },
    /// The customer could not be taken on.
    #[error(transparent)]
    Onboard(#[from] onboard::OnboardError),
    /// The use-case refused, or the database failed.
    #[error("this could not be done")]
    App(#[from] AppError),
}

impl std::str::FromStr for RoleAt {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (role, customer) = text.split_once('@').map_or((text, None), |(role, at)| (role, Some(at)));
        let role: Role = role.parse().map_err(|_| {
            let all = Role::ALL.map(Role::as_str).join(", ");
            format!("`{role}` is no role; roles are {all}")
        })?;
        match customer {
            None if !role.is_staff() => Err(format!("{0} is held for one customer: {0}@<customer>", role.as_str())),
            _ => Ok(Self {
                role,
                customer: customer.map(str::to_owned),
            }),
        }
    }
}

impl Admin {
    /// Does it, and prints what the person needs.
    ///
    /// # Errors
    /// [`AdminError`].
    pub async fn run(self, cx: &Cx) -> Result<(), AdminError> {
        match self {
            Self::Onboard { file } => onboard::run(cx, &file).await?,
            Self::CreateUser { email, name, roles } => {
                let mut grants = Vec::new();
                for RoleAt { role, customer } in roles {
                    let tenant = match customer {
                        None => None,
                        Some(slug) => Some(tenant(cx, &slug).await?.ok_or(AdminError::NoCustomer(slug))?),
                    };
                    grants.push((role, tenant));
                }
                let password = new_password();
                app::user::create(cx, email.as_str(), &name, password.clone(), &grants).await?;
                println!("{email} signs in with the password {}", password.expose_secret());
            }
            Self::LinkGithub { email, customer, login } => {
                let Some(tenant) = tenant(cx, &customer).await? else {
                    return Err(AdminError::NoCustomer(customer));
                };
                let Some(user) = person(cx, &email).await? else {
                    return Err(AdminError::Nobody(email));
                };
                match app::onboarding::link_github(cx, tenant, &login, user).await {
                    Err(AppError::NotFound) => return Err(AdminError::NoRequester { login, customer }),
                    linked => linked?,
                }
                println!("The GitHub account {login} is {email}.");
            }
            Self::ResetPassword { email } => {
                let password = new_password();
                app::user::reset_password(cx, &email, password.clone())
                    .await
                    .map_err(unknown(&email))?;
                println!("{email} signs in with the new password {}", password.expose_secret());
            }
            Self::DisableUser { email } => {
                app::user::disable(cx, &email).await.map_err(unknown(&email))?;
                println!("{email} is disabled; their sessions and API tokens have ended.");
            }
            Self::CreateToken {
                email,
                name,
                expires_days,
            } => {
                let life = expires_days.map(|days| SignedDuration::from_hours(24 * i64::from(days)));
                let token = app::user::create_token(cx, &email, &name, life)
                    .await
                    .map_err(unknown(&email))?;
                let until = expires_days.map_or("it is revoked".to_owned(), |days| format!("{days} days from now"));
                eprintln!("API token `{name}` of {email}, until {until}; it is shown this once:");
                println!("{token}");
            }
            Self::RevokeToken { email, name } => {
                let revoked = app::user::revoke_token(cx, &email, &name)
                    .await
                    .map_err(unknown(&email))?;
                if revoked == 0 {
                    return Err(AdminError::NoToken { email, name });
                }
                println!("{email} has no API token `{name}` any more.");
            }
        }
        Ok(())
    }
}

/// What a use-case's refusal means that was given an e-mail address.
fn unknown(email: &str) -> impl FnOnce(AppError) -> AdminError {
    move |error| match error {
        AppError::NotFound => AdminError::Nobody(email.to_owned()),
        other => other.into(),
    }
}

async fn tenant(cx: &Cx, slug: &str) -> Result<Option<TenantId>, AppError> {
    let mut tx = cx.db.begin_global().await?;
    let all = TenantScope::of(store::tenant::all_ids(&mut tx).await?);
    drop(tx);
    let mut tx = cx.db.begin(&all).await?;
    Ok(store::tenant::by_slug(&mut tx, &all, slug)
        .await?
        .map(|tenant| tenant.id))
}

async fn person(cx: &Cx, email: &str) -> Result<Option<UserId>, AppError> {
    let mut tx = cx.db.begin_global().await?;
    Ok(store::user::by_email(&mut tx, email).await?.map(|user| user.id))
}

/// 122 random bits.
fn new_password() -> SecretString {
    Uuid::new_v4().simple().to_string().into()
}

#[cfg(test)]
mod tests {
    use super::RoleAt;
    use domain::role::Role;

    #[test]
    fn a_customers_role_names_its_customer() {
        let role = |text: &str| text.parse::<RoleAt>();
        assert_eq!(
            role("engineer"),
            Ok(RoleAt {
                role: Role::Engineer,
                customer: None
            })
        );
        let at = RoleAt {
            role: Role::CustomerApprover,
            customer: Some("acme".to_owned()),
        };
        assert_eq!(role("customer-approver@acme"), Ok(at));
        assert!(
            role("customer-approver")
                .expect_err("refused")
                .contains("customer-approver@<customer>")
        );
        assert!(role("root").expect_err("refused").contains("account-manager"));
    }
}
