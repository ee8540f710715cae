//! An execution environment: one process that answers one invocation after the other.

use crate::InvokeError;
use crate::invocation::Invocation;
use crate::log::{Log, LogFiles};
use crate::process::Process;
use crate::runtime_api::{Delivery, Outcome, RuntimeApi};
use bytes::Bytes;
use std::io;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

/// A function's process and its Runtime API. The process is killed when this is dropped.
#[derive(Debug)]
pub struct Environment {
    api: RuntimeApi,
    process: Process,
    logs: Arc<LogFiles>,
    timeout: Duration,
    init_duration: Duration,
}

impl Environment {
    pub(crate) fn new(
        api: RuntimeApi,
        process: Process,
        logs: Arc<LogFiles>,
        timeout: Duration,
        init_duration: Duration,
    ) -> Self {
        Self { api, process, logs, timeout, init_duration }
    }

    /// Sends the function an event and waits for its answer.
    ///
    /// The bytes go as they are; Lambda itself would refuse an event that is not JSON. Several
    /// calls may be under way: each waits for its turn, or, with
    /// [`concurrency`](crate::Function::concurrency), shares the process with others.
    ///
    /// # Errors
    ///
    /// If the process ends, or the answer breaks off or does not come by the deadline. As on
    /// Lambda, a function that misses its deadline loses its process. An error that the function
    /// reports is an [`Answer`](crate::Answer), not an error of this call.
    pub async fn invoke(&self, event: impl Into<Bytes>) -> Result<Invocation, InvokeError> {
        let delivery = self.api.enqueue(event.into());
        let answered = tokio::select! {
            // An answer counts even if the process ends right after it.
            biased;
            answered = self.answered(delivery) => answered,
            status = self.process.exited() => Err(InvokeError::Exited { status, log: self.logs.tail()? }),
        };
        // Not before: the end that this brings about is none of the function's own.
        if matches!(answered, Err(InvokeError::TimedOut { .. })) {
            self.process.kill().await;
        }
        answered
    }

    async fn answered(&self, delivery: oneshot::Receiver<Delivery>) -> Result<Invocation, InvokeError> {
        let delivery = self.delivered(delivery).await?;
        let deadline = delivery.at + self.timeout;
        match tokio::time::timeout_at(deadline.into(), delivery.outcome).await {
            Ok(Ok(Outcome { answer, at, mark })) => Ok(Invocation {
                request_id: delivery.request_id,
                answer,
                elapsed: at - delivery.at,
                log: self.logs.between(delivery.mark, mark)?,
            }),
            Ok(Err(_)) => Err(self.broken_off().await?),
            Err(_) => Err(InvokeError::TimedOut { after: self.timeout, log: self.logs.tail()? }),
        }
    }

    /// Waits for the function to take the event: as long as it works on others, and then for as
    /// long as an invocation may take, which on Lambda ends with the request for the next event.
    async fn delivered(&self, mut delivery: oneshot::Receiver<Delivery>) -> Result<Delivery, InvokeError> {
        loop {
            match tokio::time::timeout(self.timeout, &mut delivery).await {
                Ok(Ok(delivery)) => return Ok(delivery),
                Ok(Err(_)) => return Err(self.broken_off().await?),
                Err(_) if !self.api.is_idle() => {}
                Err(_) => {
                    return Err(InvokeError::NotPolling { after: self.timeout, log: self.logs.tail()? });
                }
            }
        }
    }

    /// Tells why a connection broke: mostly because the process is ending, which shows a moment later.
    async fn broken_off(&self) -> io::Result<InvokeError> {
        let ended = tokio::time::timeout(Duration::from_secs(1), self.process.exited()).await;
        let log = self.logs.tail()?;
        Ok(match ended {
            Ok(status) => InvokeError::Exited { status, log },
            Err(_) => InvokeError::BrokenOff { log },
        })
    }

    /// The id of the function's process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// The time from the start of the process to its request for the first event: what makes a
    /// cold start cold.
    #[must_use]
    pub fn init_duration(&self) -> Duration {
        self.init_duration
    }

    /// Everything that the function has written so far.
    ///
    /// # Errors
    ///
    /// If the temporary file that holds it cannot be read.
    pub fn log(&self) -> io::Result<Log> {
        self.logs.between(Default::default(), self.logs.mark()?)
    }

    /// Kills the process, as Lambda does to an environment that it reclaims, and tells how it ended.
    pub async fn stop(self) -> ExitStatus {
        self.process.kill().await
    }
}
