//! A log over several key epochs: where one chain hands over to the next, and what a verifier says where that is not as it was.

use lock_crypto::log::MAX_LOG_JUMP;
use lock_crypto::{
    FirstKey, HandOver, Key, KeyEpoch, LogChain, LogFault, LogGround, LogHead, LogMac, LogVerifier, Missing,
    RustCrypto, Walked,
};

use crate::common::leaves;

#[derive(Clone, Debug, PartialEq)]
struct Entry {
    index: u64,
    previous: LogMac,
    mac: LogMac,
    body: Vec<u8>,
}

const NONCE: [u8; 16] = [0x3C; 16];
/// In the body of an entry that begins an epoch: behind it comes the number.
const BEGINS: u8 = 0xE0;

fn epoch(number: u32) -> KeyEpoch {
    KeyEpoch::new(number).unwrap()
}

/// The leaf `log` of each epoch is another.
fn key(number: u32) -> Key {
    leaves(number as u8 + 40).take_log()
}

fn keys(numbers: &[u32]) -> Vec<FirstKey> {
    numbers.iter().map(|number| FirstKey { epoch: epoch(*number), key: key(*number) }).collect()
}

struct Lock {
    chain: LogChain,
    entries: Vec<Entry>,
}

impl Lock {
    fn new() -> Self {
        Self { chain: LogChain::begin(epoch(1), key(1)), entries: Vec::new() }
    }

    fn log(&mut self, times: u8) {
        for number in 0..times {
            let body = [number; 5];
            self.write(&body, |chain| chain.link::<RustCrypto>(&body));
        }
    }

    /// The key epoch begins: the last entry of the chain, and behind it the next.
    fn turn(&mut self, number: u32) {
        let body = [BEGINS, number as u8];
        self.write(&body, |chain| chain.link_to_epoch::<RustCrypto>(&body, epoch(number), &key(number)));
    }

    fn write(&mut self, body: &[u8], link: impl FnOnce(&LogChain) -> lock_crypto::LogLink) {
        let (index, previous, link) = (self.chain.next(), self.chain.last(), link(&self.chain));
        self.entries.push(Entry { index, previous, mac: link.mac(), body: body.to_vec() });
        self.chain.advance(link);
    }

    fn head(&self) -> LogHead {
        self.chain.head::<RustCrypto>(&NONCE, 0)
    }
}

/// Four entries of epoch 1 and one that begins epoch 2 (entry 4), four of epoch 2 and one that begins epoch 3 (entry 9), and three of epoch 3.
fn three_epochs() -> Lock {
    let mut lock = Lock::new();
    lock.log(4);
    lock.turn(2);
    lock.log(4);
    lock.turn(3);
    lock.log(3);
    lock
}

/// What a walk says of each entry, and does as a reader does.
fn walk(verifier: &mut LogVerifier, entries: &[Entry], later: &[FirstKey]) -> Vec<Result<Walked, LogFault>> {
    let mut said = Vec::new();
    for Entry { index, previous, mac, body } in entries {
        let walked = verifier.entry::<RustCrypto>(*index, *previous, *mac, body, later);
        if let (Ok(Walked::Right { .. }), [BEGINS, number]) = (&walked, &body[..]) {
            let _ = verifier.hand_over(epoch(u32::from(*number)), later);
        }
        said.push(walked);
    }
    said
}

/// Everything that a walk from the first entry finds wrong, in order.
fn faults(entries: &[Entry], head: &LogHead, later: &[FirstKey]) -> Vec<LogFault> {
    let mut verifier = LogVerifier::begin(epoch(1), key(1));
    let mut faults: Vec<_> =
        walk(&mut verifier, entries, later).into_iter().filter_map(Result::err).collect();
    faults.extend(verifier.head::<RustCrypto>(head, &NONCE, later).err());
    faults
}

#[test]
fn a_log_over_three_epochs_is_right_with_the_first_key_of_each() {
    let lock = three_epochs();
    assert_eq!(lock.head().epoch, epoch(3));
    assert_eq!(faults(&lock.entries, &lock.head(), &keys(&[2, 3])), []);
    // From any position, as it is stored.
    let mut verifier = LogVerifier::begin(epoch(1), key(1));
    for entry in &lock.entries {
        let said = walk(&mut verifier, core::slice::from_ref(entry), &keys(&[2, 3]));
        assert_eq!(said, [Ok(Walked::Right { missing: None, begins: None })]);
        let at = verifier.chain();
        let stored = Key::from_bytes(*at.key().expose());
        verifier =
            LogVerifier::from_chain(LogChain::resume(at.epoch(), at.next(), stored, at.last()).unwrap());
    }
    assert_eq!(verifier.head::<RustCrypto>(&lock.head(), &NONCE, &[]), Ok(()));
}

#[test]
fn with_a_wrong_first_key_nothing_of_the_new_epoch_fits() {
    let mut lock = Lock::new();
    lock.log(4);
    lock.turn(2);
    lock.log(2);
    let wrong = [FirstKey { epoch: epoch(2), key: key(7) }];
    let edited = |index| LogFault::Edited { index };
    assert_eq!(faults(&lock.entries, &lock.head(), &wrong), [edited(5), edited(6), LogFault::WrongKey]);
    // The right key of another epoch is as wrong.
    let mislabelled = [FirstKey { epoch: epoch(2), key: key(3) }];
    assert_eq!(faults(&lock.entries, &lock.head(), &mislabelled), [edited(5), edited(6), LogFault::WrongKey]);
}

#[test]
fn an_entry_that_begins_an_epoch_and_was_taken_out_is_missing_and_the_chain_behind_it_is_found() {
    let lock = three_epochs();
    for (first, last) in [(4, 4), (3, 4), (4, 6), (2, 7)] {
        let mut left = lock.entries.clone();
        left.drain(first..=last);
        let missing = Missing { first: first as u64, last: last as u64 };
        assert_eq!(faults(&left, &lock.head(), &keys(&[2, 3])), [LogFault::Dropped(missing)]);
        let mut verifier = LogVerifier::begin(epoch(1), key(1));
        let said = walk(&mut verifier, &left, &keys(&[2, 3]));
        assert_eq!(said[first], Ok(Walked::Right { missing: Some(missing), begins: Some(5) }));
        // Where the lock says that it was overwritten, it is a gap and no fault.
        assert!(verifier.explain(missing));
        assert_eq!(verifier.head::<RustCrypto>(&lock.head(), &NONCE, &[]), Ok(()));
    }
}

#[test]
fn all_entries_of_an_epoch_may_be_missing() {
    let lock = three_epochs();
    let mut left = lock.entries.clone();
    left.drain(4..=9);
    let missing = Missing { first: 4, last: 9 };
    assert_eq!(faults(&left, &lock.head(), &keys(&[2, 3])), [LogFault::Dropped(missing)]);
    left.truncate(4);
    let cut = Missing { first: 4, last: 12 };
    assert_eq!(faults(&left, &lock.head(), &keys(&[2, 3])), [LogFault::Truncated(cut)]);
}

#[test]
fn an_entry_of_the_old_chain_behind_the_hand_over_fits_nothing() {
    // Whoever had the old key goes on in the old chain, from the entry that began the new epoch.
    let lock = three_epochs();
    let mut forger = LogChain::resume(epoch(1), 5, old_key_at(5), lock.entries[4].mac).unwrap();
    let forged = forger.link::<RustCrypto>(b"nobody came");
    let entry =
        Entry { index: 5, previous: lock.entries[4].mac, mac: forged.mac(), body: b"nobody came".to_vec() };
    forger.advance(forged);
    let head = forger.head::<RustCrypto>(&NONCE, 0);
    let entries = [&lock.entries[..5], core::slice::from_ref(&entry)].concat();
    let found = faults(&entries, &head, &keys(&[2, 3]));
    assert_eq!(found, [LogFault::Edited { index: 5 }, LogFault::WrongKey]);
    // With the genuine ones behind it, only that one is wrong.
    let entries = [&lock.entries[..5], &[entry], &lock.entries[6..]].concat();
    assert_eq!(faults(&entries, &lock.head(), &keys(&[2, 3])), [LogFault::Edited { index: 5 }]);
}

/// The key of an entry of the chain of epoch 1, as somebody knows it who had an earlier one.
fn old_key_at(index: u64) -> Key {
    let chain = LogChain::begin(epoch(1), key(1)).at::<RustCrypto>(index).unwrap();
    Key::from_bytes(*chain.key().expose())
}

#[test]
fn a_tail_of_another_epoch_or_another_turn_that_is_spliced_in_is_found() {
    let lock = three_epochs();
    // Another lock, or another past of this one, in which epoch 2 began an entry earlier.
    let mut other = Lock::new();
    other.log(3);
    other.turn(2);
    other.log(6);
    let spliced = [&lock.entries[..5], &other.entries[5..]].concat();
    let found = faults(&spliced, &other.head(), &keys(&[2, 3]));
    assert_eq!(found.first(), Some(&LogFault::Edited { index: 5 }), "{found:?}");
    // The turn itself, said at another place.
    let mut moved = lock.entries[4].clone();
    moved.index = 3;
    let spliced = [&lock.entries[..3], &[moved], &lock.entries[5..]].concat();
    let found = faults(&spliced, &lock.head(), &keys(&[2, 3]));
    assert_eq!(found.first(), Some(&LogFault::Edited { index: 3 }), "{found:?}");
    // Entries of the new chain before the one that begins it.
    let mut swapped = lock.entries.clone();
    swapped.swap(4, 5);
    assert_eq!(
        faults(&swapped, &lock.head(), &keys(&[2, 3])),
        [LogFault::Reordered { index: 4, expected: 6 }]
    );
}

#[test]
fn the_first_entry_of_an_epoch_follows_from_the_last_of_the_one_before() {
    // Whoever has the new leaf begins its chain behind another past.
    let lock = three_epochs();
    let mut forger = LogChain::resume(epoch(2), 5, key(2), LogMac([9; 16])).unwrap();
    let link = forger.link::<RustCrypto>(b"another past");
    let entry =
        Entry { index: 5, previous: LogMac([9; 16]), mac: link.mac(), body: b"another past".to_vec() };
    forger.advance(link);
    let head = forger.head::<RustCrypto>(&NONCE, 0);
    let entries = [&lock.entries[..5], &[entry]].concat();
    assert_eq!(faults(&entries, &head, &keys(&[2])), [LogFault::Forked { index: 5 }]);
}

#[test]
fn where_the_key_of_an_epoch_is_lost_its_entries_are_not_verified_and_the_next_epoch_is() {
    let lock = three_epochs();
    let mut verifier = LogVerifier::begin(epoch(1), key(1));
    let said = walk(&mut verifier, &lock.entries[..9], &keys(&[3]));
    assert_eq!(verifier.ground(), LogGround::Lost { since: 5 });
    assert_eq!(said[5..], [Ok(Walked::Unverified); 4]);
    // It goes on from there as it was stored.
    let mut verifier = LogVerifier::without_key(epoch(2), 9, verifier.chain().last(), 5);
    let head = verifier.head::<RustCrypto>(&lock.head(), &NONCE, &keys(&[3]));
    assert_eq!(head, Err(LogFault::Truncated(Missing { first: 9, last: 12 })), "there is more to come");
    let said = walk(&mut verifier, &lock.entries[9..], &keys(&[3]));
    let right = |begins| Ok(Walked::Right { missing: None, begins });
    assert_eq!(said, [Ok(Walked::Unverified), right(Some(10)), right(None), right(None)]);
    assert_eq!(verifier.take_unverified(), Some(Missing { first: 5, last: 9 }));
    assert_eq!(verifier.take_unverified(), None, "told once");
    assert_eq!(verifier.head::<RustCrypto>(&lock.head(), &NONCE, &[]), Ok(()));
}

#[test]
fn what_is_edited_behind_a_lost_epoch_is_found_and_what_is_missing_there_is_told() {
    let lock = three_epochs();
    let mut edited = lock.entries.clone();
    edited[11].body[0] ^= 1;
    assert_eq!(faults(&edited, &lock.head(), &keys(&[3])), [LogFault::Edited { index: 11 }]);
    let mut dropped = lock.entries.clone();
    dropped.drain(8..=10);
    let missing = Missing { first: 10, last: 10 };
    assert_eq!(faults(&dropped, &lock.head(), &keys(&[3])), [LogFault::Dropped(missing)]);
}

#[test]
fn a_lost_epoch_that_is_the_last_is_said_to_be_unverified_and_no_fault_is_found() {
    let mut lock = three_epochs();
    lock.entries.truncate(9);
    let head = LogChain::resume(epoch(2), 9, key(5), LogMac([1; 16])).unwrap();
    let head = head.head::<RustCrypto>(&NONCE, 0);
    assert_eq!(faults(&lock.entries, &head, &[]), [LogFault::NoKey { epoch: epoch(2) }]);
}

#[test]
fn an_epoch_that_begins_where_the_log_ends_is_level_with_its_head() {
    let mut lock = three_epochs();
    lock.turn(4);
    assert_eq!(faults(&lock.entries, &lock.head(), &keys(&[2, 3, 4])), []);
    // Also behind one whose key is lost.
    let mut verifier = LogVerifier::begin(epoch(1), key(1));
    let _ = walk(&mut verifier, &lock.entries, &keys(&[2, 4]));
    assert_eq!(verifier.ground(), LogGround::Lost { since: 10 });
    assert_eq!(verifier.head::<RustCrypto>(&lock.head(), &NONCE, &keys(&[2, 4])), Ok(()));
    assert_eq!(verifier.take_unverified(), Some(Missing { first: 10, last: 13 }));
    assert_eq!((verifier.ground(), verifier.chain().epoch()), (LogGround::Keyed, epoch(4)));
}

#[test]
fn whoever_is_told_nothing_of_before_begins_with_the_first_chain_of_its_own() {
    let lock = three_epochs();
    for (told, missing) in [(10, None), (11, Some(Missing { first: 10, last: 10 }))] {
        let mut verifier = LogVerifier::before_the_first(0);
        let said = walk(&mut verifier, &lock.entries[told..], &keys(&[3]));
        assert_eq!(said[0], Ok(Walked::Right { missing, begins: Some(10) }));
        assert_eq!(verifier.take_unverified(), Some(Missing { first: 0, last: 9 }));
        assert_eq!(verifier.unexplained(), missing);
    }
    // An entry of before is none of its own, and moves the walk nowhere.
    let mut verifier = LogVerifier::before_the_first(0);
    let said = walk(&mut verifier, &lock.entries[8..9], &keys(&[3]));
    assert_eq!(said, [Err(LogFault::Edited { index: 8 })]);
    assert_eq!((verifier.chain().next(), verifier.ground()), (0, LogGround::Start));
    // Without any entry, the head says where it begins.
    let mut lock = Lock::new();
    lock.log(4);
    lock.turn(2);
    let mut verifier = LogVerifier::before_the_first(0);
    assert_eq!(verifier.head::<RustCrypto>(&lock.head(), &NONCE, &keys(&[2])), Ok(()));
    assert_eq!((verifier.chain().next(), verifier.chain().epoch()), (5, epoch(2)));
    lock.log(2);
    assert_eq!(walk(&mut verifier, &lock.entries[5..], &[]).into_iter().filter(Result::is_err).count(), 0);
}

#[test]
fn an_epoch_that_is_not_later_begins_nothing() {
    let mut verifier = LogVerifier::begin(epoch(3), key(3));
    for number in [1, 3] {
        assert_eq!(verifier.hand_over(epoch(number), &keys(&[1, 3])), HandOver::NotLater);
    }
    assert_eq!(verifier.hand_over(epoch(5), &keys(&[5])), HandOver::Continues);
    assert_eq!(verifier.hand_over(epoch(6), &keys(&[5])), HandOver::KeyLost);
    assert_eq!(verifier.hand_over(epoch(7), &keys(&[7])), HandOver::NotLater, "nothing is verified there");
    // Nor does a key of an earlier epoch fit anything behind a later one.
    let lock = three_epochs();
    let mut verifier = LogVerifier::begin(epoch(3), key(3));
    let said = walk(&mut verifier, &lock.entries[6..7], &keys(&[2]));
    assert_eq!(said, [Err(LogFault::Edited { index: 6 })]);
}

#[test]
fn a_lost_epoch_is_not_found_again_by_its_own_key() {
    let lock = three_epochs();
    let of_three = |entry: &&Entry| entry.body[0] == BEGINS && entry.body[1] == 3;
    let begins = lock.entries.iter().position(|entry| of_three(&entry)).unwrap() + 1;
    let since = begins as u64;
    let mut verifier = LogVerifier::without_key(epoch(3), since, lock.entries[begins - 1].mac, since);
    assert_eq!(walk(&mut verifier, &lock.entries[begins..=begins], &keys(&[3])), [Ok(Walked::Unverified)]);
    let mut verifier = LogVerifier::without_key(epoch(2), since, lock.entries[begins - 1].mac, since);
    let found = Walked::Right { missing: None, begins: Some(since) };
    assert_eq!(walk(&mut verifier, &lock.entries[begins..=begins], &keys(&[3])), [Ok(found)]);
}

#[test]
fn the_key_of_an_epoch_is_blank_once_the_next_one_is_not_here() {
    let mut verifier = LogVerifier::begin(epoch(1), key(1));
    assert!(!verifier.chain().key().is_blank());
    assert_eq!(verifier.hand_over(epoch(2), &[]), HandOver::KeyLost);
    assert!(verifier.chain().key().is_blank());
}

#[test]
fn an_entry_or_a_head_a_whole_jump_ahead_is_looked_at_and_one_further_is_not() {
    let lost = || LogVerifier::without_key(epoch(1), 5, LogMac::NONE, 5);
    for (ahead, is_far) in [(MAX_LOG_JUMP - 1, false), (MAX_LOG_JUMP, false), (MAX_LOG_JUMP + 1, true)] {
        let index = 5 + ahead;
        let walked = lost().entry::<RustCrypto>(index, LogMac::NONE, LogMac::NONE, b"", &[]);
        let expected = if is_far { Err(LogFault::TooFar { index }) } else { Ok(Walked::Unverified) };
        assert_eq!(walked, expected, "{ahead}");
        let head = LogHead { epoch: epoch(2), first: 0, next: index, last: LogMac::NONE, tag: [0; 16] };
        let expected = if is_far { LogFault::TooFar { index } } else { LogFault::NoKey { epoch: epoch(2) } };
        assert_eq!(lost().head::<RustCrypto>(&head, &NONCE, &[]), Err(expected), "{ahead}");
    }
}

#[test]
fn a_head_of_an_epoch_whose_key_is_here_is_believed_by_its_tag_alone() {
    let mut lock = Lock::new();
    lock.turn(2);
    let mut head = lock.head();
    head.tag[15] ^= 1;
    let mut verifier = LogVerifier::before_the_first(head.next);
    assert_eq!(verifier.head::<RustCrypto>(&head, &NONCE, &keys(&[2])), Err(LogFault::NotFresh));
    assert_eq!(verifier.ground(), LogGround::Start);
}

#[test]
fn no_first_key_is_printed() {
    let printed = format!("{:?} {:?}", keys(&[2]), LogVerifier::before_the_first(0));
    let secret = format!("{:02x?}", key(2).expose());
    assert!(printed.contains("FirstKey") && !printed.contains(secret.trim_matches(['[', ']'])), "{printed}");
}
