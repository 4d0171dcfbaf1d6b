//! Handshakes that fail: something differs between the two ends, or changed on the way.

use lock_core::crypto::KeyEpoch;

use super::{Choice, FIRST, Refused, Setup, finish};
use crate::case::{Case, Fields, refusal};
use crate::world::{OTHER_LOCK_ID, counted, entropy};

pub(super) fn cases() -> anyhow::Result<Vec<Case>> {
    Ok([altered_locks()?, altered_messages()?, altered_tickets()?, altered_answers()?].concat())
}

/// A Message1 that the lock refuses for what is wrong with it.
pub(super) fn refused(name: &str, description: &str, lock: &Setup, message1: &[u8]) -> anyhow::Result<Case> {
    let error = refusal(lock.answer(message1)?)?;
    let fields = Fields::new()
        .hex("lock_id", lock.lock_id.as_bytes())
        .number("key_epoch", lock.key_epoch.number())
        .hex("psk", lock.psk)
        .hex("hello", lock.hello)
        .hex("message1", message1)
        .text("error", error);
    Ok(Case::new(name, description).with(fields))
}

/// The message is genuine, and for another lock, epoch, key or Hello.
fn altered_locks() -> anyhow::Result<Vec<Case>> {
    let genuine = Setup::first()?;
    let message1 = genuine.exchange()?.message1;
    let with = |change: fn(&mut Setup)| {
        let mut lock = genuine.clone();
        change(&mut lock);
        lock
    };
    let locks = [
        (
            "another lock",
            "The message is for another lock with the same key.",
            with(|lock| lock.lock_id = OTHER_LOCK_ID),
        ),
        (
            "another epoch",
            "The message is for another epoch with the same key.",
            with(|lock| lock.key_epoch = lock.key_epoch.next().unwrap_or(KeyEpoch::FIRST)),
        ),
        ("another key", "One bit of the key differs.", with(|lock| lock.psk[31] ^= 1)),
        ("replayed to a new hello", "The lock has sent a new Hello since.", with(|lock| lock.hello[28] ^= 1)),
        ("altered handle", "The relay changed the handle in the Hello.", with(|lock| lock.hello[5] ^= 0x80)),
        (
            "downgraded versions",
            "The relay cut the range of versions that the lock speaks.",
            with(|lock| lock.hello[3] = 2),
        ),
        (
            "downgraded profile",
            "The relay changed the profile that the lock speaks.",
            with(|lock| lock.hello[4] = 2),
        ),
    ];
    locks.iter().map(|(name, description, lock)| refused(name, description, lock, &message1)).collect()
}

/// The lock is right, and the message was changed on the way.
fn altered_messages() -> anyhow::Result<Vec<Case>> {
    let lock = Setup::first()?;
    let genuine = lock.exchange()?.message1;
    let flipped = |place: usize, bits: u8| {
        let mut message = genuine.clone();
        message[place] ^= bits;
        message
    };
    let last = genuine.len() - 1;
    let (inside, end) = ([&genuine[..30], &genuine[31..]].concat(), [genuine.as_slice(), &[0]].concat());
    let messages = [
        ("version flipped", "The chosen version was changed.", flipped(2, 1)),
        ("selector flipped", "Current became pending, with the same key.", flipped(3, 1)),
        ("role changed", "The cloud's selector became the claimer's.", flipped(3, 3)),
        ("nonce flipped", "The first bit of the nonce was changed.", flipped(6, 0x80)),
        ("payload flipped", "The first bit of the payload was changed.", flipped(22, 0x80)),
        ("tag flipped", "The last bit of the tag was changed.", flipped(last, 1)),
        ("shortened inside", "A byte of the payload was taken out.", inside),
        ("shortened at the end", "The last byte was cut off.", genuine[..last].to_vec()),
        ("extended", "A byte was added at the end.", end),
    ];
    let cases = messages.iter().map(|(name, description, message)| {
        refused(&format!("message 1 {name}"), description, &lock, message)
    });
    cases.collect()
}

fn altered_tickets() -> anyhow::Result<Vec<Case>> {
    let psk = entropy("a key that follows from a ticket");
    let lock = Setup { psk, choice: Choice::Ticket(counted(0x80, 20)), ..Setup::first()? };
    let genuine = lock.exchange()?.message1;
    let mut flipped = genuine.clone();
    flipped[6] ^= 1;
    // The last byte of the ticket becomes the first of the nonce.
    let mut moved = genuine;
    moved[5] -= 1;
    Ok(vec![
        refused("ticket flipped", "A bit of the ticket was changed.", &lock, &flipped)?,
        refused("ticket shortened", "The seam between ticket and nonce was moved.", &lock, &moved)?,
    ])
}

fn altered_answers() -> anyhow::Result<Vec<Case>> {
    let setup = Setup::first()?;
    let exchange = setup.exchange()?;
    let genuine = &exchange.message2;
    let flipped = |place: usize, bits: u8| {
        let mut message = genuine.clone();
        message[place] ^= bits;
        message
    };
    let last = genuine.len() - 1;
    let mut other = setup.clone();
    other.initiator_hedge.attempt += 1;
    let reflected = [&genuine[..2], &exchange.message1[6..]].concat();
    let messages = [
        ("nonce flipped", "The first bit of the nonce was changed.", flipped(2, 0x80)),
        ("payload flipped", "The first bit of the payload was changed.", flipped(18, 0x80)),
        ("tag flipped", "The last bit of the tag was changed.", flipped(last, 1)),
        ("shortened", "The last byte was cut off.", genuine[..last].to_vec()),
        ("extended", "A byte was added at the end.", [genuine.as_slice(), &[0]].concat()),
        (
            "to another message 1",
            "The answer to another attempt at the same Hello.",
            other.exchange()?.message2,
        ),
        ("reflected", "The initiator's own message comes back as the answer.", reflected),
    ];
    let cases = messages.into_iter().map(|(name, description, message2)| {
        let name = format!("message 2 {name}");
        refused_answer(&name, description, (FIRST, &setup), &message2, Refused::Forged)
    });
    cases.collect()
}

/// A Message2 that the initiator of a handshake refuses; the code says no more than that, `error` says why.
pub(super) fn refused_answer(
    name: &str,
    description: &str,
    (handshake, setup): (&str, &Setup),
    message2: &[u8],
    error: Refused,
) -> anyhow::Result<Case> {
    let (_, waiting) = setup.start()?;
    refusal(finish(waiting, message2))?;
    let fields = Fields::new().text("handshake", handshake).hex("message2", message2).word("error", &error);
    Ok(Case::new(name, description).with(fields))
}
