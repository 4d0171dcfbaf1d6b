//! What holds a secret prints its name, and nothing of the secret.

use lock_crypto::{
    ChainTag, ChipCrypto, ChipHmacKey, ChipSha256, ClaimKey, Delivery, HmacKey, InitiatorHedge, Key,
    LockHedge, LogMac, LogVerifier, RunningSha256, RustCrypto, RustCryptoHmacKey,
};

use crate::common::{LOCK_ID, leaves, sessions};

#[test]
fn a_key_of_any_kind_prints_as_its_name() {
    let claim = ClaimKey::derive::<RustCrypto>(&[7; 16], &[9; 32], LOCK_ID);
    assert_eq!(format!("{claim:?}"), "ClaimKey(..)");
    assert_eq!(format!("{:?}", ChainTag::<RustCrypto>::root(&Key::from_bytes([7; 32]), b"")), "ChainTag(..)");
    assert_eq!(format!("{:?}", ChainTag::<ChipCrypto>::from_key(Key::from_bytes([7; 32]))), "ChainTag(..)");
    assert_eq!(format!("{:?}", RustCryptoHmacKey::new(&[7; 32])), "RustCryptoHmacKey(..)");
    assert_eq!(format!("{:?}", ChipHmacKey::new(&[7; 32])), "ChipHmacKey(..)");
    assert_eq!(format!("{:?}", RunningSha256::default()), "RunningSha256(..)");
    assert_eq!(format!("{:?}", ChipSha256::default()), "ChipSha256(..)");
}

#[test]
fn what_was_drawn_prints_its_numbers_without_the_entropy() {
    let lock = LockHedge { boot: 3, count: 4, entropy: [0x77; 32] };
    assert_eq!(format!("{lock:?}"), "LockHedge { boot: 3, count: 4, .. }");
    assert_eq!(
        format!("{:?}", InitiatorHedge { attempt: 5, entropy: [0x77; 32] }),
        "InitiatorHedge { attempt: 5, .. }"
    );
}

#[test]
fn a_session_and_a_log_print_where_they_stand_and_no_key() {
    let (cloud, _) = sessions(Delivery::Ordered);
    let printed = format!("{cloud:?}");
    assert!(printed.starts_with("Session { peer: ") && printed.contains("next_sent: 0"), "{printed}");
    assert!(printed.ends_with(", .. }") && !printed.contains("send: "), "{printed}");

    let chain = lock_crypto::LogChain::begin(lock_crypto::KeyEpoch::FIRST, leaves(9).take_log());
    let printed = format!("{chain:?}");
    assert!(printed.starts_with("LogChain { epoch: ") && printed.ends_with(", .. }"), "{printed}");
    let printed = format!("{:?}", LogVerifier::from_chain(chain));
    assert!(
        printed.starts_with("LogVerifier { chain: LogChain {") && printed.contains("ground: Keyed"),
        "{printed}"
    );
    assert!(printed.ends_with(", .. }"), "{printed}");
    assert_eq!(format!("{:?}", LogMac([0xAB; 16])), format!("LogMac({})", "ab".repeat(16)));
}
