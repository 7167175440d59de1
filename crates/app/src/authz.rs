//! Who may do what: one matrix, printed as a snapshot for reviewers and auditors.

use domain::contract::Side;
use domain::id::TenantId;
use domain::role::Role;

use crate::{Actor, AppError};

/// Something that needs a permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// See status, scope of work, components, changes, restores, recovery points, linked accounts.
    Read,
    /// Ask for a change of the scope of work, or take one back.
    RequestChange,
    /// State the facts of a component anew: owner, workload, engine, version, size.
    EditInventory,
    /// State which resource at AWS a component is, where that was replaced.
    ReplaceResource,
    /// Approve or reject a change on the customer's side; attest out-decisions.
    ApproveForCustomer,
    /// Approve or reject a change that only tightens, on the provider's side.
    ApproveTightening,
    /// Approve a change that weakens, on the provider's side.
    ApproveWeakening,
    /// Ask for a restore, or take one back.
    RequestRestore,
    /// Approve or reject a restore.
    ApproveRestore,
    /// Say that restored data is right.
    VerifyRestore,
    /// Ask that recovery points be kept, or no longer kept.
    AskHold,
    /// Confirm, for the other side, that a hold is released.
    ReleaseHold,
    /// Read the audit log.
    ReadAudit,
    /// See retention, and what ends, across customers.
    ReadRetention,
    /// See deliveries that could not be read.
    ReadQuarantine,
    /// Make, change and retire the provider's policies.
    ManagePolicies,
    /// Change the contract, its contacts, and who answers for what.
    ManageContract,
    /// Sign for the customer what it has to acknowledge.
    Acknowledge,
    /// Make and download a hand-over of everything that is known of a customer.
    HandOver,
    /// Read the audit log of what concerns no customer.
    ReadPlatformAudit,
    /// Import onboarding documents.
    ImportInventory,
    /// Manage customers, people and their roles.
    Administer,
}

impl Action {
    /// Every action, in the order in which the matrix prints them.
    pub const ALL: [Self; 22] = [
        Self::Read,
        Self::RequestChange,
        Self::EditInventory,
        Self::ReplaceResource,
        Self::ApproveForCustomer,
        Self::ApproveTightening,
        Self::ApproveWeakening,
        Self::RequestRestore,
        Self::ApproveRestore,
        Self::VerifyRestore,
        Self::AskHold,
        Self::ReleaseHold,
        Self::ReadAudit,
        Self::ReadRetention,
        Self::ReadQuarantine,
        Self::ManagePolicies,
        Self::ManageContract,
        Self::Acknowledge,
        Self::HandOver,
        Self::ReadPlatformAudit,
        Self::ImportInventory,
        Self::Administer,
    ];

    const fn refusal(self) -> &'static str {
        match self {
            Self::Read | Self::ReadAudit | Self::ReadRetention | Self::ReadQuarantine | Self::ReadPlatformAudit => {
                "Your role does not show this."
            }
            Self::RequestChange => "Your role may not ask for changes. Ask one of your requesters.",
            Self::EditInventory => "Your role may not edit the inventory. Ask one of your requesters.",
            Self::ReplaceResource => {
                "Only an engineer, an approver or an admin of the provider says which resource a component is."
            }
            Self::ApproveForCustomer | Self::ApproveTightening => "Your role may not decide on changes.",
            Self::ApproveWeakening => "This change gives up protection: only the role approver may agree to it.",
            Self::RequestRestore => "Your role may not ask for restores. Ask one of your requesters.",
            Self::ApproveRestore => "Your role may not decide on restores.",
            Self::VerifyRestore => "Only the customer can say that the restored data is right.",
            Self::AskHold => "Your role may not ask for holds. Ask one of your requesters.",
            Self::ReleaseHold => "Your role may not release holds: an approver of the other side has to.",
            Self::ManagePolicies => "Only an approver or an admin of the provider may change policies.",
            Self::ManageContract => "Only an account manager or an admin may change the contract.",
            Self::Acknowledge => "Only an approver of the customer can sign this.",
            Self::HandOver => "Only an admin, an account manager or the customer's approver may have the hand-over.",
            Self::ImportInventory => "Only an admin or an account manager imports onboarding documents.",
            Self::Administer => "Only an admin may do this.",
        }
    }

    /// Whether it asks for something, decides on it or changes what was agreed: no longer for a customer that was
    /// offboarded.
    const fn moves_something(self) -> bool {
        matches!(
            self,
            Self::RequestChange
                | Self::EditInventory
                | Self::ReplaceResource
                | Self::ApproveForCustomer
                | Self::ApproveTightening
                | Self::ApproveWeakening
                | Self::RequestRestore
                | Self::ApproveRestore
                | Self::VerifyRestore
                | Self::AskHold
                | Self::ReleaseHold
                | Self::ManageContract
                | Self::Acknowledge
                | Self::ImportInventory
        )
    }
}

/// Whether a role allows an action.
#[must_use]
pub const fn allows(role: Role, action: Action) -> bool {
    use Role::{AccountManager, Admin, Approver, Auditor, CustomerApprover, CustomerRequester, Engineer};
    match action {
        Action::Read => true,
        Action::RequestChange | Action::RequestRestore | Action::AskHold => {
            matches!(role, CustomerRequester | CustomerApprover | Engineer | Approver)
        }
        Action::EditInventory => matches!(role, CustomerRequester | CustomerApprover | Engineer | Approver | Admin),
        Action::ReplaceResource => matches!(role, Engineer | Approver | Admin),
        Action::ApproveForCustomer => matches!(role, CustomerApprover),
        Action::ApproveTightening | Action::ApproveRestore => matches!(role, Engineer | Approver),
        Action::ApproveWeakening => matches!(role, Approver),
        Action::VerifyRestore => matches!(role, CustomerRequester | CustomerApprover),
        Action::ReleaseHold => matches!(role, CustomerApprover | Approver),
        Action::ReadAudit => matches!(
            role,
            CustomerApprover | Engineer | Approver | AccountManager | Auditor | Admin
        ),
        Action::ReadRetention => role.is_staff(),
        Action::ReadQuarantine => matches!(role, Engineer | Approver | Auditor | Admin),
        Action::ManagePolicies => matches!(role, Approver | Admin),
        Action::ManageContract => matches!(role, AccountManager | Admin),
        Action::Acknowledge => matches!(role, CustomerApprover),
        Action::HandOver => matches!(role, CustomerApprover | AccountManager | Admin),
        Action::ReadPlatformAudit => matches!(role, Auditor | Admin),
        Action::ImportInventory => matches!(role, AccountManager | Admin),
        Action::Administer => matches!(role, Admin),
    }
}

/// Whether the person may do it in the tenant.
#[must_use]
pub fn may(actor: &Actor, action: Action, tenant: TenantId) -> bool {
    let over = action.moves_something() && actor.ended.contains(&tenant);
    actor.scope.contains(tenant) && !over && actor.roles_in(tenant).any(|role| allows(role, action))
}

/// # Errors
/// [`AppError::NotFound`] when the person may not even see the tenant, [`AppError::Forbidden`] when they may not do this.
pub fn check(actor: &Actor, action: Action, tenant: TenantId) -> Result<(), AppError> {
    if !actor.scope.contains(tenant) {
        Err(AppError::NotFound)
    } else if may(actor, action, tenant) {
        Ok(())
    } else if action.moves_something() && actor.ended.contains(&tenant) {
        Err(AppError::Forbidden(
            "This customer was offboarded: nothing can be asked for, decided or changed any more.",
        ))
    } else {
        Err(AppError::Forbidden(action.refusal()))
    }
}

/// For what is not one tenant's: some staff role of the person must allow it for every tenant.
///
/// # Errors
/// [`AppError::Forbidden`].
pub fn check_everywhere(actor: &Actor, action: Action) -> Result<(), AppError> {
    let allowed = actor
        .grants
        .iter()
        .any(|grant| grant.tenant.is_none() && allows(grant.role, action));
    if allowed {
        Ok(())
    } else {
        Err(AppError::Forbidden(action.refusal()))
    }
}

/// For pages across customers: some role of the person must allow it somewhere.
///
/// # Errors
/// [`AppError::Forbidden`].
pub fn check_somewhere(actor: &Actor, action: Action) -> Result<(), AppError> {
    if actor.roles().any(|role| allows(role, action)) {
        Ok(())
    } else {
        Err(AppError::Forbidden(action.refusal()))
    }
}

/// For which side of the contract a person speaks in the tenant: whoever is somebody there speaks for the customer.
pub(crate) fn side_of(actor: &Actor, tenant: TenantId) -> Side {
    if actor.roles_in(tenant).all(Role::is_staff) {
        Side::Provider
    } else {
        Side::Customer
    }
}

/// For which side of the contract a person agrees to a change, if for any.
///
/// # Errors
/// As [`check`], with the reason that fits the change.
pub(crate) fn approving_side(actor: &Actor, tenant: TenantId, weakens: bool) -> Result<Side, AppError> {
    if may(actor, Action::ApproveForCustomer, tenant) {
        return Ok(Side::Customer);
    }
    check(actor, Action::ApproveTightening, tenant)?;
    if weakens {
        check(actor, Action::ApproveWeakening, tenant)?;
    }
    Ok(Side::Provider)
}

/// The matrix as text: a line for each action, a column for each role.
#[must_use]
pub fn matrix() -> String {
    let mut text = format!("{:<20}", "");
    for role in Role::ALL {
        text.push_str(&format!(" {role}"));
    }
    for action in Action::ALL {
        text.push_str(&format!("\n{:<20}", format!("{action:?}")));
        for role in Role::ALL {
            let mark = if allows(role, action) { "x" } else { "." };
            text.push_str(&format!(" {mark:^width$}", width = role.as_str().len()));
        }
    }
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}
