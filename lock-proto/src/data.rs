//! As data of serde: what is a byte string on the wire, is one there.

use core::fmt;

use serde::de::{Error as _, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{LogPage, PinDigits, TokenId};

macro_rules! bytes {
    ($name:ident, $read:expr, $bytes:ident, $expecting:literal) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_bytes(self.$bytes())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Bytes;
                impl Visitor<'_> for Bytes {
                    type Value = $name;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str($expecting)
                    }
                    fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<$name, E> {
                        $read(bytes).ok_or_else(|| E::custom(""))
                    }
                }
                deserializer.deserialize_bytes(Bytes).map_err(|_| D::Error::custom(""))
            }
        }
    };
}
bytes!(PinDigits, |bytes| PinDigits::from_ascii(bytes).ok(), as_ascii, "4 to 10 ASCII digits");
bytes!(TokenId, |bytes| TokenId::from_bytes(bytes).ok(), as_bytes, "1 to 16 bytes");
bytes!(LogPage, LogPage::of, as_bytes, "entries of a log");
