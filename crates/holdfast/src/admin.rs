//! `holdfast admin`: customers and people, before and beside the pages.

mod onboard;

use std::path::PathBuf;

use app::{AppError, Cx};
use clap::Subcommand;
use domain::id::TenantId;
use domain::role::Role;
use domain::tenant::TenantScope;
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
        email: String,
        /// How others see them.
        #[arg(long)]
        name: String,
        /// A role for all customers (`engineer`, `admin`) or for one (`customer-approver@acme`); may be repeated.
        #[arg(long = "role", required = true, value_name = "ROLE[@CUSTOMER]")]
        roles: Vec<RoleAt>,
    },
    /// Gives a person a new password and prints it, once; their sessions end.
    ResetPassword {
        /// Whose.
        #[arg(long)]
        email: String,
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
        let password = new_password();
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
                app::user::create(cx, &email, &name, password.clone(), &grants).await?;
                println!("{email} signs in with the password {}", password.expose_secret());
            }
            Self::ResetPassword { email } => {
                app::user::reset_password(cx, &email, password.clone())
                    .await
                    .map_err(|error| match error {
                        AppError::NotFound => AdminError::Nobody(email.clone()),
                        error => error.into(),
                    })?;
                println!("{email} signs in with the new password {}", password.expose_secret());
            }
        }
        Ok(())
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
