//! The log: what a thief can do to it, and what the verifier says of that.

use lock_crypto::log::MAX_LOG_JUMP;
use lock_crypto::{
    Key, KeyEpoch, Label, LeafKeys, LogChain, LogFault, LogHead, LogMac, LogVerifier, Missing, RustCrypto,
    Walked,
};
use proptest::prelude::*;

use crate::common::leaves;

#[derive(Clone, Debug, PartialEq)]
struct Entry {
    index: u64,
    previous: LogMac,
    mac: LogMac,
    body: Vec<u8>,
}

const NONCE: [u8; 16] = [0x3C; 16];
const RIGHT: Walked = Walked::Right { missing: None, begins: None };

fn chain() -> LogChain {
    LogChain::begin(KeyEpoch::FIRST, leaves(9).take_log())
}

fn write(chain: &mut LogChain, body: &[u8]) -> Entry {
    let (index, previous) = (chain.next(), chain.last());
    let link = chain.link::<RustCrypto>(body);
    let entry = Entry { index, previous, mac: link.mac(), body: body.to_vec() };
    chain.advance(link);
    entry
}

/// Ten entries and their head.
fn ten() -> (Vec<Entry>, LogHead) {
    let mut chain = chain();
    let entries = (0..10_u8).map(|number| write(&mut chain, &[number; 12])).collect();
    (entries, chain.head::<RustCrypto>(&NONCE, 0))
}

/// Everything that a walk finds wrong, in order.
fn faults_under(key: Key, entries: &[Entry], head: &LogHead, nonce: &[u8; 16]) -> Vec<LogFault> {
    let mut verifier = LogVerifier::begin(KeyEpoch::FIRST, key);
    let mut faults = Vec::new();
    for Entry { index, previous, mac, body } in entries {
        faults.extend(verifier.entry::<RustCrypto>(*index, *previous, *mac, body, &[]).err());
    }
    faults.extend(verifier.head::<RustCrypto>(head, nonce, &[]).err());
    faults
}

fn faults(entries: &[Entry], head: &LogHead) -> Vec<LogFault> {
    faults_under(leaves(9).take_log(), entries, head, &NONCE)
}

#[test]
fn a_whole_log_is_right_from_any_position_that_was_verified_before() {
    let (entries, head) = ten();
    assert_eq!(faults(&entries, &head), []);
    let mut verifier = LogVerifier::begin(KeyEpoch::FIRST, leaves(9).take_log());
    for Entry { index, previous, mac, body } in &entries {
        assert_eq!(verifier.entry::<RustCrypto>(*index, *previous, *mac, body, &[]), Ok(RIGHT));
        let at = verifier.chain();
        let key = Key::from_bytes(*at.key().expose());
        verifier = LogVerifier::from_chain(LogChain::resume(at.epoch(), at.next(), key, at.last()).unwrap());
    }
    assert_eq!(verifier.head::<RustCrypto>(&head, &NONCE, &[]), Ok(()));
}

#[test]
fn an_empty_log_is_right() {
    let mut verifier = LogVerifier::begin(KeyEpoch::FIRST, leaves(9).take_log());
    let head = chain().head::<RustCrypto>(&NONCE, 0);
    assert_eq!(verifier.head::<RustCrypto>(&head, &NONCE, &[]), Ok(()));
    assert!(!verifier.explain(Missing { first: 0, last: 0 }));
}

#[test]
fn any_flipped_bit_of_an_entry_is_named_once_with_its_index() {
    let (entries, head) = ten();
    for place in 0..entries.len() {
        for bit in 0..8 * (16 + 16 + 12) {
            let mut edited = entries.clone();
            let Entry { previous, mac, body, .. } = &mut edited[place];
            let byte = match bit / 8 {
                at @ 0..16 => &mut previous.0[at],
                at @ 16..32 => &mut mac.0[at - 16],
                at => &mut body[at - 32],
            };
            *byte ^= 1 << (bit % 8);
            assert_eq!(faults(&edited, &head), [LogFault::Edited { index: place as u64 }], "bit {bit}");
        }
    }
}

#[test]
fn an_entry_that_is_longer_or_shorter_was_edited() {
    let (entries, head) = ten();
    for length in [0, 11, 13] {
        let mut edited = entries.clone();
        edited[3].body.resize(length, 3);
        assert_eq!(faults(&edited, &head), [LogFault::Edited { index: 3 }]);
    }
}

#[test]
fn any_run_of_entries_that_is_taken_out_was_dropped_or_cut_off() {
    let (entries, head) = ten();
    for from in 0..10 {
        for to in from..10 {
            let mut left = entries.clone();
            left.drain(from..=to);
            let missing = Missing { first: from as u64, last: to as u64 };
            let expected = if to == 9 { LogFault::Truncated(missing) } else { LogFault::Dropped(missing) };
            assert_eq!(faults(&left, &head), [expected]);
        }
    }
}

#[test]
fn a_dropped_entry_whose_number_the_next_one_takes_is_an_edit() {
    let (mut entries, head) = ten();
    entries.remove(4);
    entries[4].index = 4;
    assert_eq!(faults(&entries, &head)[0], LogFault::Edited { index: 4 });
}

#[test]
fn two_entries_that_changed_places_are_out_of_order_and_none_is_missing() {
    let (entries, head) = ten();
    for place in 0..9 {
        let mut swapped = entries.clone();
        swapped.swap(place, place + 1);
        let (index, expected) = (place as u64, place as u64 + 2);
        assert_eq!(faults(&swapped, &head), [LogFault::Reordered { index, expected }]);
    }
}

#[test]
fn an_entry_that_comes_twice_is_named() {
    let (mut entries, head) = ten();
    entries.insert(6, entries[5].clone());
    assert_eq!(faults(&entries, &head), [LogFault::Reordered { index: 5, expected: 6 }]);
}

#[test]
fn another_key_fits_nothing() {
    let (entries, head) = ten();
    let found = faults_under(leaves(8).take_log(), &entries, &head, &NONCE);
    assert_eq!(found.last(), Some(&LogFault::WrongKey));
    let mut verifier = LogVerifier::begin(KeyEpoch::new(2).unwrap(), leaves(9).take_log());
    assert!(verifier.entry::<RustCrypto>(0, LogMac::NONE, entries[0].mac, &entries[0].body, &[]).is_err());
    assert_eq!(verifier.head::<RustCrypto>(&head, &NONCE, &[]), Err(LogFault::WrongKey));
}

#[test]
fn a_head_for_another_nonce_or_with_any_bit_flipped_is_not_fresh() {
    let (entries, head) = ten();
    assert_eq!(faults_under(leaves(9).take_log(), &entries, &head, &[0x3D; 16]), [LogFault::NotFresh]);
    for bit in 0..8 * 16 {
        let mut flipped = head;
        flipped.tag[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(faults(&entries, &flipped), [LogFault::NotFresh]);
        let mut flipped = head;
        flipped.last.0[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(faults(&entries, &flipped), [LogFault::NotFresh]);
    }
    assert_eq!(faults(&entries, &LogHead { first: 1, ..head }), [LogFault::NotFresh]);
    assert_eq!(faults(&entries, &LogHead { next: 11, ..head }), [LogFault::NotFresh]);
    assert_eq!(faults(&entries, &LogHead { next: 9, ..head }), [LogFault::HeadBehind { next: 9 }]);
    let epoch = KeyEpoch::new(2).unwrap();
    assert_eq!(faults(&entries, &LogHead { epoch, ..head }), [LogFault::NotFresh]);
}

#[test]
fn an_old_head_does_not_hide_what_came_after_it() {
    let mut chain = chain();
    let mut entries: Vec<_> = (0..5_u8).map(|number| write(&mut chain, &[number])).collect();
    let old = chain.head::<RustCrypto>(&NONCE, 0);
    entries.push(write(&mut chain, b"the break-in"));
    let fresh = chain.head::<RustCrypto>(&[0x4D; 16], 0);
    entries.pop();
    assert_eq!(faults_under(leaves(9).take_log(), &entries, &old, &[0x4D; 16]), [LogFault::NotFresh]);
    let cut = LogFault::Truncated(Missing { first: 5, last: 5 });
    assert_eq!(faults_under(leaves(9).take_log(), &entries, &fresh, &[0x4D; 16]), [cut]);
}

#[test]
fn a_gap_is_legal_where_a_later_entry_says_so_and_covers_all_of_it() {
    let (entries, head) = ten();
    for (explained, is_legal) in [((0, 4), true), ((2, 4), true), ((3, 4), false), ((2, 3), false)] {
        let mut verifier = LogVerifier::begin(KeyEpoch::FIRST, leaves(9).take_log());
        let mut missing = None;
        for Entry { index, previous, mac, body } in
            entries.iter().filter(|entry| !(2..5).contains(&entry.index))
        {
            let found = verifier.entry::<RustCrypto>(*index, *previous, *mac, body, &[]).unwrap();
            let Walked::Right { missing: before, .. } = found else { panic!("{found:?}") };
            missing = missing.or(before);
        }
        assert_eq!(missing, Some(Missing { first: 2, last: 4 }));
        let (first, last) = explained;
        assert_eq!(verifier.explain(Missing { first, last }), is_legal);
        let expected = if is_legal { Ok(()) } else { Err(LogFault::Dropped(Missing { first: 2, last: 4 })) };
        assert_eq!(verifier.head::<RustCrypto>(&head, &NONCE, &[]), expected);
    }
}

#[test]
fn a_gap_that_reaches_beyond_what_was_written_explains_nothing() {
    let (entries, _) = ten();
    let mut verifier = LogVerifier::begin(KeyEpoch::FIRST, leaves(9).take_log());
    let Entry { index, previous, mac, body } = &entries[5];
    verifier.entry::<RustCrypto>(*index, *previous, *mac, body, &[]).unwrap();
    assert!(!verifier.explain(Missing { first: 0, last: 6 }));
    assert!(verifier.explain(Missing { first: 0, last: 5 }));
}

#[test]
fn an_index_or_a_head_far_ahead_costs_no_work() {
    let (entries, head) = ten();
    let mut verifier = LogVerifier::begin(KeyEpoch::FIRST, leaves(9).take_log());
    for index in [MAX_LOG_JUMP + 1, u64::MAX] {
        let Entry { previous, mac, body, .. } = &entries[0];
        let found = verifier.entry::<RustCrypto>(index, *previous, *mac, body, &[]);
        assert_eq!(found, Err(LogFault::TooFar { index }));
        let found = verifier.head::<RustCrypto>(&LogHead { next: index, ..head }, &NONCE, &[]);
        assert_eq!(found, Err(LogFault::TooFar { index }));
    }
    assert_eq!(verifier.chain().next(), 0);
}

#[test]
fn a_made_up_index_moves_the_walk_nowhere() {
    let (entries, head) = ten();
    let mut verifier = LogVerifier::begin(KeyEpoch::FIRST, leaves(9).take_log());
    let Entry { previous, mac, body, .. } = &entries[0];
    assert_eq!(
        verifier.entry::<RustCrypto>(7, *previous, *mac, body, &[]),
        Err(LogFault::Edited { index: 7 })
    );
    for Entry { index, previous, mac, body } in &entries {
        assert_eq!(verifier.entry::<RustCrypto>(*index, *previous, *mac, body, &[]), Ok(RIGHT));
    }
    assert_eq!(verifier.head::<RustCrypto>(&head, &NONCE, &[]), Ok(()));
}

#[test]
fn who_takes_the_key_writes_what_comes_and_not_what_was() {
    let mut chain = chain();
    let genuine: Vec<_> = (0..5_u8).map(|number| write(&mut chain, &[number])).collect();
    // The thief has the key of entry 5, and goes back to 3 with it.
    let stolen = Key::from_bytes(*chain.key().expose());
    let mut forger = LogChain::resume(KeyEpoch::FIRST, 3, stolen, genuine[2].mac).unwrap();
    let forged = [&genuine[..3], &[write(&mut forger, b"nobody came")]].concat();
    let head = forger.head::<RustCrypto>(&NONCE, 0);
    assert_eq!(faults(&forged, &head), [LogFault::Edited { index: 3 }, LogFault::NotFresh]);
    // What he writes behind entry 4 is his, and a second log behind it is seen where the two part.
    let mut other =
        LogChain::resume(KeyEpoch::FIRST, 5, Key::from_bytes(*chain.key().expose()), LogMac([1; 16]))
            .unwrap();
    let parted = [&genuine[..], &[write(&mut other, b"another past")]].concat();
    let head = other.head::<RustCrypto>(&NONCE, 0);
    assert_eq!(faults(&parted, &head), [LogFault::Forked { index: 5 }]);
}

#[test]
fn an_entry_that_was_not_stored_is_made_again_at_its_index() {
    let mut chain = chain();
    let lost = chain.link::<RustCrypto>(b"first");
    let again = chain.link::<RustCrypto>(b"first");
    assert_eq!((lost.index(), lost.mac()), (again.index(), again.mac()));
    chain.advance(again);
    chain.advance(lost);
    assert_eq!(chain.next(), 1, "one of the two counts");
}

#[test]
fn the_leaves_that_a_lock_stores_no_longer_hold_the_first_key() {
    let mut taken = leaves(9);
    let first = taken.take_log();
    assert_eq!(first.expose(), leaves(9).leaf(Label::Log).expose());
    let stored = taken.to_bytes();
    assert!(!stored.windows(32).any(|window| window == first.expose()));
    assert!(LeafKeys::from_bytes(&stored).is_err());
    let mut read = LeafKeys::blank();
    read.load_without_log(&stored).unwrap();
    assert_eq!(read.leaf(Label::Code).expose(), leaves(9).leaf(Label::Code).expose());
    let mut blank = stored;
    blank[..32].fill(0);
    assert!(read.load_without_log(&blank).is_err(), "that of the log and no other");
    assert_eq!(read.to_bytes(), LeafKeys::blank().to_bytes(), "nothing is left of what fails");
    assert!(LogChain::resume(KeyEpoch::FIRST, 0, Key::from_bytes([0; 32]), LogMac::NONE).is_err());
    let mut erased = stored;
    erased[5 * 32..6 * 32].fill(0xFF);
    assert!(read.load_without_log(&erased).is_err(), "only zero bytes stand for a key that was taken");
}

#[test]
fn a_log_from_a_later_entry_on_knows_the_mac_before_it_only_where_it_stood() {
    let mut lock = chain();
    let last = write(&mut lock, b"one").mac;
    let position =
        || LogChain::resume(lock.epoch(), 1, Key::from_bytes(*lock.key().expose()), lock.last()).unwrap();
    assert_eq!(position().at::<RustCrypto>(1).unwrap().last(), last);
    let later = position().at::<RustCrypto>(2).unwrap();
    assert_eq!((later.last(), later.next()), (LogMac::NONE, 2));
    assert!(position().at::<RustCrypto>(0).is_none());
    assert!(position().at::<RustCrypto>(1 + MAX_LOG_JUMP + 1).is_none());
}

#[test]
fn a_head_with_another_last_entry_than_the_one_that_came_was_edited() {
    let (entries, _) = ten();
    let mut verifier = LogVerifier::begin(KeyEpoch::FIRST, leaves(9).take_log());
    for Entry { index, previous, mac, body } in &entries {
        assert_eq!(verifier.entry::<RustCrypto>(*index, *previous, *mac, body, &[]), Ok(RIGHT));
    }
    let key = Key::from_bytes(*verifier.chain().key().expose());
    let other = LogChain::resume(KeyEpoch::FIRST, 10, key, LogMac([1; 16])).unwrap();
    let head = other.head::<RustCrypto>(&NONCE, 0);
    assert_eq!(verifier.head::<RustCrypto>(&head, &NONCE, &[]), Err(LogFault::Edited { index: 9 }));
}

#[test]
fn what_is_unexplained_goes_on_with_the_position() {
    let missing = Missing { first: 2, last: 4 };
    let verifier = LogVerifier::from_chain(chain()).with_unexplained(Some(missing));
    assert_eq!(verifier.unexplained(), Some(missing));
    assert_eq!(verifier.with_unexplained(None).unexplained(), None);
}

#[test]
fn nothing_secret_is_printed() {
    let mut chain = chain();
    let key = format!("{:02x?}", chain.key().expose());
    let link = chain.link::<RustCrypto>(b"x");
    let printed =
        format!("{chain:?} {link:?} {:?}", LogVerifier::begin(KeyEpoch::FIRST, leaves(9).take_log()));
    assert!(!printed.contains(key.trim_matches(['[', ']'])) && printed.contains("Key(..)"), "{printed}");
    chain.advance(link);
}

#[derive(Clone, Debug)]
enum Tampering {
    Drop(usize),
    Swap(usize, usize),
    Repeat(usize, usize),
    Flip(usize, usize),
    Cut(usize),
}

fn tampering() -> impl Strategy<Value = Tampering> {
    let place = || 0_usize..10;
    prop_oneof![
        place().prop_map(Tampering::Drop),
        (place(), place()).prop_map(|(one, other)| Tampering::Swap(one, other)),
        (place(), place()).prop_map(|(one, other)| Tampering::Repeat(one, other)),
        (place(), 0_usize..96).prop_map(|(place, bit)| Tampering::Flip(place, bit)),
        place().prop_map(Tampering::Cut),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn whatever_is_done_to_a_log_without_its_key_is_a_fault(acts in proptest::collection::vec(tampering(), 1..6)) {
        let (genuine, head) = ten();
        let mut entries = genuine.clone();
        for act in acts {
            let length = entries.len();
            if length == 0 {
                break;
            }
            match act {
                Tampering::Drop(place) => drop(entries.remove(place % length)),
                Tampering::Swap(one, other) => entries.swap(one % length, other % length),
                Tampering::Repeat(one, other) => {
                    let again = entries[one % length].clone();
                    entries.insert(other % length, again);
                }
                Tampering::Flip(place, bit) => {
                    let body = &mut entries[place % length].body;
                    body[bit / 8] ^= 1 << (bit % 8);
                }
                Tampering::Cut(to) => entries.truncate(to),
            }
        }
        prop_assert_eq!(faults(&entries, &head).is_empty(), entries == genuine);
    }
}
