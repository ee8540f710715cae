//! What a function writes, in two files rather than two pipes.
//!
//! A pipe is emptied by somebody else some time later, so a line that was written just before an
//! answer might be read after it. A file holds the line as soon as the program's `write` returns,
//! and holds any number of them without costing this process memory.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::process::Stdio;

/// The lines that a function wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Log {
    /// Lines of standard output.
    pub stdout: Vec<String>,
    /// Lines of standard error.
    pub stderr: Vec<String>,
}

impl Log {
    /// Whether nothing was written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.stdout.is_empty() && self.stderr.is_empty()
    }
}

/// The files behind an environment's standard output and standard error.
#[derive(Debug)]
pub(crate) struct LogFiles {
    stdout: LogFile,
    stderr: LogFile,
}

/// A moment in both logs.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Mark {
    stdout: u64,
    stderr: u64,
}

impl LogFiles {
    pub(crate) fn create() -> io::Result<Self> {
        Ok(Self { stdout: LogFile::create()?, stderr: LogFile::create()? })
    }

    /// What the process is to be given as its standard output and standard error.
    pub(crate) fn writers(&self) -> io::Result<(Stdio, Stdio)> {
        Ok((self.stdout.file.try_clone()?.into(), self.stderr.file.try_clone()?.into()))
    }

    pub(crate) fn mark(&self) -> io::Result<Mark> {
        Ok(Mark { stdout: self.stdout.len()?, stderr: self.stderr.len()? })
    }

    pub(crate) fn between(&self, from: Mark, to: Mark) -> io::Result<Log> {
        Ok(Log {
            stdout: self.stdout.lines(from.stdout, to.stdout)?,
            stderr: self.stderr.lines(from.stderr, to.stderr)?,
        })
    }

    /// The end of the log: what helps to see why a process came to nothing.
    pub(crate) fn tail(&self) -> io::Result<Log> {
        const BYTES: u64 = 16 * 1024;
        let end = self.mark()?;
        let start = Mark { stdout: end.stdout.saturating_sub(BYTES), stderr: end.stderr.saturating_sub(BYTES) };
        self.between(start, end)
    }
}

/// One stream's file, which has no name any more: it goes when the last handle does, even if
/// this process is killed.
#[derive(Debug)]
struct LogFile {
    file: File,
    // A handle of its own, because a cloned one would share its position with the writer.
    reader: std::sync::Mutex<File>,
}

impl LogFile {
    fn create() -> io::Result<Self> {
        let named = tempfile::NamedTempFile::new()?;
        let reader = std::sync::Mutex::new(named.reopen()?);
        Ok(Self { file: named.into_file(), reader })
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    fn lines(&self, from: u64, to: u64) -> io::Result<Vec<String>> {
        let mut bytes = Vec::new();
        let mut reader = self.reader.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        reader.seek(SeekFrom::Start(from))?;
        Read::by_ref(&mut *reader).take(to.saturating_sub(from)).read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_part_of_the_log_is_what_was_written_between_two_marks() {
        let logs = LogFiles::create().unwrap();
        let mut stdout = logs.stdout.file.try_clone().unwrap();
        stdout.write_all(b"before\n").unwrap();
        let from = logs.mark().unwrap();
        stdout.write_all(b"one\ntwo\n").unwrap();
        let to = logs.mark().unwrap();
        stdout.write_all(b"after\n").unwrap();

        assert_eq!(logs.between(from, to).unwrap().stdout, ["one", "two"]);
        assert_eq!(logs.tail().unwrap().stdout, ["before", "one", "two", "after"]);
        assert!(logs.tail().unwrap().stderr.is_empty());
    }
}
