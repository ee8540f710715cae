//! How `apply` knows its own: a tag on rules and on the schedules' group, a path for roles, and
//! statement ids in functions' policies. What does not carry them is never changed.

/// The key of the tag; its value is the fleet's rule.
pub const KEY: &str = "cargo-warmable";

/// The path of a fleet's roles. IAM is not regional, fleets are.
pub fn role_path(rule: &str, region: &str) -> String {
    format!("/{KEY}/{rule}/{region}/")
}
