//! Section 6.2: the log, what may be done to a copy of it, and what a verifier says.

use anyhow::ensure;
use lock_core::crypto::{
    FirstKey, Key, KeyEpoch, Label, LogChain, LogHead, LogLink, LogMac, LogVerifier, Missing, RustCrypto,
    Walked,
};
use lock_core::proto::{
    Alarm, BoltPosition, BootReason, Cause, CommandId, CredentialKind, LogEntry, LogEvent, LogTime, Reason,
    Table, Target, UnixMillis, Uptime,
};

use crate::bodies::Message;
use crate::case::{Case, Fields, File};
use crate::world::{Keys, LOCK_ID, NOW};

mod epochs;

pub(crate) fn file() -> anyhow::Result<File> {
    let cases = [whole()?, tampered()?, epochs::cases()?].concat();
    File::new(
        "log.json",
        "6.2",
        "A log under the leaf of this root, lock and epoch, from its first entry, and a head. `entries` are as they came, with the `body` of \
         section 7.7; `nonce` is that of the asker, and `head` what answered. `found` is what a verifier finds, in order: Missing where entries \
         are missing before the next one, Explained where an entry says that they were overwritten, and faults by their names; it is empty \
         where all is right. In cases over several key epochs `later` names the roots of the later epochs whose keys the verifier has, and \
         `found` has Unverified where a stretch had no key and is over. With `start` Ownership it has the keys of `later` alone, and was told \
         nothing of what came before them.",
        cases,
    )
}

const NONCE: [u8; 16] = *b"a nonce of ours.";

/// An entry as it is exported.
#[derive(Clone)]
struct Exported {
    index: u64,
    previous: LogMac,
    mac: LogMac,
    body: Vec<u8>,
}

/// A lock that logs: a body for each entry.
struct Writer {
    chain: LogChain,
    entries: Vec<Exported>,
}

impl Writer {
    fn new() -> anyhow::Result<Self> {
        let chain = LogChain::begin(KeyEpoch::FIRST, first_key(&Keys::first()?));
        Ok(Self { chain, entries: Vec::new() })
    }

    fn log(
        &mut self,
        number: u64,
        cause: Cause,
        command: Option<CommandId>,
        event: LogEvent,
    ) -> anyhow::Result<()> {
        self.log_with(number, cause, command, event, LogChain::link::<RustCrypto>)
    }

    fn log_with(
        &mut self,
        number: u64,
        cause: Cause,
        command: Option<CommandId>,
        event: LogEvent,
        link: impl FnOnce(&LogChain, &[u8]) -> LogLink,
    ) -> anyhow::Result<()> {
        let time = match number {
            0 => LogTime::Unset,
            1 | 2 => LogTime::Floor(UnixMillis(NOW)),
            _ => LogTime::Trusted { earliest: UnixMillis(NOW + 1_000 * number), span_ms: 300 },
        };
        let entry = LogEntry {
            boot: 12,
            uptime: Uptime::from_millis(100 + 1_000 * number),
            time,
            cause,
            command,
            event,
        };
        let body = entry.body()?;
        let previous = self.chain.last();
        let link = link(&self.chain, &body);
        self.entries.push(Exported { index: link.index(), previous, mac: link.mac(), body });
        self.chain.advance(link);
        Ok(())
    }

    fn head(&self, nonce: &[u8; 16], first: u64) -> LogHead {
        self.chain.head::<RustCrypto>(nonce, first)
    }
}

fn first_key(keys: &Keys) -> Key {
    Key::from_bytes(*keys.leaves.leaf(Label::Log).expose())
}

/// An evening: eight entries.
fn evening() -> anyhow::Result<Writer> {
    let user = Cause::Credential { kind: CredentialKind::Pin, slot: 3, user: Some(2) };
    let mut writer = Writer::new()?;
    let events = [
        (Cause::Boot, None, LogEvent::Booted(BootReason::PowerOn)),
        (Cause::Unknown, None, LogEvent::Refused(Reason::WrongCode)),
        (user, None, LogEvent::Asked(Target::Unlocked)),
        (Cause::RemoteLive, None, LogEvent::ClockSet),
        (user, None, LogEvent::Bolt(BoltPosition::Retracted)),
        (Cause::RemoteLive, Some(CommandId(300)), LogEvent::Asked(Target::Locked)),
        (Cause::Mechanism, None, LogEvent::Alarm(Alarm::Jammed)),
        (
            Cause::RemoteSealed,
            Some(CommandId(301)),
            LogEvent::Configured { version: 300, table: Table::Credentials, slot: 3 },
        ),
    ];
    for (number, (cause, command, event)) in (0..).zip(events) {
        writer.log(number, cause, command, event)?;
    }
    Ok(writer)
}

/// What a verifier finds from the first key on; it heeds what each entry that is right says of the log.
fn found(keys: &Keys, entries: &[Exported], head: &LogHead, nonce: &[u8; 16]) -> Vec<Fields> {
    let verifier = LogVerifier::begin(keys.key_epoch, first_key(keys));
    found_by(verifier, &[], entries, (head, nonce))
}

fn found_by(
    mut verifier: LogVerifier,
    later: &[FirstKey],
    entries: &[Exported],
    (head, nonce): (&LogHead, &[u8; 16]),
) -> Vec<Fields> {
    let mut found = Vec::new();
    let range = |name: &str, Missing { first, last }| {
        Fields::new().text("name", name).number("first", first).number("last", last)
    };
    for Exported { index, previous, mac, body } in entries {
        let walked = verifier.entry::<RustCrypto>(*index, *previous, *mac, body, later);
        found.extend(verifier.take_unverified().map(|unverified| range("Unverified", unverified)));
        match walked {
            Ok(Walked::Unverified) => {}
            Ok(Walked::Right { missing, .. }) => {
                found.extend(missing.map(|missing| range("Missing", missing)));
                let event = LogEntry::decode(body).ok().map(|entry| entry.event);
                if let Some(LogEvent::Overwritten { first, last }) = event
                    && verifier.explain(Missing { first, last })
                {
                    found.push(range("Explained", Missing { first, last }));
                }
                if let Some(LogEvent::KeyEpoch(number)) = event
                    && let Some(epoch) = KeyEpoch::new(number)
                {
                    let _ = verifier.hand_over(epoch, later);
                }
            }
            Err(fault) => {
                found.push(Fields::new().text("name", name_of(&fault)).text("says", fault.to_string()));
            }
        }
    }
    let end = verifier.head::<RustCrypto>(head, nonce, later);
    found.extend(verifier.take_unverified().map(|unverified| range("Unverified", unverified)));
    if let Err(fault) = end {
        found.push(Fields::new().text("name", name_of(&fault)).text("says", fault.to_string()));
    }
    found
}

/// The name of a fault without its fields.
fn name_of(fault: &impl std::fmt::Debug) -> String {
    format!("{fault:?}").split(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default().to_owned()
}

fn case(
    name: &str,
    description: &str,
    keys: &Keys,
    entries: &[Exported],
    (head, nonce): (&LogHead, &[u8; 16]),
) -> Case {
    let fields = log_fields(keys.fields(), entries, (head, nonce));
    Case::new(name, description).with(fields.groups("found", found(keys, entries, head, nonce)))
}

/// The entries, the nonce and the head behind what comes before them.
fn log_fields(before: Fields, entries: &[Exported], (head, nonce): (&LogHead, &[u8; 16])) -> Fields {
    let list = entries.iter().map(|entry| {
        Fields::new()
            .number("index", entry.index)
            .hex("previous", entry.previous.0)
            .hex("mac", entry.mac.0)
            .hex("body", &entry.body)
    });
    let given = Fields::new()
        .number("key_epoch", head.epoch.number())
        .number("first", head.first)
        .number("next", head.next)
        .hex("last", head.last.0)
        .hex("tag", head.tag);
    before.groups("entries", list.collect()).hex("nonce", nonce).group("head", given)
}

fn whole() -> anyhow::Result<Vec<Case>> {
    let keys = Keys::first()?;
    let empty = Writer::new()?;
    let evening = evening()?;
    let mut gap = self::evening()?;
    gap.log(8, Cause::Mechanism, None, LogEvent::Overwritten { first: 0, last: 3 })?;
    gap.log(9, Cause::Mechanism, None, LogEvent::Lost(2))?;
    let (head, gap_head) = (evening.head(&NONCE, 0), gap.head(&NONCE, 4));
    let cases = vec![
        case("empty", "A lock that has never been started.", &keys, &[], (&empty.head(&NONCE, 0), &NONCE)),
        case("whole", "All entries are there and right.", &keys, &evening.entries, (&head, &NONCE)),
        case(
            "explicit gap",
            "The first four entries were overwritten, and a later entry says so.",
            &keys,
            &gap.entries[4..],
            (&gap_head, &NONCE),
        ),
    ];
    for (entries, head) in [(&evening.entries[..], &head), (&empty.entries[..], &empty.head(&NONCE, 0))] {
        ensure!(found(&keys, entries, head, &NONCE).is_empty(), "a whole log has a fault");
    }
    Ok(cases)
}

/// Copies of one log with something done to them.
fn tampered() -> anyhow::Result<Vec<Case>> {
    let (keys, other) = (Keys::first()?, Keys::of(LOCK_ID, 2)?);
    let writer = evening()?;
    let head = writer.head(&NONCE, 0);
    let genuine = &writer.entries;
    let changed = |change: &dyn Fn(&mut Vec<Exported>)| {
        let mut entries = genuine.clone();
        change(&mut entries);
        entries
    };
    let changes: [(&str, &str, Vec<Exported>); 10] = [
        ("edited", "A bit of the body of entry 2 was changed.", changed(&|list| list[2].body[0] ^= 1)),
        ("mac edited", "A bit of the MAC of entry 2 was changed.", changed(&|list| list[2].mac.0[15] ^= 1)),
        (
            "previous edited",
            "Entry 2 claims another entry before it.",
            changed(&|list| list[2].previous.0[0] ^= 1),
        ),
        ("dropped", "Entry 5 was taken out.", changed(&|list| drop(list.remove(5)))),
        ("first dropped", "The first two entries were taken out.", changed(&|list| drop(list.drain(..2)))),
        (
            "renumbered",
            "Entry 1 was taken out, and the next one has its number.",
            changed(&|list| {
                list.remove(1);
                list[1].index = 1;
            }),
        ),
        ("reordered", "Entries 3 and 4 changed places.", changed(&|list| list.swap(3, 4))),
        ("repeated", "Entry 3 comes twice.", changed(&|list| list.insert(4, list[3].clone()))),
        ("truncated", "The last three entries were cut off.", changed(&|list| list.truncate(5))),
        ("all dropped", "Only the head is left.", Vec::new()),
    ];
    let mut cases: Vec<_> = changes
        .iter()
        .map(|(name, description, entries)| case(name, description, &keys, entries, (&head, &NONCE)))
        .collect();
    let old = evening()?.head(b"another's nonce.", 0);
    cases.push(case("not fresh", "The head answers another nonce.", &keys, genuine, (&old, &NONCE)));
    let early = LogHead { next: 7, ..head };
    cases.push(case(
        "head behind",
        "The head claims fewer entries than there are.",
        &keys,
        genuine,
        (&early, &NONCE),
    ));
    cases.push(case("wrong key", "The key is of another epoch.", &other, genuine, (&head, &NONCE)));
    for (name, _, entries) in &changes {
        ensure!(!found(&keys, entries, &head, &NONCE).is_empty(), "{name}: it is not noticed");
    }
    Ok(cases)
}
