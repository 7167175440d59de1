//! Sessions in customers' accounts.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aws_config::identity::IdentityCache;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_rds::config::retry::RetryPartition;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use domain::account::{AwsAccount, AwsAccountId, Region, RoleArn, RolePurpose};
use domain::id::TenantId;
use moka::future::Cache;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::OnceCell;

use crate::error::{Failure, session_lost};
use crate::policy::SessionPolicy;
use crate::whole_answer::WholeAnswer;

/// The shortest that AWS allows.
const SESSION_SECONDS: i32 = 900;
/// A session is used for no longer than this, so that none ends in the middle of an operation.
const SESSION_USE: Duration = Duration::from_mins(10);
/// Sessions kept at once; the least used give way.
const SESSIONS_MAX: u64 = 1_000;

/// How Holdfast reaches AWS.
#[derive(Debug, Clone)]
pub struct AwsSettings {
    /// Region of the calls that belong to no customer's account.
    pub region: Region,
    /// Where all calls go; `None`: to AWS, or where `AWS_ENDPOINT_URL` and its kin say.
    pub endpoint: Option<String>,
    /// Holdfast's own principal; `None`: found as every AWS SDK does (environment, profile, instance).
    pub principal: Option<AccessKey>,
}

/// An access key of Holdfast's own principal.
#[derive(Debug, Clone)]
pub struct AccessKey {
    /// Its id.
    pub id: String,
    /// Its secret.
    pub secret: SecretString,
}

/// SourceIdentity of sessions that only read.
const READING: &str = "observe";

/// What a session is opened for.
#[derive(Debug)]
pub(crate) struct Grant<'a> {
    pub(crate) account: &'a AwsAccount,
    pub(crate) purpose: RolePurpose,
    /// SourceIdentity: what the customer's audit log shows. See [`mechanism::Authority::source`].
    pub(crate) source: &'a str,
    pub(crate) policy: SessionPolicy,
}

/// Everything that tells one session from another.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct SessionKey {
    tenant: TenantId,
    account: AwsAccountId,
    role: RoleArn,
    external_id: String,
    region: Region,
    policy: SessionPolicy,
    source: String,
}

/// An open session in a customer's account.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) rds: aws_sdk_rds::Client,
    role: RoleArn,
    /// AWS does not take its credentials any more.
    lost: Arc<AtomicBool>,
}

impl Session {
    /// Judges the answer to a call; `what` as in "listing the instances".
    pub(crate) fn answer<T, E>(&self, what: &str, answer: Result<T, SdkError<E, HttpResponse>>) -> Result<T, Failure>
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        answer.map_err(|error| {
            if session_lost(&error) {
                self.lost.store(true, Ordering::Relaxed);
            }
            Failure::of(&format!("the role {}", self.role), what, error)
        })
    }

    fn is_good(&self) -> bool {
        !self.lost.load(Ordering::Relaxed)
    }
}

/// Opens sessions and keeps them while they are good.
#[derive(Debug)]
pub(crate) struct Sessions {
    base: SdkConfig,
    own_account: OnceCell<AwsAccountId>,
    kept: Cache<SessionKey, Session>,
}

impl Sessions {
    pub(crate) async fn new(settings: AwsSettings) -> Self {
        let http = aws_smithy_http_client::Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
            .build_https();
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(3))
            .operation_attempt_timeout(Duration::from_secs(10))
            .operation_timeout(Duration::from_secs(30))
            .build();
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .region(sdk_region(&settings.region))
            .http_client(http)
            .timeout_config(timeouts)
            .retry_config(RetryConfig::standard().with_max_attempts(2));
        if let Some(endpoint) = settings.endpoint {
            loader = loader.endpoint_url(endpoint);
        }
        if let Some(key) = settings.principal {
            let secret = key.secret.expose_secret();
            loader = loader.credentials_provider(Credentials::new(key.id, secret, None, None, "holdfast"));
        }
        let kept = Cache::builder()
            .max_capacity(SESSIONS_MAX)
            .time_to_live(SESSION_USE)
            .build();
        Self {
            base: loader.load().await,
            own_account: OnceCell::new(),
            kept,
        }
    }

    /// A session for the grant, perhaps one that is open already.
    pub(crate) async fn open(&self, grant: &Grant<'_>) -> Result<Session, Failure> {
        let key = grant.key();
        if let Some(session) = self.kept.get(&key).await.filter(Session::is_good) {
            return Ok(session);
        }
        let session = self.open_anew(grant).await?;
        self.kept.insert(key, session.clone()).await;
        Ok(session)
    }

    /// A session that reads.
    pub(crate) async fn reading(&self, account: &AwsAccount) -> Result<Session, Failure> {
        let policy = SessionPolicy::observe();
        self.open(&Grant {
            account,
            purpose: RolePurpose::Observe,
            source: READING,
            policy,
        })
        .await
    }

    /// A new session for the grant, shown to be in the registered account.
    pub(crate) async fn open_anew(&self, grant: &Grant<'_>) -> Result<Session, Failure> {
        let account = grant.account;
        let role = account.roles.get(grant.purpose);
        self.check_role(account, role).await?;
        let assumed = self
            .sts(account)
            .assume_role()
            .role_arn(role.as_str())
            .role_session_name(format!("holdfast-{}", grant.purpose.as_str()))
            .external_id(&account.external_id)
            .duration_seconds(SESSION_SECONDS)
            .policy(grant.policy.as_str())
            .source_identity(grant.source)
            .tags(tag("holdfast:tenant", &account.tenant.to_string())?)
            .tags(tag("holdfast:source", grant.source)?)
            .send()
            .await
            .map_err(|error| not_assumed(role, error))?;
        let given = assumed
            .credentials
            .ok_or_else(|| Failure::nonsense(format!("assuming {role}: the answer holds no credentials")))?;
        let credentials = Credentials::new(
            given.access_key_id,
            given.secret_access_key,
            Some(given.session_token),
            None,
            "holdfast-session",
        );
        let config = self.config(account, credentials, grant.purpose);
        check_caller(&config, account, role).await?;
        tracing::debug!(tenant.id = %account.tenant, aws.account = %account.account, aws.role = %role,
            source = grant.source, "Opened a session as {role}");
        let rds = aws_sdk_rds::config::Builder::from(&config)
            .retry_partition(RetryPartition::new(account.account.to_string()))
            .interceptor(WholeAnswer)
            .build();
        Ok(Session {
            rds: aws_sdk_rds::Client::from_conf(rds),
            role: role.clone(),
            lost: Arc::default(),
        })
    }

    /// Whether the role can be assumed with this ExternalId, or without any. The session that comes
    /// of it may do nothing, and carries neither tags nor SourceIdentity: a stranger would not send them.
    pub(crate) async fn can_be_assumed(
        &self,
        account: &AwsAccount,
        role: &RoleArn,
        external_id: Option<&str>,
    ) -> Result<bool, Failure> {
        self.check_role(account, role).await?;
        let assumed = self
            .sts(account)
            .assume_role()
            .role_arn(role.as_str())
            .role_session_name("holdfast-link-check")
            .set_external_id(external_id.map(str::to_owned))
            .duration_seconds(SESSION_SECONDS)
            .policy(SessionPolicy::nothing().as_str())
            .send()
            .await;
        match assumed.map_err(|error| not_assumed(role, error)) {
            Ok(_) => Ok(true),
            Err(Failure::Denied { .. }) => Ok(false),
            Err(other) => Err(other),
        }
    }

    /// Refuses roles outside the registered account, and any of our own.
    async fn check_role(&self, account: &AwsAccount, role: &RoleArn) -> Result<(), Failure> {
        let registered = &account.account;
        if role.account() != *registered {
            let reason = format!("The role {role} is not in the registered account {registered}.");
            return Err(Failure::Refused { reason });
        }
        let own = self
            .own_account
            .get_or_try_init(|| caller(&self.base, "Holdfast itself"))
            .await?;
        if own == registered {
            let reason =
                format!("The role {role} is in Holdfast's own account {own}, which cannot be linked to a customer.");
            return Err(Failure::Refused { reason });
        }
        Ok(())
    }

    /// Our own principal's client towards the account: its throttling is no other account's.
    fn sts(&self, account: &AwsAccount) -> aws_sdk_sts::Client {
        let config = aws_sdk_sts::config::Builder::from(&self.base)
            .region(sdk_region(&account.region))
            .retry_partition(RetryPartition::new(account.account.to_string()))
            .interceptor(WholeAnswer)
            .build();
        aws_sdk_sts::Client::from_conf(config)
    }

    fn config(&self, account: &AwsAccount, credentials: Credentials, purpose: RolePurpose) -> SdkConfig {
        let config = self
            .base
            .to_builder()
            .region(sdk_region(&account.region))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            // The credentials are at hand; the shared cache holds 64 providers only.
            .identity_cache(IdentityCache::no_cache());
        match purpose {
            RolePurpose::Observe => config.build(),
            // One call is one effect; whether to call again is the job's decision.
            _ => config.retry_config(RetryConfig::disabled()).build(),
        }
    }
}

impl Grant<'_> {
    fn key(&self) -> SessionKey {
        SessionKey {
            tenant: self.account.tenant,
            account: self.account.account.clone(),
            role: self.account.roles.get(self.purpose).clone(),
            external_id: self.account.external_id.clone(),
            region: self.account.region.clone(),
            policy: self.policy.clone(),
            source: self.source.to_owned(),
        }
    }
}

fn sdk_region(region: &Region) -> aws_config::Region {
    aws_config::Region::new(region.to_string())
}

fn tag(key: &str, value: &str) -> Result<aws_sdk_sts::types::Tag, Failure> {
    aws_sdk_sts::types::Tag::builder()
        .key(key)
        .value(value)
        .build()
        .map_err(|source| Failure::Unavailable {
            reason: format!("tagging a session with {key}"),
            source: Some(source.into()),
        })
}

fn not_assumed<E>(role: &RoleArn, error: SdkError<E, HttpResponse>) -> Failure
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let what = format!("assuming the role {role}");
    match Failure::of("Holdfast", &what, error) {
        Failure::Denied { reason } => Failure::Denied {
            reason: format!(
                "The role {role} cannot be assumed. Check that it exists, and that its trust policy allows \
                 Holdfast's principal sts:AssumeRole, sts:TagSession and sts:SetSourceIdentity with the \
                 ExternalId of this link. {reason}"
            ),
        },
        other => other,
    }
}

async fn check_caller(config: &SdkConfig, account: &AwsAccount, role: &RoleArn) -> Result<(), Failure> {
    let found = caller(config, role.as_str()).await?;
    if found == account.account {
        return Ok(());
    }
    let reason = format!(
        "The role {role} leads to the account {found}, not to the registered {}.",
        account.account
    );
    Err(Failure::Refused { reason })
}

/// The account that the configuration's credentials belong to.
async fn caller(config: &SdkConfig, who: &str) -> Result<AwsAccountId, Failure> {
    let what = "finding out its account";
    let config = aws_sdk_sts::config::Builder::from(config)
        .interceptor(WholeAnswer)
        .build();
    let identity = aws_sdk_sts::Client::from_conf(config)
        .get_caller_identity()
        .send()
        .await
        .map_err(|error| Failure::of(who, what, error))?;
    identity
        .account()
        .and_then(|account| account.parse().ok())
        .ok_or_else(|| Failure::nonsense(format!("{what} ({who}): the answer names no account")))
}
