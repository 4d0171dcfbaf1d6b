//! Records of a live session beside the raw AEAD, timed over the same work.
//!
//! Both sides seal and open as many bodies of the same length in place, each in a buffer of its own, with 10 bytes of associated
//! data, and set the cipher up from a key of 32 bytes for each call, since a session keeps its keys as bytes. The raw side is given
//! its nonces; the session makes them from its counters, checks and advances the counters, and places header and tag.

use std::hint::black_box;
use std::time::{Duration, Instant};

use chacha20poly1305::{AeadInOut, ChaCha20Poly1305, Key, KeyInit, Nonce, Tag};
use lock_core::crypto::{
    Delivery, Initiator, InitiatorHedge, KeyEpoch, KeySelector, Label, LeafKeys, LockHedge, LockId, Prologue,
    RECORD_HEADER, Responder, RootKey, RustCrypto, Session, TAG,
};
use lock_core::proto::Kind;

/// Format and kind of a record.
const PREFIX: [u8; 2] = Kind::Record.prefix();
const LOCK: LockId = LockId(*b"lock number 0001");
const HELLO: [u8; 29] = [0x31; 29];

/// The leaf keys of one lock.
#[must_use]
pub fn leaves() -> LeafKeys {
    let root = RootKey::from_bytes::<RustCrypto>(*b"32 bytes from a random source...", LOCK)
        .expect("the root is neither blank nor derived");
    LeafKeys::expand::<RustCrypto>(&root, LOCK, KeyEpoch::FIRST)
}

/// What two peers of that lock said in clear.
#[must_use]
pub const fn prologue() -> Prologue<'static> {
    Prologue {
        lock_id: LOCK,
        key_epoch: KeyEpoch::FIRST,
        hello: &HELLO,
        version: 1,
        selector: KeySelector::CloudCurrent,
    }
}

/// Both ends of a fresh session on an ordered link: cloud, lock.
#[must_use]
pub fn sessions(leaves: &LeafKeys) -> (Session, Session) {
    let psk = leaves.leaf(Label::Session);
    let mut packet = [0; 64];
    let hedge = InitiatorHedge { attempt: 1, entropy: [0x22; 32] };
    let (length, waiting) =
        <Initiator>::start(psk, &prologue(), &hedge, b"", &mut packet).expect("the buffer holds Message1");
    let (_, opened) =
        <Responder>::prepare(psk, &prologue()).open(&mut packet[..length]).expect("the keys are the same");
    let hedge = LockHedge { boot: 1, count: 1, entropy: [0x33; 32] };
    let (length, lock) = opened.reply(&hedge, b"", &mut packet).expect("the buffer holds Message2");
    let (_, cloud) = waiting.finish(&mut packet[..length]).expect("the keys are the same");
    (cloud.into_session(Delivery::Ordered), lock.into_session(Delivery::Ordered))
}

/// A number of bodies of one length, to be sealed and opened both ways. Only the four timed calls take time that counts.
#[derive(Debug)]
pub struct Batch {
    cloud: Session,
    lock: Session,
    body: usize,
    ours: Vec<Vec<u8>>,
    raw: Vec<RawRecord>,
    raw_key: Key,
}

#[derive(Debug)]
struct RawRecord {
    nonce: Nonce,
    header: [u8; RECORD_HEADER],
    body: Vec<u8>,
    tag: Tag,
}

impl Batch {
    /// The most records of a batch: it ends long before its session does.
    pub const MOST: usize = 256;

    /// `records` bodies (at most [`Self::MOST`]) of `body` bytes each.
    #[must_use]
    pub fn new(leaves: &LeafKeys, body: usize, records: usize) -> Self {
        let records = records.min(Self::MOST);
        let (cloud, lock) = sessions(leaves);
        let raw = (0..records as u64).map(|counter| {
            let mut nonce = [0; 12];
            nonce[4..].copy_from_slice(&counter.to_le_bytes());
            let [a, b, c, d, e, f, g, h] = counter.to_be_bytes();
            let header = [PREFIX[0], PREFIX[1], a, b, c, d, e, f, g, h];
            RawRecord { nonce: nonce.into(), header, body: vec![0x42; body], tag: Tag::default() }
        });
        Self {
            cloud,
            lock,
            body,
            ours: vec![vec![0x42; RECORD_HEADER + body + TAG]; records],
            raw: raw.collect(),
            raw_key: [0x44; 32].into(),
        }
    }

    /// Seals every record in the session.
    pub fn seal(&mut self) -> Duration {
        let start = Instant::now();
        for packet in &mut self.ours {
            let length = self.cloud.seal_record(PREFIX, black_box(packet), self.body);
            black_box(length).expect("the session lives and the buffer suffices");
        }
        start.elapsed()
    }

    /// Seals every body with the AEAD alone.
    pub fn seal_raw(&mut self) -> Duration {
        let start = Instant::now();
        for RawRecord { nonce, header, body, tag } in &mut self.raw {
            let cipher = ChaCha20Poly1305::new(black_box(&self.raw_key));
            let sealed = cipher.encrypt_inout_detached(nonce, header, black_box(body.as_mut_slice()).into());
            *tag = black_box(sealed).expect("the body is short");
        }
        start.elapsed()
    }

    /// Opens every record in the peer's session. Seal first.
    pub fn open(&mut self) -> Duration {
        let start = Instant::now();
        for packet in &mut self.ours {
            let opened = self.lock.open_record(black_box(packet));
            let _ = black_box(opened).expect("the peer sealed it");
        }
        start.elapsed()
    }

    /// Opens every body with the AEAD alone. Seal first.
    pub fn open_raw(&mut self) -> Duration {
        let start = Instant::now();
        for RawRecord { nonce, header, body, tag } in &mut self.raw {
            let cipher = ChaCha20Poly1305::new(black_box(&self.raw_key));
            let buffer = black_box(body.as_mut_slice()).into();
            black_box(cipher.decrypt_inout_detached(nonce, header, buffer, tag)).expect("we sealed it");
        }
        start.elapsed()
    }

    /// Whether all that was sealed and opened is what it was.
    #[must_use]
    pub fn is_restored(&self) -> bool {
        let ours = self.ours.iter().map(|packet| &packet[RECORD_HEADER..RECORD_HEADER + self.body]);
        ours.chain(self.raw.iter().map(|raw| raw.body.as_slice())).flatten().all(|byte| *byte == 0x42)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_restores_every_body_on_both_sides_and_changes_it_between() {
        let mut batch = Batch::new(&leaves(), 64, 8);
        let _ = (batch.seal(), batch.seal_raw());
        assert!(!batch.is_restored());
        let _ = (batch.open(), batch.open_raw());
        assert!(batch.is_restored());
    }
}
