//! Workspaces that a test writes.
