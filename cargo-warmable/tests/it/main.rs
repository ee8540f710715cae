//! The command as a user runs it: its output, its exit codes, and what it leaves in AWS.

mod apply;
mod audit;
mod command_line;
mod emulator;
mod faults;
mod ping;
mod remote;
mod templates;
mod tools;
mod workspace;
