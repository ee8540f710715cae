//! A PostgreSQL server of the test's own, on a socket in a temporary folder.

use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;
use tokio_postgres::{Client, NoTls};

/// How long the server lets a connection be idle. Long enough for a call that follows its ping.
const IDLE_SESSION_TIMEOUT: &str = "2s";

/// Stopped when it is dropped.
pub(crate) struct Server {
    programs: PathBuf,
    folder: TempDir,
    user: Option<(u32, u32)>,
}

impl Server {
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().expect("there is room for a database");
        let user = (id("-u", None) == 0).then(|| (id("-u", Some("postgres")), id("-g", Some("postgres"))));
        if let Some((uid, gid)) = user {
            chown(folder.path(), Some(uid), Some(gid)).expect("root may give its folder away");
        }
        let server = Self { programs: programs(), folder, user };
        server.run("initdb", &["--auth=trust", "--username=warm", "--no-sync", "--encoding=UTF8", "--locale=C"]);
        let settings = format!(
            "-c listen_addresses='' -c unix_socket_directories='{}' -c idle_session_timeout={IDLE_SESSION_TIMEOUT} -c fsync=off",
            server.folder.path().display()
        );
        let log = server.folder.path().join("log");
        server.run("pg_ctl", &["start", "--wait", "--log", &log.to_string_lossy(), "--options", &settings]);
        server
    }

    /// Runs one of the server's programs, which refuse to do anything for root.
    fn run(&self, program: &str, args: &[&str]) {
        let mut command = Command::new(self.programs.join(program));
        // Not with pipes: the server would keep them open after the program that starts it has ended.
        let output = self.folder.path().join("output");
        let file = std::fs::File::create(&output).expect("there is room for the output");
        let errors = file.try_clone().expect("a file can be shared");
        command.args(args).env("PGDATA", self.folder.path().join("data")).current_dir(self.folder.path());
        command.stdout(file).stderr(errors);
        if let Some((uid, gid)) = self.user {
            command.uid(uid).gid(gid);
        }
        let status = command.status().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        assert!(status.success(), "{command:?}: {}", std::fs::read_to_string(output).unwrap_or_default());
    }

    /// How to connect to it under a name.
    pub(crate) fn url(&self, application: &str) -> String {
        let folder = self.folder.path().display();
        format!("host='{folder}' user=warm dbname=postgres application_name='{application}'")
    }

    pub(crate) async fn connect(&self, application: &str) -> Client {
        let (client, connection) =
            tokio_postgres::connect(&self.url(application), NoTls).await.expect("the server runs");
        tokio::spawn(connection);
        client
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.run("pg_ctl", &["stop", "--mode=immediate"]);
    }
}

/// Where the server's programs are: Debian keeps them off the path.
fn programs() -> PathBuf {
    let output = Command::new("pg_config").arg("--bindir").output();
    let told = output.ok().filter(|output| output.status.success());
    let told = told.map(|output| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    let debian =
        || std::fs::read_dir("/usr/lib/postgresql").ok()?.flatten().map(|entry| entry.path().join("bin")).max();
    let has_server = |folder: &PathBuf| Path::new(folder).join("initdb").exists();
    told.filter(has_server).or_else(debian).expect("PostgreSQL is installed: `apt-get install postgresql`")
}

fn id(what: &str, user: Option<&str>) -> u32 {
    let output = Command::new("id").arg(what).args(user).output().expect("`id` is everywhere");
    let id = String::from_utf8_lossy(&output.stdout).trim().parse();
    id.unwrap_or_else(|_| panic!("there is no user {user:?} to run PostgreSQL as"))
}
