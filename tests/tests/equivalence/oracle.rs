//! What a ping is, said once more and as plainly as possible: the whole body is read, of a repeated key the last one stays,
//! and the question is asked of the result. It shares no code with the crate, nor with `serde_json`.

use std::collections::HashMap;
use std::iter::Peekable;
use std::str::Chars;
use warm_runtime::Policy;

/// Whether `body`, which is JSON, is a ping. The policy's `when` is not asked.
pub(crate) fn is_ping<P: Policy>(body: &str) -> bool {
    let Json::Object(fields) = read(&mut body.chars().peekable()) else { return false };
    let is_one_of = |value: &Json, texts: &[&str]| texts.iter().any(|text| value.is(text));
    let from_source = fields.get(&utf16("source")).is_some_and(|source| is_one_of(source, P::SOURCES));
    let of_a_rule = match fields.get(&utf16("resources")) {
        _ if P::RULES.is_empty() => true,
        Some(Json::Array(arns)) => arns.iter().any(|arn| P::RULES.iter().any(|rule| arn.names(rule))),
        _ => false,
    };
    let flagged = P::FLAG.is_some_and(|flag| matches!(fields.get(&utf16(flag)), Some(Json::True)));
    (from_source && of_a_rule) || flagged
}

enum Json {
    String(Vec<u16>),
    True,
    Other,
    Array(Vec<Json>),
    Object(HashMap<Vec<u16>, Json>),
}

impl Json {
    fn is(&self, text: &str) -> bool {
        matches!(self, Self::String(units) if *units == utf16(text))
    }

    fn names(&self, rule: &str) -> bool {
        let Self::String(units) = self else { return false };
        let Ok(arn) = String::from_utf16(units) else { return false };
        let parts: Vec<&str> = arn.split(':').collect();
        let kind = match parts[..] {
            ["arn", _, "events", _, _, ..] => "rule/",
            ["arn", _, "scheduler", _, _, ..] => "schedule/",
            _ => return false,
        };
        let resource = parts[5..].join(":");
        resource.starts_with(kind) && resource.ends_with(&format!("/{rule}"))
    }
}

fn utf16(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

type Text<'a> = Peekable<Chars<'a>>;

fn read(text: &mut Text<'_>) -> Json {
    skip_space(text);
    match text.peek().expect("there is a value") {
        '"' => Json::String(read_string(text)),
        '[' => {
            let mut values = Vec::new();
            read_parts(text, ']', |text| values.push(read(text)));
            Json::Array(values)
        }
        '{' => {
            let mut fields = HashMap::new();
            read_parts(text, '}', |text| {
                let key = read_string(text);
                skip_space(text);
                assert_eq!(text.next(), Some(':'));
                fields.insert(key, read(text));
            });
            Json::Object(fields)
        }
        _ => {
            let mut atom = String::new();
            while let Some(character) = text.next_if(|next| !",]} \n\r\t".contains(*next)) {
                atom.push(character);
            }
            if atom == "true" { Json::True } else { Json::Other }
        }
    }
}

fn read_parts(text: &mut Text<'_>, end: char, mut read_part: impl FnMut(&mut Text<'_>)) {
    text.next();
    loop {
        skip_space(text);
        if text.next_if_eq(&end).is_some() {
            return;
        }
        text.next_if_eq(&',');
        skip_space(text);
        read_part(text);
    }
}

fn skip_space(text: &mut Text<'_>) {
    while text.next_if(char::is_ascii_whitespace).is_some() {}
}

fn read_string(text: &mut Text<'_>) -> Vec<u16> {
    assert_eq!(text.next(), Some('"'));
    let mut units = Vec::new();
    loop {
        let character = match text.next().expect("a string ends") {
            '"' => return units,
            '\\' => match text.next().expect("an escape ends") {
                'u' => {
                    let digits: String = text.take(4).collect();
                    units.push(u16::from_str_radix(&digits, 16).expect("an escape has four digits"));
                    continue;
                }
                'b' => '\u{8}',
                'f' => '\u{c}',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                other => other,
            },
            other => other,
        };
        units.extend(character.encode_utf16(&mut [0; 2]).iter());
    }
}
