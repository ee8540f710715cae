//! The examples that the demo knows. A further one is one more entry in [`EXAMPLES`].

use crate::event::{Event, Expected};

/// Some functions that show one thing together.
pub(crate) struct Example {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) functions: &'static [Function],
}

/// A program of this package, and a real event for it.
pub(crate) struct Function {
    pub(crate) program: &'static str,
    pub(crate) concurrency: Option<u32>,
    label: &'static str,
    event: &'static str,
}

impl Function {
    const fn new(program: &'static str, label: &'static str, event: &'static str) -> Self {
        Self { program, concurrency: None, label, event }
    }

    const fn concurrent(mut self, concurrency: u32) -> Self {
        self.concurrency = Some(concurrency);
        self
    }

    pub(crate) fn event(&self) -> Event {
        Event::new(self.label, self.event, Expected::Response)
    }
}

/// The example that runs when none is named.
pub(crate) const VOICE: &str = "voice";

#[rustfmt::skip] // An example a line.
pub(crate) const EXAMPLES: &[Example] = &[
    Example { name: VOICE, about: "the three functions of Service Cloud Voice", functions: &[
        Function::new("InvokeTelephonyIntegrationApiFunction", "contact flow", include_str!("../events/contact_flow.json")),
        Function::new("kvsConsumerTrigger", "media streaming", include_str!("../events/media_streaming.json")),
        Function::new("kvsTranscriber", "transcription", include_str!("../events/transcription_request.json")),
    ]},
    Example { name: "axum", about: "an axum service with state", functions: &[
        Function::new("axum-service", "GET /rates/EUR", include_str!("../events/http_request.json")),
    ]},
    Example { name: "closure", about: "a closure over a shared client", functions: &[
        Function::new("closure", "lookup", r#"{"phoneNumber":"+14155550123"}"#),
    ]},
    Example { name: "concurrent", about: "a function that takes several events at a time", functions: &[
        Function::new("concurrent", "slow quote", r#"{"grams":1200}"#).concurrent(4),
    ]},
    Example { name: "streaming", about: "a function that streams its response", functions: &[
        Function::new("streaming", "export", r#"{"calls":3}"#),
    ]},
];

pub(crate) fn find(name: &str) -> Option<&'static Example> {
    EXAMPLES.iter().find(|example| example.name == name)
}

/// The names of the examples, as a sentence gives them.
pub(crate) fn names() -> String {
    EXAMPLES.iter().map(|example| format!("`{}`", example.name)).collect::<Vec<_>>().join(", ")
}
