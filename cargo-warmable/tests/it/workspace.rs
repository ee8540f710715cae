//! Workspaces that a test writes.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::tools::warmable;

/// A workspace in a folder of its own.
pub(crate) struct Workspace(TempDir);

impl Workspace {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        Self(folder)
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn warmable(&self, args: &[&str]) -> Command {
        let mut command = warmable(args);
        command.current_dir(self.path());
        command
    }
}
