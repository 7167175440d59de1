//! What IAM says of a role, as its account's root asks ministack.

use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;
use percent_encoding::percent_decode_str;

use super::super::answer::Refusal;
use super::super::ministack::Ministack;
use super::super::xml::Element;
use super::denied::Denied;
use super::policy::{Kind, Policy};

const IAM: (&str, &str) = ("iam", "2010-05-08");
/// Where IAM is, though it is everywhere.
const REGION: &str = "us-east-1";
/// How long an answer of IAM is believed, by wall time.
const BELIEVED: Duration = Duration::from_secs(3);
/// Roles, and policies, that are remembered at once.
const REMEMBERED: u64 = 10_000;

/// A role, and what its account lets it do.
#[derive(Debug)]
pub(crate) struct Role {
    pub(crate) trust: Policy,
    /// Inline and attached.
    pub(crate) policies: Vec<Arc<Policy>>,
    pub(crate) boundary: Option<Arc<Policy>>,
    pub(crate) tags: Vec<(String, String)>,
}

/// Answers of IAM; of many who ask for the same at once, one asks ministack.
pub(crate) struct Gathered {
    /// By ARN; `None` is a role that does not exist.
    roles: Cache<String, Option<Arc<Role>>>,
    /// By account that uses it, and ARN.
    managed: Cache<(String, String), Arc<Policy>>,
}

impl Default for Gathered {
    fn default() -> Self {
        Self {
            roles: Cache::builder().time_to_live(BELIEVED).max_capacity(REMEMBERED).build(),
            managed: Cache::builder().time_to_live(BELIEVED).max_capacity(REMEMBERED).build(),
        }
    }
}

impl Gathered {
    /// `None` where there is no such role.
    pub(crate) async fn role(&self, ministack: &Ministack, arn: &str) -> Result<Option<Arc<Role>>, Denied> {
        let ask = async {
            let Some((account, name)) = account_and_name(arn) else {
                return Ok(None);
            };
            let iam = Iam { ministack, account };
            let role = self.ask_role(&iam, arn, name).await?;
            Ok(role.map(Arc::new))
        };
        let asked = self.roles.try_get_with_by_ref(arn, ask).await;
        asked.map_err(|denied: Arc<Denied>| Denied::clone(&denied))
    }

    /// The default version of a managed policy; one that does not exist says nothing.
    pub(crate) async fn managed(&self, ministack: &Ministack, account: &str, arn: &str) -> Result<Arc<Policy>, Denied> {
        let iam = Iam { ministack, account };
        self.ask_managed(&iam, arn).await
    }

    /// Makes the next question about the role go to ministack.
    pub(crate) async fn forget(&self, role: &str) {
        self.roles.invalidate(role).await;
        self.managed.invalidate_all();
    }

    async fn ask_role(&self, iam: &Iam<'_>, arn: &str, name: &str) -> Result<Option<Role>, Denied> {
        let by_name = ("RoleName", name);
        let Some(found) = iam.ask("GetRole", &[by_name]).await? else {
            return Ok(None);
        };
        let Some(role) = found.find("Role").filter(|role| role.text_of("Arn") == Some(arn)) else {
            return Ok(None);
        };
        let trust = policy(role, "AssumeRolePolicyDocument", Kind::Trust, || {
            format!("trust policy of {arn}")
        })?;
        let tags = listed(role, "Tags").filter_map(|tag| {
            let value = tag.child("Value").map(|value| value.text.clone());
            Some((tag.text_of("Key")?.to_owned(), value.unwrap_or_default()))
        });
        let boundary = role.find("PermissionsBoundaryArn").map(|arn| arn.text.as_str());
        let mut policies = Vec::new();
        let inline = iam.ask("ListRolePolicies", &[by_name]).await?.unwrap_or_default();
        for member in listed(&inline, "PolicyNames") {
            let params = [by_name, ("PolicyName", &member.text)];
            if let Some(got) = iam.ask("GetRolePolicy", &params).await? {
                let what = || format!("policy {} of {arn}", member.text);
                policies.push(Arc::new(policy(&got, "PolicyDocument", Kind::Identity, what)?));
            }
        }
        let attached = iam
            .ask("ListAttachedRolePolicies", &[by_name])
            .await?
            .unwrap_or_default();
        for member in listed(&attached, "AttachedPolicies") {
            policies.push(
                self.ask_managed(iam, member.text_of("PolicyArn").unwrap_or_default())
                    .await?,
            );
        }
        Ok(Some(Role {
            trust,
            policies,
            boundary: match boundary {
                Some(boundary) => Some(self.ask_managed(iam, boundary).await?),
                None => None,
            },
            tags: tags.collect(),
        }))
    }

    async fn ask_managed(&self, iam: &Iam<'_>, arn: &str) -> Result<Arc<Policy>, Denied> {
        let ask = async {
            let Some(found) = iam.ask("GetPolicy", &[("PolicyArn", arn)]).await? else {
                return Ok(Arc::default());
            };
            let version = found
                .find("DefaultVersionId")
                .map_or("v1", |version| version.text.as_str());
            let params = [("PolicyArn", arn), ("VersionId", version)];
            match iam.ask("GetPolicyVersion", &params).await? {
                Some(got) => policy(&got, "Document", Kind::Identity, || format!("policy {arn}")).map(Arc::new),
                None => Ok(Arc::default()),
            }
        };
        let asked = self
            .managed
            .try_get_with((iam.account.to_owned(), arn.to_owned()), ask)
            .await;
        asked.map_err(|denied: Arc<Denied>| Denied::clone(&denied))
    }
}

/// One account's IAM.
struct Iam<'a> {
    ministack: &'a Ministack,
    account: &'a str,
}

impl Iam<'_> {
    /// `None` where what is asked for does not exist.
    async fn ask(&self, action: &str, params: &[(&str, &str)]) -> Result<Option<Element>, Denied> {
        let asked = self.ministack.as_root(self.account, REGION, IAM, action, params).await;
        asked.map(Some).or_else(|refusal: Refusal| {
            let code = refusal.into_answer().error_code().unwrap_or_default();
            if code == "NoSuchEntity" {
                return Ok(None);
            }
            Err(Denied::undecided(format!("IAM refused {action} with {code}")))
        })
    }
}

/// Of `arn:aws:iam::ACCOUNT:role/PATH/NAME`.
fn account_and_name(arn: &str) -> Option<(&str, &str)> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", _, "iam", "", account, role] = parts.as_slice() else {
        return None;
    };
    Some((account, role.strip_prefix("role/")?.rsplit('/').next()?))
}

/// The members of the list called `name`.
fn listed<'a>(answer: &'a Element, name: &str) -> impl Iterator<Item = &'a Element> {
    answer
        .find(name)
        .map(|list| list.children.as_slice())
        .unwrap_or_default()
        .iter()
}

/// A document, which IAM tells percent-encoded.
fn policy(answer: &Element, name: &str, kind: Kind, what: impl Fn() -> String) -> Result<Policy, Denied> {
    let encoded = answer.find(name).map_or("", |document| document.text.as_str());
    let json = percent_decode_str(encoded).decode_utf8_lossy();
    Policy::parse(&json, kind).map_err(|wrong| Denied::undecided(format!("the {} is malformed: {wrong}", what())))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::task::JoinSet;

    use super::*;

    const ARN: &str = "arn:aws:iam::111122223333:role/tune";

    /// An IAM with one role of one inline policy, and the calls that it got.
    async fn iam() -> (Ministack, Arc<AtomicUsize>) {
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = calls.clone();
        let answer = async move |body: String| {
            counted.fetch_add(1, Ordering::SeqCst);
            let trust = r#"{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}}"#;
            let policy = r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
            match body.split('&').next() {
                Some("Action=GetRole") => {
                    format!(
                        "<A><Role><Arn>{ARN}</Arn><AssumeRolePolicyDocument>{trust}</AssumeRolePolicyDocument></Role></A>"
                    )
                }
                Some("Action=ListRolePolicies") => "<A><PolicyNames><member>p</member></PolicyNames></A>".to_owned(),
                Some("Action=GetRolePolicy") => format!("<A><PolicyDocument>{policy}</PolicyDocument></A>"),
                _ => "<A></A>".to_owned(),
            }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, axum::Router::new().fallback(answer)).await });
        (Ministack::new(url.parse().unwrap(), reqwest::Client::new()), calls)
    }

    #[tokio::test]
    async fn of_a_burst_one_asks_until_the_role_is_forgotten() {
        let (ministack, calls) = iam().await;
        let both = Arc::new((Gathered::default(), ministack));
        let burst = async || {
            let mut burst = JoinSet::new();
            for _ in 0..100 {
                let both = both.clone();
                burst.spawn(async move { both.0.role(&both.1, ARN).await.unwrap().unwrap().policies.len() });
            }
            assert!(burst.join_all().await.into_iter().all(|policies| policies == 1));
        };
        burst().await;
        assert_eq!(calls.load(Ordering::SeqCst), 4);
        both.0.forget(ARN).await;
        burst().await;
        assert_eq!(calls.load(Ordering::SeqCst), 8);
    }

    #[tokio::test]
    async fn without_iam_nothing_is_decided_and_nothing_remembered() {
        let nobody = Ministack::new("http://127.0.0.1:9".parse().unwrap(), reqwest::Client::new());
        let gathered = Gathered::default();
        let denied = gathered.role(&nobody, ARN).await.unwrap_err();
        assert_eq!((denied.status, denied.code), (503, "ServiceUnavailableException"));
        let (ministack, _) = iam().await;
        assert!(gathered.role(&ministack, ARN).await.unwrap().is_some());
    }
}
