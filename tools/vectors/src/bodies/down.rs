//! What is said towards the lock (sections 7.1, 7.2 and 7.5).

use lock_core::proto::{
    Action, CommandId, Down, Live, Opening, PinDigits, Query, Request, Sealed, Seconds, Setting, UnixMillis,
    Uptime,
};

use super::accepted;
use crate::case::Case;
use crate::world::NOW;

/// Requests with their names and what they ask.
type Requests = Vec<(&'static str, &'static str, Request)>;

pub(super) fn cases() -> anyhow::Result<Vec<Case>> {
    let mut cases = Vec::new();
    for (name, description, request) in requests()? {
        let header = Opening { time: Some(UnixMillis(NOW)) };
        cases.push(accepted(name, description, &Down { header, request: request.clone() })?);
        let header = Live { valid_until: Uptime::from_millis(65_000) };
        cases.push(accepted(name, description, &Down { header, request: request.clone() })?);
        let header = Sealed { issued_at: UnixMillis(NOW), not_after: Some(UnixMillis(NOW + 60_000)) };
        cases.push(accepted(name, description, &Down { header, request })?);
    }
    cases.extend(headers()?);
    cases.extend(numbers()?);
    Ok(cases)
}

fn requests() -> anyhow::Result<Requests> {
    let command = |action| Request::Command { id: CommandId(7), action };
    let configure = |setting| command(Action::Configure { version: 300, setting });
    let pin = |digits: &[u8]| PinDigits::from_ascii(digits);
    Ok(vec![
        ("nothing", "Asks for nothing.", Request::Nothing),
        ("lock", "Throws the bolt.", command(Action::Lock)),
        ("unlock", "Withdraws the bolt.", command(Action::Unlock)),
        ("relock after 30 s", "Sets automatic relock.", configure(Setting::AutoRelock(Seconds(30)))),
        ("never relock", "Turns automatic relock off.", configure(Setting::AutoRelock(Seconds(0)))),
        (
            "set a short pin",
            "Sets a PIN of 4 digits.",
            configure(Setting::SetPin { slot: 0, digits: pin(b"0000")? }),
        ),
        (
            "set a long pin",
            "Sets a PIN of 10 digits.",
            configure(Setting::SetPin { slot: 255, digits: pin(b"0123456789")? }),
        ),
        ("clear a pin", "Clears a PIN.", configure(Setting::ClearPin { slot: 9 })),
        ("query the status", "Asks for the state of the lock.", Request::Query(Query::Status)),
        ("query a command", "Asks what became of a command.", Request::Query(Query::Command(CommandId(7)))),
        (
            "query the marks",
            "Asks for the marks, under a fresh nonce.",
            Request::Query(Query::Marks(
                *b"\x00\x01\x02\x03\x80\x81\x82\x83\xf0\xf1\xf2\xf3\xff\xfe\xfd\xfc",
            )),
        ),
    ])
}

fn unlock() -> Request {
    Request::Command { id: CommandId(7), action: Action::Unlock }
}

fn headers() -> anyhow::Result<Vec<Case>> {
    let mut cases = vec![
        accepted(
            "without time",
            "The cloud does not say the time.",
            &Down { header: Opening { time: None }, request: unlock() },
        )?,
        accepted(
            "that does not expire",
            "A sealed message without an end.",
            &Down { header: Sealed { issued_at: UnixMillis(NOW), not_after: None }, request: unlock() },
        )?,
    ];
    let digits = PinDigits::from_ascii(b"9999999999")?;
    let setting = Setting::SetPin { slot: u8::MAX, digits };
    let request = Request::Command {
        id: CommandId(u64::MAX),
        action: Action::Configure { version: u32::MAX, setting },
    };
    let (name, description, end) = ("longest", "Every number at its largest.", UnixMillis(u64::MAX));
    let header = Opening { time: Some(end) };
    cases.push(accepted(name, description, &Down { header, request: request.clone() })?);
    let header = Live { valid_until: Uptime::from_millis(u64::MAX) };
    cases.push(accepted(name, description, &Down { header, request: request.clone() })?);
    let header = Sealed { issued_at: end, not_after: Some(end) };
    cases.push(accepted(name, description, &Down { header, request })?);
    Ok(cases)
}

/// Numbers on both sides of each step in the length of a varint.
fn numbers() -> anyhow::Result<Vec<Case>> {
    let steps = (1..=9).flat_map(|bytes| [(1 << (7 * bytes)) - 1, 1 << (7 * bytes)]);
    let numbers = [0, 1].into_iter().chain(steps).chain([u64::MAX - 1, u64::MAX]);
    let cases = numbers.map(|number| {
        let request = Request::Query(Query::Command(CommandId(number)));
        let message = Down { header: Live { valid_until: Uptime::from_millis(number) }, request };
        accepted(&format!("number {number}"), "A number in its shortest form, twice.", &message)
    });
    cases.collect()
}
