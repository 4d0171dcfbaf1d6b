//! A lock without an owner: who may claim it, when, and what a cut or a failing flash leaves.
#![cfg(feature = "x25519")]

#[path = "common/claims.rs"]
mod claims;
#[path = "common/pair.rs"]
mod pair;

use claims::{
    CODE, Came, MAKER, answer, claim, claimer, is_served, keys_of, message1, owned, press, root_of, unowned,
};
use lock_core::claimer::Claimer;
use lock_core::cloud::SessionError;
use lock_core::crypto::{Delivery, Key, LockId};
use lock_core::device::{BootError, Input, LinkId, PersistFailure, RecordTag};
use lock_core::label::ClaimCode;
use lock_core::proto::{
    BoltPosition, BootReason, CommandId, Hello, Outcome, Packet, PinDigits, Profile, Query, Reason, Reply,
    Request,
};
use lock_core::state::{Drive, Indication, InsideButton, Tenure};
use pair::{Did, Flash, LINK, LOCK_ID, Lock, Pair, lock, set_pin, stored, unlock};

const DONE: Came = Came::Answered(Outcome::Done);

#[test]
fn a_press_and_the_label_make_the_lock_the_claimers_in_either_profile() {
    for profile in [Profile::S, Profile::X] {
        let mut pair = unowned();
        assert_eq!(pair.lock.lock().tenure(), Tenure::Unowned);
        press(&mut pair);
        assert_eq!(claim(&mut pair, &claimer(), 1, profile), DONE);
        assert_eq!(pair.lock.lock().tenure(), Tenure::Owned);
        // The claim's session is over; the owner's begins on the same link, and survives a power cut.
        for _ in 0..2 {
            assert!(is_served(&mut pair));
            pair.cut_power(BoltPosition::Extended);
        }
        let (answer, _) = pair.session(unlock(1));
        assert!(matches!(answer.reply, Reply::Command { outcome: Outcome::Started, .. }));
        assert!(pair.drives().contains(&Drive::Retract));
    }
}

#[test]
fn the_keys_are_durable_before_the_answer_and_nothing_else_is_stored() {
    let mut pair = unowned();
    press(&mut pair);
    let before = pair.records.clone();
    pair.did.clear();
    assert_eq!(claim(&mut pair, &claimer(), 1, Profile::S), DONE);
    let stored = |pair: &Pair, tag| pair.did.iter().position(|did| *did == Did::Persist(tag)).unwrap();
    let (ownership, keys) = (stored(&pair, RecordTag::Ownership), stored(&pair, RecordTag::Keys));
    let last = pair.did.iter().rposition(|did| matches!(did, Did::Transmit(..))).unwrap();
    assert!(ownership < keys && keys < last);
    let changed: Vec<_> = pair
        .records
        .iter()
        .filter(|(tag, record)| before.get(tag) != Some(record))
        .map(|(tag, _)| *tag)
        .collect();
    assert_eq!(changed, [RecordTag::Keys.number(), RecordTag::Ownership.number()]);
}

#[test]
fn the_first_message_tells_what_no_owner_sets_back() {
    let mut pair = unowned();
    press(&mut pair);
    let (message1, claiming) = message1(&mut pair, &claimer()).unwrap();
    assert!(message1.len() <= 128);
    pair.deliver(&message1);
    let mut message2 = pair.up.pop_front().unwrap();
    let (found, _) = claiming.finish(&mut message2, Delivery::Ordered, pair.cloud_now()).unwrap();
    assert_eq!((found.key_epoch.number(), found.marks.marks().command), (1, CommandId(0)));
    assert_eq!((found.revocation_epoch, found.configuration, found.code_epoch), (0, 0, 0));
}

#[test]
fn without_a_press_the_lock_is_silent_and_so_it_is_once_the_window_is_over() {
    for (wait, came) in [(None, Came::Silent), (Some(119_999), DONE), (Some(120_000), Came::Silent)] {
        let mut pair = unowned();
        if let Some(wait) = wait {
            press(&mut pair);
            pair.wait(wait);
        }
        pair.did.clear();
        assert_eq!(claim(&mut pair, &claimer(), 1, Profile::S), came, "{wait:?}");
        if came == Came::Silent {
            assert!(!pair.did.iter().any(|did| matches!(did, Did::Persist(RecordTag::Keys))));
        }
    }
}

#[test]
fn the_outside_button_and_a_power_cut_open_no_window() {
    let mut pair = unowned();
    pair.input(Input::OutsideButton);
    pair.run();
    assert_eq!(claim(&mut pair, &claimer(), 1, Profile::S), Came::Silent);
    press(&mut pair);
    pair.cut_power(BoltPosition::Extended);
    assert_eq!(claim(&mut pair, &claimer(), 1, Profile::S), Came::Silent);
}

#[test]
fn one_press_is_one_handshake_and_what_proves_nothing_does_not_use_it_up() {
    let mut pair = unowned();
    press(&mut pair);
    // Junk, from whoever is near.
    let (mut junk, _) = message1(&mut pair, &claimer()).unwrap();
    *junk.last_mut().unwrap() ^= 1;
    pair.deliver(&junk);
    assert!(pair.up.is_empty());
    pair.wait(1_500);
    let (first, claiming) = message1(&mut pair, &claimer()).unwrap();
    pair.deliver(&first);
    let mut message2 = pair.up.pop_front().expect("the press was still good");
    assert!(claiming.finish(&mut message2, Delivery::Ordered, pair.cloud_now()).is_ok());
    pair.wait(1_500);
    assert_eq!(claim(&mut pair, &claimer(), 2, Profile::S), Came::Silent);
    press(&mut pair);
    pair.wait(1_500);
    assert_eq!(claim(&mut pair, &claimer(), 2, Profile::S), DONE);
}

#[test]
fn a_later_claim_ends_the_session_of_an_earlier_one_on_another_link() {
    let mut pair = unowned();
    press(&mut pair);
    let (first, claiming) = message1(&mut pair, &claimer()).unwrap();
    pair.deliver(&first);
    let mut message2 = pair.up.pop_front().unwrap();
    let (_, mut early) = claiming.finish(&mut message2, Delivery::Ordered, pair.cloud_now()).unwrap();

    press(&mut pair);
    let other = LinkId(1);
    pair.input(Input::LinkUp { link: other, delivery: Delivery::Ordered });
    pair.run();
    let sent = |pair: &Pair| pair.did.iter().rev().find_map(|did| claims::sent_on(did, other));
    let hello = sent(&pair).unwrap();
    let (mut second, _) = answer(&mut pair, &claimer(), &hello).unwrap();
    pair.input(Input::Packet { link: other, packet: &mut second });
    pair.run();
    assert_ne!(sent(&pair), Some(hello), "the second is answered");

    let mut packet = [0; 512];
    let length = early.hand_over(&root_of(1), Profile::S, pair.cloud_now(), &mut packet).unwrap();
    pair.deliver(&packet[..length]);
    assert!(pair.up.is_empty());
    assert_eq!(pair.lock.lock().tenure(), Tenure::Unowned);
}

#[test]
fn a_wrong_label_another_makers_secret_or_another_lock_is_not_recognised_and_gets_no_answer() {
    let maker = Key::from_bytes(MAKER);
    let code = || ClaimCode::from_bytes(CODE);
    for wrong in [
        <Claimer>::of(&ClaimCode::from_bytes([1; 16]), Some(&maker), LOCK_ID),
        Claimer::of(&code(), Some(&Key::from_bytes([1; 32])), LOCK_ID),
        Claimer::of(&code(), None, LOCK_ID),
        Claimer::of(&code(), Some(&maker), LockId([7; 16])),
    ] {
        let mut pair = unowned();
        press(&mut pair);
        assert_eq!(message1(&mut pair, &wrong).err(), Some(SessionError::AnotherLock));
        // One that answers all the same, to a Hello that it takes for its own.
        let hello = pair.hello();
        let Ok(Packet::Hello(parsed)) = Packet::parse(&hello) else { panic!() };
        let handle =
            lock_core::crypto::handle::<lock_core::crypto::RustCrypto>(wrong.unowned_handle(), &parsed.nonce);
        let forged = Hello { handle, ..parsed }.encode();
        let (message1, _) = answer(&mut pair, &wrong, &forged).unwrap();
        pair.deliver(&message1);
        assert!(pair.up.is_empty());
    }
}

#[test]
fn an_owned_lock_takes_no_claim_and_an_unowned_one_nothing_else() {
    let mut pair = owned();
    press(&mut pair);
    assert_eq!(message1(&mut pair, &claimer()).err(), Some(SessionError::AnotherLock));
    assert!(is_served(&mut pair));

    // A Message1 of a claimer, with the label's key, to the Hello of an owned lock.
    let hello = pair.hello();
    let Ok(Packet::Hello(parsed)) = Packet::parse(&hello) else { panic!() };
    let handle =
        lock_core::crypto::handle::<lock_core::crypto::RustCrypto>(claimer().unowned_handle(), &parsed.nonce);
    let forged = Hello { handle, profile: Profile::X, ..parsed }.encode();
    let (message1, _) = answer(&mut pair, &claimer(), &forged).unwrap();
    pair.deliver(&message1);
    assert!(pair.up.is_empty());

    let mut pair = unowned();
    assert!(!is_served(&mut pair));
    let sealed = pair.seal(1, unlock(1));
    pair.deliver(&sealed);
    assert!(pair.up.is_empty() && pair.drives().is_empty());
}

#[test]
fn a_recorded_claim_claims_nothing_again() {
    let mut pair = unowned();
    press(&mut pair);
    let mut recorded = Vec::new();
    let (first, claiming) = message1(&mut pair, &claimer()).unwrap();
    pair.deliver(&first);
    let mut message2 = pair.up.pop_front().unwrap();
    let (_, mut session) = claiming.finish(&mut message2, Delivery::Ordered, pair.cloud_now()).unwrap();
    let mut packet = [0; 512];
    let length = session.hand_over(&root_of(1), Profile::S, pair.cloud_now(), &mut packet).unwrap();
    recorded.extend([first, packet[..length].to_vec()]);

    // At another lock with the same label, as after an end of the ownership.
    let mut again = unowned();
    again.hello();
    press(&mut again);
    for packet in &recorded {
        again.hello();
        again.deliver(packet);
        assert!(again.up.is_empty());
        again.wait(1_500);
    }
    assert_eq!(again.lock.lock().tenure(), Tenure::Unowned);
}

#[test]
fn whatever_a_relay_changes_in_a_claim_leaves_the_lock_without_an_owner() {
    let lengths = {
        let mut pair = unowned();
        press(&mut pair);
        let (first, claiming) = message1(&mut pair, &claimer()).unwrap();
        pair.deliver(&first);
        let mut message2 = pair.up.pop_front().unwrap();
        let length2 = message2.len();
        let (_, mut session) = claiming.finish(&mut message2, Delivery::Ordered, pair.cloud_now()).unwrap();
        let length3 = session.hand_over(&root_of(1), Profile::S, pair.cloud_now(), &mut [0; 512]).unwrap();
        [first.len(), length2, length3]
    };
    for (which, length) in lengths.into_iter().enumerate() {
        for place in 0..length {
            let mut pair = unowned();
            press(&mut pair);
            let alter = |number: usize, packet: &mut Vec<u8>| {
                if number == which {
                    packet[place] ^= 1 << (place % 8);
                }
            };
            let (mut first, claiming) = message1(&mut pair, &claimer()).unwrap();
            alter(0, &mut first);
            pair.deliver(&first);
            let Some(mut message2) = pair.up.pop_front() else {
                assert_eq!(which, 0);
                continue;
            };
            assert_ne!(which, 0, "byte {place} of Message1 does not count");
            alter(1, &mut message2);
            let Ok((_, mut session)) = claiming.finish(&mut message2, Delivery::Ordered, pair.cloud_now())
            else {
                assert_eq!(which, 1);
                continue;
            };
            assert_ne!(which, 1, "byte {place} of Message2 does not count");
            let mut packet = vec![0; 512];
            let length = session.hand_over(&root_of(1), Profile::S, pair.cloud_now(), &mut packet).unwrap();
            packet.truncate(length);
            alter(2, &mut packet);
            pair.deliver(&packet);
            assert!(pair.up.is_empty(), "byte {place} of the record does not count");
            assert_eq!(pair.lock.lock().tenure(), Tenure::Unowned);
        }
    }
}

#[test]
fn a_record_that_comes_late_or_carries_no_key_is_refused_and_another_may_follow() {
    let mut pair = unowned();
    press(&mut pair);
    let (first, claiming) = message1(&mut pair, &claimer()).unwrap();
    pair.deliver(&first);
    let mut message2 = pair.up.pop_front().unwrap();
    let (_, mut session) = claiming.finish(&mut message2, Delivery::Ordered, pair.cloud_now()).unwrap();
    let mut packet = [0; 512];
    let length = session.hand_over(&root_of(1), Profile::S, pair.cloud_now(), &mut packet).unwrap();
    pair.wait(4_001);
    pair.deliver(&packet[..length]);
    let mut answer = pair.up.pop_front().unwrap();
    let refused = session.open(&mut answer, pair.cloud_now());
    assert_eq!(refused, Ok(Outcome::Refused(Reason::Expired)));
    let length = session.hand_over(&root_of(1), Profile::S, pair.cloud_now(), &mut packet).unwrap();
    pair.deliver(&packet[..length]);
    let mut answer = pair.up.pop_front().unwrap();
    assert_eq!(session.open(&mut answer, pair.cloud_now()), Ok(Outcome::Done));
    pair.keys = keys_of(1, 1, Profile::S);
    assert!(is_served(&mut pair));
}

#[test]
fn a_claimers_session_ends_after_a_minute() {
    let mut pair = unowned();
    press(&mut pair);
    let (first, claiming) = message1(&mut pair, &claimer()).unwrap();
    pair.deliver(&first);
    let mut message2 = pair.up.pop_front().unwrap();
    let (_, mut session) = claiming.finish(&mut message2, Delivery::Ordered, pair.cloud_now()).unwrap();
    pair.did.clear();
    pair.wait(60_500);
    assert!(pair.did.contains(&Did::Close(LINK)));
    let mut packet = [0; 512];
    let length = session.hand_over(&root_of(1), Profile::S, pair.cloud_now(), &mut packet).unwrap();
    pair.up.clear();
    pair.deliver(&packet[..length]);
    assert!(pair.up.is_empty());
}

#[test]
fn a_claim_that_is_cut_anywhere_leaves_the_lock_claimable_or_the_claimers() {
    let record = |pair: &mut Pair| {
        press(pair);
        let (first, claiming) = message1(pair, &claimer()).unwrap();
        pair.deliver(&first);
        let mut message2 = pair.up.pop_front().unwrap();
        let (_, mut session) = claiming.finish(&mut message2, Delivery::Ordered, pair.cloud_now()).unwrap();
        let mut packet = vec![0; 512];
        let length = session.hand_over(&root_of(1), Profile::X, pair.cloud_now(), &mut packet).unwrap();
        packet.truncate(length);
        pair.input(Input::Packet { link: LINK, packet: &mut packet });
    };
    let mut whole = unowned();
    record(&mut whole);
    let mut steps = 0;
    while whole.step() {
        steps += 1;
    }
    assert!(steps >= 2, "a record and an answer");
    let (mut free, mut taken) = (0, 0);
    for cut in 0..=steps {
        let mut pair = unowned();
        record(&mut pair);
        for _ in 0..cut {
            let _ = pair.step();
        }
        pair.cut_power(BoltPosition::Extended);
        pair.cut_power(BoltPosition::Extended);
        pair.run();
        // The cloud made the root durable before it sent it: it tries it first.
        pair.keys = keys_of(1, 1, Profile::X);
        if is_served(&mut pair) {
            taken += 1;
            press(&mut pair);
            assert_eq!(claim(&mut pair, &claimer(), 2, Profile::S), Came::NotRecognised);
        } else {
            free += 1;
            pair.wait(1_500);
            press(&mut pair);
            assert_eq!(claim(&mut pair, &claimer(), 1, Profile::X), DONE);
            assert!(is_served(&mut pair));
        }
    }
    assert!(free > 0 && taken > 0, "{free} free, {taken} taken");
}

#[test]
fn a_press_under_an_owner_lets_nobody_claim_the_lock_that_comes_to_be_without_one() {
    let mut pair = owned();
    press(&mut pair);
    let action = lock_core::proto::Action::EndOwnership { key_epoch: 1 };
    let _ = pair.session(Request::Command { id: CommandId(1), action });
    assert_eq!(pair.lock.lock().tenure(), Tenure::Unowned);
    pair.wait(1_500);
    assert_eq!(claim(&mut pair, &claimer(), 1, Profile::S), Came::Silent);
    press(&mut pair);
    pair.wait(1_500);
    assert_eq!(claim(&mut pair, &claimer(), 1, Profile::S), DONE);
}

#[test]
fn a_flash_that_fails_or_lies_refuses_the_claim_and_another_follows() {
    let flashes = [
        Flash::Fails(PersistFailure::Busy),
        Flash::Fails(PersistFailure::Fault),
        Flash::Lies(PersistFailure::Fault),
    ];
    for failing in [RecordTag::Memory, RecordTag::Keys] {
        for (flash, cut) in flashes.into_iter().flat_map(|flash| [(flash, false), (flash, true)]) {
            let mut pair = unowned();
            press(&mut pair);
            let (first, claiming) = message1(&mut pair, &claimer()).unwrap();
            pair.deliver(&first);
            let mut message2 = pair.up.pop_front().unwrap();
            let (_, mut session) =
                claiming.finish(&mut message2, Delivery::Ordered, pair.cloud_now()).unwrap();
            let mut packet = [0; 512];
            let length = session.hand_over(&root_of(1), Profile::S, pair.cloud_now(), &mut packet).unwrap();
            pair.input(Input::Packet { link: LINK, packet: &mut packet[..length] });
            pair.did.clear();
            pair.fail_from = Some((failing, flash));
            while !pair.did.contains(&Did::Persist(failing)) {
                assert!(pair.step());
            }
            pair.fail_from = None;
            if cut {
                pair.cut_power(BoltPosition::Extended);
            } else {
                pair.run();
                let mut answer = pair.up.pop_front().unwrap();
                let told = session.open(&mut answer, pair.cloud_now()).unwrap();
                assert!(
                    matches!(told, Outcome::Refused(Reason::StorageBusy | Reason::StorageFault)),
                    "{told:?}"
                );
                assert_eq!(pair.lock.lock().tenure(), Tenure::Unowned);
            }
            pair.keys = keys_of(1, 1, Profile::S);
            let is_claimed = is_served(&mut pair);
            assert_eq!(is_claimed, cut && failing == RecordTag::Keys && matches!(flash, Flash::Lies(_)));
            if !is_claimed {
                pair.wait(1_500);
                press(&mut pair);
                assert_eq!(claim(&mut pair, &claimer(), 1, Profile::S), DONE);
                assert!(is_served(&mut pair));
            }
        }
    }
}

#[test]
fn an_unowned_lock_works_from_inside_and_knows_no_code() {
    let mut pair = unowned();
    pair.input(Input::InsideButton(InsideButton::Unlock));
    pair.run();
    assert!(pair.did.contains(&Did::Motor(Drive::Retract)));
    pair.did.clear();
    pair.input(Input::code(PinDigits::from_ascii(b"0000").unwrap()));
    pair.run();
    assert!(pair.did.contains(&Did::Indicate(Indication::Refused(Reason::WrongCode))), "{:?}", pair.did);
}

#[test]
fn two_hellos_of_an_unowned_lock_have_nothing_in_common_but_for_who_scanned_the_label() {
    let mut pair = unowned();
    let hellos = [pair.hello(), {
        pair.wait(1_500);
        pair.hello()
    }];
    let [Ok(Packet::Hello(one)), Ok(Packet::Hello(two))] =
        [Packet::parse(&hellos[0]), Packet::parse(&hellos[1])]
    else {
        panic!()
    };
    assert!(one.handle != two.handle && one.nonce != two.nonce);
    assert!(claimer().recognises(&one) && claimer().recognises(&two));
    assert_eq!(one.profile, Profile::X);
}

#[test]
fn what_was_set_under_an_owner_is_asked_for_in_its_session_and_configures_it() {
    let mut pair = unowned();
    press(&mut pair);
    assert_eq!(claim(&mut pair, &claimer(), 1, Profile::S), DONE);
    pair.wait(1_500);
    let (answer, mut session) = pair.session(set_pin(1, 1, b"135790"));
    assert!(matches!(answer.reply, Reply::Command { outcome: Outcome::Done, .. }));
    let reports = pair.ask(&mut session, Request::Query(Query::Status));
    assert!(!reports.is_empty());
    pair.ask(&mut session, lock(2));
    pair.did.clear();
    pair.input(Input::code(PinDigits::from_ascii(b"135790").unwrap()));
    pair.run();
    assert!(pair.did.contains(&Did::Motor(Drive::Retract)));
}

#[test]
fn keys_without_what_a_claim_takes_do_not_start() {
    let pair = unowned();
    let boot = |records: &std::collections::BTreeMap<u8, Vec<u8>>| {
        Lock::boot(&stored(records), [1; 32], BootReason::PowerOn, pair.now).err()
    };
    assert_eq!(boot(&pair.records), None);
    let mut missing = pair.records.clone();
    missing.remove(&RecordTag::Claim.number());
    assert_eq!(boot(&missing), Some(BootError::Missing(RecordTag::Claim)));
    for damage in [
        |record: &mut Vec<u8>| record[0] = 9,
        |record: &mut Vec<u8>| record.truncate(20),
        |record: &mut Vec<u8>| {
            record[1..].fill(0);
        },
    ] {
        let mut damaged = pair.records.clone();
        damage(damaged.get_mut(&RecordTag::Claim.number()).unwrap());
        assert_eq!(boot(&damaged), Some(BootError::Damaged(RecordTag::Claim)));
    }
    let mut short = pair.records.clone();
    short.get_mut(&RecordTag::Keys.number()).unwrap().truncate(52);
    assert_eq!(boot(&short), Some(BootError::Damaged(RecordTag::Keys)));
}
