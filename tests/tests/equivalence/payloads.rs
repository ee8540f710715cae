//! Payload types: what functions really take, and types that ask of a deserializer all that one can be asked for.

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

macro_rules! for_each_payload {
    ($check:ident, $body:expr) => {{
        use aws_lambda_events::event::*;
        use $crate::payloads::*;
        $check::<apigw::ApiGatewayProxyRequest>($body)?;
        $check::<apigw::ApiGatewayV2httpRequest>($body)?;
        $check::<alb::AlbTargetGroupRequest>($body)?;
        $check::<sqs::SqsEvent>($body)?;
        $check::<sns::SnsEvent>($body)?;
        $check::<s3::S3Event>($body)?;
        $check::<kinesis::KinesisEvent>($body)?;
        $check::<dynamodb::Event>($body)?;
        $check::<connect::ConnectEvent>($body)?;
        $check::<eventbridge::EventBridgeEvent>($body)?;
        $check::<kafka::KafkaEvent>($body)?;
        $check::<cognito::CognitoEventUserPoolsPreSignup>($body)?;
        $check::<serde_json::Value>($body)?;
        $check::<()>($body)?;
        $check::<String>($body)?;
        $check::<Option<f64>>($body)?;
        $check::<Text>($body)?;
        $check::<Nested>($body)?;
        $check::<Untagged>($body)?;
        $check::<Tagged>($body)?;
        $check::<Adjacent>($body)?;
        $check::<Flattened>($body)?;
        $check::<Strict>($body)?;
        $check::<Keyed>($body)?;
        $check::<Bytes>($body)?;
    }};
}
pub(crate) use for_each_payload;

/// The text itself. (`RawValue` cannot be compared.)
#[derive(Debug)]
pub(crate) struct Text(Box<RawValue>);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Deserialize::deserialize(deserializer).map(Self)
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.0.get() == other.0.get()
    }
}

/// A type that contains itself, texts, and numbers of all sizes.
#[derive(Debug, PartialEq, Deserialize)]
pub(crate) struct Nested {
    source: Option<Cow<'static, str>>,
    #[serde(default)]
    id: Number,
    detail: Option<Box<Nested>>,
    #[serde(default)]
    resources: Vec<Nested>,
    items: Option<HashMap<String, Option<Text>>>,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(untagged)]
pub(crate) enum Number {
    Small(u8),
    Large(u128),
    Signed(i128),
    Float(f32),
    Letter(char),
    #[default]
    None,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub(crate) enum Untagged {
    Source { source: String },
    List(Vec<Untagged>),
    Pair(u8, String),
    Many(BTreeMap<String, Untagged>),
    Flag(bool),
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(tag = "source", rename_all = "lowercase")]
pub(crate) enum Tagged {
    Other {
        id: u64,
    },
    Items(HashMap<String, serde_json::Value>),
    #[serde(other)]
    Unknown,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(tag = "source", content = "detail")]
pub(crate) enum Adjacent {
    #[serde(rename = "other")]
    Other(Box<Adjacent>),
    #[serde(alias = "aws.event")]
    Empty,
}

#[derive(Debug, PartialEq, Deserialize)]
pub(crate) struct Flattened {
    id: Option<i8>,
    #[serde(flatten)]
    rest: BTreeMap<String, External>,
}

#[derive(Debug, PartialEq, Deserialize)]
pub(crate) enum External {
    #[serde(rename = "source")]
    Source(String),
    #[serde(rename = "detail")]
    Detail { id: u16 },
    #[serde(rename = "other")]
    Other,
    #[serde(rename = "items")]
    Items(u8, u8),
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Strict {
    source: String,
    #[serde(default)]
    id: Option<External>,
}

/// Keys that are not texts.
#[derive(Debug, PartialEq, Deserialize)]
pub(crate) struct Keyed {
    #[serde(alias = "detail")]
    items: HashMap<u8, HashMap<bool, HashMap<i64, char>>>,
}

/// Strings that need not be Unicode.
#[derive(Debug, PartialEq)]
pub(crate) struct Bytes(Vec<u8>);

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Bytes;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes(bytes.to_vec()))
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut values: A) -> Result<Bytes, A::Error> {
                let mut bytes = Vec::new();
                while let Some(value) = values.next_element::<Bytes>()? {
                    bytes.extend(value.0);
                }
                Ok(Bytes(bytes))
            }
        }
        deserializer.deserialize_bytes(Visitor)
    }
}
