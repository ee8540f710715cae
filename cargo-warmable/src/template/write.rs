//! How each format writes a string, an object and a list.

use minijinja::value::{Value, ValueKind};

/// A YAML scalar, quoted where a reader would take the plain one for something else.
pub(super) fn yaml(text: &str) -> String {
    let word = |c: char| c.is_ascii_alphanumeric() || "-_.:/()?*, ".contains(c);
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(word)
        && !text.contains(": ")
        && !text.ends_with([':', ' ']);
    let keyword = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    if plain && !keyword.contains(&text.to_ascii_lowercase().as_str()) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "''"))
}

/// A CloudFormation string: substituted where it has something to substitute.
pub(super) fn sub(text: &str) -> String {
    match text.contains("${") {
        true if text.starts_with("arn:") => format!("!Sub {text}"),
        true => format!("!Sub '{}'", text.replace('\'', "''")),
        false => yaml(text),
    }
}

/// JSON without white space, keys in the order of the value.
pub(super) fn json(value: &Value) -> String {
    serde_json::to_string(value).expect("the values of a view are JSON")
}

/// A shell word. Expressions of the script's own scope stay open to expansion.
pub(super) fn shell(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:/=,".contains(c);
    match text {
        _ if text.contains("${") => format!("\"{text}\""),
        _ if text.chars().all(plain) => text.to_owned(),
        _ => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

/// An HCL expression, over several lines where it is an object or a list.
pub(super) fn hcl(value: &Value, depth: usize) -> String {
    let style = Style {
        key: |key| match key.contains('-') {
            true => format!("\"{key}\""),
            false => key.to_owned(),
        },
        text: |text| match expression(text) {
            Some(expression) => expression.to_owned(),
            None => json(&Value::from(text)),
        },
        equals: " = ",
        after_entry: "",
        aligned: true,
    };
    style.write(value, depth)
}

/// A TypeScript expression, over several lines where it is an object or a list.
pub(super) fn ts(value: &Value, depth: usize) -> String {
    let style = Style {
        key: |key| match key.contains('-') {
            true => format!("'{key}'"),
            false => key.to_owned(),
        },
        text: |text| match expression(text) {
            Some(expression) => expression.to_owned(),
            None if text.contains("${") => format!("`{text}`"),
            None => format!("'{}'", text.replace('\'', "\\'")),
        },
        equals: ": ",
        after_entry: ",",
        aligned: false,
    };
    style.write(value, depth)
}

/// The expression that `text` consists of: `${local.region}` is better written `local.region`.
fn expression(text: &str) -> Option<&str> {
    let inner = text.strip_prefix("${")?.strip_suffix('}')?;
    (!inner.contains('}')).then_some(inner)
}

/// How a language writes objects and lists.
struct Style {
    key: fn(&str) -> String,
    text: fn(&str) -> String,
    equals: &'static str,
    after_entry: &'static str,
    aligned: bool,
}

impl Style {
    fn write(&self, value: &Value, depth: usize) -> String {
        let (margin, end) = ("  ".repeat(depth + 1), "  ".repeat(depth));
        let items = || value.try_iter().into_iter().flatten();
        match value.kind() {
            ValueKind::Map if value.len() == Some(0) => "{}".to_owned(),
            ValueKind::Map => {
                let entries = Vec::from_iter(items().map(|name| {
                    let inner = value.get_item(&name).unwrap_or_default();
                    let key = (self.key)(name.as_str().unwrap_or_default());
                    (key, self.write(&inner, depth + 1))
                }));
                format!("{{\n{}{end}}}", self.lines(&entries, &margin))
            }
            ValueKind::Seq => {
                let lines = items().map(|item| format!("{margin}{},\n", self.write(&item, depth + 1)));
                format!("[\n{}{end}]", String::from_iter(lines))
            }
            ValueKind::String => (self.text)(value.as_str().unwrap_or_default()),
            _ => value.to_string(),
        }
    }

    /// `terraform fmt` lines up the values of entries that follow each other on one line each.
    fn lines(&self, entries: &[(String, String)], margin: &str) -> String {
        let (equals, after) = (self.equals, self.after_entry);
        let one_line = |entry: &(String, String)| !entry.1.contains('\n');
        let groups = entries.chunk_by(|a, b| one_line(a) && one_line(b));
        let written = groups.flat_map(|group| {
            let longest = group.iter().map(|(key, _)| key.len()).max().unwrap_or(0);
            let width = if self.aligned { longest } else { 0 };
            let line = move |(key, value): &(String, String)| format!("{margin}{key:width$}{equals}{value}{after}\n");
            group.iter().map(line)
        });
        written.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_yaml_takes_for_a_number_or_a_word_is_quoted() {
        assert_eq!(yaml("123"), "'123'");
        assert_eq!(yaml("Yes"), "'Yes'");
        assert_eq!(yaml("rate(5 minutes)"), "rate(5 minutes)");
        assert_eq!(yaml("cron(0 8 ? * 2#1 *)"), "'cron(0 8 ? * 2#1 *)'");
        assert_eq!(yaml("f:live"), "f:live");
    }
}
