//! Which handlers of a workspace answer pings, and which a schedule reaches: what a platform team
//! asks of a hundred functions in CI.
//!
//! The sources are read, not compiled, so an audit takes no build and works on code that does not
//! compile. Names are followed through `use`, modules, `let` and functions that return a service;
//! a `service_fn` inside a macro is reported and not followed.

mod attribute;
mod handlers;
mod macros;
mod policies;
mod sources;

use std::path::{Path, PathBuf};

use cargo_metadata::{Metadata, TargetKind};
use miette::Diagnostic;
use serde::Serialize;
use thiserror::Error;

use crate::event::{Marks, SOURCE};
use crate::fleet::{Fleet, Function};
use sources::{Crate, Sources};

/// Why a workspace cannot be audited.
#[derive(Debug, Error, Diagnostic)]
pub enum AuditError {
    /// There is no Cargo.toml.
    #[error("there is no Cargo.toml here or above")]
    #[diagnostic(help("go to the workspace, or name it by `--manifest-path`"))]
    NoManifest,
    /// A source file cannot be read.
    #[error("cannot read {}", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// A source file is not Rust.
    #[error("cannot parse {}:{line}", file.display())]
    Parse {
        /// The file.
        file: PathBuf,
        /// Where in it.
        line: usize,
        /// What the parser says.
        source: syn::Error,
    },
}

/// A handler: what is passed to `service_fn`, or to `run`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Handler {
    /// The binary that runs it, which a function is named like unless the configuration says other.
    pub binary: String,
    /// The handler's name, `closure`, or the service that `run` is given.
    pub name: String,
    /// The file that holds it, from the workspace's root.
    pub file: PathBuf,
    /// Its line.
    pub line: usize,
    /// What makes it answer pings; nothing, if it does not.
    pub warmable: Option<Means>,
    /// Its policy's arguments; nothing is the default policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// Whether a configured schedule reaches it; nothing, if none is configured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Reach>,
    /// Why it is not known which pings its policy answers, where it is not.
    #[serde(rename = "policyNotRead", skip_serializing_if = "Option::is_none")]
    pub policy_not_read: Option<String>,
    #[serde(skip)]
    accepts: Accepts,
}

/// What makes a handler answer pings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Means {
    /// The attribute.
    #[serde(rename = "#[warmable]")]
    Attribute,
    /// The layer.
    WarmLayer,
    /// The runtime's entry point.
    #[serde(rename = "warm_runtime::run")]
    Run,
    /// `lambda_http`'s.
    #[serde(rename = "warm_runtime::http::run")]
    HttpRun,
}

impl Means {
    /// As it is written in a program.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Attribute => "#[warmable]",
            Self::WarmLayer => "WarmLayer",
            Self::Run => "warm_runtime::run",
            Self::HttpRun => "warm_runtime::http::run",
        }
    }
}

/// Whether a configured schedule reaches a handler.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// It does, as these functions.
    Functions(Vec<String>),
    /// No configured function is built from its binary.
    NotConfigured,
    /// Pings come, and its policy takes them for events: it answers other rules or sources.
    Refused(String),
}

/// Which pings a policy answers, as far as the sources tell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Accepts {
    /// Empty is any.
    rules: Vec<String>,
    /// None is the default.
    sources: Option<Vec<String>>,
    flag: Option<String>,
    /// Why this is not all, or may not be.
    unread: Option<String>,
}

impl Accepts {
    fn unread(why: String) -> Self {
        Self { unread: Some(why), ..Self::default() }
    }
}

impl Handler {
    /// Whether it answers pings, and gets them where a fleet is configured.
    pub fn is_warm(&self) -> bool {
        self.warmable.is_some() && matches!(self.schedule, None | Some(Reach::Functions(_)))
    }

    fn reach(&self, fleet: &Fleet) -> Reach {
        let functions = fleet.functions.iter().filter(|function| function.binary() == self.binary);
        let labels: Vec<String> = functions.map(|function| function.reference.label()).collect();
        if labels.is_empty() {
            return Reach::NotConfigured;
        }
        let Accepts { rules, sources, .. } = &self.accepts;
        if !rules.is_empty() && !rules.iter().any(|rule| rule == fleet.rule.as_str()) {
            return Reach::Refused(format!("answers rule {}, not {}", rules.join(", "), fleet.rule));
        }
        match sources.as_deref() {
            Some([]) => Reach::Refused(format!("answers no source, not {SOURCE}")),
            Some(sources) if sources.iter().all(|source| source != SOURCE) => {
                Reach::Refused(format!("answers source {}, not {SOURCE}", sources.join(", ")))
            }
            _ => Reach::Functions(labels),
        }
    }
}

/// What an audit found.
#[derive(Debug, Default)]
pub struct Findings {
    /// Every handler of the workspace, by binary, file and line.
    pub handlers: Vec<Handler>,
    /// Macros that hold a `service_fn`, which is not followed.
    pub unseen: Vec<Unseen>,
    /// Configured functions that no binary carries.
    pub unbuilt: Vec<String>,
}

/// A macro that may run a handler.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unseen {
    /// The file that calls or defines it, from the workspace's root.
    pub file: PathBuf,
    /// The line.
    pub line: usize,
    /// The macro's name.
    pub name: String,
}

/// Audits the workspace, against `fleet` where one is configured.
pub fn audit(metadata: &Metadata, fleet: Option<&Fleet>) -> Result<Findings, AuditError> {
    let root = metadata.workspace_root.as_std_path();
    let sources = Sources::read(metadata)?;
    let mut found = Findings::default();
    for program in sources.crates.iter().filter(|program| is_program(program)) {
        found.handlers.extend(handlers::of(program, &sources, root));
        found.unseen.extend(macros::of(program, root));
    }
    let carries =
        |function: &&Function| sources.crates.iter().any(|one| is_program(one) && one.target == function.binary());
    let functions = fleet.iter().flat_map(|fleet| &fleet.functions);
    found.unbuilt = functions.filter(|f| !carries(f)).map(|f| f.reference.label()).collect();
    for handler in &mut found.handlers {
        handler.schedule = fleet.map(|fleet| handler.reach(fleet));
    }
    found.handlers.sort_by(|a, b| (&a.binary, &a.file, a.line).cmp(&(&b.binary, &b.file, b.line)));
    found.handlers.dedup();
    found.unseen.sort();
    found.unseen.dedup();
    Ok(found)
}

/// The marks of a ping, those that the workspace's own policies name among them.
pub fn marks(metadata: &Metadata) -> Result<Marks, AuditError> {
    let mut marks = Marks::default();
    for Handler { accepts, .. } in audit(metadata, None)?.handlers {
        marks.sources.extend(accepts.sources.into_iter().flatten());
        marks.flags.extend(accepts.flag);
    }
    Ok(marks)
}

fn is_program(program: &Crate) -> bool {
    program.kinds.iter().any(|kind| matches!(kind, TargetKind::Bin | TargetKind::Example))
}

/// `file` from the workspace's root.
fn relative(file: &Path, root: &Path) -> PathBuf {
    file.strip_prefix(root).unwrap_or(file).to_owned()
}
