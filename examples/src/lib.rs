//! What the voice functions have in common.

mod outgoing;
mod transcription;

pub use outgoing::send_dry;
pub use transcription::{Engine, TranscriptionRequest, VocabularyFilterMethod};
