//! Locks that may change their owner, and whoever wants to be one.

#![allow(dead_code, reason = "each test uses its part")]

use std::collections::BTreeMap;

use lock_core::claimer::{Claimer, Claiming};
use lock_core::cloud::{LockKeys, SessionError};
use lock_core::crypto::hedge::InitiatorHedge;
use lock_core::crypto::{Delivery, Key, KeyEpoch, RootKey, RustCrypto};
use lock_core::device::{Input, LinkId, RecordTag, provision, provision_claim, provision_unowned};
use lock_core::label::ClaimCode;
use lock_core::proto::{Outcome, Profile};
use lock_core::state::{InsideButton, ResetButton};

use crate::pair::{Did, LOCK_ID, Pair, root};

pub(crate) const CODE: [u8; 16] = *b"what a label has";
pub(crate) const MAKER: [u8; 32] = *b"registered at the maker, 32 byte";

pub(crate) fn claimer() -> Claimer {
    Claimer::of(&ClaimCode::from_bytes(CODE), Some(&Key::from_bytes(MAKER)), LOCK_ID)
}

/// The root of the `number`th owner.
pub(crate) fn root_of(number: u8) -> RootKey {
    let bytes = core::array::from_fn(|i| (i as u8).wrapping_mul(11) ^ number);
    RootKey::from_bytes::<RustCrypto>(bytes, LOCK_ID).unwrap()
}

pub(crate) fn keys_of(number: u8, epoch: u32, profile: Profile) -> LockKeys {
    LockKeys::expand(&root_of(number), LOCK_ID, KeyEpoch::new(epoch).unwrap()).with_profile(profile)
}

/// A lock that was made without an owner.
pub(crate) fn unowned() -> Pair {
    let key = claimer();
    let keys = provision_unowned::<RustCrypto>(key.key(), LOCK_ID, &[9; 32]).unwrap();
    let claim = provision_claim(key.key()).unwrap();
    let records = BTreeMap::from([
        (RecordTag::Keys.number(), keys.to_vec()),
        (RecordTag::Claim.number(), claim.to_vec()),
    ]);
    // Nobody's cloud: its keys fit nothing.
    Pair::with(records, keys_of(99, 1, Profile::X))
}

/// A lock of profile S with an owner, that may have another.
pub(crate) fn owned() -> Pair {
    let records = BTreeMap::from([
        (RecordTag::Keys.number(), provision::<RustCrypto>(&root(), LOCK_ID, &[9; 32]).to_vec()),
        (RecordTag::Claim.number(), provision_claim(claimer().key()).unwrap().to_vec()),
    ]);
    Pair::with(records, LockKeys::expand(&root(), LOCK_ID, KeyEpoch::FIRST))
}

pub(crate) fn press(pair: &mut Pair) {
    pair.input(Input::InsideButton(InsideButton::Lock));
    pair.run();
}

/// A Message1 of a claimer to a fresh Hello.
pub(crate) fn message1(pair: &mut Pair, claimer: &Claimer) -> Result<(Vec<u8>, Claiming), SessionError> {
    let hello = pair.hello();
    answer(pair, claimer, &hello)
}

pub(crate) fn answer(
    pair: &mut Pair,
    claimer: &Claimer,
    hello: &[u8],
) -> Result<(Vec<u8>, Claiming), SessionError> {
    pair.attempt += 1;
    let hedge = InitiatorHedge { attempt: pair.attempt, entropy: [3; 32] };
    let mut packet = [0; 128];
    let (length, claiming) = claimer.start(hello, &hedge, &mut packet)?;
    Ok((packet[..length].to_vec(), claiming))
}

/// How far a claim came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Came {
    /// The label is not this lock's, or the lock has an owner.
    NotRecognised,
    /// The lock did not answer Message1.
    Silent,
    /// The lock did not answer the record.
    Unanswered,
    Answered(Outcome),
}

/// A whole claim by the `number`th owner.
pub(crate) fn claim(pair: &mut Pair, claimer: &Claimer, number: u8, profile: Profile) -> Came {
    let Ok((message1, claiming)) = message1(pair, claimer) else { return Came::NotRecognised };
    pair.up.clear();
    pair.deliver(&message1);
    let Some(mut message2) = pair.up.pop_front() else { return Came::Silent };
    let now = pair.cloud_now();
    let (unowned, mut session) = claiming.finish(&mut message2, Delivery::Ordered, now).unwrap();
    let mut packet = [0; 512];
    let length = session.hand_over(&root_of(number), profile, now, &mut packet).unwrap();
    pair.deliver(&packet[..length]);
    pair.keys = keys_of(number, unowned.key_epoch.number(), profile);
    match pair.up.pop_front() {
        Some(mut answer) => Came::Answered(session.open(&mut answer, now).unwrap()),
        None => Came::Unanswered,
    }
}

/// Whether the cloud whose keys `pair` has opens a session.
pub(crate) fn is_served(pair: &mut Pair) -> bool {
    pair.wait(2_000);
    let hello = pair.hello();
    let Ok(lock_core::proto::Packet::Hello(parsed)) = lock_core::proto::Packet::parse(&hello) else {
        panic!()
    };
    if !pair.keys.recognises(&parsed) {
        return false;
    }
    let (message1, connecting) = pair.message1(&hello, lock_core::proto::Request::Nothing);
    pair.deliver(&message1);
    let answered = !pair.up.is_empty();
    if answered {
        let _ = pair.finish(connecting);
    }
    answered
}

/// Holds the reset button for long enough.
pub(crate) fn hold(pair: &mut Pair) {
    pair.input(Input::ResetButton(ResetButton::Pressed));
    pair.run();
    pair.wait(11_000);
    pair.input(Input::ResetButton(ResetButton::Released));
}

pub(crate) fn shown(pair: &Pair, indication: lock_core::state::Indication) -> bool {
    pair.did.contains(&Did::Indicate(indication))
}

/// What was sent on another link than that of the pair.
pub(crate) fn sent_on(did: &Did, other: LinkId) -> Option<Vec<u8>> {
    if let Did::Transmit(link, packet) = did { (*link == other).then(|| packet.clone()) } else { None }
}
