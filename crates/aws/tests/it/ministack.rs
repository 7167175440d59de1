//! Customers' accounts in ministack, which we did not write: it checks trust policies, the ExternalId,
//! session policies and permissions as AWS does.

use std::collections::{BTreeMap, HashMap};
use std::time::SystemTime;

use aws::AwsMechanism;
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use domain::account::AwsAccount;

use crate::fixture::{self, EXTERNAL_ID, REGION};
use crate::templates::file;

pub(crate) struct Customer {
    ministack: String,
    /// Where Holdfast calls: the sandbox, or ministack itself.
    front: String,
    pub(crate) account: AwsAccount,
    pub(crate) mechanism: AwsMechanism,
}

impl Customer {
    /// A new account with the roles of the template, and a Holdfast with a principal of its own.
    pub(crate) async fn new() -> Self {
        Self::reached_by(None).await
    }

    /// The same, with the sandbox between Holdfast and ministack.
    pub(crate) async fn behind_the_sandbox() -> Self {
        let sandbox = std::env::var("HOLDFAST_TEST_AWS_FRONT")
            .expect("HOLDFAST_TEST_AWS_FRONT is the address of a sandbox in front of it; `make test` starts one");
        Self::reached_by(Some(sandbox)).await
    }

    async fn reached_by(front: Option<String>) -> Self {
        let ministack = std::env::var("HOLDFAST_TEST_MINISTACK")
            .expect("HOLDFAST_TEST_MINISTACK is the address of a ministack; `make test` starts one");
        let front = front.unwrap_or_else(|| ministack.clone());
        let principal = fixture::fresh_account();
        let account = fixture::account(fixture::fresh_account().as_str());
        let mechanism = fixture::mechanism(&front, principal.as_str()).await;
        let customer = Self {
            ministack,
            front,
            account,
            mechanism,
        };
        customer.install(&principal_trust(principal.as_str())).await;
        customer
    }

    /// Installs the four roles of `deploy/customer/aws`, with this trust policy.
    async fn install(&self, trust: &str) {
        for role in ["observe", "configure", "tune", "restore"] {
            let parameters = [
                ("RoleName", role),
                ("Path", "/holdfast/"),
                ("AssumeRolePolicyDocument", trust),
            ];
            self.iam("CreateRole", &parameters).await;
            let policy = file(&format!("{role}.json"));
            self.iam(
                "PutRolePolicy",
                &[("RoleName", role), ("PolicyName", role), ("PolicyDocument", &policy)],
            )
            .await;
        }
    }

    /// Changes one role's trust policy.
    pub(crate) async fn trust(&self, role: &str, change: impl Fn(&str) -> String) {
        let got = self.iam("GetRole", &[("RoleName", role)]).await;
        let document = got.split("<AssumeRolePolicyDocument>").nth(1).unwrap();
        let document = document.split("</AssumeRolePolicyDocument>").next().unwrap();
        let pair = format!("d={document}");
        let decoded = url::form_urlencoded::parse(pair.as_bytes())
            .next()
            .unwrap()
            .1
            .into_owned();
        let changed = change(&decoded);
        assert_ne!(changed, decoded, "the change applies");
        self.iam(
            "UpdateAssumeRolePolicy",
            &[("RoleName", role), ("PolicyDocument", &changed)],
        )
        .await;
    }

    /// Calls IAM as the account's root.
    pub(crate) async fn iam(&self, action: &str, parameters: &[(&str, &str)]) -> String {
        self.call(&self.ministack, "iam", "2010-05-08", action, parameters)
            .await
    }

    /// Calls RDS as the account's root.
    pub(crate) async fn rds(&self, action: &str, parameters: &[(&str, &str)]) -> String {
        self.call(&self.front, "rds", "2014-10-31", action, parameters).await
    }

    /// An instance named `prod-pg`.
    pub(crate) async fn create_instance(&self) {
        let parameters = [
            ("DBInstanceIdentifier", "prod-pg"),
            ("Engine", "postgres"),
            ("DBInstanceClass", "db.t3.micro"),
            ("AllocatedStorage", "20"),
            ("MasterUsername", "admin1"),
            ("MasterUserPassword", "correct horse"),
        ];
        self.rds("CreateDBInstance", &parameters).await;
    }

    /// A snapshot of it.
    pub(crate) async fn create_snapshot(&self, name: &str) {
        let parameters = [("DBInstanceIdentifier", "prod-pg"), ("DBSnapshotIdentifier", name)];
        self.rds("CreateDBSnapshot", &parameters).await;
    }

    /// Tags an instance as the account's root.
    pub(crate) async fn tag(&self, arn: &str, tags: &BTreeMap<String, String>) {
        let mut parameters = vec![("ResourceName".to_owned(), arn.to_owned())];
        for (n, (key, value)) in tags.iter().enumerate() {
            parameters.push((format!("Tags.Tag.{}.Key", n + 1), key.clone()));
            parameters.push((format!("Tags.Tag.{}.Value", n + 1), value.clone()));
        }
        let parameters: Vec<_> = parameters.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        self.rds("AddTagsToResource", &parameters).await;
    }

    #[expect(clippy::disallowed_methods, reason = "a signature holds at its real time only")]
    async fn call(
        &self,
        endpoint: &str,
        service: &str,
        version: &str,
        action: &str,
        parameters: &[(&str, &str)],
    ) -> String {
        let form: HashMap<&str, &str> = parameters
            .iter()
            .copied()
            .chain([("Action", action), ("Version", version)])
            .collect();
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let url = format!("{endpoint}/");
        let host = url::Url::parse(&url).unwrap();
        let host = format!("{}:{}", host.host_str().unwrap(), host.port().unwrap());
        let content = "application/x-www-form-urlencoded";
        let identity = Credentials::new(self.account.account.as_str(), "test", None, None, "test").into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(REGION)
            .name(service)
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()
            .unwrap()
            .into();
        let headers = [("content-type", content), ("host", host.as_str())];
        let signable =
            SignableRequest::new("POST", &url, headers.into_iter(), SignableBody::Bytes(body.as_bytes())).unwrap();
        let (instructions, _) = sign(signable, &params).unwrap().into_parts();
        let mut request = http::Request::post(&url)
            .header("content-type", content)
            .body(body)
            .unwrap();
        instructions.apply_to_request_http1x(&mut request);
        let response = reqwest::Client::new()
            .execute(request.try_into().unwrap())
            .await
            .unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        assert!(status.is_success(), "{action}: {status} {text}");
        text
    }
}

fn principal_trust(principal: &str) -> String {
    file("trust.json")
        .replace("HOLDFAST_PRINCIPAL_ARN", &format!("arn:aws:iam::{principal}:root"))
        .replace("EXTERNAL_ID", EXTERNAL_ID)
}
