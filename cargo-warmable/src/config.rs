//! What keeps which functions warm is part of a workspace's source, so it stands in `Cargo.toml`;
//! what differs from one run to the next is a flag. A key and its flag share one name, and the
//! flag wins.
//!
//! Tables of several packages and of the workspace make one fleet: their functions are added up,
//! a package's other keys win over the workspace's, and two packages that disagree are an error,
//! because one fleet has one rule.

use std::path::{Path, PathBuf};

use cargo_metadata::{Metadata, MetadataCommand};
use miette::Diagnostic;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use thiserror::Error;

use crate::fleet::{Fleet, FleetError, Function, Via};
use crate::names::{NameError, RuleName, Schedule};

/// The rule of a fleet that names none.
pub const DEFAULT_RULE: &str = "KeepFunctionsWarm";
/// The schedule of a fleet that names none.
pub const DEFAULT_SCHEDULE: &str = "rate(5 minutes)";

/// Why the configuration cannot be used.
#[derive(Debug, Error, Diagnostic)]
pub enum ConfigError {
    /// Cargo could not read the workspace.
    #[error("cannot read the workspace")]
    Metadata(#[source] cargo_metadata::Error),
    /// A table has an unknown key or a value of the wrong kind.
    #[error("`{key}` in {}: {reason}", manifest.display())]
    #[diagnostic(help("{}", keys(key)))]
    Key {
        /// The key with its table, as in `workspace.metadata.warmable.rule`.
        key: String,
        /// The manifest that holds it.
        manifest: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Two packages set one key to different values.
    #[error("`{key}` differs in {} and {}", first.display(), second.display())]
    #[diagnostic(help("one fleet has one `{key}`: set it under [workspace.metadata.warmable], or by `--{key}`"))]
    Disagreement {
        /// The key's name.
        key: &'static str,
        /// The manifest that was read first.
        first: PathBuf,
        /// The one that says otherwise.
        second: PathBuf,
    },
    /// No table and no flag names a function.
    #[error("no functions are configured")]
    #[diagnostic(help(
        "name them in Cargo.toml, as `functions = [\"my-function:live\"]` under [workspace.metadata.warmable], or by `--functions my-function:live`"
    ))]
    NoFunctions,
    /// The functions cannot be kept warm together.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Fleet(#[from] FleetError),
}

/// The keys of the table that `key` stands in.
fn keys(key: &str) -> &'static str {
    if key.contains(".functions[") {
        return "the keys of a function are `name`, `concurrency` and `bin`, as in `{ name = \"my-function:live\", concurrency = 3 }`";
    }
    "the keys are `rule`, `schedule`, `functions`, `via`, `hold-ms`, `role`, `region` and `profile`; `cargo warmable template --help` explains each"
}

/// The keys of one table, or the flags of one run.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// The rule's name.
    pub rule: Option<RuleName>,
    /// When it fires.
    pub schedule: Option<Schedule>,
    /// The functions to keep warm.
    pub functions: Option<Vec<Function>>,
    /// What calls them.
    pub via: Option<Via>,
    /// For how long a ping is held open where several environments are kept warm.
    pub hold_ms: Option<u32>,
    /// The ARN of a role for EventBridge Scheduler, where it is not to be made.
    pub role: Option<String>,
    /// The AWS region.
    pub region: Option<String>,
    /// The profile of the AWS configuration files.
    pub profile: Option<String>,
}

impl Settings {
    /// The fleet that these settings describe.
    pub fn fleet(self) -> Result<Fleet, ConfigError> {
        let functions = self.functions.clone().unwrap_or_default();
        if functions.is_empty() {
            return Err(ConfigError::NoFunctions);
        }
        Ok(self.fleet_of(functions)?)
    }

    /// The fleet without the demand that it has functions: `remove` works on what is in AWS.
    pub fn fleet_or_empty(self) -> Result<Fleet, ConfigError> {
        let functions = self.functions.clone().unwrap_or_default();
        Ok(self.fleet_of(functions)?)
    }

    /// The rule's name, or the default one.
    pub fn rule_name(&self) -> RuleName {
        self.rule.clone().unwrap_or_else(|| DEFAULT_RULE.parse().expect("the default is a rule name"))
    }

    fn fleet_of(self, functions: Vec<Function>) -> Result<Fleet, FleetError> {
        let fleet = Fleet {
            rule: self.rule_name(),
            schedule: self.schedule.unwrap_or_else(|| DEFAULT_SCHEDULE.parse().expect("the default is a schedule")),
            via: self.via.unwrap_or_default(),
            hold_ms: self.hold_ms,
            role: self.role,
            functions,
        };
        fleet.check()?;
        Ok(fleet)
    }

    /// These settings where they are set, else `base`'s.
    pub fn or(self, base: Self) -> Self {
        Self {
            rule: self.rule.or(base.rule),
            schedule: self.schedule.or(base.schedule),
            functions: self.functions.or(base.functions),
            via: self.via.or(base.via),
            hold_ms: self.hold_ms.or(base.hold_ms),
            role: self.role.or(base.role),
            region: self.region.or(base.region),
            profile: self.profile.or(base.profile),
        }
    }
}

/// What Cargo knows of the workspace, and the settings of all its tables.
#[derive(Debug)]
pub struct Workspace {
    /// Cargo's metadata; none where there is no manifest and none was asked for.
    pub metadata: Option<Metadata>,
    /// The settings of the workspace's and the packages' tables.
    pub settings: Settings,
}

impl Workspace {
    /// Reads the workspace of `manifest`, or of the current directory.
    pub fn load(manifest: Option<&Path>) -> Result<Self, ConfigError> {
        let mut command = MetadataCommand::new();
        command.no_deps();
        if let Some(manifest) = manifest {
            command.manifest_path(manifest);
        } else if !manifest_above() {
            return Ok(Self { metadata: None, settings: Settings::default() });
        }
        let metadata = command.exec().map_err(ConfigError::Metadata)?;
        let settings = settings_of(&metadata)?;
        Ok(Self { metadata: Some(metadata), settings })
    }
}

/// Whether Cargo would find a manifest from here; flags alone are enough where there is none.
fn manifest_above() -> bool {
    std::env::current_dir().is_ok_and(|here| here.ancestors().any(|dir| dir.join("Cargo.toml").is_file()))
}

fn settings_of(metadata: &Metadata) -> Result<Settings, ConfigError> {
    let root = metadata.workspace_root.as_std_path().join("Cargo.toml");
    let workspace = table(&metadata.workspace_metadata, "workspace", &root)?.unwrap_or_default();
    let mut functions = workspace.functions.clone();
    let mut packages = Packages::default();
    for package in metadata.workspace_packages() {
        let manifest = package.manifest_path.as_std_path();
        if let Some(table) = table(&package.metadata, "package", manifest)? {
            if let Some(own) = &table.functions {
                functions.get_or_insert_default().extend(own.iter().cloned());
            }
            packages.add(table, manifest)?;
        }
    }
    Ok(Settings { functions, ..packages.settings.or(workspace) })
}

fn table(metadata: &Value, owner: &str, manifest: &Path) -> Result<Option<Settings>, ConfigError> {
    let Some(table) = metadata.get("warmable") else {
        return Ok(None);
    };
    serde_path_to_error::deserialize(table).map_err(|error| {
        let path = error.path().to_string();
        let mut key = format!("{owner}.metadata.warmable");
        if path != "." {
            key = format!("{key}.{path}");
        }
        ConfigError::Key { key, manifest: manifest.to_owned(), reason: error.into_inner().to_string() }
    })
}

/// The packages' tables so far, and which manifest set a key first.
#[derive(Default)]
struct Packages {
    settings: Settings,
    first: Vec<(&'static str, PathBuf)>,
}

impl Packages {
    fn add(&mut self, table: Settings, manifest: &Path) -> Result<(), ConfigError> {
        self.agree("rule", |s| &mut s.rule, table.rule, manifest)?;
        self.agree("schedule", |s| &mut s.schedule, table.schedule, manifest)?;
        self.agree("via", |s| &mut s.via, table.via, manifest)?;
        self.agree("hold-ms", |s| &mut s.hold_ms, table.hold_ms, manifest)?;
        self.agree("role", |s| &mut s.role, table.role, manifest)?;
        self.agree("region", |s| &mut s.region, table.region, manifest)?;
        self.agree("profile", |s| &mut s.profile, table.profile, manifest)
    }

    fn agree<T: PartialEq>(
        &mut self,
        key: &'static str,
        slot: fn(&mut Settings) -> &mut Option<T>,
        value: Option<T>,
        manifest: &Path,
    ) -> Result<(), ConfigError> {
        let (Some(value), slot) = (value, slot(&mut self.settings)) else {
            return Ok(());
        };
        match slot {
            Some(known) if *known == value => Ok(()),
            Some(_) => Err(ConfigError::Disagreement {
                key,
                first: self.first.iter().find(|(k, _)| *k == key).map_or_else(PathBuf::new, |(_, at)| at.clone()),
                second: manifest.to_owned(),
            }),
            None => {
                *slot = Some(value);
                self.first.push((key, manifest.to_owned()));
                Ok(())
            }
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FunctionTable {
    name: String,
    #[serde(default = "one")]
    concurrency: u32,
    bin: Option<String>,
}

fn one() -> u32 {
    1
}

/// A function is its name, or a table with it; an untagged enum would report neither's mistake.
impl<'de> Deserialize<'de> for Function {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameOrTable;

        impl<'de> Visitor<'de> for NameOrTable {
            type Value = Function;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a function's name, or a table with its `name`")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<Function, E> {
                Function::new(name, 1).map_err(E::custom)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Function, A::Error> {
                let table = FunctionTable::deserialize(MapAccessDeserializer::new(map))?;
                let function = Function::new(&table.name, table.concurrency);
                Ok(Function { bin: table.bin, ..function.map_err(de::Error::custom)? })
            }
        }

        deserializer.deserialize_any(NameOrTable)
    }
}

/// `NAME[:QUALIFIER][=CONCURRENCY]`, a function as `--functions` takes it.
pub fn parse_function(given: &str) -> Result<Function, NameError> {
    let Some((name, concurrency)) = given.rsplit_once('=') else {
        return Function::new(given, 1);
    };
    match concurrency.parse() {
        Ok(concurrency) => Function::new(name, concurrency),
        Err(_) => Err(NameError::Function {
            given: given.to_owned(),
            reason: format!("`{concurrency}` is no number of environments; write `{name}=3`"),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(table_of: Value) -> Result<Settings, String> {
        let metadata = json!({ "warmable": table_of });
        table(&metadata, "workspace", Path::new("/w/Cargo.toml"))
            .map(|settings| settings.expect("the table is there"))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn the_keys_of_the_manual_are_read() {
        let settings = read(json!({
            "rule": "KeepSCVFunctionsWarm",
            "schedule": "rate(5 minutes)",
            "functions": ["InvokeTelephonyIntegrationApiFunction:live", { "name": "kvsTranscriber", "concurrency": 3 }],
        }));
        let fleet = settings.unwrap().fleet().unwrap();
        assert_eq!(fleet.functions[0].reference.label(), "InvokeTelephonyIntegrationApiFunction:live");
        assert_eq!(fleet.functions[1].concurrency, 3);
        assert_eq!((fleet.hold_ms, fleet.via), (None, Via::Rule));
    }

    #[test]
    fn a_mistake_names_its_key_and_its_manifest() {
        let error = read(json!({ "functions": ["a", { "name": "b", "concurency": 3 }] })).unwrap_err();
        assert_eq!(
            error,
            "`workspace.metadata.warmable.functions[1].concurency` in /w/Cargo.toml: \
             unknown field `concurency`, expected one of `name`, `concurrency`, `bin`"
        );
        let error = read(json!({ "schedule": "rate(1 minutes)" })).unwrap_err();
        assert!(
            error.starts_with("`workspace.metadata.warmable.schedule` in /w/Cargo.toml: `rate(1 minutes)`"),
            "{error}"
        );
        let error = read(json!({ "functions": [7] })).unwrap_err();
        assert!(error.contains("functions[0]` in") && error.contains("a function's name, or a table"), "{error}");
        let error = read(json!({ "rules": "x" })).unwrap_err();
        assert!(error.contains("unknown field `rules`"), "{error}");
    }

    #[test]
    fn a_flag_wins_over_its_key() {
        let keys = read(json!({ "rule": "FromTheTable", "schedule": "rate(1 hour)" })).unwrap();
        let flags = Settings { rule: Some("FromTheFlag".parse().unwrap()), ..Settings::default() };
        let both = flags.or(keys);
        assert_eq!(both.rule.unwrap().as_str(), "FromTheFlag");
        assert_eq!(both.schedule.unwrap().as_str(), "rate(1 hour)");
    }

    #[test]
    fn a_function_flag_may_carry_its_concurrency() {
        let function = parse_function("kvsTranscriber:live=3").unwrap();
        assert_eq!((function.reference.label().as_str(), function.concurrency), ("kvsTranscriber:live", 3));
        assert_eq!(parse_function("f").unwrap().concurrency, 1);
        assert!(parse_function("f=three").unwrap_err().to_string().contains("write `f=3`"));
    }
}
