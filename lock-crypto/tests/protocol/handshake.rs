//! Profile S under a relay that alters, cuts, extends, reflects and replays.

use crate::common::{LOCK_ID, finish, hello, open, prepare, prologue, psk, reply, start};
use lock_crypto::{
    BufferTooSmall, Channel, Delivery, Initiator, InitiatorHedge, Key, KeyEpoch, KeySelector, LockHedge,
    LockId, OVERHEAD, Opened, Prologue, RustCrypto, SessionKeys,
};

/// All messages that differ from `message` in one bit.
fn one_bit_off(message: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    (0..message.len() * 8).map(|bit| {
        let mut altered = message.to_vec();
        altered[bit / 8] ^= 1 << (bit % 8);
        altered
    })
}

#[test]
fn both_sides_learn_what_the_other_said_and_who_it_is() {
    let hello = hello();
    let (message, waiting) = start(&psk(), &prologue(&hello), b"unlock");
    let (payload, opened) = open(&psk(), &prologue(&hello), &message).unwrap();
    assert_eq!((payload.as_slice(), opened.peer()), (b"unlock".as_slice(), Channel::LiveCloud));
    let (message, lock) = reply(opened, b"unlocked");
    let (payload, cloud) = finish(waiting, &message).unwrap();
    assert_eq!(payload, b"unlocked");
    assert_eq!((lock.peer(), cloud.peer()), (Channel::LiveCloud, Channel::LiveLock));
}

#[test]
fn a_message_1_with_any_bit_flipped_does_not_open() {
    let hello = hello();
    let (message, _) = start(&psk(), &prologue(&hello), b"unlock");
    let altered = one_bit_off(&message).filter(|altered| open(&psk(), &prologue(&hello), altered).is_ok());
    assert_eq!(altered.count(), 0);
}

#[test]
fn a_message_2_with_any_bit_flipped_does_not_open() {
    let hello = hello();
    let (message, _) = start(&psk(), &prologue(&hello), b"unlock");
    let (_, opened) = open(&psk(), &prologue(&hello), &message).unwrap();
    let (answer, _) = reply(opened, b"unlocked");
    for altered in one_bit_off(&answer) {
        let (_, waiting) = start(&psk(), &prologue(&hello), b"unlock");
        assert!(finish(waiting, &altered).is_err());
    }
}

#[test]
fn a_hello_with_any_bit_flipped_on_its_way_fails_the_handshake() {
    for altered in one_bit_off(&hello()) {
        let altered = altered.try_into().unwrap();
        let (message, _) = start(&psk(), &prologue(&altered), b"unlock");
        assert!(open(&psk(), &prologue(&hello()), &message).is_err());
    }
}

#[test]
fn a_prologue_that_differs_in_any_field_fails_the_handshake() {
    let (hello, mut ticket) = (hello(), [7; 40]);
    let agreed = Prologue { selector: KeySelector::Ticket(&ticket), ..prologue(&hello) };
    let (message, _) = start(&psk(), &agreed, b"unlock");
    assert!(open(&psk(), &agreed, &message).is_ok());
    let mut other = vec![
        Prologue { key_epoch: KeyEpoch::new(2).unwrap(), ..agreed },
        Prologue { key_epoch: KeyEpoch::new(1 << 24).unwrap(), ..agreed },
        Prologue { selector: KeySelector::CloudCurrent, ..agreed },
        Prologue { selector: KeySelector::CloudPending, ..agreed },
        Prologue { selector: KeySelector::Claim, ..agreed },
        Prologue { selector: KeySelector::Ticket(&ticket[..39]), ..agreed },
        Prologue { selector: KeySelector::Ticket(&[]), ..agreed },
    ];
    for bit in 0..8 {
        other.push(Prologue { version: agreed.version ^ (1 << bit), ..agreed });
    }
    for id in one_bit_off(&LOCK_ID.0) {
        other.push(Prologue { lock_id: LockId(id.try_into().unwrap()), ..agreed });
    }
    for differing in other {
        assert!(open(&psk(), &differing, &message).is_err(), "{differing:?}");
    }
    for bit in 0..ticket.len() * 8 {
        ticket[bit / 8] ^= 1 << (bit % 8);
        let differing = Prologue { selector: KeySelector::Ticket(&ticket), ..prologue(&hello) };
        assert!(open(&psk(), &differing, &message).is_err());
        ticket[bit / 8] ^= 1 << (bit % 8);
    }
}

#[test]
fn another_key_does_not_open_message_1() {
    let hello = hello();
    let (message, _) = start(&psk(), &prologue(&hello), b"unlock");
    for bit in 0..256 {
        let mut other = *psk().expose();
        other[bit / 8] ^= 1 << (bit % 8);
        assert!(open(&Key::from_bytes(other), &prologue(&hello), &message).is_err());
    }
}

#[test]
fn a_truncated_or_extended_message_1_does_not_open() {
    let hello = hello();
    let (message, _) = start(&psk(), &prologue(&hello), b"unlock");
    for length in 0..message.len() {
        assert!(open(&psk(), &prologue(&hello), &message[..length]).is_err(), "{length} bytes");
    }
    for extra in [0x00, 0xFF] {
        let extended = [message.as_slice(), &[extra]].concat();
        assert!(open(&psk(), &prologue(&hello), &extended).is_err());
    }
}

#[test]
fn a_truncated_or_extended_message_2_does_not_open() {
    let hello = hello();
    let (message, _) = start(&psk(), &prologue(&hello), b"unlock");
    let (_, opened) = open(&psk(), &prologue(&hello), &message).unwrap();
    let (answer, _) = reply(opened, b"unlocked");
    let cut = (0..answer.len()).map(|length| answer[..length].to_vec());
    let extended = [0x00, 0xFF].map(|extra| [answer.as_slice(), &[extra]].concat());
    for altered in cut.chain(extended) {
        let (_, waiting) = start(&psk(), &prologue(&hello), b"unlock");
        assert!(finish(waiting, &altered).is_err());
    }
}

#[test]
fn message_1_reflected_to_its_sender_is_no_message_2() {
    let hello = hello();
    let (message, waiting) = start(&psk(), &prologue(&hello), b"unlock");
    assert!(finish(waiting, &message).is_err());
}

#[test]
fn message_2_is_no_message_1_and_answers_one_message_1_only() {
    let hello = hello();
    let (message, _) = start(&psk(), &prologue(&hello), b"unlock");
    let (_, opened) = open(&psk(), &prologue(&hello), &message).unwrap();
    let (answer, _) = reply(opened, b"unlocked");
    assert!(open(&psk(), &prologue(&hello), &answer).is_err());
    let (_, another) = start(&psk(), &prologue(&hello), b"lock it");
    assert!(finish(another, &answer).is_err());
}

#[test]
fn a_recorded_message_1_does_not_open_under_the_next_hello() {
    let (first, mut next) = (hello(), hello());
    next[28] ^= 1;
    let (recorded, _) = start(&psk(), &prologue(&first), b"unlock");
    assert!(open(&psk(), &prologue(&next), &recorded).is_err());
}

#[test]
fn the_same_attempt_and_entropy_draw_another_nonce_for_another_payload_or_hello() {
    let (first, mut next) = (hello(), hello());
    next[28] ^= 1;
    let nonce = |hello, payload: &[u8]| start(&psk(), &prologue(hello), payload).0[..16].to_vec();
    assert_eq!(nonce(&first, b"unlock"), nonce(&first, b"unlock"));
    assert_ne!(nonce(&first, b"unlock"), nonce(&first, b"lock"));
    assert_ne!(nonce(&first, b"unlock"), nonce(&next, b"unlock"));
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
    assert_eq!(refused.unwrap_err(), BufferTooSmall { needed: OVERHEAD + 2 });
    assert_eq!(out, [0xEE; OVERHEAD + 1]);
}

#[test]
fn an_empty_payload_is_carried_both_ways() {
    let hello = hello();
    let (message, waiting) = start(&psk(), &prologue(&hello), b"");
    let (payload, opened) = open(&psk(), &prologue(&hello), &message).unwrap();
    assert_eq!((payload.len(), message.len()), (0, OVERHEAD));
    let (answer, _) = reply(opened, b"");
    assert_eq!(finish(waiting, &answer).unwrap().0.len(), 0);
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
        assert_eq!(refused.unwrap_err(), BufferTooSmall { needed: copied.len() });
        assert_eq!(short, vec![0xEE; copied.len() - 1]);
    }
}

#[test]
fn no_state_of_a_handshake_prints_a_secret() {
    let hello = hello();
    let (message, waiting) = start(&psk(), &prologue(&hello), b"");
    let prepared = prepare(&psk(), &prologue(&hello));
    assert_eq!(
        (format!("{prepared:?}"), format!("{waiting:?}")),
        ("Prepared(..)".into(), "AwaitMessage2(..)".into())
    );
    let (_, opened) = open(&psk(), &prologue(&hello), &message).unwrap();
    assert_eq!(format!("{opened:?}"), "Opened(..)");
    let (_, keys) = reply(opened, b"");
    let printed = format!("{keys:?}");
    assert!(printed.contains("SendKey(Key(..))") && printed.contains("ReceiveKey(Key(..))"), "{printed}");
}
