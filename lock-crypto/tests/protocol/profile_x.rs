//! Profile X under a relay that alters, cuts, extends, reflects and replays; and beside `snow`, an independent implementation of Noise.

mod by_hand;
mod interop;

use crate::common::{LOCK_ID, hello, prologue, psk, seal};
use lock_crypto::hedge::{InitiatorHedge, LockHedge};
use lock_crypto::profile_x::{
    AwaitMessage2, BufferTooSmall, Initiator, OVERHEAD, Opened, ReplyError, Responder,
};
use lock_crypto::{
    Channel, Delivery, Key, KeyEpoch, KeySelector, LockId, OpenError, Prologue, RustCrypto, Session,
    SessionKeys, profile_s,
};
use x25519_dalek::{PublicKey, StaticSecret};

fn start(psk: &Key, prologue: &Prologue<'_>, payload: &[u8]) -> (Vec<u8>, AwaitMessage2) {
    let mut message = vec![0; payload.len() + OVERHEAD];
    let hedge = InitiatorHedge { attempt: 1, entropy: [0x77; 32] };
    let (length, waiting) = <Initiator>::start(psk, prologue, &hedge, payload, &mut message).unwrap();
    assert_eq!(length, message.len());
    (message, waiting)
}

/// Opens a message 1, and checks that a failure leaves no trace.
fn open(psk: &Key, prologue: &Prologue<'_>, message: &[u8]) -> Result<(Vec<u8>, Opened), OpenError> {
    let mut buffer = message.to_vec();
    match <Responder>::prepare(psk, prologue).open(&mut buffer) {
        Ok((payload, opened)) => Ok((payload.into_inner().to_vec(), opened)),
        Err(error) => {
            assert_eq!(buffer, message, "a failed open changed the buffer");
            Err(error)
        }
    }
}

fn reply(opened: Opened, payload: &[u8]) -> (Vec<u8>, SessionKeys) {
    let mut message = vec![0; payload.len() + OVERHEAD];
    let hedge = LockHedge { boot: 1, count: 2, entropy: [0x66; 32] };
    let (length, keys) = opened.reply(&hedge, payload, &mut message).unwrap();
    assert_eq!(length, message.len());
    (message, keys)
}

/// Opens a message 2, and checks that a failure leaves no trace.
fn finish(waiting: AwaitMessage2, message: &[u8]) -> Result<(Vec<u8>, SessionKeys), OpenError> {
    let mut buffer = message.to_vec();
    match waiting.finish(&mut buffer) {
        Ok((payload, keys)) => Ok((payload.into_inner().to_vec(), keys)),
        Err(error) => {
            assert_eq!(buffer, message, "a failed open changed the buffer");
            Err(error)
        }
    }
}

/// All messages that differ from `message` in one bit.
fn one_bit_off(message: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    (0..message.len() * 8).map(|bit| {
        let mut altered = message.to_vec();
        altered[bit / 8] ^= 1 << (bit % 8);
        altered
    })
}

/// All that is cut short, and what has a byte too many.
fn cut_or_extended(message: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let cut = (0..message.len()).map(|length| message[..length].to_vec());
    cut.chain([0x00, 0xFF].map(|extra| [message, &[extra]].concat()))
}

/// Public keys with which every shared secret is zero: the points of low order and their other encodings (RFC 7748, section 7).
fn low_order_points() -> Vec<[u8; 32]> {
    let points = [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ];
    let plain = points.map(|point| <[u8; 32]>::try_from(hex::decode(point).unwrap()).unwrap());
    let mut all = plain.to_vec();
    all.extend(plain.map(|mut point| {
        point[31] |= 0x80;
        point
    }));
    all
}

#[test]
fn both_sides_learn_what_the_other_said_and_who_it_is_and_records_follow() {
    let hello = hello();
    let (message, waiting) = start(&psk(), &prologue(&hello), b"unlock");
    let (payload, opened) = open(&psk(), &prologue(&hello), &message).unwrap();
    assert_eq!((payload.as_slice(), opened.peer()), (b"unlock".as_slice(), Channel::LiveCloud));
    let (message, lock) = reply(opened, b"unlocked");
    let (payload, cloud) = finish(waiting, &message).unwrap();
    assert_eq!(payload, b"unlocked");
    assert_eq!((lock.peer(), cloud.peer()), (Channel::LiveCloud, Channel::LiveLock));

    let (mut lock, mut cloud): (Session, Session) =
        (lock.into_session(Delivery::Ordered), cloud.into_session(Delivery::Ordered));
    let mut record = seal(&mut cloud, b"lock it");
    assert_eq!(lock.open_record(&mut record).unwrap().into_inner(), b"lock it");
    let mut record = seal(&mut lock, b"locked");
    assert_eq!(cloud.open_record(&mut record).unwrap().into_inner(), b"locked");
}

#[test]
fn a_message_1_with_any_bit_flipped_does_not_open() {
    let hello = hello();
    let (message, _) = start(&psk(), &prologue(&hello), b"unlock");
    let altered = one_bit_off(&message).filter(|altered| open(&psk(), &prologue(&hello), altered).is_ok());
    assert_eq!(altered.count(), 0);
}

#[test]
fn a_message_2_with_any_bit_flipped_cut_or_extended_does_not_open() {
    let hello = hello();
    let (message, _) = start(&psk(), &prologue(&hello), b"unlock");
    let (_, opened) = open(&psk(), &prologue(&hello), &message).unwrap();
    let (answer, _) = reply(opened, b"unlocked");
    for altered in one_bit_off(&answer).chain(cut_or_extended(&answer)) {
        let (_, waiting) = start(&psk(), &prologue(&hello), b"unlock");
        assert!(finish(waiting, &altered).is_err());
    }
}

#[test]
fn a_truncated_or_extended_message_1_does_not_open() {
    let hello = hello();
    let (message, _) = start(&psk(), &prologue(&hello), b"unlock");
    for altered in cut_or_extended(&message) {
        assert!(open(&psk(), &prologue(&hello), &altered).is_err(), "{} bytes", altered.len());
    }
}

#[test]
fn another_key_hello_or_prologue_does_not_open_message_1() {
    let (first, ticket) = (hello(), [7; 40]);
    let agreed = Prologue { selector: KeySelector::Ticket(&ticket), ..prologue(&first) };
    let (message, _) = start(&psk(), &agreed, b"unlock");
    assert!(open(&psk(), &agreed, &message).is_ok());
    for other in one_bit_off(psk().expose()) {
        assert!(open(&Key::from_bytes(other.try_into().unwrap()), &agreed, &message).is_err());
    }
    for other in one_bit_off(&first) {
        let other = other.try_into().unwrap();
        assert!(open(&psk(), &Prologue { hello: &other, ..agreed }, &message).is_err());
    }
    let mut another_lock = LOCK_ID.0;
    another_lock[15] ^= 1;
    for differing in [
        Prologue { lock_id: LockId(another_lock), ..agreed },
        Prologue { key_epoch: KeyEpoch::new(2).unwrap(), ..agreed },
        Prologue { version: 2, ..agreed },
        Prologue { selector: KeySelector::CloudCurrent, ..agreed },
        Prologue { selector: KeySelector::CloudPending, ..agreed },
        Prologue { selector: KeySelector::Claim, ..agreed },
        Prologue { selector: KeySelector::Ticket(&ticket[..39]), ..agreed },
    ] {
        assert!(open(&psk(), &differing, &message).is_err(), "{differing:?}");
    }
}

#[test]
fn messages_are_taken_in_their_own_place_only() {
    let hello = hello();
    let (message, waiting) = start(&psk(), &prologue(&hello), b"unlock");
    let (_, opened) = open(&psk(), &prologue(&hello), &message).unwrap();
    let (answer, _) = reply(opened, b"unlocked");
    assert!(finish(waiting, &message).is_err(), "reflected");
    assert!(open(&psk(), &prologue(&hello), &answer).is_err());
    let (_, another) = start(&psk(), &prologue(&hello), b"lock it");
    assert!(finish(another, &answer).is_err(), "an answer to another message 1");
}

#[test]
fn no_message_of_one_profile_opens_in_the_other_even_where_all_else_is_equal() {
    let hello = hello();
    for payload in [b"".as_slice(), b"unlock", &[0; 80]] {
        let (mut of_x, _) = start(&psk(), &prologue(&hello), payload);
        let prepared = <profile_s::Responder>::prepare(&psk(), &prologue(&hello));
        assert!(prepared.open(&mut of_x).is_err());

        let hedge = InitiatorHedge { attempt: 1, entropy: [0x77; 32] };
        let mut of_s = vec![0; payload.len() + profile_s::OVERHEAD];
        <profile_s::Initiator>::start(&psk(), &prologue(&hello), &hedge, payload, &mut of_s).unwrap();
        assert!(open(&psk(), &prologue(&hello), &of_s).is_err());
    }
}

#[test]
fn a_lock_answers_no_ephemeral_key_that_makes_no_secret() {
    for point in low_order_points() {
        // A peer that holds the key and says such a point for its own: what it seals opens.
        let hello = hello();
        let message = by_hand::message1(&psk(), &prologue(&hello), point, b"unlock");
        let (payload, opened) = open(&psk(), &prologue(&hello), &message).unwrap();
        assert_eq!(payload, b"unlock");
        let mut out = [0xEE; 128];
        let hedge = LockHedge { boot: 1, count: 1, entropy: [0; 32] };
        assert_eq!(opened.reply(&hedge, b"unlocked", &mut out).unwrap_err(), ReplyError::NoSecret);
        assert_eq!(out, [0xEE; 128]);

        let (_, opened) = open(&psk(), &prologue(&hello), &message).unwrap();
        assert_eq!(opened.reply_in_place(&hedge, 8, &mut out).unwrap_err(), ReplyError::NoSecret);
        assert_eq!((&out[32..40], out[40]), (&[0; 8][..], 0xEE), "the payload is erased");
    }
}

/// With a key that makes a secret, what is made by hand opens: the test after this one refuses for the secret alone.
#[test]
fn a_message_2_made_by_hand_with_a_true_secret_opens() {
    let hello = hello();
    let (message, waiting) = start(&psk(), &prologue(&hello), b"unlock");
    let theirs = PublicKey::from(<[u8; 32]>::try_from(&message[..32]).unwrap());
    let ours = StaticSecret::from([0x5C; 32]);
    let secret = ours.diffie_hellman(&theirs).to_bytes();
    let public = PublicKey::from(&ours).to_bytes();
    let answer = by_hand::message2(&psk(), &prologue(&hello), &message, (public, secret), b"unlocked");
    assert_eq!(finish(waiting, &answer).unwrap().0, b"unlocked");
}

#[test]
fn an_initiator_finishes_with_no_ephemeral_key_that_makes_no_secret() {
    let hello = hello();
    let (message, _) = start(&psk(), &prologue(&hello), b"unlock");
    for point in low_order_points() {
        // A lock that holds the key and says such a point for its own: all shared secrets are zero.
        let secret = [0; 32];
        let answer = by_hand::message2(&psk(), &prologue(&hello), &message, (point, secret), b"unlocked");
        let (_, waiting) = start(&psk(), &prologue(&hello), b"unlock");
        assert!(finish(waiting, &answer).is_err());
    }
}

#[test]
fn the_same_attempt_and_entropy_draw_another_ephemeral_key_for_another_payload_or_hello() {
    let (first, mut next) = (hello(), hello());
    next[28] ^= 1;
    let key = |hello, payload: &[u8]| start(&psk(), &prologue(hello), payload).0[..32].to_vec();
    assert_eq!(key(&first, b"unlock"), key(&first, b"unlock"));
    assert_ne!(key(&first, b"unlock"), key(&first, b"lock"));
    assert_ne!(key(&first, b"unlock"), key(&next, b"unlock"));
}

#[test]
fn with_the_same_entropy_each_count_and_boot_of_the_lock_draws_another_ephemeral_key() {
    let hello = hello();
    let (message, _) = start(&psk(), &prologue(&hello), b"unlock");
    let mut keys: Vec<_> = [(1, 1), (1, 2), (2, 1)]
        .map(|(boot, count)| {
            let (_, opened) = open(&psk(), &prologue(&hello), &message).unwrap();
            let mut out = [0; 64];
            let _ = opened.reply(&LockHedge { boot, count, entropy: [0; 32] }, b"", &mut out).unwrap();
            out[..32].to_vec()
        })
        .to_vec();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 3);
}

#[test]
fn a_buffer_that_is_one_byte_short_is_refused_and_left_alone() {
    let (hello, hedge) = (hello(), InitiatorHedge { attempt: 1, entropy: [0x77; 32] });
    let needed = OVERHEAD + 6;
    let begin = |length| {
        let mut out = vec![0xEE; length];
        let result = <Initiator>::start(&psk(), &prologue(&hello), &hedge, b"unlock", &mut out);
        (result.map(|(written, _)| written), out)
    };
    assert_eq!(begin(needed - 1), (Err(BufferTooSmall { needed }), vec![0xEE; needed - 1]));
    assert_eq!(begin(needed).0, Ok(needed));
    let (result, out) = begin(needed + 1);
    assert_eq!((result, out[needed]), (Ok(needed), 0xEE));

    let (message, _) = start(&psk(), &prologue(&hello), b"");
    let (_, opened) = open(&psk(), &prologue(&hello), &message).unwrap();
    let mut out = [0xEE; OVERHEAD + 1];
    let refused = opened.reply(&LockHedge { boot: 1, count: 1, entropy: [0; 32] }, b"ok", &mut out);
    assert_eq!(refused.unwrap_err(), BufferTooSmall { needed: OVERHEAD + 2 }.into());
    assert_eq!(out, [0xEE; OVERHEAD + 1]);
}

#[test]
fn an_answer_made_in_place_is_the_one_that_is_copied_and_a_short_buffer_is_left_alone() {
    let hello = hello();
    let (message, _) = start(&psk(), &prologue(&hello), b"unlock");
    let opened = || open(&psk(), &prologue(&hello), &message).unwrap().1;
    let hedge = LockHedge { boot: 1, count: 2, entropy: [0x66; 32] };
    for payload in [&b""[..], b"u", b"unlocked"] {
        let (copied, keys) = reply(opened(), payload);
        let mut out = vec![0xEE; copied.len() + 1];
        out[Opened::<RustCrypto>::PAYLOAD..][..payload.len()].copy_from_slice(payload);
        let (length, in_place) = opened().reply_in_place(&hedge, payload.len(), &mut out).unwrap();
        assert_eq!((&out[..length], out[length]), (&copied[..], 0xEE));
        let sent = |keys: SessionKeys| {
            let mut record = [0; 30];
            keys.into_session::<RustCrypto>(Delivery::Ordered).seal_record([1, 4], &mut record, 4).unwrap();
            record
        };
        assert_eq!(sent(in_place), sent(keys));

        let mut short = vec![0xEE; copied.len() - 1];
        let refused = opened().reply_in_place(&hedge, payload.len(), &mut short);
        assert_eq!(refused.unwrap_err(), BufferTooSmall { needed: copied.len() }.into());
        assert_eq!(short, vec![0xEE; copied.len() - 1]);
    }
}

#[test]
fn no_state_of_a_handshake_prints_a_secret() {
    let hello = hello();
    let (message, waiting) = start(&psk(), &prologue(&hello), b"unlock");
    let prepared = <Responder>::prepare(&psk(), &prologue(&hello));
    let (_, opened) = open(&psk(), &prologue(&hello), &message).unwrap();
    assert_eq!(format!("{prepared:?} {waiting:?} {opened:?}"), "Prepared(..) AwaitMessage2(..) Opened(..)");
}
