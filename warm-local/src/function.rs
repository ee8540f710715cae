//! A function: its program and the settings that Lambda would have for it.

use crate::log::LogFiles;
use crate::process::Process;
use crate::runtime_api::{Init, RuntimeApi};
use crate::{Environment, StartError};
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::process::Command;

const ACCOUNT: &str = "123456789012";

/// A program that is to run as a Lambda function, and its settings.
#[derive(Debug, Clone)]
pub struct Function {
    program: PathBuf,
    args: Vec<OsString>,
    // `None` takes a variable away.
    env: Vec<(OsString, Option<OsString>)>,
    name: String,
    memory_mb: u32,
    timeout: Duration,
    init_timeout: Duration,
    concurrency: Option<u32>,
    region: String,
}

impl Function {
    /// The function whose program is at `program`, and which is named as the program is.
    ///
    /// It has 128 MB, one invocation at a time, and 30 seconds for its initialization and for each
    /// invocation: more than Lambda's defaults, because a busy developer's machine is slower than
    /// an execution environment.
    #[must_use]
    pub fn new(program: impl Into<PathBuf>) -> Self {
        let program = program.into();
        let name = program.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Self {
            program,
            args: Vec::new(),
            env: Vec::new(),
            name,
            memory_mb: 128,
            timeout: Duration::from_secs(30),
            init_timeout: Duration::from_secs(30),
            concurrency: None,
            region: "us-east-1".to_owned(),
        }
    }

    /// Adds an argument to the program's command line.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<OsString>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// Sets an environment variable. The process inherits those of this one, except for the ones
    /// that Lambda sets itself; what is set here comes before both.
    #[must_use]
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.env.push((name.into(), Some(value.into())));
        self
    }

    /// Takes an environment variable away, such as a `RUST_LOG` that a test must not depend on.
    #[must_use]
    pub fn env_remove(mut self, name: impl Into<OsString>) -> Self {
        self.env.push((name.into(), None));
        self
    }

    /// Sets the function's name.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Sets the memory that the function is told it has. Nothing limits it to that.
    #[must_use]
    pub fn memory_mb(mut self, memory_mb: u32) -> Self {
        self.memory_mb = memory_mb;
        self
    }

    /// Sets the time that an invocation may take.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets the time until the function must have asked for its first event.
    #[must_use]
    pub fn init_timeout(mut self, timeout: Duration) -> Self {
        self.init_timeout = timeout;
        self
    }

    /// Lets the function take several events at a time, as on Lambda Managed Instances, by setting
    /// `AWS_LAMBDA_MAX_CONCURRENCY`.
    #[must_use]
    pub fn concurrency(mut self, concurrency: u32) -> Self {
        self.concurrency = Some(concurrency);
        self
    }

    /// Sets the region that the function is told it runs in.
    #[must_use]
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = region.into();
        self
    }

    /// Starts the program and waits until it asks for its first event.
    ///
    /// # Errors
    ///
    /// If the program cannot be started, ends, reports an initialization error or does not ask for
    /// an event in time.
    pub async fn start(&self) -> Result<Environment, StartError> {
        let logs = Arc::new(LogFiles::create().map_err(StartError::Log)?);
        let api =
            RuntimeApi::start(self.arn(), self.timeout, Arc::clone(&logs)).await.map_err(StartError::RuntimeApi)?;
        let started = Instant::now();
        let process = self.spawn(&api, &logs)?;
        let program = || self.program.clone();
        let log = || logs.tail().map_err(StartError::Log);
        // In this order, because a function that reports an error ends soon after.
        tokio::select! {
            biased;
            init = api.initialized() => match init {
                Init::Failed(error) => Err(StartError::Init { program: program(), error: error.into(), log: log()? }),
                Init::Running | Init::Done => {
                    Ok(Environment::new(api, process, logs, self.timeout, started.elapsed()))
                }
            },
            status = process.exited() => Err(StartError::Exited { program: program(), status, log: log()? }),
            () = tokio::time::sleep(self.init_timeout) => {
                Err(StartError::TimedOut { program: program(), after: self.init_timeout, log: log()? })
            }
        }
    }

    fn arn(&self) -> String {
        format!("arn:aws:lambda:{}:{ACCOUNT}:function:{}", self.region, self.name)
    }

    fn spawn(&self, api: &RuntimeApi, logs: &LogFiles) -> Result<Process, StartError> {
        let (stdout, stderr) = logs.writers().map_err(StartError::Log)?;
        let mut command = Command::new(&self.program);
        command.args(&self.args).stdin(std::process::Stdio::null()).stdout(stdout).stderr(stderr);
        for (name, _) in std::env::vars_os().filter(|(name, _)| is_lambdas_own(name)) {
            command.env_remove(name);
        }
        command.envs(self.lambda_env(api));
        for (name, value) in &self.env {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        Process::spawn(&mut command).map_err(|source| StartError::Spawn { program: self.program.clone(), source })
    }

    fn lambda_env(&self, api: &RuntimeApi) -> Vec<(&'static str, String)> {
        let version = "$LATEST";
        let today = chrono::Utc::now().format("%Y/%m/%d");
        let mut env = vec![
            ("AWS_LAMBDA_FUNCTION_NAME", self.name.clone()),
            ("AWS_LAMBDA_FUNCTION_VERSION", version.to_owned()),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", self.memory_mb.to_string()),
            ("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{}", self.name)),
            ("AWS_LAMBDA_LOG_STREAM_NAME", format!("{today}/[{version}]{}", uuid::Uuid::new_v4().simple())),
            ("AWS_LAMBDA_RUNTIME_API", api.address().to_string()),
            ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".to_owned()),
            ("AWS_REGION", self.region.clone()),
            ("AWS_DEFAULT_REGION", self.region.clone()),
            ("_HANDLER", "bootstrap".to_owned()),
            ("TZ", ":UTC".to_owned()),
        ];
        if let Some(concurrency) = self.concurrency {
            env.push(("AWS_LAMBDA_MAX_CONCURRENCY", concurrency.to_string()));
        }
        env
    }
}

fn is_lambdas_own(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    name.starts_with("AWS_LAMBDA_") || name == "_X_AMZN_TRACE_ID" || name == "_HANDLER"
}
