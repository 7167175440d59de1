//! Which repository belongs to which tenant, and who may ask there.

use domain::id::{TenantId, UserId};
use domain::tenant::TenantScope;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;

use crate::StoreError;
use crate::tenant::uuids;

/// A repository whose issues are requests.
#[derive(Debug, Clone)]
pub struct Repository {
    /// Whose it is.
    pub tenant: TenantId,
    /// GitHub's number of it; stays when it is renamed.
    pub repository_id: i64,
    /// The installation of the App that may act there.
    pub installation_id: i64,
    /// `owner/name` as last seen.
    pub full_name: String,
}

/// What a GitHub account may ask for in a tenant.
#[derive(Debug, Clone)]
pub struct Entitlement {
    /// Number of the GitHub account.
    pub github_user_id: i64,
    /// Its login, for people.
    pub login: String,
    /// The person, where the account is linked to one.
    pub user: Option<UserId>,
    /// Whether it may ask for changes.
    pub may_request: bool,
    /// Whether it may ask for restores.
    pub may_restore: bool,
}

/// The tenant of a repository, when the installation matches too. Needs no scope: it is how one is found.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn tenant_of(
    conn: &mut PgConnection,
    repository_id: i64,
    installation_id: i64,
) -> Result<Option<TenantId>, StoreError> {
    let tenant = sqlx::query_scalar!("SELECT tenant_of_repository($1, $2)", repository_id, installation_id);
    Ok(tenant.fetch_one(conn).await?.map(TenantId))
}

/// The linked repositories of the scope.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn list(conn: &mut PgConnection, scope: &TenantScope) -> Result<Vec<Repository>, StoreError> {
    let rows = sqlx::query!(
        "SELECT tenant_id, repository_id, installation_id, full_name FROM github_repository
         WHERE tenant_id = ANY($1) AND unlinked_at IS NULL ORDER BY full_name, repository_id",
        &uuids(scope)
    );
    let rows = rows.fetch_all(conn).await?;
    Ok(rows
        .into_iter()
        .map(|row| Repository {
            tenant: TenantId(row.tenant_id),
            repository_id: row.repository_id,
            installation_id: row.installation_id,
            full_name: row.full_name,
        })
        .collect())
}

/// Links a repository, or notes its new name.
///
/// # Errors
/// [`StoreError::Exists`] when it belongs to another tenant.
pub async fn upsert(conn: &mut PgConnection, repository: &Repository) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO github_repository (tenant_id, repository_id, installation_id, full_name) VALUES ($1, $2, $3, $4)
         ON CONFLICT (tenant_id, repository_id) DO UPDATE SET installation_id = $3, full_name = $4, unlinked_at = NULL",
        repository.tenant.0,
        repository.repository_id,
        repository.installation_id,
        repository.full_name
    )
    .execute(conn)
    .await
    .map_err(StoreError::unique)?;
    Ok(())
}

/// Takes a link back; `false`: there is none. What came through it stays in the records.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn unlink(
    conn: &mut PgConnection,
    tenant: TenantId,
    repository_id: i64,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "UPDATE github_repository SET unlinked_at = $3 WHERE tenant_id = $1 AND repository_id = $2 AND unlinked_at IS NULL",
        tenant.0,
        repository_id,
        at.to_sqlx()
    );
    Ok(done.execute(conn).await?.rows_affected() == 1)
}

/// Everybody in a tenant of whom something was said, by login; each with the count of what was said so far.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn people(conn: &mut PgConnection, tenant: TenantId) -> Result<Vec<(Entitlement, i64)>, StoreError> {
    let rows = sqlx::query!(
        "SELECT github_user_id, login, user_id, may_request, may_restore, revision FROM github_entitlement
         WHERE tenant_id = $1 ORDER BY lower(login), github_user_id",
        tenant.0
    );
    let rows = rows.fetch_all(conn).await?.into_iter();
    Ok(rows
        .map(|row| {
            let entitlement = Entitlement {
                github_user_id: row.github_user_id,
                login: row.login,
                user: row.user_id.map(UserId),
                may_request: row.may_request,
                may_restore: row.may_restore,
            };
            (entitlement, row.revision)
        })
        .collect())
}

/// Says what a GitHub account may ask for.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn entitle(conn: &mut PgConnection, tenant: TenantId, entitlement: &Entitlement) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO github_entitlement (tenant_id, github_user_id, login, user_id, may_request, may_restore) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (tenant_id, github_user_id) DO UPDATE SET login = $3, user_id = $4, may_request = $5, may_restore = $6,
           revision = github_entitlement.revision + 1",
        tenant.0,
        entitlement.github_user_id,
        entitlement.login,
        entitlement.user.map(|user| user.0),
        entitlement.may_request,
        entitlement.may_restore
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Says which person a GitHub account is, also of what it has asked for so far; `false`: it may ask for nothing there.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn link(conn: &mut PgConnection, tenant: TenantId, login: &str, user: UserId) -> Result<bool, StoreError> {
    let linked = sqlx::query!(
        "UPDATE github_entitlement SET user_id = $3 WHERE tenant_id = $1 AND lower(login) = lower($2)",
        tenant.0,
        login,
        user.0
    );
    let linked = linked.execute(&mut *conn).await?.rows_affected() > 0;
    sqlx::query!(
        "UPDATE change_request SET requester_id = $3
         WHERE tenant_id = $1 AND source = 'github' AND requester_id IS NULL AND lower(requester_name) = lower($2)",
        tenant.0,
        login,
        user.0
    )
    .execute(conn)
    .await?;
    Ok(linked)
}

/// Those who may ask for changes in a tenant, by login.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn requesters(conn: &mut PgConnection, tenant: TenantId) -> Result<Vec<Entitlement>, StoreError> {
    let rows = sqlx::query_as!(
        EntitlementRow,
        "SELECT github_user_id, login, user_id, may_request, may_restore FROM github_entitlement
         WHERE tenant_id = $1 AND may_request ORDER BY login",
        tenant.0
    );
    Ok(rows.fetch_all(conn).await?.into_iter().map(Entitlement::from).collect())
}

/// What a GitHub account may ask for in a tenant; `None`: nothing.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn entitlement(
    conn: &mut PgConnection,
    tenant: TenantId,
    github_user_id: i64,
) -> Result<Option<Entitlement>, StoreError> {
    let row = sqlx::query_as!(
        EntitlementRow,
        "SELECT github_user_id, login, user_id, may_request, may_restore FROM github_entitlement
         WHERE tenant_id = $1 AND github_user_id = $2",
        tenant.0,
        github_user_id
    );
    Ok(row.fetch_optional(conn).await?.map(Entitlement::from))
}

struct EntitlementRow {
    github_user_id: i64,
    login: String,
    user_id: Option<uuid::Uuid>,
    may_request: bool,
    may_restore: bool,
}

impl From<EntitlementRow> for Entitlement {
    fn from(row: EntitlementRow) -> Self {
        Self {
            github_user_id: row.github_user_id,
            login: row.login,
            user: row.user_id.map(UserId),
            may_request: row.may_request,
            may_restore: row.may_restore,
        }
    }
}
