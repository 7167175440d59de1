//! The emulated API servers, seen by the crate `kube`.
//!
//! What `conformance` runs is run against the sandbox, and against the cluster of `HOLDFAST_CONFORMANCE_KUBECONFIG` too where that is set:
//! a kubeconfig with the rights to install CRDs and to make namespaces.

mod apply;
mod deletion;
mod discovery;
mod faults;
mod lists;
mod objects;
mod patches;
mod refusals;
mod rights;
mod watches;

use std::time::UNIX_EPOCH;

use k8s_openapi::api::core::v1::{Namespace, ServiceAccount};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::{
    Api, ApiResource, DeleteParams, DynamicObject, GroupVersionKind, ListParams, Patch, PatchParams, PostParams,
};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::core::Status;
use kube::runtime::wait::{await_condition, conditions};
use kube::{Client, Config, ResourceExt};
use reqwest::Method;
use sandbox::Running;
use serde_json::{Value, json};

/// A namespace of its own in some API server.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) client: Client,
    pub(crate) namespace: String,
}

/// A sandbox with the cluster `c`.
pub(crate) struct Sandbox {
    pub(crate) running: Running,
    pub(crate) http: reqwest::Client,
    pub(crate) server: String,
    pub(crate) client: Client,
}

impl Sandbox {
    pub(crate) async fn start() -> Self {
        Self::with(json!({})).await
    }

    /// With more members in the seed of the cluster.
    pub(crate) async fn with(more: Value) -> Self {
        let running = sandbox::start(sandbox::Config::default()).await.unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut seed = json!({"name": "c", "token": "secret", "bucket": "backups"});
        for (name, value) in more.as_object().unwrap() {
            seed[name] = value.clone();
        }
        let url = format!("{}/_sandbox/clusters", running.url);
        let made = http.post(url).json(&seed).send().await.unwrap();
        assert_eq!(made.status(), 201);
        let made: Value = made.json().await.unwrap();
        let server = made["server"].as_str().unwrap().to_owned();
        let client = client(&server, made["token"].as_str().unwrap()).await;
        Self {
            running,
            http,
            server,
            client,
        }
    }

    /// A namespace that is there from the start.
    /// Velero's namespace.
    pub(crate) fn place(&self) -> Place {
        self.place_in("velero")
    }

    pub(crate) fn place_in(&self, namespace: &str) -> Place {
        Place {
            client: self.client.clone(),
            namespace: namespace.to_owned(),
        }
    }

    /// Calls the control; what is answered, or `null`.
    pub(crate) async fn control(&self, method: Method, path: &str, body: Value) -> Value {
        let url = format!("{}/_sandbox{path}", self.running.url);
        let answer = self.http.request(method, url).json(&body).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {answer:?}");
        serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or_default()
    }

    pub(crate) async fn fault(&self, operation: &str, kind: &str) {
        let rule = json!({"service": "kubernetes", "operation": operation, "account": "c", "kind": kind});
        self.control(Method::POST, "/faults", rule).await;
    }

    /// Sends a request that `kube` would not send.
    pub(crate) fn raw(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.server))
            .bearer_auth("secret")
    }
}

pub(crate) async fn client(server: &str, token: &str) -> Client {
    let kubeconfig: Kubeconfig = serde_json::from_value(json!({
        "clusters": [{"name": "c", "cluster": {"server": server}}],
        "users": [{"name": "u", "user": {"token": token}}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "x",
    }))
    .unwrap();
    connect(kubeconfig).await
}

async fn connect(kubeconfig: Kubeconfig) -> Client {
    let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default())
        .await
        .unwrap();
    Client::try_from(config).unwrap()
}

/// Runs the test in a new namespace of the sandbox, and of the real cluster if one is named; the namespace goes even when the test fails.
pub(crate) async fn conformance<F, T>(test: F)
where
    F: Fn(Place) -> T,
    T: Future<Output = ()> + Send + 'static,
{
    let sandbox = Sandbox::start().await;
    in_new_namespace(&sandbox.client, false, &test).await;
    if let Ok(path) = std::env::var("HOLDFAST_CONFORMANCE_KUBECONFIG") {
        let real = connect(Kubeconfig::read_from(path).unwrap()).await;
        install_definitions(&sandbox.client, &real).await;
        in_new_namespace(&real, true, &test).await;
    }
}

/// In a real cluster pods can be made once the namespace has its service account.
async fn in_new_namespace<F, T>(client: &Client, real: bool, test: &F)
where
    F: Fn(Place) -> T,
    T: Future<Output = ()> + Send + 'static,
{
    let namespaces = Api::<Namespace>::all(client.clone());
    let name = format!("conformance-{:x}", UNIX_EPOCH.elapsed().unwrap().as_nanos());
    let namespace = serde_json::from_value(json!({"metadata": {"name": name}})).unwrap();
    namespaces.create(&PostParams::default(), &namespace).await.unwrap();
    let place = Place {
        client: client.clone(),
        namespace: name.clone(),
    };
    if real {
        let accounts = Api::<ServiceAccount>::namespaced(client.clone(), &name);
        let exists = |account: Option<&ServiceAccount>| account.is_some();
        await_condition(accounts, "default", exists).await.unwrap();
    }
    let done = tokio::spawn(test(place)).await;
    namespaces.delete(&name, &DeleteParams::default()).await.unwrap();
    if let Err(failed) = done {
        std::panic::resume_unwind(failed.into_panic());
    }
}

/// The real cluster gets the definitions that the sandbox serves.
async fn install_definitions(sandbox: &Client, real: &Client) {
    let served = Api::<CustomResourceDefinition>::all(sandbox.clone());
    let installed = Api::<CustomResourceDefinition>::all(real.clone());
    let velero = served.list(&ListParams::default()).await.unwrap();
    for mut definition in velero.items.into_iter().filter(|found| found.spec.group == "velero.io") {
        let name = definition.name_any();
        definition.metadata = serde_json::from_value(json!({"name": name})).unwrap();
        definition.status = None;
        let by = PatchParams::apply("conformance").force();
        installed.patch(&name, &by, &Patch::Apply(&definition)).await.unwrap();
        let established = conditions::is_crd_established();
        await_condition(installed.clone(), &name, established).await.unwrap();
    }
}

impl Place {
    /// Objects of Velero.
    pub(crate) fn velero(&self, plural: &str, kind: &str) -> Api<DynamicObject> {
        let kind = GroupVersionKind::gvk("velero.io", "v1", kind);
        let resource = ApiResource::from_gvk_with_plural(&kind, plural);
        Api::namespaced_with(self.client.clone(), &self.namespace, &resource)
    }

    pub(crate) fn backups(&self) -> Api<DynamicObject> {
        self.velero("backups", "Backup")
    }

    pub(crate) fn schedules(&self) -> Api<DynamicObject> {
        self.velero("schedules", "Schedule")
    }

    pub(crate) async fn backup(&self, name: &str) -> DynamicObject {
        let made = self.backups().create(&PostParams::default(), &backup(name)).await;
        made.unwrap()
    }

    /// Sends any request and reads the answer as JSON.
    pub(crate) async fn send(&self, method: &str, path: &str, body: &Value) -> Result<Value, kube::Error> {
        let request = http::Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", "application/json");
        self.client
            .request(request.body(serde_json::to_vec(body).unwrap()).unwrap())
            .await
    }

    /// Path of the namespace's backups.
    pub(crate) fn backups_path(&self) -> String {
        format!("/apis/velero.io/v1/namespaces/{}/backups", self.namespace)
    }
}

pub(crate) fn object(value: Value) -> DynamicObject {
    serde_json::from_value(value).unwrap()
}

pub(crate) fn backup(name: &str) -> DynamicObject {
    object(
        json!({"apiVersion": "velero.io/v1", "kind": "Backup", "metadata": {"name": name}, "spec": {"ttl": "1h0m0s"}}),
    )
}

pub(crate) fn schedule(name: &str, spec: Value) -> DynamicObject {
    object(json!({"apiVersion": "velero.io/v1", "kind": "Schedule", "metadata": {"name": name}, "spec": spec}))
}

/// The `Status` that refused a call.
pub(crate) fn refused<T: std::fmt::Debug>(result: Result<T, kube::Error>) -> Status {
    match result {
        Err(kube::Error::Api(status)) => *status,
        other => panic!("it was to be refused: {other:?}"),
    }
}

pub(crate) fn names(objects: impl IntoIterator<Item = DynamicObject>) -> Vec<String> {
    objects.into_iter().map(|object| object.name_any()).collect()
}
