//! Where a request ends that an example would send to somebody else.

use serde::Serialize;
use std::io::{self, Write};

/// Writes to the function's log what would go out, as one line of JSON.
///
/// # Errors
///
/// If standard output cannot be written.
pub fn send_dry(request: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    io::stdout().write_all(&line)
}
