//! Bodies that are malformed, or of a newer version (section 7).

use lock_core::proto::{Answer, DecodeError, Down, Live, Opening, Report, Sealed, SealedReport};

use super::{Message, SentChunk};
use crate::case::{Case, Fields};

pub(super) fn cases() -> anyhow::Result<Vec<Case>> {
    let mut cases = Vec::new();
    for (name, description, body) in openings() {
        cases.push(refused::<Down<Opening>>(name, description, body)?);
    }
    for (name, description, body) in headers_of_records() {
        cases.push(refused::<Down<Live>>(name, description, body)?);
    }
    for (name, description, body) in chunks() {
        cases.push(refused::<SentChunk>(name, description, &body)?);
    }
    for (name, description, body) in headers_of_sealed() {
        cases.push(refused::<Down<Sealed>>(name, description, body)?);
    }
    for (name, description, body) in answers() {
        cases.push(refused::<Answer>(name, description, body)?);
    }
    for (name, description, body) in reports() {
        cases.push(refused::<Report>(name, description, body)?);
    }
    for (name, description, place, value) in STATUSES {
        let mut body = [&[1, 1, 0], [0; 35].as_slice()].concat();
        body.splice(3 + place..4 + place, value.iter().copied());
        cases.push(refused::<Report>(name, description, &body)?);
    }
    for (name, description, body) in sealed_reports() {
        cases.push(refused::<SealedReport>(name, description, body)?);
    }
    Ok(cases)
}

fn refused<M: Message>(name: &str, description: &str, body: &[u8]) -> anyhow::Result<Case> {
    let fields = Fields::new().text("message", M::NAME).hex("body", body);
    let fields = match M::read(body) {
        Err(DecodeError::UnknownAction { id }) => fields.text("error", "UnknownAction").number("id", id.0),
        Err(DecodeError::Malformed) => fields.text("error", "Malformed"),
        Ok(message) => anyhow::bail!("{name}: the code reads it as {message:?}"),
    };
    Ok(Case::new(format!("{} {name}", M::NAME), description).with(fields))
}

type Bodies = Vec<(&'static str, &'static str, &'static [u8])>;

fn openings() -> Bodies {
    vec![
        ("empty", "No bytes.", &[]),
        ("optional 2", "An optional value starts with 0 or 1.", &[2, 0]),
        ("request missing", "The request is missing.", &[0]),
        ("request 3", "No such request.", &[0, 3]),
        ("trailing byte", "A byte is left over.", &[0, 0, 0]),
        ("long request number", "A number with a needless byte.", &[0, 0x80, 0]),
        ("long time", "A varint with a needless byte.", &[1, 0x80, 0, 0]),
        (
            "time of 11 bytes",
            "No varint has more than 10 bytes.",
            &[1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0, 0],
        ),
        (
            "time of 65 bits",
            "The tenth byte of a varint is at most 1.",
            &[1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0],
        ),
        ("unknown action 100", "An action of a newer version.", &[0, 1, 7, 100]),
        (
            "unknown action 127",
            "An action of a newer version with fields of its own.",
            &[0, 1, 7, 127, 1, 2, 3],
        ),
        ("unknown action 128", "A number of two bytes.", &[0, 1, 7, 0x80, 1]),
        ("unknown action of id 300", "An id of two bytes.", &[0, 1, 0xac, 2, 100]),
        ("unknown setting 100", "A setting of a newer version.", &[0, 1, 7, 2, 5, 100, 9]),
        ("long unknown action", "A number with a needless byte is no number.", &[0, 1, 7, 0x8a, 0]),
        ("long id before an unknown action", "The id has a needless byte.", &[0, 1, 0x87, 0, 100]),
        ("action missing", "A command without an action.", &[0, 1, 7]),
        ("lock with a trailing byte", "A known action and a byte left over.", &[0, 1, 7, 0, 0]),
        ("long lock", "A known action with a needless byte.", &[0, 1, 7, 0x80, 0]),
        (
            "version of 33 bits",
            "The fifth byte of a u32 is at most 15.",
            &[0, 1, 7, 2, 0xff, 0xff, 0xff, 0xff, 16, 0, 9],
        ),
        ("long version", "A varint with a needless byte.", &[0, 1, 7, 2, 0x85, 0, 0, 9]),
        (
            "pin of 3 digits",
            "A PIN has 4 digits at least.",
            &[0, 1, 7, 2, 5, 9, 0, 2, 0, 1, 0, 3, b'1', b'2', b'3'],
        ),
        (
            "pin of 11 digits",
            "A PIN has 10 digits at most.",
            b"\x00\x01\x07\x02\x05\x09\x00\x02\x00\x01\x00\x0b12345678901",
        ),
        (
            "pin with a letter",
            "A PIN has digits only.",
            b"\x00\x01\x07\x02\x05\x09\x00\x02\x00\x01\x00\x04123a",
        ),
        (
            "pin cut",
            "The byte string reaches past the end.",
            b"\x00\x01\x07\x02\x05\x09\x00\x02\x00\x01\x00\x051234",
        ),
        (
            "long pin length",
            "A length with a needless byte.",
            b"\x00\x01\x07\x02\x05\x09\x00\x02\x00\x01\x00\x84\x001234",
        ),
        ("slot missing", "The slot is missing.", &[0, 1, 7, 2, 5, 10, 2]),
        ("put 3", "No such expectation.", &[0, 1, 7, 2, 5, 6, 0, 3, 0, 0, 0, 0, 0]),
        ("user kind 11", "No such kind.", &[0, 1, 7, 2, 5, 6, 0, 0, 11, 0, 0, 0, 0]),
        ("span 2", "No such span.", &[0, 1, 7, 2, 5, 7, 0, 0, 0, 2]),
        ("table 5", "No such table.", &[0, 1, 7, 2, 5, 10, 5, 0]),
        ("mode 5", "No such mode.", &[0, 1, 7, 6, 5]),
        ("zone cut", "A change of the clock is cut.", &[0, 1, 7, 2, 5, 4, 0, 1, 5]),
        (
            "offset of 17 bits",
            "The third byte of an i16 is at most 3.",
            &[0, 1, 7, 2, 5, 4, 0xff, 0xff, 4, 0, 0, 0, 0],
        ),
        (
            "token of 17 bytes",
            "The identifier of a token has 16 bytes at most.",
            b"\x00\x01\x07\x02\x05\x09\x00\x02\x00\x02\x01\x1112345678901234567",
        ),
        ("token of no bytes", "And one at least.", b"\x00\x01\x07\x02\x05\x09\x00\x02\x00\x02\x01\x00"),
        ("query 100", "No such query, and a query has no id.", &[0, 2, 100]),
        (
            "nonce of 15 bytes",
            "The nonce is cut.",
            &[0, 2, 2, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
        ),
    ]
}

fn headers_of_records() -> Bodies {
    vec![
        ("long valid until", "A varint with a needless byte.", &[0xe8, 0x87, 0, 0]),
        ("unknown action", "An action of a newer version.", &[9, 1, 7, 100]),
        ("trailing byte", "A byte is left over.", &[9, 2, 0, 0]),
    ]
}

fn chunks() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let image = [0xa5; 8];
    let chunk = |request: &[u8], length: &[u8], bytes: usize| {
        [&[9], request, &image, &[0], length, vec![7; bytes].as_slice()].concat()
    };
    vec![
        ("of no bytes", "A chunk has one byte at least.", chunk(&[3], &[0], 0)),
        ("of 449 bytes", "And 448 at most.", chunk(&[3], &[0xc1, 3], 449)),
        ("cut", "The byte string reaches past the end.", chunk(&[3], &[32], 31)),
        ("trailing byte", "A byte is left over.", chunk(&[3], &[32], 33)),
        ("long length", "A length with a needless byte.", chunk(&[3], &[0xa0, 0], 32)),
        ("long request number", "A number with a needless byte.", chunk(&[0x83, 0], &[32], 32)),
        ("request 2", "A query is no chunk.", chunk(&[2], &[32], 32)),
    ]
}

fn headers_of_sealed() -> Bodies {
    vec![
        ("unknown action", "An action of a newer version.", &[9, 1, 10, 1, 7, 100]),
        ("not after missing", "The header is cut.", &[9, 1]),
        ("trailing byte", "A byte is left over.", &[9, 0, 0, 0]),
    ]
}

fn answers() -> Bodies {
    vec![
        ("reply 100", "No such reply.", &[1, 2, 3, 4, 100]),
        (
            "entry cut",
            "The body of an entry of the log is cut.",
            b"\x01\x02\x03\x04\x0a\x01\x00\x01MAC of entry 0..over this nonce.\x00no entry before.\x13MAC of entry 0..\x03\x01\x02",
        ),
        (
            "empty entry",
            "No entry of the log is empty.",
            b"\x01\x02\x03\x04\x0a\x01\x00\x01MAC of entry 0..over this nonce.\x00no entry before.\x11MAC of entry 0..\x00",
        ),
        ("reason 120", "No such reason.", &[1, 2, 3, 4, 1, 7, 2, 120, 0]),
        ("outcome 8", "No such outcome.", &[1, 2, 3, 4, 1, 7, 8, 0]),
        ("repeat 2", "A bool is 0 or 1.", &[1, 2, 3, 4, 1, 7, 0, 2]),
        ("trailing byte", "A byte is left over.", &[1, 2, 3, 4, 0, 0]),
        ("long boot", "A varint with a needless byte.", &[1, 0x82, 0, 3, 4, 0]),
        ("reply missing", "The reply is cut.", &[1, 2, 3, 4]),
    ]
}

fn reports() -> Bodies {
    vec![
        ("body 2", "No such body.", &[1, 2]),
        ("event 100", "No such event.", &[1, 1, 100]),
        ("alarm 100", "No such alarm.", &[1, 1, 2, 100]),
        ("trailing byte", "A byte is left over.", &[1, 1, 2, 0, 0]),
        ("status cut", "The status is cut.", &[1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    ]
}

/// A status of 35 zero bytes with one of them replaced.
const STATUSES: [(&str, &str, usize, &[u8]); 12] = [
    ("bolt 4", "No such position.", 1, &[4]),
    ("cause 14", "No such cause.", 2, &[14]),
    ("latch 3", "No such position.", 5, &[3]),
    ("target 4", "No such target.", 9, &[4]),
    ("motion 8", "No such motion.", 13, &[8]),
    ("door 6", "No such state.", 14, &[6]),
    ("calibration 4", "No such calibration.", 18, &[4]),
    ("fault 5", "No such fault.", 22, &[5]),
    ("mode 5", "No such mode.", 26, &[5]),
    ("battery of 17 bits", "The third byte of a u16 is at most 3.", 30, &[1, 0xff, 0xff, 4, 0, 0]),
    ("long relock", "A varint with a needless byte.", 31, &[1, 0x80, 0]),
    ("clock 3", "No such clock.", 32, &[3]),
];

fn sealed_reports() -> Bodies {
    vec![
        ("kind 100", "No such report.", &[100]),
        ("marks missing", "The marks are cut.", &[2, 1]),
        ("trailing byte", "A byte is left over.", &[2, 1, 2, 0]),
        ("long configuration", "A varint with a needless byte.", &[0, 7, 1, 0x80, 0]),
    ]
}
