//! What `warm-runtime` adds to the crates of a function that has `lambda_runtime`, `tokio`, `serde` and `serde_json`: itself
//! and its macro.
//!
//! Each function is a workspace of its own, so that nothing else can switch a feature on or bring a crate along, and begins
//! with the workspace's `Cargo.lock`, so that it needs no network.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const WORKSPACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// The least that a function can have.
const FUNCTION: &str = r#"
lambda_runtime = { version = "1", default-features = false }
tokio = { version = "1", features = ["macros"] }
serde = { version = "1", features = ["derive"] }
serde_json = "1"
"#;

/// The crates, by name and version, of a function that depends on `added` too.
fn crates(name: &str, added: &str) -> BTreeSet<String> {
    let package = package(name, added);
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--offline",
            "--edges",
            "normal,build",
            "--prefix",
            "none",
            "--format",
            "{p}",
            "--manifest-path",
        ])
        .arg(package.join("Cargo.toml"))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).expect("the names of crates are Unicode");
    // `name v1.2.3 (proc-macro) (*)`, and a path in the place of `(proc-macro)` where it is a crate of ours.
    let name_and_version = |line: &str| line.split(' ').take(2).collect::<Vec<_>>().join(" ");
    lines.lines().map(name_and_version).filter(|line| !line.starts_with("function ")).collect()
}

fn package(name: &str, added: &str) -> PathBuf {
    let package = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let manifest = format!(
        "[package]\nname = \"function\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
         [dependencies]{FUNCTION}{added}\n[workspace]\n"
    );
    let write = || {
        fs::create_dir_all(package.join("src"))?;
        fs::write(package.join("src/main.rs"), "fn main() {}\n")?;
        fs::write(package.join("Cargo.toml"), manifest)?;
        fs::copy(Path::new(WORKSPACE).join("Cargo.lock"), package.join("Cargo.lock"))
    };
    write().unwrap_or_else(|error| panic!("cannot write `{}`: {error}", package.display()));
    package
}

/// The third-party crates that a function gains by `added`.
fn gained(name: &str, added: &str) -> Vec<String> {
    let before = crates(&format!("{name}-without"), "");
    let after = crates(&format!("{name}-with"), added);
    let ours = |name: &&String| ["warm-runtime ", "warm-macro "].iter().any(|ours| name.starts_with(ours));
    after.difference(&before).filter(|name| !ours(name)).cloned().collect()
}

fn warm_runtime() -> String {
    format!("warm-runtime = {{ path = {:?} }}", format!("{WORKSPACE}/warm-runtime"))
}

#[test]
fn a_function_gains_no_third_party_crate() {
    let gained = gained("warmable", &warm_runtime());
    assert!(gained.is_empty(), "`warm-runtime` brings along: {}", gained.join(", "));
}

#[test]
fn warm_runtime_is_among_the_crates_that_are_compared() {
    let crates = crates("compared", &warm_runtime());
    for name in ["warm-runtime ", "warm-macro ", "lambda_runtime ", "syn "] {
        assert!(crates.iter().any(|found| found.starts_with(name)), "no `{name}` in {crates:?}");
    }
}

#[test]
fn a_third_party_crate_that_is_gained_is_named() {
    let gained = gained("gaining", "uuid = \"1\"");
    assert!(gained.iter().any(|name| name.starts_with("uuid v1")), "{gained:?}");
}
