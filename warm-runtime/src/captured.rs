//! Reads a payload from a text that `serde_json` has captured already. A payload that captures its text itself, as
//! `lambda_http`'s and any `RawValue` do, gets it as it is; `serde_json` alone would look for its end once more, which for a
//! long text takes as long as the whole search for a ping.

use std::iter;

use serde::Deserializer;
use serde::de::Visitor;
use serde::de::value::{BorrowedStrDeserializer, MapDeserializer};
use serde_json::Error;

/// The name by which a `RawValue` asks for its text. It is not documented: should it ever be another, payloads are read as
/// any other is, and nothing but the time is lost.
const RAW_VALUE: &str = "$serde_json::private::RawValue";

/// One JSON value, with nothing around it.
pub(crate) struct Captured<'de>(pub(crate) &'de str);

macro_rules! as_serde_json_does {
    ($($method:ident($($argument:ident: $ty:ty),*))*) => {
        $(fn $method<V: Visitor<'de>>(self, $($argument: $ty,)* visitor: V) -> Result<V::Value, Error> {
            serde_json::Deserializer::from_str(self.0).$method($($argument,)* visitor)
        })*
    };
}

impl<'de> Deserializer<'de> for Captured<'de> {
    type Error = Error;

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Error> {
        if name == RAW_VALUE {
            let text = BorrowedStrDeserializer::new(self.0);
            return visitor.visit_map(MapDeserializer::new(iter::once((RAW_VALUE, text))));
        }
        serde_json::Deserializer::from_str(self.0).deserialize_newtype_struct(name, visitor)
    }

    as_serde_json_does! {
        deserialize_any() deserialize_ignored_any() deserialize_identifier()
        deserialize_bool() deserialize_char() deserialize_str() deserialize_string() deserialize_bytes() deserialize_byte_buf()
        deserialize_i8() deserialize_i16() deserialize_i32() deserialize_i64() deserialize_i128()
        deserialize_u8() deserialize_u16() deserialize_u32() deserialize_u64() deserialize_u128()
        deserialize_f32() deserialize_f64()
        deserialize_option() deserialize_unit() deserialize_unit_struct(name: &'static str)
        deserialize_seq() deserialize_tuple(len: usize) deserialize_tuple_struct(name: &'static str, len: usize)
        deserialize_map() deserialize_struct(name: &'static str, fields: &'static [&'static str])
        deserialize_enum(name: &'static str, variants: &'static [&'static str])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use serde_json::value::RawValue;

    #[test]
    fn a_raw_value_gets_the_text_without_a_look_at_it() {
        let text = "no JSON, so that a look at it would fail";
        assert_eq!(Box::<RawValue>::deserialize(Captured(text)).unwrap().get(), text);
        assert_eq!(<&RawValue>::deserialize(Captured(text)).unwrap().get(), text);
    }
}
