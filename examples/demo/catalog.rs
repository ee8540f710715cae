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
    label: &'static str,
    event: &'static str,
}

impl Function {
    pub(crate) fn event(&self) -> Event {
        Event::new(self.label, self.event, Expected::Response)
    }
}

/// The example that runs when none is named.
pub(crate) const VOICE: &str = "voice";

pub(crate) const EXAMPLES: &[Example] = &[Example {
    name: VOICE,
    about: "the three functions of Service Cloud Voice",
    functions: &[
        Function {
            program: "InvokeTelephonyIntegrationApiFunction",
            label: "contact flow",
            event: include_str!("../events/contact_flow.json"),
        },
        Function {
            program: "kvsConsumerTrigger",
            label: "media streaming",
            event: include_str!("../events/media_streaming.json"),
        },
        Function {
            program: "kvsTranscriber",
            label: "transcription",
            event: include_str!("../events/transcription_request.json"),
        },
    ],
}];

pub(crate) fn find(name: &str) -> Option<&'static Example> {
    EXAMPLES.iter().find(|example| example.name == name)
}

/// The names of the examples, as a sentence gives them.
pub(crate) fn names() -> String {
    EXAMPLES.iter().map(|example| format!("`{}`", example.name)).collect::<Vec<_>>().join(", ")
}
