//! What this process remembers of its life as an execution environment: who keeps functions warm wants to know whether it
//! works, and that shows only here. Atomics alone, since every real invocation passes by.

use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, SystemTime};

use lambda_runtime::Context;

/// This execution environment, as [`environment`] found it.
///
/// ```
/// let environment = warm_runtime::environment();
/// println!("{} has answered {} pings", environment.id, environment.pings);
/// println!("and no real invocation for {} s", environment.idle.as_secs());
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Environment {
    /// Tells this environment from all others: 16 hexadecimal digits, made up when it is first asked for.
    pub id: &'static str,
    /// When the process started; where the system does not tell, when it was first asked.
    pub started: SystemTime,
    /// How many pings it has had, the one in hand included.
    pub pings: u64,
    /// How many real invocations have reached a warmable handler or service.
    pub invocations: u64,
    /// When the last real invocation came, to the millisecond.
    pub last_invocation: Option<SystemTime>,
    /// For how long no real invocation had come: since the last one, or since the start.
    pub idle: Duration,
}

impl Environment {
    /// Whether the ping in hand is the first thing that this environment was invoked with.
    pub fn is_cold(&self) -> bool {
        self.pings == 1 && self.invocations == 0
    }
}

/// What this execution environment has served so far.
pub fn environment() -> Environment {
    let last_invocation = match LAST_INVOCATION_MS.load(Relaxed) {
        0 => None,
        ms => Some(SystemTime::UNIX_EPOCH + Duration::from_millis(ms)),
    };
    Environment {
        id: &IDENTITY.id,
        started: IDENTITY.started,
        pings: PINGS.load(Relaxed),
        invocations: INVOCATIONS.load(Relaxed),
        last_invocation,
        // A clock that is set back has not made it idle.
        idle: last_invocation.unwrap_or(IDENTITY.started).elapsed().unwrap_or_default(),
    }
}

struct Identity {
    id: String,
    started: SystemTime,
}

static IDENTITY: LazyLock<Identity> = LazyLock::new(|| {
    let now = SystemTime::now();
    // The time and the process are hashed as well, because environments restored from one snapshot share its random state.
    let id = RandomState::new().hash_one((now, std::process::id(), std::env::var_os("AWS_LAMBDA_LOG_STREAM_NAME")));
    Identity { id: format!("{id:016x}"), started: process_start().unwrap_or(now) }
});

static PINGS: AtomicU64 = AtomicU64::new(0);
static INVOCATIONS: AtomicU64 = AtomicU64::new(0);
/// Milliseconds since the Unix epoch; 0 before the first.
static LAST_INVOCATION_MS: AtomicU64 = AtomicU64::new(0);

/// Counts a ping, and says what the environment was like when it came.
pub(crate) fn record_ping() -> Environment {
    let pings = PINGS.fetch_add(1, Relaxed) + 1;
    Environment { pings, ..environment() }
}

pub(crate) fn record_invocation(context: &Context) {
    INVOCATIONS.fetch_add(1, Relaxed);
    LAST_INVOCATION_MS.store(came_at_ms(context), Relaxed);
}

/// The function's timeout, which lies between the start of an invocation and its deadline; 0 until it is known.
static TIMEOUT_MS: AtomicU64 = AtomicU64::new(0);

/// When an invocation came. Its deadline tells, less the timeout, which the first invocation finds out: to read the clock for
/// each would take longer than all else that is recorded.
fn came_at_ms(context: &Context) -> u64 {
    if context.deadline == 0 {
        return now_ms();
    }
    let timeout = match TIMEOUT_MS.load(Relaxed) {
        0 => {
            let timeout = context.deadline.saturating_sub(now_ms()).max(1);
            TIMEOUT_MS.store(timeout, Relaxed);
            timeout
        }
        known => known,
    };
    context.deadline.saturating_sub(timeout)
}

fn now_ms() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_millis() as u64
}

/// Linux tells when the process started in hundredths of a second after boot: `man 5 proc_pid_stat`, field 22.
fn process_start() -> Option<SystemTime> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let uptime = std::fs::read_to_string("/proc/uptime").ok()?;
    // The name of the program is in parentheses, and may itself have blanks and parentheses.
    let (_, fields) = stat.rsplit_once(')')?;
    let started = Duration::from_millis(fields.split_whitespace().nth(19)?.parse::<u64>().ok()? * 10);
    let uptime = Duration::try_from_secs_f64(uptime.split_whitespace().next()?.parse().ok()?).ok()?;
    SystemTime::now().checked_sub(uptime.checked_sub(started)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_start_of_the_process_is_in_the_recent_past() {
        let age = environment().started.elapsed().unwrap_or_default();
        assert!(age < Duration::from_secs(3600), "{age:?}");
    }

    #[test]
    fn an_invocation_came_when_its_deadline_says() {
        let mut context = Context::default();
        context.deadline = now_ms() + 30_000;
        let first = came_at_ms(&context);
        assert!(now_ms().abs_diff(first) < 10_000, "{first}");
        context.deadline += 4_000;
        assert_eq!(came_at_ms(&context), first + 4_000);
    }

    #[test]
    fn an_environment_keeps_its_id() {
        assert_eq!(environment().id, environment().id);
        assert_eq!(environment().id.len(), 16);
    }
}
