//! What came back, as a table that a person takes in at a glance.

use crate::event::{Event, Expected, WARM};
use comfy_table::{Attribute, Cell, CellAlignment, Color, ContentArrangement, Table, presets};
use std::error::Error;
use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};
use std::time::Duration;
use warm_local::{Answer, Invocation, InvokeError, Log, Response, StartError};

/// All that came back.
#[derive(Default)]
pub(crate) struct Report {
    rows: Vec<Row>,
}

/// What came back for one event.
pub(crate) struct Row {
    function: &'static str,
    event: String,
    expected: Expected,
    verdict: Verdict,
    came_back: String,
    took: Option<Duration>,
    log: Log,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Warm,
    Fine,
    Wrong,
}

impl Row {
    /// What a function answered, or why there is no answer.
    pub(crate) fn new(function: &'static str, event: &Event, outcome: Result<Invocation, InvokeError>) -> Self {
        let invocation = match outcome {
            Ok(invocation) => invocation,
            Err(error) => return Self::nothing(function, event, error.log(), &error),
        };
        Self {
            function,
            event: event.label.clone(),
            expected: event.expected,
            verdict: verdict(event.expected, &invocation.answer),
            came_back: show(&invocation.answer),
            took: Some(invocation.elapsed),
            log: invocation.log,
        }
    }

    /// What a function that did not start has to show.
    pub(crate) fn not_started(function: &'static str, event: &Event, error: &StartError) -> Self {
        Self::nothing(function, event, error.log(), error)
    }

    fn nothing(function: &'static str, event: &Event, log: Option<&Log>, error: &dyn Error) -> Self {
        let mut came_back = format!("nothing: {error}");
        if let Some(cause) = error.source() {
            let _ = write!(came_back, ": {cause}");
        }
        Self {
            function,
            event: event.label.clone(),
            expected: event.expected,
            verdict: Verdict::Wrong,
            came_back,
            took: None,
            log: log.cloned().unwrap_or_default(),
        }
    }

    fn complaint(&self) -> Option<String> {
        let Self { function, event, expected, .. } = self;
        let expected = match (self.verdict, expected) {
            (Verdict::Warm | Verdict::Fine, _) => return None,
            (Verdict::Wrong, Expected::Warm) => format!("the answer {WARM}"),
            (Verdict::Wrong, Expected::Response) => "a response".to_owned(),
            (Verdict::Wrong, Expected::Answer) => "any answer".to_owned(),
        };
        Some(format!("`{function}` did not answer `{event}` as it should: expected {expected}"))
    }
}

fn verdict(expected: Expected, answer: &Answer) -> Verdict {
    match (expected, answer) {
        (Expected::Warm, Answer::Response(response)) if response.body == WARM => Verdict::Warm,
        (Expected::Response, Answer::Response(_)) | (Expected::Answer, _) => Verdict::Fine,
        _ => Verdict::Wrong,
    }
}

fn show(answer: &Answer) -> String {
    match answer {
        Answer::Response(response) if response.is_streamed() => show_stream(response),
        Answer::Response(response) => brief(&response.body),
        Answer::Error(error) => format!("error {}", brief(&error.body)),
    }
}

/// A streamed response without its prelude, the chunks apart.
fn show_stream(response: &Response) -> String {
    let delimiter = response.chunks.iter().position(|chunk| chunk == &[0; 8][..]);
    let chunks = &response.chunks[delimiter.map_or(0, |delimiter| delimiter + 1)..];
    chunks.iter().map(|chunk| brief(chunk)).collect::<Vec<_>>().join(" \u{2026} ")
}

/// Text that a terminal can show, and not all of a large body.
fn brief(bytes: &[u8]) -> String {
    const CHARS: usize = 300;
    let text = String::from_utf8_lossy(bytes);
    match text.char_indices().nth(CHARS) {
        Some((end, _)) => format!("{}\u{2026} ({} bytes)", printable(&text[..end]), bytes.len()),
        None => printable(&text),
    }
}

/// The text with its control characters escaped.
fn printable(text: &str) -> String {
    let escape = |char: char| if char.is_control() { char.escape_default().to_string() } else { char.to_string() };
    text.chars().map(escape).collect()
}

/// Always in milliseconds, so that two of them compare at a glance.
fn show_duration(took: Duration) -> String {
    let millis = took.as_secs_f64() * 1e3;
    if millis < 10.0 { format!("{millis:.2} ms") } else { format!("{millis:.0} ms") }
}

impl Report {
    pub(crate) fn add(&mut self, row: Row) {
        self.rows.push(row);
    }

    pub(crate) fn is_good(&self) -> bool {
        self.rows.iter().all(|row| row.verdict != Verdict::Wrong)
    }

    /// Prints the table, the logs if they are asked for, and what is not as it should be.
    pub(crate) fn print(&self, with_logs: bool) -> io::Result<()> {
        let mut text = format!("{}\n", self.table(is_colourful()).trim_fmt());
        if with_logs {
            self.rows.iter().for_each(|row| show_log(&mut text, row));
        }
        if let Some(summary) = self.summary() {
            let _ = write!(text, "\n{summary}\n");
        }
        match io::stdout().write_all(text.as_bytes()) {
            // Whoever reads, `head` for example, has seen enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
            written => written?,
        }
        for row in &self.rows {
            let Some(complaint) = row.complaint() else { continue };
            eprintln!("error: {complaint}");
            if !with_logs {
                row.log.stdout.iter().chain(&row.log.stderr).for_each(|line| eprintln!("  | {line}"));
            }
        }
        Ok(())
    }

    fn table(&self, colourful: bool) -> Table {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
        let paint = |cell: Cell, verdict: Verdict| match verdict {
            _ if !colourful => cell,
            Verdict::Warm => cell.fg(Color::Green),
            Verdict::Fine => cell,
            Verdict::Wrong => cell.fg(Color::Red),
        };
        let bold = |cell: Cell| if colourful { cell.add_attribute(Attribute::Bold) } else { cell };
        table.set_header(["FUNCTION", "EVENT", "CAME BACK", "TOOK"].map(|title| bold(Cell::new(title))));
        let mut previous = None;
        for row in &self.rows {
            // Once a function is enough: its events then read as one block.
            let function = if previous == Some(row.function) { "" } else { row.function };
            previous = Some(row.function);
            let took = row.took.map_or_else(|| "-".to_owned(), show_duration);
            table.add_row([
                bold(Cell::new(function)),
                Cell::new(&row.event),
                paint(Cell::new(&row.came_back), row.verdict),
                Cell::new(took).set_alignment(CellAlignment::Right),
            ]);
        }
        for column in table.column_iter_mut() {
            column.set_padding((0, 2));
        }
        table
    }

    fn summary(&self) -> Option<String> {
        let pings = self.rows.iter().filter(|row| row.expected == Expected::Warm).count();
        let warm = self.rows.iter().filter(|row| row.verdict == Verdict::Warm).count();
        (pings > 0).then(|| format!("Pings answered as they should be: {warm} of {pings}"))
    }
}

fn show_log(text: &mut String, row: &Row) {
    let _ = write!(text, "\n{}, {}:\n", row.function, row.event);
    if row.log.is_empty() {
        text.push_str("  (nothing logged)\n");
    }
    for line in row.log.stdout.iter().chain(&row.log.stderr) {
        let _ = writeln!(text, "  | {}", printable(line));
    }
}

fn is_colourful() -> bool {
    io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
