//! A build with profile S alone: what it says to a lock, and of one, that was made for profile X.
#![cfg(not(feature = "x25519"))]

#[path = "common/pair.rs"]
mod pair;

use lock_core::cloud::{Connecting, LockKeys, SessionError};
use lock_core::crypto::hedge::InitiatorHedge;
use lock_core::crypto::{ClaimKey, KeyEpoch, RustCrypto};
use lock_core::device::{BootError, NotClaimable, RecordTag, provision_claim, provision_unowned};
use lock_core::proto::{
    Action, BoltPosition, BootReason, CommandId, Down, Opening, Outcome, Profile, Reason, Reply, Request,
};
use pair::{LOCK_ID, Lock, Pair, root, stored};

#[test]
fn a_lock_of_profile_x_does_not_start_and_says_what_it_needs() {
    let mut pair = Pair::new();
    pair.records.get_mut(&RecordTag::Keys.number()).unwrap()[0] = 2;
    let started = Lock::boot(&stored(&pair.records), [1; 32], BootReason::PowerOn, pair.now);
    let refused = started.err().unwrap();
    assert_eq!(refused, BootError::ProfileNotInBuild);
    assert!(refused.to_string().contains("profile X") && refused.to_string().contains("x25519"));
}

#[test]
fn a_cloud_does_not_fall_back_to_profile_s_for_a_lock_of_profile_x() {
    let mut pair = Pair::new();
    let keys: LockKeys = LockKeys::expand(&root(), LOCK_ID, KeyEpoch::FIRST).with_profile(Profile::X);
    let mut hello = pair.hello();
    let opening = Down { header: Opening { time: None }, request: Request::Nothing };
    let hedge = InitiatorHedge { attempt: 1, entropy: [3; 32] };
    let refused = |hello: &[u8]| Connecting::start(&keys, hello, &opening, &hedge, &mut [0; 128]).err();
    assert_eq!(refused(&hello), Some(SessionError::AnotherProfile));
    hello[4] = 2;
    assert_eq!(refused(&hello), Some(SessionError::ProfileNotInBuild));
}

#[test]
fn a_lock_is_not_made_claimable_and_says_what_it_needs() {
    let key = ClaimKey::derive::<RustCrypto>(&[1; 16], &[2; 32], LOCK_ID);
    let refused = provision_claim(&key).err().unwrap();
    assert_eq!(refused, NotClaimable::ProfileNotInBuild);
    assert!(refused.to_string().contains("x25519"));
    assert_eq!(provision_unowned::<RustCrypto>(&key, LOCK_ID, &[3; 32]).err(), Some(refused));
}

#[test]
fn a_lock_without_an_owner_does_not_start_and_one_with_an_owner_keeps_it() {
    let key = ClaimKey::derive::<RustCrypto>(&[1; 16], &[2; 32], LOCK_ID);
    let mut pair = Pair::new();
    let claim = [[1].as_slice(), key.psk().expose()].concat();
    pair.records.insert(RecordTag::Claim.number(), claim);
    let mut unowned = pair.records.clone();
    let keys = unowned.get_mut(&RecordTag::Keys.number()).unwrap();
    keys[0] = 3;
    keys.truncate(53);
    let started = Lock::boot(&stored(&unowned), [1; 32], BootReason::PowerOn, pair.now);
    assert_eq!(started.err(), Some(BootError::ProfileNotInBuild));

    // What another firmware has stored for a change of owner does not help this one: the lock would be dead.
    pair.cut_power(BoltPosition::Extended);
    let action = Action::EndOwnership { key_epoch: 1 };
    let (answer, _) = pair.session(Request::Command { id: CommandId(1), action });
    let refused = Outcome::Refused(Reason::Unsupported);
    assert!(matches!(answer.reply, Reply::Command { outcome, .. } if outcome == refused), "{answer:?}");
}
