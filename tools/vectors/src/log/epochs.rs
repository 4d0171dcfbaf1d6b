//! A log over several key epochs.

use anyhow::ensure;
use lock_core::crypto::{FirstKey, Key, KeyEpoch, LogChain, LogHead, LogVerifier, RustCrypto};
use lock_core::proto::{BootReason, Cause, CommandId, LogEvent, Target};

use super::{Exported, NONCE, Writer, evening, first_key, found_by, log_fields};
use crate::case::{Case, Fields};
use crate::world::{Keys, LOCK_ID};

fn keys(number: u32) -> anyhow::Result<Keys> {
    Keys::of(LOCK_ID, number)
}

/// A key epoch begins.
fn turn(writer: &mut Writer, number: u64, keys: &Keys) -> anyhow::Result<()> {
    let (epoch, key) = (keys.key_epoch, first_key(keys));
    let event = LogEvent::KeyEpoch(epoch.number());
    writer.log_with(number, Cause::RemoteLive, Some(CommandId(310)), event, |chain, body| {
        chain.link_to_epoch::<RustCrypto>(body, epoch, &key)
    })
}

/// An evening, and then three entries under each of the next two epochs: 8 begins epoch 2, and 12 epoch 3.
fn three_epochs() -> anyhow::Result<Writer> {
    let mut writer = evening()?;
    for (at, epoch) in [(8, 2), (12, 3)] {
        turn(&mut writer, at, &keys(epoch)?)?;
        writer.log(at + 1, Cause::RemoteLive, Some(CommandId(311)), LogEvent::Asked(Target::Unlocked))?;
        writer.log(at + 2, Cause::Manual, None, LogEvent::Asked(Target::Locked))?;
        writer.log(at + 3, Cause::Boot, None, LogEvent::Booted(BootReason::BrownOut))?;
    }
    Ok(writer)
}

/// Where a verifier of a case begins.
#[derive(Clone, Copy)]
enum Start {
    FirstKey,
    Ownership,
}

/// A case whose verifier has the first keys of the epochs with these roots.
fn case(
    (name, description): (&str, &str),
    start: Start,
    later: &[Keys],
    entries: &[Exported],
    head: &LogHead,
) -> anyhow::Result<Case> {
    let first = Keys::first()?;
    let first_keys: Vec<_> =
        later.iter().map(|keys| FirstKey { epoch: keys.key_epoch, key: first_key(keys) }).collect();
    let verifier = match start {
        Start::FirstKey => LogVerifier::begin(first.key_epoch, first_key(&first)),
        Start::Ownership => LogVerifier::before_the_first(0),
    };
    let of = |keys: &Keys| Fields::new().number("key_epoch", keys.key_epoch.number()).hex("root", keys.root);
    let fields = first.fields().groups("later", later.iter().map(of).collect());
    let fields = match start {
        Start::FirstKey => fields,
        Start::Ownership => fields.text("start", "Ownership"),
    };
    let found = found_by(verifier, &first_keys, entries, (head, &NONCE));
    let fields = log_fields(fields, entries, (head, &NONCE)).groups("found", found);
    Ok(Case::new(name, description).with(fields))
}

/// Whoever had the key of the first epoch goes on in its chain behind the entry that ended it.
fn forged(genuine: &[Exported]) -> anyhow::Result<Vec<Exported>> {
    let mut entries = genuine.to_vec();
    let chain = LogChain::begin(KeyEpoch::FIRST, first_key(&Keys::first()?));
    let chain = chain.at::<RustCrypto>(9).ok_or_else(|| anyhow::anyhow!("nine entries are few"))?;
    let key = Key::from_bytes(*chain.key().expose());
    let chain = LogChain::resume(KeyEpoch::FIRST, 9, key, entries[8].mac)?;
    entries[9].mac = chain.link::<RustCrypto>(&entries[9].body).mac();
    Ok(entries)
}

pub(super) fn cases() -> anyhow::Result<Vec<Case>> {
    let writer = three_epochs()?;
    let (all, head) = (&writer.entries, writer.head(&NONCE, 0));
    ensure!(head.epoch.number() == 3, "the log ends in the third epoch");
    let both = [keys(2)?, keys(3)?];
    let [second, third] = &both;
    let without = |from: usize, to: usize| [&all[..from], &all[to..]].concat();
    let mut gap = three_epochs()?;
    gap.log(16, Cause::Mechanism, None, LogEvent::Overwritten { first: 0, last: 9 })?;
    let mut turned = evening()?;
    turn(&mut turned, 8, second)?;
    let turned_head = turned.head(&NONCE, 0);
    let other = [Keys::from_root(keys(9)?.root, LOCK_ID, 2)?];
    let mut two = evening()?;
    turn(&mut two, 8, second)?;
    two.log(9, Cause::Manual, None, LogEvent::Asked(Target::Locked))?;
    let two_head = two.head(&NONCE, 0);
    let (key, own) = (Start::FirstKey, Start::Ownership);
    [
        (("three epochs", "Each chain hands over to the next."), key, &both[..], all.clone(), head),
        (
            ("epoch entry dropped", "The entry that begins epoch 2 was taken out."),
            key,
            &both[..],
            without(8, 9),
            head,
        ),
        (
            (
                "epoch overwritten",
                "All up to the first entry of epoch 2 was overwritten, and a later entry says so.",
            ),
            key,
            &both[..],
            gap.entries[10..].to_vec(),
            gap.head(&NONCE, 10),
        ),
        (
            ("whole epoch dropped", "The entries from 8 to 12 were taken out, and with them all of epoch 2."),
            key,
            &both[..],
            without(8, 13),
            head,
        ),
        (("wrong first key", "The key of epoch 2 is another."), key, &other[..], two.entries, two_head),
        (
            ("old chain behind the epoch", "Entry 9 was made anew with the key of epoch 1."),
            key,
            &both[..],
            forged(all)?,
            head,
        ),
        (
            ("key of an epoch lost", "The key of epoch 2 is not there; epoch 3 is verified."),
            key,
            &both[1..],
            all.clone(),
            head,
        ),
        (
            ("key of the last epoch lost", "The key of epoch 3 is not there."),
            key,
            &both[..1],
            all.clone(),
            head,
        ),
    ]
    .into_iter()
    .map(|(named, start, later, entries, head)| case(named, start, later, &entries, &head))
    .chain([
        case(
            ("ends with an epoch", "Epoch 2 begins, and has no entry yet."),
            key,
            &both,
            &turned.entries,
            &turned_head,
        ),
        case(
            ("new owner", "An owner whose ownership began with epoch 3 is told nothing of before."),
            own,
            core::slice::from_ref(third),
            &all[13..],
            &head,
        ),
        case(
            ("new owner without entries", "The ownership began with epoch 2, and nothing happened since."),
            own,
            core::slice::from_ref(second),
            &[],
            &turned_head,
        ),
        case(
            ("new owner shown the past", "An entry of before its ownership is none of its log."),
            own,
            core::slice::from_ref(third),
            &all[11..],
            &head,
        ),
    ])
    .collect()
}
