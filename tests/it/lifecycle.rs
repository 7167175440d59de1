//! Suspending, the hand-over, and the end of a contract.

mod ending;
mod export;
mod suspension;

use domain::role::Role;
use serde_json::Value;
use testkit::{Customer, TestApp};

/// How many calls the outside has had for this customer; the timer reads the others all the while.
async fn calls(t: &TestApp, customer: &Customer) -> usize {
    let url = format!("{}/_sandbox/calls", t.sandbox.url);
    let calls: Value = reqwest::get(url).await.unwrap().json().await.unwrap();
    let own = [customer.account.account.to_string(), customer.repository.clone()];
    let of_customer = |call: &&Value| {
        call["account"]
            .as_str()
            .is_some_and(|account| own.iter().any(|one| one == account))
    };
    calls["items"].as_array().unwrap().iter().filter(of_customer).count()
}

/// An administrator suspends the customer.
async fn suspend(t: &TestApp, customer: &Customer) {
    let admin = t.actor(Role::Admin, customer).await;
    app::lifecycle::suspend(&t.cx, &admin, customer.tenant.id, "Unpaid invoices.")
        .await
        .unwrap();
}

/// An administrator lets the customer's work go on.
async fn resume(t: &TestApp, customer: &Customer) {
    let admin = t.actor(Role::Admin, customer).await;
    app::lifecycle::resume(&t.cx, &admin, customer.tenant.id).await.unwrap();
}

/// A verified hand-over export of the customer.
async fn exported(t: &TestApp, customer: &Customer) -> domain::export::Export {
    let admin = t.actor(Role::Admin, customer).await;
    let made = app::export::request(&t.cx, &admin, customer.tenant.id, None)
        .await
        .unwrap();
    t.run_jobs().await;
    app::export::get(&t.cx, &admin, customer.tenant.id, made.id)
        .await
        .unwrap()
}
