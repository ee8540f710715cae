//! An emulated AWS: moto's server behind a proxy that knows the operations, can fail them, and
//! keeps a list of them. Each test has a region of its own in one server.
//!
//! What moto lacks, and how the tests live with it: it limits neither targets nor rules, so the
//! unit tests of `desired` check those; it has no permissions, so the proxy refuses on request; a
//! function's aliases share one policy, so no test has a function and its alias in one fleet; it
//! deletes a schedule group at once, and runs no function, so the proxy answers for Lambda's Invoke.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde_json::{Value, json};

use crate::tools::{Tools, succeed, warmable};

/// What happens to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// AWS throttles it.
    Throttle,
    /// AWS fails.
    Fail,
    /// The connection is dropped before AWS hears of it.
    Drop,
    /// AWS does it, and the connection is dropped before the answer.
    LoseAnswer,
    /// The caller may not.
    Deny,
}

/// A fault that awaits its calls.
#[derive(Debug)]
struct Planned {
    operation: &'static str,
    /// How many such calls pass before.
    after: usize,
    /// How many are hit then.
    times: usize,
    fault: Fault,
}

#[derive(Debug, Default)]
struct Shared {
    moto: String,
    planned: Mutex<Vec<Planned>>,
    called: Mutex<Vec<String>>,
    invocation: Mutex<Option<Invocation>>,
}

/// What the proxy answers to Lambda's Invoke.
#[derive(Debug, Clone)]
pub(crate) struct Invocation {
    pub(crate) payload: &'static str,
    pub(crate) error: bool,
    pub(crate) log: &'static str,
}

/// An emulated AWS, seen from one region.
pub(crate) struct Emulator {
    tools: Tools,
    region: &'static str,
    endpoint: String,
    shared: Arc<Shared>,
    runtime: tokio::runtime::Runtime,
}

impl Emulator {
    pub(crate) fn start(tools: Tools, region: &'static str) -> Self {
        static TAKEN: Mutex<BTreeSet<&str>> = Mutex::new(BTreeSet::new());
        assert!(TAKEN.lock().unwrap().insert(region), "{region} is another test's");
        let shared = Arc::new(Shared { moto: moto(&tools).to_owned(), ..Shared::default() });
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let app = Router::new().fallback(forward).with_state(shared.clone());
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        runtime.spawn(async move { axum::serve(listener, app).await });
        Self { tools, region, endpoint, shared, runtime }
    }

    /// Creates functions; a name with an alias creates that too.
    pub(crate) fn functions(&self, functions: &[&str]) -> &Self {
        self.runtime.block_on(async {
            let config = aws_config::defaults(aws_config::BehaviorVersion::latest())
                .http_client(aws_smithy_http_client::Builder::new().build_http())
                .region(self.region)
                .endpoint_url(&self.shared.moto)
                .credentials_provider(aws_sdk_iam::config::Credentials::new("test", "test", None, None, "test"))
                .load()
                .await;
            let iam = aws_sdk_iam::Client::new(&config);
            let role = iam.create_role().role_name(format!("lambda-{}", self.region)).assume_role_policy_document("{}");
            let role = match role.send().await {
                Ok(role) => role.role.unwrap().arn,
                Err(_) => format!("arn:aws:iam::123456789012:role/lambda-{}", self.region),
            };
            let lambda = aws_sdk_lambda::Client::new(&config);
            for function in functions {
                create_function(&lambda, &role, function).await;
            }
        });
        self
    }

    /// The next `times` calls of `operation`, after `after` that pass, meet `fault`.
    pub(crate) fn plan(&self, fault: Fault, operation: &'static str, after: usize, times: usize) -> &Self {
        self.shared.planned.lock().unwrap().push(Planned { operation, after, times, fault });
        self
    }

    /// Whether every planned fault has come to pass.
    pub(crate) fn all_faults_met(&self) -> bool {
        self.shared.planned.lock().unwrap().iter().all(|planned| planned.times == 0)
    }

    /// The operations since the last time, as `service:Operation`.
    pub(crate) fn called(&self) -> Vec<String> {
        std::mem::take(&mut self.shared.called.lock().unwrap())
    }

    /// What Lambda's Invoke answers.
    pub(crate) fn answer(&self, invocation: Invocation) {
        *self.shared.invocation.lock().unwrap() = Some(invocation);
    }

    /// `cargo warmable …` against this AWS.
    pub(crate) fn warmable(&self, args: &[&str]) -> Command {
        let mut command = warmable(args);
        self.aim(&mut command);
        command.args(["--endpoint-url", &self.endpoint]).current_dir(std::env::temp_dir());
        command
    }

    /// The JSON that the real AWS CLI prints.
    pub(crate) fn cli(&self, args: &[&str]) -> Value {
        let mut command = self.tools.python("aws");
        self.aim(&mut command);
        let output = succeed(command.args(args).args(["--endpoint-url", &self.shared.moto, "--output", "json"]));
        if output.trim().is_empty() { Value::Null } else { serde_json::from_str(&output).expect("the CLI prints JSON") }
    }

    /// A script that calls the real AWS CLI.
    pub(crate) fn script(&self, script: &std::path::Path) -> String {
        let mut command = self.tools.with_path("bash");
        self.aim(&mut command);
        succeed(command.arg(script).env("AWS_ENDPOINT_URL", &self.shared.moto))
    }

    fn aim(&self, command: &mut Command) {
        command
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_REGION", self.region)
            .env("AWS_DEFAULT_REGION", self.region)
            .env("AWS_CONFIG_FILE", "/dev/null");
    }
}

async fn create_function(lambda: &aws_sdk_lambda::Client, role: &str, function: &str) {
    use aws_sdk_lambda::primitives::Blob;
    use aws_sdk_lambda::types::{FunctionCode, Runtime};
    let (name, alias) = function.split_once(':').map_or((function, None), |(name, alias)| (name, Some(alias)));
    // The smallest zip archive: the end of a central directory without entries.
    let mut zip = b"PK\x05\x06".to_vec();
    zip.resize(22, 0);
    lambda
        .create_function()
        .function_name(name)
        .role(role)
        .runtime(Runtime::from("provided.al2023"))
        .handler("bootstrap")
        .code(FunctionCode::builder().zip_file(Blob::new(zip)).build())
        .publish(true)
        .send()
        .await
        .unwrap_or_else(|error| panic!("{function}: {error:?}"));
    if let Some(alias) = alias {
        let alias = lambda.create_alias().function_name(name).name(alias).function_version("1");
        alias.send().await.unwrap_or_else(|error| panic!("{function}: {error:?}"));
    }
}

/// The address of the one server. A shell beside it ends it when this process does, however that
/// comes about: its standard input closes then.
fn moto(tools: &Tools) -> &'static str {
    // The child stays here, and with it the pipe that it reads.
    static MOTO: OnceLock<(Child, String)> = OnceLock::new();
    let (_, address) = MOTO.get_or_init(|| {
        let server = tools.python("moto_server").get_program().to_owned();
        let mut shell = Command::new("sh")
            .args(["-c", r#""$0" -H 127.0.0.1 -p 0 2>&1 & cat >/dev/null; kill $!"#])
            .arg(server)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("there is a shell");
        let mut output = BufReader::new(shell.stdout.take().expect("it is piped"));
        let mut line = String::new();
        while output.read_line(&mut line).expect("the server writes text") > 0 {
            if let Some((_, address)) = line.trim_end().split_once("Running on ") {
                let address = address.to_owned();
                // Read on, or the server stops when the pipe is full.
                std::thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
                return (shell, address);
            }
            line.clear();
        }
        let status = shell.wait().expect("the shell is this process's");
        panic!("moto's server did not start: {status}");
    });
    address
}

async fn forward(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let operation = operation(&method, &uri, &headers, &body);
    shared.called.lock().unwrap().push(operation.clone());
    let fault = shared.fault(&operation);
    match fault {
        None | Some(Fault::LoseAnswer) => {}
        Some(Fault::Throttle) => return refusal(&operation, StatusCode::BAD_REQUEST, "ThrottlingException"),
        Some(Fault::Fail) => return refusal(&operation, StatusCode::INTERNAL_SERVER_ERROR, "InternalException"),
        Some(Fault::Deny) => return refusal(&operation, StatusCode::FORBIDDEN, "AccessDeniedException"),
        Some(Fault::Drop) => return dropped(),
    }
    let invocation = shared.invocation.lock().unwrap().clone();
    if let ("lambda:InvokeFunction", Some(invocation)) = (operation.as_str(), invocation) {
        return invoked(&invocation);
    }
    let url = format!("{}{}", shared.moto, uri.path_and_query().map_or("/", |path| path.as_str()));
    let answer = reqwest::Client::new().request(method, url).headers(headers).body(body).send().await;
    let answer = answer.expect("moto answers");
    let (status, headers) = (answer.status(), answer.headers().clone());
    let body = answer.bytes().await.expect("moto's answer is whole");
    if fault == Some(Fault::LoseAnswer) {
        return dropped();
    }
    (status, headers, body).into_response()
}

impl Shared {
    fn fault(&self, operation: &str) -> Option<Fault> {
        let mut planned = self.planned.lock().unwrap();
        let planned = planned.iter_mut().find(|planned| planned.operation == operation && planned.times > 0)?;
        if planned.after > 0 {
            planned.after -= 1;
            return None;
        }
        planned.times -= 1;
        Some(planned.fault)
    }
}

/// The operation as IAM names it.
fn operation(method: &Method, uri: &Uri, headers: &HeaderMap, body: &Bytes) -> String {
    if let Some(target) = headers.get("x-amz-target") {
        let target = target.to_str().unwrap_or_default();
        return format!("events:{}", target.rsplit('.').next().unwrap_or_default());
    }
    let parts: Vec<&str> = uri.path().trim_matches('/').split('/').collect();
    match (method.as_str(), &parts[..]) {
        ("POST", [""]) => {
            let body = String::from_utf8_lossy(body);
            let action = body.split('&').find_map(|pair| pair.strip_prefix("Action=")).unwrap_or_default();
            let service = if action == "GetCallerIdentity" { "sts" } else { "iam" };
            format!("{service}:{action}")
        }
        ("GET", [_, "functions", _, "policy"]) => "lambda:GetPolicy".to_owned(),
        ("POST", [_, "functions", _, "policy"]) => "lambda:AddPermission".to_owned(),
        ("DELETE", [_, "functions", _, "policy", _]) => "lambda:RemovePermission".to_owned(),
        ("GET", [_, "functions", _, "configuration"]) => "lambda:GetFunctionConfiguration".to_owned(),
        ("POST", [_, "functions", _, "invocations"]) => "lambda:InvokeFunction".to_owned(),
        ("GET", ["schedule-groups", _]) => "scheduler:GetScheduleGroup".to_owned(),
        ("POST", ["schedule-groups", _]) => "scheduler:CreateScheduleGroup".to_owned(),
        ("DELETE", ["schedule-groups", _]) => "scheduler:DeleteScheduleGroup".to_owned(),
        ("GET", ["schedules"]) => "scheduler:ListSchedules".to_owned(),
        ("GET", ["schedules", _]) => "scheduler:GetSchedule".to_owned(),
        ("POST", ["schedules", _]) => "scheduler:CreateSchedule".to_owned(),
        ("PUT", ["schedules", _]) => "scheduler:UpdateSchedule".to_owned(),
        ("DELETE", ["schedules", _]) => "scheduler:DeleteSchedule".to_owned(),
        ("GET", ["tags", ..]) => "scheduler:ListTagsForResource".to_owned(),
        other => panic!("an operation that the proxy does not know: {other:?}"),
    }
}

fn refusal(operation: &str, status: StatusCode, code: &str) -> Response {
    let message = format!("injected: {code}");
    if operation.starts_with("iam:") || operation.starts_with("sts:") {
        let body = format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
        );
        return (status, body).into_response();
    }
    let body = json!({ "__type": code, "message": message }).to_string();
    (status, [("x-amzn-errortype", code)], body).into_response()
}

/// A body that breaks off takes its connection with it.
fn dropped() -> Response {
    let broken = stream::iter([Err::<Bytes, _>(std::io::Error::other("injected: dropped"))]);
    Response::builder().header("content-length", "100").body(Body::from_stream(broken)).expect("the parts are valid")
}

fn invoked(invocation: &Invocation) -> Response {
    let log = aws_smithy_types::base64::encode(invocation.log);
    let mut response = (StatusCode::OK, [("x-amz-log-result", log)], invocation.payload).into_response();
    if invocation.error {
        response.headers_mut().insert("x-amz-function-error", "Unhandled".parse().expect("it is ASCII"));
    }
    response
}
