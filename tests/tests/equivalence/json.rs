//! JSON as text holds it: keys may be repeated and out of order, and each string is spelled in one of many ways.

use serde_json::Value;
use std::fmt;

/// A JSON value. Strings, keys included, are JSON text with quotes.
#[derive(Debug, Clone)]
pub(crate) enum Json {
    /// Anything that holds no other value.
    Atom(String),
    /// `[…]`
    Array(Vec<Json>),
    /// `{…}`
    Object(Vec<(String, Json)>),
}

impl From<&Value> for Json {
    fn from(value: &Value) -> Self {
        match value {
            Value::Array(values) => Self::Array(values.iter().map(Self::from).collect()),
            Value::Object(fields) => {
                Self::Object(fields.iter().map(|(key, value)| (quoted(key), Self::from(value))).collect())
            }
            atom => Self::Atom(atom.to_string()),
        }
    }
}

impl Json {
    /// How many values there are, this one included.
    pub(crate) fn len(&self) -> usize {
        1 + match self {
            Self::Atom(_) => 0,
            Self::Array(values) => values.iter().map(Self::len).sum(),
            Self::Object(fields) => fields.iter().map(|(_, value)| value.len()).sum(),
        }
    }

    /// The value at a place in the order of the text, of which there are [`len`](Self::len).
    pub(crate) fn at(&mut self, place: usize) -> &mut Self {
        if place == 0 {
            return self;
        }
        let mut before = 1;
        let values: Vec<&mut Self> = match self {
            Self::Atom(_) => Vec::new(),
            Self::Array(values) => values.iter_mut().collect(),
            Self::Object(fields) => fields.iter_mut().map(|(_, value)| value).collect(),
        };
        for value in values {
            let len = value.len();
            if place < before + len {
                return value.at(place - before);
            }
            before += len;
        }
        unreachable!("the place is in the value")
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Atom(text) => f.write_str(text),
            Self::Array(values) => {
                f.write_str("[")?;
                separated(f, values, |f, value| value.fmt(f))?;
                f.write_str("]")
            }
            Self::Object(fields) => {
                f.write_str("{")?;
                separated(f, fields, |f, (key, value)| write!(f, "{key}:{value}"))?;
                f.write_str("}")
            }
        }
    }
}

fn separated<T>(
    f: &mut fmt::Formatter<'_>,
    parts: &[T],
    mut write: impl FnMut(&mut fmt::Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            f.write_str(",\n ")?;
        }
        write(f, part)?;
    }
    Ok(())
}

/// A text as a JSON string, escaped where it must be.
pub(crate) fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// A text as a JSON string in which the characters are escaped whose bit is set, the first being the lowest.
pub(crate) fn escaped(text: &str, bits: u32) -> String {
    let characters = text.chars().enumerate().map(|(at, character)| match (bits >> (at % 32)) & 1 {
        1 if character == '/' => r"\/".to_owned(),
        1 if at % 2 == 0 => units(character).map(|unit| format!(r"\u{unit:04x}")).collect(),
        1 => units(character).map(|unit| format!(r"\u{unit:04X}")).collect(),
        _ => {
            let quoted = quoted(&character.to_string());
            quoted[1..quoted.len() - 1].to_owned()
        }
    });
    format!("\"{}\"", characters.collect::<String>())
}

fn units(character: char) -> impl Iterator<Item = u16> {
    character.encode_utf16(&mut [0; 2]).to_vec().into_iter()
}
