//! A Runtime API with nothing but pings, for a function that is to answer very many of them. `warm-local` keeps what it is told
//! about each invocation; this keeps nothing, and answers in a few microseconds.

use std::io::{BufRead, BufReader, Read, Result, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, SystemTime};

/// A function that is pinged for as long as this is there.
pub(crate) struct Endless {
    process: Child,
    answers: Receiver<Vec<u8>>,
}

/// What the function's connections have in common: mostly there is one, now and then it opens another.
#[derive(Clone)]
struct Api {
    pings: Arc<[String]>,
    handed_out: Arc<AtomicUsize>,
    answers: SyncSender<Vec<u8>>,
}

impl Endless {
    pub(crate) fn start(program: &str, handler: &str, pings: impl Into<Arc<[String]>>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a free port");
        let address = listener.local_addr().expect("a listener has an address");
        let (sender, answers) = sync_channel(1_000);
        let api = Api { pings: pings.into(), handed_out: Arc::default(), answers: sender };
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let api = api.clone();
                thread::spawn(move || api.serve(connection));
            }
        });
        let process = Command::new(program)
            .arg(handler)
            .envs([
                ("AWS_LAMBDA_RUNTIME_API", address.to_string().as_str()),
                ("AWS_LAMBDA_FUNCTION_NAME", "endless"),
                ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
                ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
                // One thread has none to wake, which takes half the time.
                ("CLOCKLESS", "1"),
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("the program starts");
        Self { process, answers }
    }

    /// The next answer; fails if none comes, as when the function reports an error instead.
    pub(crate) fn answer(&self) -> Vec<u8> {
        self.answers.recv_timeout(Duration::from_secs(60)).expect("a ping is answered")
    }

    /// The process's resident memory, by `man 5 proc_pid_status`.
    pub(crate) fn resident_kb(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).expect("the process runs");
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("Linux tells");
        resident.trim().trim_end_matches(" kB").parse().expect("it is a number")
    }
}

impl Drop for Endless {
    fn drop(&mut self) {
        // It fails only for a process that has ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Api {
    /// Answers the requests of one connection, until an end closes it.
    fn serve(&self, connection: TcpStream) -> Result<()> {
        connection.set_nodelay(true)?;
        let mut connection = BufReader::new(connection);
        while let Some((head, body)) = request(&mut connection)? {
            let response = match head.split_whitespace().nth(1) {
                Some("/2018-06-01/runtime/invocation/next") => self.next(),
                Some(path) if path.ends_with("/response") && self.answers.send(body).is_ok() => {
                    "HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n".to_owned()
                }
                _ => break,
            };
            connection.get_mut().write_all(response.as_bytes())?;
        }
        Ok(())
    }

    fn next(&self) -> String {
        let number = self.handed_out.fetch_add(1, Ordering::Relaxed);
        let ping = &self.pings[number % self.pings.len()];
        let deadline = SystemTime::now() + Duration::from_secs(30);
        let deadline = deadline.duration_since(SystemTime::UNIX_EPOCH).expect("it is past 1970").as_millis();
        let length = ping.len();
        format!(
            "HTTP/1.1 200 OK\r\n\
             content-type: application/json\r\n\
             content-length: {length}\r\n\
             lambda-runtime-aws-request-id: {number}\r\n\
             lambda-runtime-deadline-ms: {deadline}\r\n\
             lambda-runtime-invoked-function-arn: arn:aws:lambda:us-east-1:123456789012:function:endless\r\n\r\n{ping}",
        )
    }
}

/// The head of the next request, and its body; `None` at the connection's end.
fn request(connection: &mut BufReader<TcpStream>) -> Result<Option<(String, Vec<u8>)>> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if connection.read_line(&mut head)? == 0 {
            return Ok(None);
        }
    }
    let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    connection.read_exact(&mut body)?;
    Ok(Some((head, body)))
}
