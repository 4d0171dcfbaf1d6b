//! Section 4.6: records of a live session.

use lock_core::crypto::record::MAX_FAILURES;
use lock_core::crypto::{Delivery, RecordError, SealError, Session};
use lock_core::proto::{
    Action, CommandId, Down, Kind, Live, Query, Reply, Report, ReportBody, Request, Uptime,
};

use crate::bodies::Message;
use crate::case::{Case, Fields, File};
use crate::handshake::{FIRST, Setup};

pub(crate) fn file() -> anyhow::Result<File> {
    let cases = [ordered()?, forged()?, endings()?, datagram()?].concat();
    File::new(
        "records.json",
        "4.6",
        "Records that arrive one after the other at one end of the session of the `handshake` with that name. `receiver` is Lock or Initiator; \
         `delivery` is Ordered or Datagram. `result` is Opened, with the `body`, or why not; `command` says of a record with a command \
         whether its counter lets it be executed (Accepted) or not (Stale).",
        cases,
    )
}

/// Who receives.
#[derive(Clone, Copy, Debug)]
enum Receiver {
    Lock,
    Initiator,
}

/// Puts the body into a record.
pub(crate) fn seal(session: &mut Session, body: &[u8]) -> Result<Vec<u8>, SealError> {
    let mut packet = [&[0; 10], body, &[0; 16]].concat();
    session.seal_record(Kind::Record.prefix(), &mut packet, body.len())?;
    Ok(packet)
}

/// The first `count` records of a direction: a query each in turn with a command down, an answer up.
fn sent(receiver: Receiver, count: u64) -> anyhow::Result<Vec<Vec<u8>>> {
    let (mut initiator, mut lock) = Setup::first()?.exchange()?.sessions(Delivery::Ordered);
    let records = (0..count).map(|number| {
        let uptime = Uptime::from_millis(61_500 + number);
        match receiver {
            Receiver::Lock => seal(&mut initiator, &request(number, uptime).body()?),
            Receiver::Initiator => {
                let body = ReportBody::Reply(Reply::Nothing);
                seal(&mut lock, &Report { uptime, body }.body()?)
            }
        }
        .map_err(anyhow::Error::from)
    });
    records.collect()
}

/// A command in each record with an even counter, a query in the others.
fn request(number: u64, uptime: Uptime) -> Down<Live> {
    let request = if number.is_multiple_of(2) {
        Request::Command { id: CommandId(9 + number), action: Action::Unlock }
    } else {
        Request::Query(Query::Status)
    };
    Down { header: Live { valid_until: uptime.plus_millis(4_000) }, request }
}

/// What one end makes of the packets.
fn case(
    name: &str,
    description: &str,
    (receiver, delivery): (Receiver, Delivery),
    packets: &[Vec<u8>],
) -> anyhow::Result<Case> {
    let (mut initiator, mut lock) = Setup::first()?.exchange()?.sessions(delivery);
    let session = match receiver {
        Receiver::Lock => &mut lock,
        Receiver::Initiator => &mut initiator,
    };
    let arrivals = packets.iter().map(|packet| arrival(session, receiver, packet)).collect();
    let fields = Fields::new()
        .text("handshake", FIRST)
        .word("receiver", &receiver)
        .word("delivery", &delivery)
        .groups("arrivals", arrivals);
    Ok(Case::new(name, description).with(fields))
}

fn arrival(session: &mut Session, receiver: Receiver, packet: &[u8]) -> Fields {
    let fields = Fields::new().hex("packet", packet);
    let mut packet = packet.to_vec();
    let opened: Result<Vec<u8>, RecordError> =
        session.open_record(&mut packet).map(|body| body.into_inner().to_vec());
    let body = match opened {
        Ok(body) => body,
        Err(error) => return fields.word("result", &error),
    };
    let fields = fields.text("result", "Opened").hex("body", &body);
    let is_command = matches!(
        (receiver, Down::<Live>::decode(&body)),
        (Receiver::Lock, Ok(Down { request: Request::Command { .. }, .. }))
    );
    if !is_command {
        return fields;
    }
    fields.text("command", if session.accept_command().is_ok() { "Accepted" } else { "Stale" })
}

const TO_LOCK: (Receiver, Delivery) = (Receiver::Lock, Delivery::Ordered);
const TO_INITIATOR: (Receiver, Delivery) = (Receiver::Initiator, Delivery::Ordered);

fn ordered() -> anyhow::Result<Vec<Case>> {
    let (down, up) = (sent(Receiver::Lock, 4)?, sent(Receiver::Initiator, 4)?);
    let pick = |places: &[usize]| places.iter().map(|place| down[*place].clone()).collect::<Vec<_>>();
    Ok(vec![
        case("down in order", "Counters start at 0 and go up by one.", TO_LOCK, &down)?,
        case("up in order", "Each direction has its own counter and key.", TO_INITIATOR, &up)?,
        case("replayed", "A record that comes again is refused.", TO_LOCK, &pick(&[0, 1, 1, 0, 2]))?,
        case(
            "reordered",
            "A record before its turn is refused, and opens in its turn.",
            TO_LOCK,
            &pick(&[1, 0, 1]),
        )?,
        case("lost", "After a lost record none opens.", TO_LOCK, &pick(&[0, 2, 3]))?,
    ])
}

/// The first record, changed on the way, and then as it was: a record that fails changes nothing.
fn forged() -> anyhow::Result<Vec<Case>> {
    let (down, up) = (sent(Receiver::Lock, 2)?, sent(Receiver::Initiator, 1)?);
    let genuine = &down[0];
    let flipped = |place: usize, bits: u8| {
        let mut record = genuine.clone();
        record[place] ^= bits;
        record
    };
    let last = genuine.len() - 1;
    let changes = [
        ("counter raised", "The next counter on the first record.", flipped(9, 1)),
        ("body flipped", "The first bit of the body was changed.", flipped(10, 0x80)),
        ("tag flipped", "The last bit of the tag was changed.", flipped(last, 1)),
        ("truncated", "The last byte was cut off.", genuine[..last].to_vec()),
        ("truncated inside", "A byte of the body was taken out.", [&genuine[..10], &genuine[11..]].concat()),
        ("empty body", "All of the body was taken out.", [&genuine[..10], &genuine[last - 15..]].concat()),
        ("extended", "A byte was added at the end.", [genuine.as_slice(), &[0]].concat()),
        ("reflected", "A record of the lock comes back to it.", up[0].clone()),
        (
            "spliced",
            "The counter of one record and the body of the next.",
            [&genuine[..10], &down[1][10..]].concat(),
        ),
    ];
    let cases = changes
        .map(|(name, description, record)| case(name, description, TO_LOCK, &[record, genuine.clone()]));
    let reflected = case(
        "reflected to the initiator",
        "A record of the initiator comes back to it.",
        TO_INITIATOR,
        &[genuine.clone(), up[0].clone()],
    );
    cases.into_iter().chain([reflected]).collect()
}

fn endings() -> anyhow::Result<Vec<Case>> {
    let genuine = sent(Receiver::Lock, 1)?.remove(0);
    let mut forged = genuine.clone();
    forged[10] ^= 1;
    let after = |failures: u8| {
        let mut records = vec![forged.clone(); usize::from(failures)];
        records.push(genuine.clone());
        records
    };
    Ok(vec![
        case(
            "seven failures",
            "The session lives on after seven failures.",
            TO_LOCK,
            &after(MAX_FAILURES - 1),
        )?,
        case("eight failures", "The eighth failure ends the session.", TO_LOCK, &after(MAX_FAILURES))?,
    ])
}

fn datagram() -> anyhow::Result<Vec<Case>> {
    let down = sent(Receiver::Lock, 202)?;
    let pick = |places: &[usize]| places.iter().map(|place| down[*place].clone()).collect::<Vec<_>>();
    let link = (Receiver::Lock, Delivery::Datagram);
    Ok(vec![
        case(
            "datagram reordered",
            "Each record opens once in any order; a command below the last one is stale.",
            link,
            &pick(&[4, 2, 3, 2, 4, 6, 5]),
        )?,
        case(
            "datagram window",
            "127 below the newest opens, 128 below does not.",
            link,
            &pick(&[200, 73, 72, 73, 201, 74, 73, 75]),
        )?,
        case("datagram first", "A first record with any counter opens.", link, &pick(&[129, 1, 2, 129]))?,
    ])
}
