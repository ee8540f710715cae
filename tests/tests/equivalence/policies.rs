//! Policies whose texts are as awkward as JSON allows.

use warm_runtime::{EventBridge, Policy};

macro_rules! policies {
    ($($name:ident { $($constant:ident: $type:ty = $value:expr),* })*) => {
        $(
            #[derive(Debug)]
            pub(crate) enum $name {}

            impl Policy for $name {
                $(const $constant: $type = $value;)*
            }
        )*

        /// Every text that a policy looks for.
        pub(crate) fn texts() -> Vec<&'static str> {
            let mut texts = EventBridge::SOURCES.to_vec();
            $(texts.extend($name::SOURCES.iter().chain($name::FLAG.as_ref()));)*
            texts
        }

        macro_rules! for_each_policy {
            ($check:ident, $body:expr) => {
                $check::<warm_runtime::EventBridge>($body)?;
                $($check::<$crate::policies::$name>($body)?;)*
            };
        }
        pub(crate) use for_each_policy;
    };
}

policies! {
    Several { SOURCES: &'static [&'static str] = &["aws.events", "aws.scheduler", "plugin-warmup"] }
    Quoted { SOURCES: &'static [&'static str] = &["a\"b"] }
    Backslash { SOURCES: &'static [&'static str] = &["a\\b"] }
    Slash { SOURCES: &'static [&'static str] = &["a/b"] }
    Control { SOURCES: &'static [&'static str] = &["a\u{1}\n"] }
    Umlaut { SOURCES: &'static [&'static str] = &["wärme"] }
    Crab { SOURCES: &'static [&'static str] = &["\u{1F980}"] }
    Escape { SOURCES: &'static [&'static str] = &["\\u0061"] }
    Flagged { FLAG: Option<&'static str> = Some("warmer") }
    OnlyFlagged { SOURCES: &'static [&'static str] = &[], FLAG: Option<&'static str> = Some("kéep/warm\"") }
    Narrowed { RULES: &'static [&'static str] = &["KeepWarm", "Keep.Ivr-Warm_2"] }
    NarrowedAndFlagged {
        SOURCES: &'static [&'static str] = &["aws.scheduler", "aws.events"],
        RULES: &'static [&'static str] = &["KeepWarm"],
        FLAG: Option<&'static str> = Some("warmer")
    }
}
