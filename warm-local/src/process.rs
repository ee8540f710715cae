//! The function's process: watched from its start to its end, and never left behind.

use std::io;
use std::process::ExitStatus;
use std::sync::Arc;
use tokio::process::{Child, Command};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

#[derive(Debug)]
pub(crate) struct Process {
    pid: u32,
    exit: watch::Receiver<Option<ExitStatus>>,
    kill: Arc<Notify>,
    // The set owns the child through its task: dropping it kills the process.
    _watcher: JoinSet<()>,
}

impl Process {
    pub(crate) fn spawn(command: &mut Command) -> io::Result<Self> {
        let child = command.kill_on_drop(true).spawn()?;
        let pid = child.id().expect("a child that nobody has waited for has an id");
        let (ended, exit) = watch::channel(None);
        let kill = Arc::new(Notify::new());
        let mut watcher = JoinSet::new();
        watcher.spawn(watch(child, Arc::clone(&kill), ended));
        Ok(Self { pid, exit, kill, _watcher: watcher })
    }

    pub(crate) fn id(&self) -> u32 {
        self.pid
    }

    pub(crate) async fn exited(&self) -> ExitStatus {
        let mut exit = self.exit.clone();
        let status = exit.wait_for(Option::is_some).await.expect("the watcher lives as long as `self`");
        status.expect("the wait is over when there is a status")
    }

    pub(crate) async fn kill(&self) -> ExitStatus {
        self.kill.notify_one();
        self.exited().await
    }
}

async fn watch(mut child: Child, kill: Arc<Notify>, ended: watch::Sender<Option<ExitStatus>>) {
    let status = tokio::select! {
        status = child.wait() => status,
        () = kill.notified() => {
            // It fails only for a process that has ended by itself, which `wait` then tells.
            let _ = child.start_kill();
            child.wait().await
        }
    };
    ended.send_replace(Some(status.expect("only this task waits for the child")));
    // Stay, so that a late look at the status still finds the sender.
    std::future::pending::<()>().await;
}
