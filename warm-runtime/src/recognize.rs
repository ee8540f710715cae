//! Whether an event is a ping. Nearly every event is none, so the question is asked twice: a search through the bytes rules
//! almost all of them out, and only what is left is parsed.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::LazyLock;

use memchr::memmem::{self, Finder};
use serde::de::DeserializeSeed;

use crate::event::Envelope;
use crate::{Policy, ScheduledEvent};

/// The event that `json` holds, if the policy takes it for a ping.
pub(crate) fn recognize<P: Policy>(json: &str) -> Option<ScheduledEvent<'static>> {
    if may_be_ping::<P>(json.as_bytes()) { parse::<P>(json) } else { None }
}

#[cold]
fn parse<P: Policy>(json: &str) -> Option<ScheduledEvent<'static>> {
    let (event, flagged) =
        Envelope { flag: P::FLAG }.deserialize(&mut serde_json::Deserializer::from_str(json)).ok()?;
    let from_source = P::SOURCES.contains(&&*event.source)
        && (P::RULES.is_empty() || P::RULES.iter().any(|rule| event.names_rule(rule)));
    ((from_source || flagged) && when::<P>(&event)).then(|| event.into_owned())
}

/// `lambda_runtime` catches a handler's panic, but none while it reads an event: that would end the process.
fn when<P: Policy>(event: &ScheduledEvent<'_>) -> bool {
    catch_unwind(AssertUnwindSafe(|| P::when(event))).unwrap_or(false)
}

/// False only if no key and no value in `json` can be what the policy looks for.
fn may_be_ping<P: Policy>(json: &[u8]) -> bool {
    let looked_for = || P::SOURCES.iter().chain(P::FLAG.as_ref());
    looked_for().any(|text| contains(json, text)) || may_hide_text(json, Looks::<P>::PLAIN)
}

// Made once, because to make a searcher takes longer than to search an event of ordinary size.
static AWS_EVENTS: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("aws.events"));
static ASCII_ESCAPE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(br"\u00"));

fn contains(json: &[u8], text: &str) -> bool {
    match text {
        "aws.events" => AWS_EVENTS.find(json).is_some(),
        _ => memmem::find(json, text.as_bytes()).is_some(),
    }
}

/// Whether `json` may spell a text with escapes. A plain text can be escaped in one way only, `\u0061` for `a`.
fn may_hide_text(json: &[u8], plain: bool) -> bool {
    // Most events have no escape at all, which one byte tells at a fraction of the cost.
    let Some(first) = memchr::memchr(b'\\', json) else { return false };
    let escaped = &json[first..];
    !plain || ASCII_ESCAPE.find_iter(escaped).any(|at| matches!(escaped.get(at + 4), Some(b'0'..=b'7')))
}

struct Looks<P>(std::marker::PhantomData<P>);

impl<P: Policy> Looks<P> {
    /// Whether all that the policy looks for is ASCII that JSON never has to escape.
    const PLAIN: bool = {
        let mut plain = match P::FLAG {
            Some(flag) => is_plain(flag.as_bytes()),
            None => true,
        };
        let mut at = 0;
        while at < P::SOURCES.len() {
            plain &= is_plain(P::SOURCES[at].as_bytes());
            at += 1;
        }
        plain
    };
}

const fn is_plain(text: &[u8]) -> bool {
    let mut at = 0;
    while at < text.len() {
        if !matches!(text[at], b' '..=b'~') || matches!(text[at], b'"' | b'\\' | b'/') {
            return false;
        }
        at += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_that_a_predicate_panics_on_is_left_to_the_handler() {
        enum Panics {}

        impl Policy for Panics {
            fn when(_event: &ScheduledEvent<'_>) -> bool {
                panic!("the predicate's own fault")
            }
        }

        assert!(recognize::<Panics>(r#"{"source":"aws.events"}"#).is_none());
    }
}
