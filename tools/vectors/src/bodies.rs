//! Section 7: message bodies, as fields and as bytes.

mod claim;
mod down;
mod log;
mod refused;
mod up;

use std::fmt::Debug;

use anyhow::ensure;
use lock_core::proto::{
    Answer, Chunk, DecodeError, Down, EncodeError, ImageId, Live, LogEntry, Opening, Report, Sealed,
    SealedReport, Uptime,
};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::case::{Case, Fields, File};

pub(crate) use claim::body as new_owner;

pub(crate) fn file() -> anyhow::Result<File> {
    let cases = [down::cases()?, up::cases()?, log::cases()?, refused::cases()?, claim::cases()?].concat();
    File::new(
        "bodies.json",
        "7",
        "Bodies. `message` is Opening (7.1), Live (7.2), Chunk (12.2), Answer (7.3), Report (7.4), Sealed (7.5), SealedReport (7.6), LogEntry (7.7) or NewOwner (7.8). `fields` and `body`: \
         what it says, and its one encoding. `body` and `error`: to be refused; UnknownAction by its `id`.",
        cases,
    )
}

/// What has a body.
pub(crate) trait Message: Sized + PartialEq + Debug {
    /// The name in the files.
    const NAME: &'static str;

    /// The body in its one encoding.
    fn body(&self) -> Result<Vec<u8>, EncodeError>;

    /// Reads a body.
    fn read(body: &[u8]) -> Result<Self, DecodeError>;

    /// The fields by name, numbers as decimal strings and bytes in hexadecimal.
    fn fields(&self) -> serde_json::Result<Value>;
}

/// Room for any body, in bytes.
const ROOM: usize = 512;

macro_rules! down {
    ($header:ty, $name:literal) => {
        impl Message for Down<$header> {
            const NAME: &'static str = $name;
            fn body(&self) -> Result<Vec<u8>, EncodeError> {
                self.encode(&mut [0; ROOM]).map(|body| body.to_vec())
            }
            fn read(body: &[u8]) -> Result<Self, DecodeError> {
                Self::decode(body)
            }
            fn fields(&self) -> serde_json::Result<Value> {
                down_fields(&self.header, &self.request)
            }
        }
    };
}
down!(Opening, "Opening");
down!(Live, "Live");
down!(Sealed, "Sealed");

macro_rules! up {
    ($message:ty, $name:literal) => {
        impl Message for $message {
            const NAME: &'static str = $name;
            fn body(&self) -> Result<Vec<u8>, EncodeError> {
                self.encode(&mut [0; ROOM]).map(|body| body.to_vec())
            }
            fn read(body: &[u8]) -> Result<Self, DecodeError> {
                Self::decode(body)
            }
            fn fields(&self) -> serde_json::Result<Value> {
                serde_json::to_value(self).map(readable)
            }
        }
    };
}
up!(Answer, "Answer");
up!(Report, "Report");
up!(SealedReport, "SealedReport");
up!(LogEntry, "LogEntry");

/// A chunk of an image with its header, as the body of a record.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct SentChunk {
    valid_until: Uptime,
    image: ImageId,
    offset: u32,
    bytes: Vec<u8>,
}

impl Message for SentChunk {
    const NAME: &'static str = "Chunk";
    fn body(&self) -> Result<Vec<u8>, EncodeError> {
        let chunk = Chunk { image: self.image, offset: self.offset, bytes: &self.bytes };
        chunk.encode(Live { valid_until: self.valid_until }, &mut [0; ROOM]).map(|body| body.to_vec())
    }
    fn read(body: &[u8]) -> Result<Self, DecodeError> {
        let (Live { valid_until }, Chunk { image, offset, bytes }) = Chunk::decode(body)?;
        Ok(Self { valid_until, image, offset, bytes: bytes.to_vec() })
    }
    fn fields(&self) -> serde_json::Result<Value> {
        serde_json::to_value(self).map(readable)
    }
}

/// The fields of the header and the request beside them, as in the tables of section 7.
fn down_fields(header: &impl Serialize, request: &impl Serialize) -> serde_json::Result<Value> {
    let mut fields: Map<String, Value> = serde_json::from_value(serde_json::to_value(header)?)?;
    fields.insert("request".to_owned(), serde_json::to_value(request)?);
    Ok(readable(Value::Object(fields)))
}

/// What the tables give as bytes; every other list is one of numbers or choices.
const BYTES: [&str; 18] = [
    "nonce",
    "digest",
    "Marks",
    "Pin",
    "Token",
    "share",
    "AdoptPinKey",
    "key",
    "check",
    "hash",
    "mac",
    "last_mac",
    "tag",
    "previous",
    "entries",
    "sha256",
    "image",
    "bytes",
];

/// Numbers as decimal strings, bytes in hexadecimal.
pub(crate) fn readable(value: Value) -> Value {
    match value {
        Value::Number(number) => Value::String(number.to_string()),
        Value::Array(list) => Value::Array(list.into_iter().map(readable).collect()),
        Value::Object(fields) => {
            let fields = fields.into_iter().map(|(name, value)| {
                let bytes = value.as_array().filter(|_| BYTES.contains(&name.as_str()));
                let bytes = bytes.map(|bytes| {
                    let bytes = bytes.iter().filter_map(Value::as_u64).map(|byte| byte as u8);
                    Value::String(hex::encode(bytes.collect::<Vec<_>>()))
                });
                (name, bytes.unwrap_or_else(|| readable(value)))
            });
            Value::Object(fields.collect())
        }
        Value::Null | Value::Bool(_) | Value::String(_) => value,
    }
}

/// A body that is read as it was written.
fn accepted<M: Message>(name: &str, description: &str, message: &M) -> anyhow::Result<Case> {
    let body = message.body()?;
    ensure!(M::read(&body).as_ref() == Ok(message), "{name}: the body is not read as its message");
    let fields = Fields::new().text("message", M::NAME).plain("fields", message.fields()?).hex("body", body);
    Ok(Case::new(format!("{} {name}", M::NAME), description).with(fields))
}
