//! Who may use what the sandbox serves itself.

use aws_sdk_backup::Client;
use aws_sdk_backup::error::ProvideErrorMetadata;
use aws_sdk_rds::config::Credentials;
use aws_sdk_rds::config::retry::RetryConfig;
use aws_sdk_rds::config::{BehaviorVersion, Region};

use super::Account;

fn backup(a: &Account, credentials: Credentials) -> Client {
    let config = aws_sdk_backup::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .endpoint_url(&a.running.url)
        .retry_config(RetryConfig::disabled())
        .credentials_provider(credentials);
    Client::from_conf(config.build())
}

#[tokio::test]
async fn a_session_backs_up_as_far_as_its_policies_reach() {
    let a = Account::new().await;
    a.add_role_for("keeper", "backup:*").await;
    let gold = format!("arn:aws:backup:eu-west-1:{}:backup-vault:gold", a.id);
    let actions = ["backup:CreateBackupVault", "backup:DescribeBackupVault"];
    let session = backup(&a, a.credentials("keeper", &actions, &[&gold]).await);
    session
        .create_backup_vault()
        .backup_vault_name("gold")
        .send()
        .await
        .unwrap();
    session
        .describe_backup_vault()
        .backup_vault_name("gold")
        .send()
        .await
        .unwrap();
    let refused = session
        .create_backup_vault()
        .backup_vault_name("silver")
        .send()
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Some("AccessDeniedException"));
    let refused = session
        .delete_backup_vault()
        .backup_vault_name("gold")
        .send()
        .await
        .unwrap_err();
    let message = format!(
        "User: arn:aws:sts::{}:assumed-role/keeper/holdfast is not authorized to perform: backup:DeleteBackupVault on resource: {gold} \
         because no session policy allows the backup:DeleteBackupVault action",
        a.id
    );
    assert_eq!(
        (refused.code(), refused.message()),
        (Some("AccessDeniedException"), Some(message.as_str()))
    );
}

#[tokio::test]
async fn a_session_must_sign_with_its_secret_and_show_its_token() {
    let a = Account::new().await;
    a.add_role_for("keeper", "backup:*").await;
    let own = a.credentials("keeper", &["backup:*"], &["*"]).await;
    let (key, secret) = (own.access_key_id(), own.secret_access_key());
    let token = own.session_token().map(str::to_owned);
    for (key, secret, token, code) in [
        (key, secret, token.clone(), None),
        (key, "another secret", token.clone(), Some("InvalidSignatureException")),
        (key, secret, None, Some("UnrecognizedClientException")),
        (
            "ASIANOBODYKNOWSTHIS0",
            secret,
            token,
            Some("UnrecognizedClientException"),
        ),
    ] {
        let client = backup(&a, Credentials::new(key, secret, token, None, "test"));
        let listed = client.list_backup_vaults().max_results(5).send().await;
        assert_eq!(
            listed.as_ref().err().and_then(ProvideErrorMetadata::code),
            code,
            "{listed:?}"
        );
    }
}
