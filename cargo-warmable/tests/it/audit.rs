//! `audit` over handlers of every kind.

use serde_json::{Value, json};

use crate::tools::{both, run, succeed};
use crate::workspace::Workspace;

const MANIFEST: &str = "[package]\nname = \"f\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";

fn audited(files: &[(&str, &str)], args: &[&str]) -> Vec<Value> {
    let files = [&[("Cargo.toml", MANIFEST)], files].concat();
    let workspace = Workspace::new(&files);
    let output = succeed(&mut workspace.warmable(&[&["audit", "--output-format", "json"], args].concat()));
    serde_json::from_str(&output).unwrap()
}

/// The handlers of one program, as `name`, `warmable` and line.
fn handlers(main: &str) -> Vec<(String, Option<String>, u64)> {
    audited(&[("src/main.rs", main)], &[])
        .iter()
        .map(|handler| {
            let text = |key: &str| handler[key].as_str().map(str::to_owned);
            (text("name").unwrap(), text("warmable"), handler["line"].as_u64().unwrap())
        })
        .collect()
}

fn one(main: &str) -> (String, Option<String>, u64) {
    let found = handlers(main);
    let [one] = &found[..] else { panic!("one handler, not {found:?}") };
    one.clone()
}

fn some(name: &str, means: &str, line: u64) -> (String, Option<String>, u64) {
    (name.to_owned(), Some(means.to_owned()), line)
}

fn cold(name: &str, line: u64) -> (String, Option<String>, u64) {
    (name.to_owned(), None, line)
}

#[test]
fn the_attribute_counts_under_whatever_path() {
    for (import, attribute) in [
        ("use warm_runtime::warmable;", "warmable"),
        ("", "warm_runtime::warmable"),
        ("use warm_runtime::warmable as keep_warm;", "keep_warm(log = false)"),
        ("use warm_runtime as wr;", "wr::warmable"),
        ("use warm_runtime::*;", "warmable"),
        ("use warm_runtime::warmable;", "cfg_attr(feature = \"warm\", warmable)"),
        ("use warm_runtime::warmable;", "tracing::instrument]\n#[warmable"),
    ] {
        let main = format!(
            "use lambda_runtime::{{run, service_fn}};\n{import}\nasync fn main() {{ run(service_fn(handler)).await }}\n#[{attribute}]\nasync fn handler(event: E) {{}}\n"
        );
        let line = if attribute.contains('\n') { 6 } else { 5 };
        assert_eq!(one(&main), some("handler", "#[warmable]", line), "{main}");
    }
}

#[test]
fn a_handler_without_it_is_cold() {
    let main = "use lambda_runtime as lr;\nasync fn main() {\n    lr::run(lr::service_fn(handler)).await\n}\nasync fn handler(event: E) {}\n";
    assert_eq!(one(main), cold("handler", 5));
}

#[test]
fn a_closure_is_followed_to_the_function_that_gets_its_event() {
    let main = "use lambda_runtime::{run, service_fn};
async fn main() {
    let client = Client::new();
    let client = &client;
    let service = service_fn(move |event| async move { handler(event, client).await });
    run(service).await
}
#[warm_runtime::warmable(prime = refresh)]
async fn handler(event: E, client: &Client) {}
";
    assert_eq!(one(main), some("handler", "#[warmable]", 9));
    let method =
        main.replace("handler(event, client)", "client.handle(event)").replace("async fn handler(", "async fn x(");
    let method = format!(
        "{method}impl Client {{\n    #[warm_runtime::warmable]\n    async fn handle(&self, event: E) {{}}\n}}\n"
    );
    assert_eq!(one(&method), some("handle", "#[warmable]", 12));
}

#[test]
fn a_closure_that_works_itself_is_a_handler_of_its_own() {
    let main = "use lambda_runtime::{run, service_fn};
async fn main() {
    run(service_fn(|event: LambdaEvent<Value>| async move { Ok(event.payload) })).await
}
";
    assert_eq!(one(main), cold("closure", 3));
    let warm = main.replace("lambda_runtime::{run, service_fn}", "{lambda_runtime::service_fn, warm_runtime::run}");
    assert_eq!(one(&warm), some("closure", "warm_runtime::run", 3));
}

#[test]
fn a_layer_counts_wherever_it_is_put_on() {
    let layered = |main: &str| {
        format!(
            "use lambda_runtime::{{Runtime, run, service_fn}};\nuse warm_runtime::WarmLayer;\n{main}\nasync fn handler(event: E) {{}}\n"
        )
    };
    for main in [
        "async fn main() { run(WarmLayer::default().layer(service_fn(handler))).await }",
        "async fn main() { let layer = WarmLayer::default(); let service = layer.layer(service_fn(handler)); Runtime::new(service).layer(Trace).run().await }",
        "async fn main() { run(ServiceBuilder::new().layer(WarmLayer::default()).service(service_fn(handler))).await }",
        "async fn main() { run(service()).await }\nfn service() -> impl Service { WarmLayer::default().layer(service_fn(handler)) }",
    ] {
        let line = 3 + main.lines().count() as u64;
        assert_eq!(one(&layered(main)), some("handler", "WarmLayer", line), "{main}");
    }
    let policy =
        layered("async fn main() { run(WarmLayer::<acme::Pings>::default().layer(service_fn(handler))).await }");
    assert_eq!(audited(&[("src/main.rs", &policy)], &[])[0]["policy"], "acme::Pings");
}

#[test]
fn a_router_is_warm_through_the_entry_point_alone() {
    let main =
        "use axum::Router;\nasync fn main() {\n    let app = Router::new();\n    lambda_http::run(app).await\n}\n";
    assert_eq!(one(main), cold("app", 4));
    let warm = main.replace("lambda_http::run", "warm_runtime::http::run");
    assert_eq!(one(&warm), some("app", "warm_runtime::http::run", 4));
    let warm = main.replace("use axum::Router;", "use axum::Router; use warm_runtime::http as lambda_http;");
    assert_eq!(one(&warm), some("app", "warm_runtime::http::run", 4));
}

#[test]
fn modules_and_libraries_are_followed() {
    let files = [
        (
            "src/main.rs",
            "mod api;\n#[path = \"odd.rs\"]\nmod other;\nasync fn main() { match which() { 1 => lambda_runtime::run(lambda_runtime::service_fn(api::v1::handler)).await, 2 => lambda_runtime::run(lambda_runtime::service_fn(other::handler)).await, _ => lambda_runtime::run(lambda_runtime::service_fn(f::handler)).await } }",
        ),
        ("src/api.rs", "pub mod v1;"),
        ("src/api/v1.rs", "\n#[warm_runtime::warmable]\npub async fn handler(event: E) {}"),
        ("src/odd.rs", "pub async fn handler(event: E) {}"),
        ("src/lib.rs", "\n\n#[warm_runtime::warmable]\npub async fn handler(event: E) {}"),
    ];
    let found = audited(&files, &[]);
    let places: Vec<_> = found
        .iter()
        .map(|h| (h["file"].as_str().unwrap(), h["line"].as_u64().unwrap(), h["warmable"].is_null()))
        .collect();
    assert_eq!(places, [("src/api/v1.rs", 3, false), ("src/lib.rs", 4, false), ("src/odd.rs", 1, true)]);
}

#[test]
fn what_only_tests_have_is_no_handler() {
    let main = "fn main() {}\n#[cfg(test)]\nmod tests {\n    #[tokio::test]\n    async fn t() { lambda_runtime::run(lambda_runtime::service_fn(handler)).await }\n}\n";
    assert!(handlers(main).is_empty());
}

#[test]
fn a_service_that_a_helper_runs_is_found_too() {
    let main = "async fn main() {\n    acme::start(lambda_runtime::service_fn(handler)).await\n}\nasync fn handler(event: E) {}\n";
    assert_eq!(one(main), cold("handler", 4));
    let hyper = main.replace("lambda_runtime::service_fn", "hyper::service::service_fn");
    assert!(handlers(&hyper).is_empty());
}

const WARM: &str = "use lambda_runtime::{run, service_fn};\nasync fn main() { run(service_fn(handler)).await }\n#[warm_runtime::warmable]\nasync fn handler(event: E) {}\n";

#[test]
fn a_schedule_reaches_the_function_that_is_built_from_the_binary() {
    let schedule = |main: &str, args: &[&str]| audited(&[("src/main.rs", main)], args)[0]["schedule"].clone();
    assert_eq!(schedule(WARM, &[]), Value::Null);
    assert_eq!(schedule(WARM, &["--functions", "f:live,g"]), json!({ "functions": ["f:live"] }));
    assert_eq!(schedule(WARM, &["--functions", "g"]), "not-configured");
    let ruled = WARM.replace("warmable]", "warmable(rule = [\"A\", \"B\"])]");
    assert_eq!(schedule(&ruled, &["--functions", "f", "--rule", "B"]), json!({ "functions": ["f"] }));
    let refused = schedule(&ruled, &["--functions", "f", "--rule", "C"]);
    assert_eq!(refused, json!({ "refused": "answers rule A, B, not C" }));
    let sourced = WARM.replace("warmable]", "warmable(source = \"acme\")]");
    assert_eq!(schedule(&sourced, &["--functions", "f"]), json!({ "refused": "answers source acme, not aws.events" }));
}

#[test]
fn a_shared_policy_is_judged_as_the_arguments_are() {
    let schedule = |policy: &str, items: &str| {
        let main = WARM.replace("warmable]", &format!("warmable(policy = {policy})]"));
        let library = format!("pub mod pings {{ impl warm_runtime::Policy for Pings {{ {items} }} }}");
        let files = [("src/main.rs", main.as_str()), ("src/lib.rs", &library)];
        audited(&files, &["--functions", "f", "--rule", "B"])[0]["schedule"].clone()
    };
    let rules = |rules: &str| format!("const RULES: &'static [&'static str] = {rules};");
    for policy in ["f::pings::Pings", "f::Pings"] {
        assert_eq!(schedule(policy, &rules("&[\"A\", \"B\"]")), json!({ "functions": ["f"] }));
        assert_eq!(schedule(policy, &rules("&[\"A\"]")), json!({ "refused": "answers rule A, not B" }));
        assert_eq!(schedule(policy, ""), json!({ "functions": ["f"] }));
    }
    let sources = |sources: &str| schedule("f::Pings", &format!("const SOURCES: &'static [&'static str] = {sources};"));
    assert_eq!(sources("&[\"acme\"]"), json!({ "refused": "answers source acme, not aws.events" }));
    assert_eq!(sources("&[\"acme\", \"aws.events\"]"), json!({ "functions": ["f"] }));
    assert_eq!(sources("&[]"), json!({ "refused": "answers no source, not aws.events" }));
}

#[test]
fn a_layers_policy_is_judged_too() {
    let main = "use lambda_runtime::{run, service_fn};
use warm_runtime::{Policy as Answers, WarmLayer};
enum Pings {}
impl Answers for Pings { const RULES: &'static [&'static str] = &[\"A\"]; }
async fn main() { run(WarmLayer::<Pings>::default().layer(service_fn(handler))).await }
async fn handler(event: E) {}
";
    let found = audited(&[("src/main.rs", main)], &["--functions", "f", "--rule", "B"]);
    assert_eq!(found[0]["schedule"], json!({ "refused": "answers rule A, not B" }));
    assert_eq!(found[0]["policy"], "Pings");
}

#[test]
fn the_marks_of_a_ping_are_those_of_the_workspaces_policies_too() {
    let main = "use lambda_runtime::{run, service_fn};
async fn main() { if one() { run(service_fn(a)).await } else { run(service_fn(b)).await } }
#[warm_runtime::warmable(source = [\"acme\", \"aws.events\"], flag = \"wake\")]
async fn a(event: E) {}
#[warm_runtime::warmable(policy = Pings)]
async fn b(event: E) {}
impl warm_runtime::Policy for Pings {
    const SOURCES: &'static [&'static str] = &[\"acme.pings\"];
    const FLAG: Option<&'static str> = Some(\"stay\");
}
";
    let workspace = Workspace::new(&[("Cargo.toml", MANIFEST), ("src/main.rs", main)]);
    let mut command = cargo_metadata::MetadataCommand::new();
    let metadata = command.no_deps().manifest_path(workspace.path().join("Cargo.toml")).exec().unwrap();
    let marks = cargo_warmable::audit::marks(&metadata).unwrap();
    assert_eq!(marks.sources, ["aws.events", "aws.scheduler", "acme", "aws.events", "acme.pings"]);
    assert_eq!(marks.flags, ["warmer", "wake", "stay"]);
}

#[test]
fn a_policy_that_cannot_be_read_is_not_passed_over_in_silence() {
    let audit = |policy: &str, library: &str| {
        let main = WARM.replace("warmable]", &format!("warmable(policy = {policy})]"));
        let workspace = Workspace::new(&[("Cargo.toml", MANIFEST), ("src/main.rs", &main), ("src/lib.rs", library)]);
        let output = run(&mut workspace.warmable(&["audit", "--deny", "--functions", "f"]));
        assert_eq!(output.status.code(), Some(0), "{}", both(&output));
        both(&output)
    };
    let said = audit("acme::Pings", "impl warm_runtime::Policy for Pings {}");
    assert!(said.contains("policy = acme::Pings (not read)"), "{said}");
    let why = "warning: src/main.rs:4: which pings `handler` answers is not known: no `impl Policy for Pings` is in the workspace";
    assert!(said.contains(why), "{said}");
    let said =
        audit("f::Pings", "impl warm_runtime::Policy for Pings { const RULES: &'static [&'static str] = RULES; }");
    assert!(said.contains("`RULES` of `Pings` is no list of strings"), "{said}");
    let twice = "mod a { impl warm_runtime::Policy for Pings {} } mod b { impl warm_runtime::Policy for Pings {} }";
    let said = audit("f::Pings", twice);
    assert!(said.contains("several `impl Policy for Pings` are in the workspace"), "{said}");
    let said = audit("acme::Pings<u8>", "");
    assert!(said.contains("its arguments cannot be parsed"), "{said}");
    let said = audit("warm_runtime::EventBridge", "");
    assert!(!said.contains("not read"), "{said}");
}

#[test]
fn deny_fails_for_a_cold_handler_and_for_one_that_no_schedule_reaches() {
    let denied = |main: &str, args: &[&str]| {
        let workspace = Workspace::new(&[("Cargo.toml", MANIFEST), ("src/main.rs", main)]);
        run(&mut workspace.warmable(&[&["audit", "--deny"], args].concat()))
    };
    assert_eq!(denied(WARM, &["--functions", "f"]).status.code(), Some(0));
    let output = denied(WARM, &["--functions", "g"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(both(&output).contains("the only handler is not kept warm: `handler` of f"), "{}", both(&output));
    let cold = WARM.replace("#[warm_runtime::warmable]", "");
    assert_eq!(denied(&cold, &["--functions", "f"]).status.code(), Some(1));
}

#[test]
fn deny_fails_where_no_schedule_is_configured() {
    let workspace = Workspace::new(&[("Cargo.toml", MANIFEST), ("src/main.rs", WARM)]);
    succeed(&mut workspace.warmable(&["audit"]));
    let output = run(&mut workspace.warmable(&["audit", "--deny"]));
    assert_eq!(output.status.code(), Some(2));
    let said = both(&output);
    assert!(said.contains("error: no functions are configured") && said.contains("help: name them in"), "{said}");
}

#[test]
fn a_binary_may_be_deployed_under_another_name() {
    let manifest =
        format!("{MANIFEST}[package.metadata.warmable]\nfunctions = [{{ name = \"prod-f:live\", bin = \"f\" }}]\n");
    let workspace = Workspace::new(&[("Cargo.toml", &manifest), ("src/main.rs", WARM)]);
    let output = succeed(&mut workspace.warmable(&["audit", "--deny"]));
    assert!(output.contains("src/main.rs:4") && output.contains("prod-f:live"), "{output}");
}

#[test]
fn a_function_that_no_binary_carries_is_named() {
    let workspace = Workspace::new(&[("Cargo.toml", MANIFEST), ("src/main.rs", WARM)]);
    let output = run(&mut workspace.warmable(&["audit", "--functions", "prod-f:live,g,f"]));
    let hint = "no binary of the workspace carries `prod-f:live`, `g`: a function that is not named like its binary needs `bin = \"…\"`";
    assert_eq!(String::from_utf8(output.stderr).unwrap(), format!("warning: {hint}\n"));
    let output = run(&mut workspace.warmable(&["audit", "--functions", "prod-f"]));
    assert!(both(&output).contains("not configured (under another name it needs `bin = \"f\"`)"), "{}", both(&output));
}

#[test]
fn handlers_that_are_not_kept_warm_are_counted_and_named() {
    let main = "use lambda_runtime::{run, service_fn};
async fn main() { if one() { run(service_fn(a)).await } else if two() { run(service_fn(b)).await } else { run(service_fn(c)).await } }
#[warm_runtime::warmable]
async fn a(event: E) {}
async fn b(event: E) {}
async fn c(event: E) {}
";
    let said = |main: &str| {
        let workspace = Workspace::new(&[("Cargo.toml", MANIFEST), ("src/main.rs", main)]);
        both(&run(&mut workspace.warmable(&["audit", "--deny", "--functions", "f"])))
    };
    assert!(said(main).contains("\n2 of 3 handlers are not kept warm: `b` of f, `c` of f\n"), "{}", said(main));
    let one = main.replace("async fn b", "#[warm_runtime::warmable]\nasync fn b");
    assert!(said(&one).contains("\n1 of 3 handlers is not kept warm: `c` of f\n"), "{}", said(&one));
}

#[test]
fn a_file_that_is_no_rust_is_named() {
    let workspace = Workspace::new(&[("Cargo.toml", MANIFEST), ("src/main.rs", "fn main() {\n    let = ;\n}\n")]);
    let output = run(&mut workspace.warmable(&["audit"]));
    assert_eq!(output.status.code(), Some(2));
    assert!(both(&output).contains("src/main.rs:2"), "{}", both(&output));
}

#[test]
fn a_macro_that_hides_a_handler_is_not_passed_over_in_silence() {
    let main = "use lambda_runtime::{run, service_fn};\nasync fn main() {\n    start!(run, service_fn(handler));\n    println!(\"service\");\n}\n";
    let workspace = Workspace::new(&[("Cargo.toml", MANIFEST), ("src/main.rs", main)]);
    let output = run(&mut workspace.warmable(&["audit"]));
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said, "warning: src/main.rs:3: `start!` holds a `service_fn`, which is not followed\n");
}
