//! What a person reads: a plan, a table, a question, an error in cargo's manner. Results go to
//! standard output and everything else to standard error, so that a result can be piped.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use anstream::{eprintln, println};
use anstyle::{AnsiColor, Style};
use comfy_table::{Cell, ContentArrangement, Table, presets};
use miette::Report;

use crate::cli::Color;
use crate::plan::{Change, Line, Plan};

/// What is well.
pub const GREEN: Style = AnsiColor::Green.on_default();
/// What is to be changed.
const YELLOW: Style = AnsiColor::Yellow.on_default();
/// What is not well.
pub const RED: Style = AnsiColor::Red.on_default();
/// What is beside the point.
pub const DIM: Style = Style::new().dimmed();
const BOLD: Style = Style::new().bold();

/// Decides once, for all that is written, whether it is coloured.
pub fn set_color(color: Color) {
    let choice = match color {
        Color::Auto => anstream::ColorChoice::Auto,
        Color::Always => anstream::ColorChoice::Always,
        Color::Never => anstream::ColorChoice::Never,
    };
    choice.write_global();
}

/// An error as cargo writes one: what happened, its causes, and the way out.
pub fn error(report: &Report) {
    let red = RED.bold();
    eprintln!("{red}error{red:#}: {report}");
    let mut source = report.source();
    if source.is_some() {
        eprintln!("\nCaused by:");
    }
    while let Some(cause) = source {
        eprintln!("  {}", cause.to_string().replace('\n', "\n  "));
        source = cause.source();
    }
    if let Some(help) = report.help() {
        let cyan = AnsiColor::Cyan.on_default().bold();
        eprintln!("{cyan}help{cyan:#}: {help}");
    }
}

/// A remark that does not stop the work.
pub fn warning(text: impl Display) {
    let yellow = YELLOW.bold();
    eprintln!("{yellow}warning{yellow:#}: {text}");
}

/// A value as indented JSON.
pub fn json(value: &impl serde::Serialize) {
    let text = serde_json::to_string_pretty(value).expect("results are strings and numbers");
    println!("{text}");
}

/// The plan, a line each, and the sum.
pub fn plan(plan: &Plan) {
    plan.kept.iter().chain(plan.lines()).for_each(line);
    let [create, change, remove, keep] = plan.counts().map(|(_, count)| count);
    println!("{BOLD}{create} to create, {change} to change, {remove} to remove, {keep} to keep{BOLD:#}");
}

/// One resource of a plan.
pub fn line(line: &Line) {
    let (sign, style) = match line.change {
        Change::Create => ('+', GREEN),
        Change::Change => ('~', YELLOW),
        Change::Remove => ('-', RED),
        Change::Keep => ('=', DIM),
    };
    let Line { kind, name, note, .. } = line;
    println!("{style}{sign}{style:#} {kind} {BOLD}{name}{BOLD:#} {DIM}{note}{DIM:#}");
}

/// Asks on the terminal; anything but `y` and `yes` is a no.
pub fn confirm(question: &str) -> io::Result<bool> {
    eprint(&format!("{question} [y/N] "))?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}

fn eprint(text: &str) -> io::Result<()> {
    let mut stderr = anstream::stderr();
    write!(stderr, "{text}")?;
    stderr.flush()
}

/// Whether there is somebody to ask.
pub fn is_interactive() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// A table's cell, coloured by what it says.
pub fn cell(text: impl Display, state: Option<bool>) -> Cell {
    let cell = Cell::new(text.to_string());
    match state {
        Some(true) => cell.fg(comfy_table::Color::Green),
        Some(false) => cell.fg(comfy_table::Color::Red),
        None => cell,
    }
}

/// A table without lines: it can be read, and cut into fields.
pub fn table(header: &[&str], rows: Vec<Vec<Cell>>) {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header.to_vec()).add_rows(rows);
    table.column_iter_mut().for_each(|column| {
        column.set_padding((0, 2));
    });
    match anstream::AutoStream::choice(&io::stdout()) {
        anstream::ColorChoice::Never => table.force_no_tty(),
        _ => table.enforce_styling(),
    };
    for line in table.lines() {
        println!("{}", line.trim_end());
    }
}
