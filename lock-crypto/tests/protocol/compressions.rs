//! How much hashing stands between a Message1 and its key (section 4.3).

use crate::common::{hello, prologue, psk};
use core::cell::Cell;
use lock_crypto::{HmacKey, Initiator, InitiatorHedge, LockHedge, OpenError, Responder, RustCrypto, Suite};

thread_local! {
    static COMPRESSIONS: Cell<usize> = const { Cell::new(0) };
}

/// SHA-256 blocks for this many bytes, with the padding of at least 9 bytes.
fn blocks(length: usize) -> usize {
    (length + 9).div_ceil(64)
}

fn length(parts: &[&[u8]]) -> usize {
    parts.iter().map(|part| part.len()).sum()
}

fn count(compressions: usize) {
    COMPRESSIONS.set(COMPRESSIONS.get() + compressions);
}

/// The default suite, with its compressions counted by the lengths that it hashes.
struct Counting;

struct CountingKey(<RustCrypto as Suite>::HmacKey);

impl HmacKey for CountingKey {
    fn new(key: &[u8]) -> Self {
        assert!(key.len() <= 64);
        count(2);
        Self(HmacKey::new(key))
    }

    fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        count(blocks(length(parts)) + blocks(32));
        self.0.mac(parts)
    }
}

impl Suite for Counting {
    type RunningHash = <RustCrypto as Suite>::RunningHash;
    type HmacKey = CountingKey;

    fn hash(parts: &[&[u8]]) -> [u8; 32] {
        count(blocks(length(parts)));
        RustCrypto::hash(parts)
    }

    fn seal(key: &[u8; 32], nonce: &[u8; 12], associated_data: &[u8], buffer: &mut [u8]) -> [u8; 16] {
        RustCrypto::seal(key, nonce, associated_data, buffer)
    }

    fn open(
        key: &[u8; 32],
        nonce: &[u8; 12],
        associated_data: &[u8],
        buffer: &mut [u8],
        tag: &[u8; 16],
    ) -> Result<(), OpenError> {
        RustCrypto::open(key, nonce, associated_data, buffer, tag)
    }

    fn hchacha20(key: &[u8; 32], input: &[u8; 16]) -> [u8; 32] {
        RustCrypto::hchacha20(key, input)
    }
}

#[test]
fn eleven_compressions_remain_between_message_1_and_its_key() {
    let hello = hello();
    let mut packet = [0; 128];
    let hedge = InitiatorHedge { attempt: 1, entropy: [1; 32] };
    let (written, waiting) =
        Initiator::<Counting>::start(&psk(), &prologue(&hello), &hedge, b"unlock", &mut packet).unwrap();
    let initiator = COMPRESSIONS.take();

    let prepared = Responder::<Counting>::prepare(&psk(), &prologue(&hello));
    let while_hello_is_sent = COMPRESSIONS.take();
    let (_, opened) = prepared.open(&mut packet[..written]).unwrap();
    let until_the_motor = COMPRESSIONS.take();
    let hedge = LockHedge { boot: 1, count: 1, entropy: [1; 32] };
    let (written, _) = opened.reply(&hedge, b"unlocked", &mut packet).unwrap();
    let reply = COMPRESSIONS.take();
    let _ = waiting.finish(&mut packet[..written]).unwrap();

    println!(
        "compressions: start {initiator}, prepare {while_hello_is_sent}, open {until_the_motor}, reply {reply}, finish {}",
        COMPRESSIONS.take()
    );
    let ciphertext_into_the_hash = blocks(32 + b"unlock".len() + 16);
    assert_eq!(until_the_motor, 11 + ciphertext_into_the_hash);
}

#[test]
fn a_level_of_a_ticket_costs_at_most_six_compressions_and_the_root_no_more_than_twelve() {
    let key = lock_crypto::Key::from_bytes([7; 32]);
    let counted = |act: &dyn Fn()| {
        COMPRESSIONS.set(0);
        act();
        COMPRESSIONS.get()
    };
    // The longest of each (section 10.1).
    let (root, block) = ([1; 102], [2; 41]);
    let tag = lock_crypto::ChainTag::<Counting>::root(&key, &root);
    assert_eq!(counted(&|| drop(lock_crypto::ChainTag::<Counting>::root(&key, &root))), 5);
    assert_eq!(counted(&|| drop(tag.bind(&key))), 4);
    assert_eq!(counted(&|| drop(tag.narrow(&block))), 4);
    assert_eq!(counted(&|| drop(tag.psk())), 4);
    // In the prologue a block takes 42 bytes, which is at most one compression more.
}
