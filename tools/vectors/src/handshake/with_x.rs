//! Profile X: whole handshakes, and what its ends refuse.

use lock_core::crypto::Label;
use lock_core::proto::{Action, CommandId, Kind, Reply, Request};

use super::refused::{refused, refused_answer};
use super::{Choice, PROFILE, Refused, Setup, by_hand, case};
use crate::case::Case;
use crate::world::{Keys, NOW, counted, entropy};

const FIRST_OF_X: &str = "profile X unlock at once";

pub(super) fn cases() -> anyhow::Result<Vec<Case>> {
    let mut cases = Vec::new();
    for (name, description, setup) in setups()? {
        cases.push(case(name, description, &setup)?);
    }
    cases.extend(refused_by_the_lock()?);
    cases.extend(refused_by_the_initiator()?);
    Ok(cases)
}

fn setups() -> anyhow::Result<Vec<(&'static str, &'static str, Setup)>> {
    let keys = Keys::first()?;
    let session = *keys.leaves.leaf(Label::Session).expose();
    let unlock = || (None, Request::Command { id: CommandId(8), action: Action::Unlock });
    let claimer = entropy("a key that follows from a label");
    let holder = entropy("a key that follows from a ticket");
    let nothing = || (Some(NOW), Request::Nothing);
    let new = |psk, choice, request, reply| Setup::new(&keys, psk, choice, request, reply).map(Setup::with_x);
    Ok(vec![
        (FIRST_OF_X, "The cloud unlocks the door in its first message.", Setup::first()?.with_x()),
        (
            "profile X nothing but a session",
            "The first message before a configuration.",
            new(session, Choice::CloudCurrent, nothing(), Reply::Nothing)?,
        ),
        (
            "profile X holder of a ticket",
            "The holder of a ticket of 200 bytes, whose key is given.",
            new(holder, Choice::Ticket(counted(0x80, 200)), unlock(), Reply::NotUnderstood)?,
        ),
        (
            "profile X claimer",
            "Whoever claims a lock, with a key that is given.",
            new(claimer, Choice::Claim, (None, Request::Nothing), Reply::NotUnderstood)?,
        ),
    ])
}

/// Points of low order: zero, p minus one, zero once more as p, and one of order 8.
fn points_without_secret() -> [(&'static str, [u8; 32]); 4] {
    let all_but_first = |first: u8| {
        let mut point = [0xFF; 32];
        (point[0], point[31]) = (first, 0x7F);
        point
    };
    let order_8 = [
        0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda,
        0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00,
    ];
    [
        ("zero", [0; 32]),
        ("p minus one", all_but_first(0xEC)),
        ("p itself", all_but_first(0xED)),
        ("a point of order 8", order_8),
    ]
}

fn refused_by_the_lock() -> anyhow::Result<Vec<Case>> {
    let (lock, lock_of_s) = (Setup::first()?.with_x(), Setup::first()?);
    let genuine = lock.start()?.0;
    let flipped = |place: usize, bits: u8| {
        let mut message = genuine.clone();
        message[place] ^= bits;
        message
    };
    let last = genuine.len() - 1;
    let mut elsewhere = lock.clone();
    elsewhere.hello[28] ^= 1;
    let mut altered = lock.clone();
    altered.hello[PROFILE] = 1;
    let altered = altered.start()?.0;
    let mut cases = vec![
        refused("profile X another hello", "The lock has sent a new Hello since.", &elsewhere, &genuine)?,
        refused(
            "profile X downgraded",
            "The relay made the Hello one of profile S, and the cloud obeyed.",
            &lock,
            &altered,
        )?,
        refused(
            "profile S upgraded",
            "A message of profile X comes to a lock of profile S.",
            &lock_of_s,
            &genuine,
        )?,
    ];
    for (name, description, message) in [
        ("ephemeral flipped", "The first bit of the ephemeral key was changed.", flipped(6, 1)),
        (
            "ephemeral of the same point",
            "The bit of the ephemeral key that X25519 ignores was changed.",
            flipped(37, 0x80),
        ),
        ("payload flipped", "The first bit of the payload was changed.", flipped(38, 0x80)),
        ("tag flipped", "The last bit of the tag was changed.", flipped(last, 1)),
        ("shortened", "The last byte was cut off.", genuine[..last].to_vec()),
        ("extended", "A byte was added at the end.", [genuine.as_slice(), &[0]].concat()),
    ] {
        cases.push(refused(&format!("profile X message 1 {name}"), description, &lock, &message)?);
    }
    for (name, point) in points_without_secret() {
        let name = format!("profile X message 1 with {name}");
        let message = lock.message1(&by_hand::message1(&lock, point))?;
        cases.push(refused(
            &name,
            "It opens, and the lock answers nothing: the shared secret is zero.",
            &lock,
            &message,
        )?);
    }
    Ok(cases)
}

fn refused_by_the_initiator() -> anyhow::Result<Vec<Case>> {
    let setup = Setup::first()?.with_x();
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
    let mut cases = Vec::new();
    for (name, description, message) in [
        ("ephemeral flipped", "The first bit of the ephemeral key was changed.", flipped(2, 1)),
        (
            "ephemeral of the same point",
            "The bit of the ephemeral key that X25519 ignores was changed.",
            flipped(33, 0x80),
        ),
        ("payload flipped", "The first bit of the payload was changed.", flipped(34, 0x80)),
        ("tag flipped", "The last bit of the tag was changed.", flipped(last, 1)),
        ("shortened", "The last byte was cut off.", genuine[..last].to_vec()),
        ("extended", "A byte was added at the end.", [genuine.as_slice(), &[0]].concat()),
        (
            "to another message 1",
            "The answer to another attempt at the same Hello.",
            other.exchange()?.message2,
        ),
        (
            "reflected",
            "The initiator's own message comes back as the answer.",
            [&genuine[..2], &exchange.message1[6..]].concat(),
        ),
    ] {
        let name = format!("profile X message 2 {name}");
        cases.push(refused_answer(&name, description, (FIRST_OF_X, &setup), &message, Refused::Forged)?);
    }
    for (name, point) in points_without_secret() {
        let name = format!("profile X message 2 with {name}");
        let answer = by_hand::message2(&setup, &exchange.message1[6..], point);
        let message = [Kind::Message2.prefix().as_slice(), &answer].concat();
        let description = "Its tag fits, and the shared secret is zero.";
        cases.push(refused_answer(&name, description, (FIRST_OF_X, &setup), &message, Refused::NoSecret)?);
    }
    Ok(cases)
}
