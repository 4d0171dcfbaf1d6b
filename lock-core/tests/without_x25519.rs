//! A build with profile S alone: what it says to a lock, and of one, that was made for profile X.
#![cfg(not(feature = "x25519"))]

#[path = "common/pair.rs"]
mod pair;

use lock_core::cloud::{Connecting, LockKeys, SessionError};
use lock_core::crypto::KeyEpoch;
use lock_core::crypto::hedge::InitiatorHedge;
use lock_core::device::{BootError, RecordTag};
use lock_core::proto::{BootReason, Down, Opening, Profile, Request};
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
