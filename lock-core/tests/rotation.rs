//! The rotation of keys: who may ask for it and where, what it ends, and what goes on across it.

#[path = "common/owner.rs"]
mod owner;
#[path = "common/pair.rs"]
mod pair;

use lock_core::cloud::{Conditions, NewTicket, NextRoot, Proof, Proven, Session, SessionError, seal_down};
use lock_core::crypto::Delivery;
use lock_core::crypto::hedge::InitiatorHedge;
use lock_core::device::{Input, LinkId, RecordTag};
use lock_core::proto::{
    Action, BoltPosition, CloudShare, CommandId, Down, Kind, Outcome, Packet, PinDigits, PreparedRotation,
    Query, Reason, Reply, Request, Sealed, SealedReport, UnixMillis,
};
use lock_core::state::{Drive, Indication, ResetButton};
use owner::{Owner, greets_under};
use pair::{Did, EPOCH_MILLIS, Flash, LINK, Pair, set_pin, set_relock, unlock};

const fn refused(reason: Reason) -> Outcome {
    Outcome::Refused(reason)
}

fn prepare(epoch: u32, fill: u8) -> Action {
    Action::PrepareRotation { epoch, share: CloudShare::new([fill; 32]) }
}

fn session(owner: &mut Owner) -> Session {
    let hello = owner.hello().unwrap();
    owner.session(&hello, Request::Nothing).unwrap().1
}

fn outcome(owner: &mut Owner, session: &mut Session, action: Action) -> Outcome {
    owner.command(session, action).unwrap().into_inner()
}

fn held(owner: &mut Owner, session: &mut Session) -> (u32, Option<PreparedRotation>) {
    let reply = owner.ask(session, Request::Query(Query::Rotation)).unwrap().into_inner();
    let Reply::Rotation { epoch, prepared } = reply else { panic!("{reply:?}") };
    (epoch, prepared)
}

/// Up to the session that proves the next keys.
fn proven(owner: &mut Owner) -> (Session, Proven) {
    owner.go_on().unwrap();
    let hello = owner.hello().unwrap();
    let (session, Proof::Proven(proven)) = owner.proving(&hello).unwrap() else { panic!("a commit") };
    (session, proven)
}

fn after_rotation() -> Owner {
    let mut owner = Owner::of(Pair::new());
    owner.rotate();
    owner
}

#[test]
fn the_lock_greets_under_the_old_keys_until_the_commit_and_under_the_new_ones_after_it() {
    let mut owner = Owner::of(Pair::new());
    let (_, proven) = proven(&mut owner);
    let hello = owner.hello().unwrap();
    assert!(greets_under(&hello, &owner.pair.keys));
    // That Hello ended the session which proved; another one proves again.
    let (mut session, Proof::Proven(_)) = owner.proving(&hello).unwrap() else { panic!("a commit") };
    let done = owner.command(&mut session, proven.action()).unwrap();
    owner.put_in_force(&proven.answered(&done).unwrap());
    let hello = owner.hello().unwrap();
    assert!(greets_under(&hello, &owner.pair.keys));
    let (_, mut session) = owner.session(&hello, Request::Nothing).unwrap();
    assert_eq!(held(&mut owner, &mut session), (2, None));
}

#[test]
fn the_same_share_again_changes_nothing_and_another_one_replaces_it() {
    let mut owner = Owner::of(Pair::new());
    let mut session = session(&mut owner);
    assert_eq!(held(&mut owner, &mut session), (1, None));
    assert_eq!(outcome(&mut owner, &mut session, prepare(2, 7)), Outcome::Done);
    let first = held(&mut owner, &mut session);
    owner.pair.did.clear();
    assert_eq!(outcome(&mut owner, &mut session, prepare(2, 7)), Outcome::Done);
    assert_eq!(held(&mut owner, &mut session), first);
    assert!(!owner.pair.did.contains(&Did::Persist(RecordTag::Rotation)), "nothing new to store");
    // The random source is stuck, and yet the lock's share is another one.
    assert_eq!(outcome(&mut owner, &mut session, prepare(2, 8)), Outcome::Done);
    let (_, second) = held(&mut owner, &mut session);
    let (first, second) = (first.1.unwrap(), second.unwrap());
    assert!(first.share != second.share && first.digest != second.digest);
    assert_eq!((first.epoch, second.epoch), (2, 2));
}

#[test]
fn what_is_prepared_survives_a_power_cut() {
    let mut owner = Owner::of(Pair::new());
    let mut before = session(&mut owner);
    assert_eq!(outcome(&mut owner, &mut before, prepare(2, 7)), Outcome::Done);
    let prepared = held(&mut owner, &mut before);
    owner.pair.cut_power(BoltPosition::Extended);
    let mut after = session(&mut owner);
    assert_eq!(held(&mut owner, &mut after), prepared);
}

#[test]
fn a_rotation_has_no_place_in_a_first_message_nor_in_a_sealed_one_and_its_id_stays_free() {
    let mut owner = Owner::of(Pair::new());
    // The cloud's role refuses to send it so.
    let hello = owner.hello().unwrap();
    let request = Request::Command { id: CommandId(1), action: prepare(2, 7) };
    let (opening, hedge) = owner.opening(request.clone());
    let error =
        lock_core::cloud::Connecting::start(&owner.pair.keys, &hello, &opening, &hedge, &mut [0; 128]);
    assert_eq!(error.err(), Some(SessionError::OpenSessionFirst));
    for (counter, action) in [(1, prepare(2, 7)), (2, Action::CommitRotation { epoch: 2 })] {
        let packet = owner.pair.seal(counter, Request::Command { id: CommandId(1), action });
        owner.pair.deliver(&packet);
        let receipt = SealedReport::Receipt {
            id: CommandId(1),
            outcome: refused(Reason::SessionNeeded),
            configuration: 0,
        };
        assert_eq!(owner.pair.receipts(), [receipt]);
    }
    let mut session = session(&mut owner);
    assert_eq!(held(&mut owner, &mut session), (1, None));
    let reply = owner.ask(&mut session, set_relock(1, 1, 30)).unwrap().into_inner();
    assert!(matches!(reply, Reply::Command { outcome: Outcome::Done, repeat: false, .. }), "{reply:?}");
}

#[test]
fn a_sealed_question_learns_nothing_of_what_is_prepared() {
    let mut owner = Owner::of(Pair::new());
    let mut session = session(&mut owner);
    assert_eq!(outcome(&mut owner, &mut session, prepare(2, 7)), Outcome::Done);
    let packet = owner.pair.seal(1, Request::Query(Query::Rotation));
    owner.pair.deliver(&packet);
    let answers = owner.pair.receipts();
    assert!(matches!(answers[..], [SealedReport::MarksHint { .. }]), "{answers:?}");
}

#[test]
fn only_the_next_epoch_is_prepared_and_only_what_is_prepared_and_proven_is_committed() {
    let mut owner = Owner::of(Pair::new());
    let mut old = session(&mut owner);
    let wrong = refused(Reason::InvalidArgument);
    for epoch in [0, 1, 3, u32::MAX] {
        assert_eq!(outcome(&mut owner, &mut old, prepare(epoch, 7)), wrong, "epoch {epoch}");
    }
    let commit = |epoch| Action::CommitRotation { epoch };
    assert_eq!(outcome(&mut owner, &mut old, commit(2)), wrong, "nothing is prepared");
    owner.go_on().unwrap();
    let mut old = session(&mut owner);
    let unproven = refused(Reason::SessionNeeded);
    assert_eq!(outcome(&mut owner, &mut old, commit(2)), unproven, "this session proves the old keys");
    let hello = owner.hello().unwrap();
    let (mut new, _) = owner.proving(&hello).unwrap();
    assert_eq!(outcome(&mut owner, &mut new, prepare(2, 9)), unproven, "and this one the new ones");
    assert_eq!(outcome(&mut owner, &mut new, commit(3)), wrong);
    assert_eq!(outcome(&mut owner, &mut new, commit(1)), wrong);
    assert_eq!(outcome(&mut owner, &mut new, commit(2)), Outcome::Done);
    assert_eq!(held(&mut owner, &mut new), (2, None), "the session that proved goes on");
    assert_eq!(outcome(&mut owner, &mut new, commit(2)), wrong, "it is in force");
}

#[test]
fn another_preparation_ends_the_sessions_under_the_one_that_it_replaces() {
    let mut owner = Owner::of(Pair::new());
    let (_, _) = proven(&mut owner);
    owner.pair.did.clear();
    // A second phone, on the other link, under the keys in force.
    let second = LinkId(1);
    let mut session = session_on(&mut owner, second);
    let now = owner.pair.cloud_now();
    let request = Request::Command { id: CommandId(50), action: prepare(2, 99) };
    let mut packet = [0; 512];
    let length = session.request(request, now, &mut packet).unwrap();
    deliver_on(&mut owner, second, &packet[..length]);
    assert!(owner.pair.did.contains(&Did::Close(LINK)));
    assert!(!owner.pair.did.contains(&Did::Close(second)));
}

#[test]
fn the_commit_hangs_up_every_other_link_and_the_old_session_keys_open_nothing() {
    let mut owner = Owner::of(Pair::new());
    owner.pair.input(Input::LinkUp { link: LinkId(1), delivery: Delivery::Ordered });
    owner.pair.run();
    let greeted = sent_on(&owner, LinkId(1)).pop().unwrap();
    let (mut session, proven) = proven(&mut owner);
    let key = guest_key(&owner, 1);
    owner.pair.did.clear();
    let done = owner.command(&mut session, proven.action()).unwrap();
    owner.put_in_force(&proven.answered(&done).unwrap());
    assert!(owner.pair.did.contains(&Did::Close(LinkId(1))));
    assert!(!owner.pair.did.contains(&Did::Close(LINK)));
    // The Hello from before is dead, and the guest key opens nothing.
    owner.pair.did.clear();
    owner.pair.wait(2_000);
    let hedge = InitiatorHedge { attempt: 900, entropy: [3; 32] };
    let mut packet = [0; 512];
    let (length, _) = key.connect(&greeted, unlock(1), &hedge, &mut packet).unwrap();
    owner.pair.input(Input::LinkUp { link: LinkId(1), delivery: Delivery::Ordered });
    owner.pair.run();
    let before = sent_on(&owner, LinkId(1)).len();
    deliver_on(&mut owner, LinkId(1), &packet[..length]);
    assert_eq!(sent_on(&owner, LinkId(1)).len(), before, "silence");
    assert_eq!(owner.pair.drives(), []);
}

#[test]
fn a_session_of_the_old_epoch_moves_nothing_after_the_commit() {
    let mut owner = Owner::of(Pair::new());
    let mut old = session_on(&mut owner, LinkId(1));
    let (mut session, proven) = proven(&mut owner);
    let mut before = [0; 512];
    let now = owner.pair.cloud_now();
    let length = old.request(unlock(70), now, &mut before).unwrap();
    let done = owner.command(&mut session, proven.action()).unwrap();
    owner.put_in_force(&proven.answered(&done).unwrap());
    deliver_on(&mut owner, LinkId(1), &before[..length]);
    assert_eq!(owner.pair.drives(), [], "the old epoch was obeyed after the commit");
}

/// Up to the record of the keys, which a slow flash writes: with a Hello that was made under the old ones.
fn committing() -> (Owner, Session, Vec<u8>) {
    let mut owner = Owner::of(Pair::new());
    let (mut session, proven) = proven(&mut owner);
    owner.pair.wait(1_500);
    owner.pair.up.clear();
    // The peer that has proven the new keys asks for another Hello, and goes on in its session.
    owner.pair.deliver(&Packet::HELLO_REQUEST);
    let hello = owner.pair.up.pop_front().unwrap();
    owner.pair.flash = Flash::Slow;
    let request = Request::Command { id: CommandId(90), action: proven.action() };
    let mut packet = [0; 512];
    let length = session.request(request, owner.pair.cloud_now(), &mut packet).unwrap();
    owner.pair.deliver(&packet[..length]);
    owner.pair.answer_flash(Flash::Works);
    owner.pair.run();
    assert!(owner.pair.pending.as_ref().is_some_and(|(_, tag, _)| *tag == RecordTag::Keys));
    owner.pair.did.clear();
    (owner, session, hello)
}

fn written(owner: &mut Owner) {
    owner.pair.flash = Flash::Works;
    owner.pair.answer_flash(Flash::Works);
    owner.pair.run();
}

#[test]
fn no_session_opens_under_the_old_keys_while_the_commit_is_stored() {
    let (mut owner, mut session, hello) = committing();
    let (message1, _) = owner.pair.message1(&hello, unlock(91));
    owner.pair.deliver(&message1);
    written(&mut owner);
    assert!(!owner.pair.did.contains(&Did::Close(LINK)));
    assert_eq!(owner.pair.drives(), [], "the old epoch was obeyed after the commit");
    let opened = owner.pair.up.iter().any(|packet| packet.starts_with(&Kind::Message2.prefix()));
    assert!(!opened, "a session of the old epoch after the commit");
    // The session that proved the new keys goes on.
    assert!(!owner.pair.reports(&mut session).is_empty());
    assert_eq!(held(&mut owner, &mut session), (2, None));
}

#[test]
fn a_link_that_came_up_anew_while_the_commit_was_stored_is_closed_like_all_others() {
    let (mut owner, ..) = committing();
    owner.pair.input(Input::LinkUp { link: LINK, delivery: Delivery::Ordered });
    owner.pair.up.clear();
    written(&mut owner);
    assert!(owner.pair.did.contains(&Did::Close(LINK)), "{:?}", owner.pair.did);
    assert!(owner.pair.up.is_empty(), "nobody has proven anything there");
    owner.rotate();
    assert!(owner.is_reached());
}

#[test]
fn a_guest_key_of_the_old_epoch_works_until_the_commit_and_not_after_it() {
    let mut owner = Owner::of(Pair::new());
    let mut told = session(&mut owner);
    let _ = held(&mut owner, &mut told);
    let key = guest_key(&owner, 1);
    owner.go_on().unwrap();
    let opens = |owner: &mut Owner| {
        owner.pair.sense(BoltPosition::Extended);
        owner.pair.did.clear();
        let hello = owner.hello().unwrap();
        let hedge = InitiatorHedge { attempt: 800, entropy: [4; 32] };
        let mut packet = [0; 512];
        let Ok((length, _)) = key.connect(&hello, unlock(1), &hedge, &mut packet) else { return false };
        owner.pair.deliver(&packet[..length]);
        owner.pair.drives() == [Drive::Retract]
    };
    assert!(opens(&mut owner));
    owner.rotate();
    assert!(!opens(&mut owner), "the key does not even recognise the lock any more");
}

#[test]
fn nothing_that_was_recorded_before_does_anything_after_the_commit() {
    let mut owner = Owner::of(Pair::new());
    let waiting = owner.pair.seal(1, set_relock(40, 1, 30));
    owner.rotate();
    let recorded: Vec<_> = owner.down.iter().cloned().chain([waiting]).collect();
    assert!(recorded.len() >= 6, "{} packets", recorded.len());
    for packet in &recorded {
        let _ = owner.hello().unwrap();
        owner.pair.did.clear();
        owner.pair.deliver(packet);
        let said = owner.pair.did.iter().any(|did| matches!(did, Did::Transmit(..) | Did::Persist(_)));
        assert!(!said, "{:?}", owner.pair.did);
    }
    assert_eq!(owner.pair.lock.status(owner.pair.now).configuration, 0);
    assert!(owner.is_reached());
    // The same in a session that lives.
    let mut session = session(&mut owner);
    for packet in &recorded[..recorded.len() - 1] {
        owner.pair.did.clear();
        owner.pair.deliver(packet);
        assert!(!owner.pair.did.iter().any(|did| matches!(did, Did::Persist(_))));
        if held_again(&mut owner, &mut session).is_none() {
            session = self::session(&mut owner);
        }
    }
}

#[test]
fn counters_ids_and_their_outcomes_go_on_across_epochs() {
    let mut owner = Owner::of(Pair::new());
    for counter in [1, 5] {
        let packet = owner.pair.seal(counter, set_relock(counter, counter as u32, 30));
        owner.pair.deliver(&packet);
        assert_eq!(owner.pair.receipts().len(), 1);
    }
    owner.rotate();
    // The mark stands: a number of the old epoch is not taken in the new one either.
    let again = owner.pair.seal(5, set_relock(60, 9, 60));
    owner.pair.wait(2_000);
    let _ = owner.hello().unwrap();
    owner.pair.deliver(&again);
    assert_eq!(owner.pair.lock.status(owner.pair.now).configuration, 5);
    // An id that was begun before is answered, and moves nothing.
    let known = owner.pair.seal(6, set_relock(5, 5, 30));
    owner.pair.wait(2_000);
    owner.pair.deliver(&known);
    let receipts = owner.pair.receipts();
    assert!(
        receipts.iter().any(|receipt| matches!(receipt, SealedReport::Receipt { id: CommandId(5), .. })),
        "{receipts:?}"
    );
    let next = owner.pair.seal(7, set_relock(61, 9, 60));
    owner.pair.deliver(&next);
    assert_eq!(owner.pair.lock.status(owner.pair.now).configuration, 9);
}

#[test]
fn a_sealed_message_of_the_next_epoch_is_refused_before_the_commit() {
    let mut owner = Owner::of(Pair::new());
    owner.go_on().unwrap();
    let keys = &owner.next.as_ref().unwrap().keys;
    let header = Sealed { issued_at: UnixMillis(EPOCH_MILLIS + 2_000), not_after: None };
    let mut packet = [0; 512];
    let message = Down { header, request: set_relock(70, 1, 30) };
    let length = seal_down(keys, 1, [7; 16], &message, &mut packet).unwrap();
    owner.pair.did.clear();
    owner.pair.deliver(&packet[..length]);
    assert_eq!(owner.pair.did, []);
}

#[test]
fn sealed_up_numbers_never_repeat_although_the_power_goes_behind_the_keys() {
    let mut owner = Owner::of(Pair::new());
    let question = owner.pair.seal(1, Request::Query(Query::Status));
    owner.pair.deliver(&question);
    let before = counters_up(&mut owner);
    let (mut session, proven) = proven(&mut owner);
    // Up to the record of the keys and no further.
    owner.pair.did.clear();
    let mut packet = [0; 512];
    let request = Request::Command { id: CommandId(90), action: proven.action() };
    let length = session.request(request, owner.pair.cloud_now(), &mut packet).unwrap();
    owner.pair.input(Input::Packet { link: LINK, packet: &mut packet[..length] });
    while !owner.pair.did.contains(&Did::Persist(RecordTag::Keys)) {
        assert!(owner.pair.step());
    }
    owner.pair.cut_power(BoltPosition::Extended);
    owner.rotate();
    let _ = owner.hello().unwrap();
    let question = owner.pair.seal(2, Request::Query(Query::Status));
    owner.pair.deliver(&question);
    let after = counters_up(&mut owner);
    assert!(before.iter().max() < after.iter().min(), "{before:?} {after:?}");
}

#[test]
fn a_code_and_its_key_stay_also_where_a_reset_falls_between_prepare_and_commit() {
    let mut owner = Owner::of(Pair::new());
    let mut first = session(&mut owner);
    let reply = owner.ask(&mut first, set_pin(1, 1, b"2468")).unwrap().into_inner();
    assert!(matches!(reply, Reply::Command { outcome: Outcome::Done, .. }));
    owner.go_on().unwrap();
    owner.rotate();
    assert!(code_opens(&mut owner), "the PIN key belongs to no epoch");
    // Again, with a reset in between: its new PIN key is the one that the commit stores.
    owner.go_on().unwrap();
    owner.pair.sense(BoltPosition::Extended);
    owner.pair.input(Input::ResetButton(ResetButton::Pressed));
    owner.pair.run();
    owner.pair.wait(11_000);
    owner.pair.input(Input::ResetButton(ResetButton::Released));
    owner.pair.run();
    assert!(!code_opens(&mut owner));
    let version = owner.pair.lock.status(owner.pair.now).configuration + 1;
    let mut again = session(&mut owner);
    let reply = owner.ask(&mut again, set_pin(500, version, b"2468")).unwrap().into_inner();
    assert!(matches!(reply, Reply::Command { outcome: Outcome::Done, .. }), "{reply:?}");
    owner.rotate();
    assert_eq!(owner.epoch(), 3);
    owner.pair.cut_power(BoltPosition::Extended);
    assert!(code_opens(&mut owner));
}

#[test]
fn epochs_only_grow_over_many_rotations() {
    let mut owner = after_rotation();
    for epoch in 3..8 {
        owner.rotate();
        assert_eq!(owner.epoch(), epoch);
        owner.pair.cut_power(BoltPosition::Extended);
        assert!(owner.is_reached());
    }
}

#[test]
fn a_root_that_the_lock_still_holds_is_told_from_one_that_it_does_not() {
    let mut owner = Owner::of(Pair::new());
    owner.go_on().unwrap();
    let digest = owner.next.as_ref().unwrap().digest;
    let in_force = owner.pair.keys.key_epoch();
    let mut session = session(&mut owner);
    let reply = owner.ask(&mut session, Request::Query(Query::Rotation)).unwrap();
    assert_eq!(NextRoot::is_held(digest, in_force, &reply), Ok(true));
    assert_eq!(outcome(&mut owner, &mut session, prepare(2, 77)), Outcome::Done);
    let reply = owner.ask(&mut session, Request::Query(Query::Rotation)).unwrap();
    assert_eq!(NextRoot::is_held(digest, in_force, &reply), Ok(false));
}

#[test]
fn a_holder_of_a_guest_key_rotates_nothing() {
    let mut owner = Owner::of(Pair::new());
    let mut told = session(&mut owner);
    let _ = held(&mut owner, &mut told);
    let key = guest_key(&owner, 1);
    let hello = owner.hello().unwrap();
    let hedge = InitiatorHedge { attempt: 700, entropy: [4; 32] };
    let mut packet = [0; 512];
    let (length, connecting) = key.connect(&hello, Request::Nothing, &hedge, &mut packet).unwrap();
    owner.pair.deliver(&packet[..length]);
    let mut message2 = owner.pair.up.pop_front().unwrap();
    let now = owner.pair.cloud_now();
    let (_, _, mut session) = connecting.finish(&mut message2, Delivery::Ordered, now).unwrap();
    let reply = owner.ask(&mut session, Request::Query(Query::Rotation)).unwrap().into_inner();
    assert_eq!(reply, Reply::NotUnderstood);
    let request = Request::Command { id: CommandId(3), action: prepare(2, 7) };
    let reply = owner.ask(&mut session, request).unwrap().into_inner();
    let not_permitted = refused(Reason::NotPermitted);
    assert_eq!(reply, Reply::Command { id: CommandId(3), outcome: not_permitted, repeat: false });
}

fn held_again(owner: &mut Owner, session: &mut Session) -> Option<()> {
    owner.pair.up.clear();
    owner.ask(session, Request::Query(Query::Rotation)).ok().map(|_| ())
}

/// A session of the cloud under the keys in force, on any link.
fn session_on(owner: &mut Owner, link: LinkId) -> Session {
    owner.pair.input(Input::LinkUp { link, delivery: Delivery::Ordered });
    owner.pair.run();
    let hello = sent_on(owner, link).pop().unwrap();
    let (opening, hedge) = owner.opening(Request::Nothing);
    let mut packet = [0; 128];
    let (length, connecting) =
        lock_core::cloud::Connecting::start(&owner.pair.keys, &hello, &opening, &hedge, &mut packet).unwrap();
    deliver_on(owner, link, &packet[..length]);
    let mut message2 = sent_on(owner, link).pop().unwrap();
    let now = owner.pair.cloud_now();
    connecting.finish(&mut message2, Delivery::Ordered, now).unwrap().2
}

fn sent_on(owner: &Owner, link: LinkId) -> Vec<Vec<u8>> {
    let sent = owner.pair.did.iter().filter_map(|did| {
        if let Did::Transmit(on, packet) = did
            && *on == link
        {
            Some(packet.clone())
        } else {
            None
        }
    });
    sent.collect()
}

fn deliver_on(owner: &mut Owner, link: LinkId, packet: &[u8]) {
    owner.pair.input(Input::Packet { link, packet: &mut packet.to_vec() });
    owner.pair.run();
}

fn guest_key(owner: &Owner, serial: u64) -> lock_core::virtual_key::VirtualKey {
    let issued = UnixMillis(EPOCH_MILLIS + owner.pair.world_millis);
    let new = NewTicket { serial, issued, epoch: 0, conditions: Conditions::default() };
    owner.pair.keys.issue(&new, None, &[serial as u8; 32]).unwrap()
}

/// The counters of the sealed packets that wait to be taken up.
fn counters_up(owner: &mut Owner) -> Vec<u64> {
    let sealed = owner.pair.up.drain(..).filter(|packet| packet[1] == 0x07);
    let counters: Vec<_> =
        sealed.map(|packet| u64::from_be_bytes(packet[6..14].try_into().unwrap())).collect();
    assert!(!counters.is_empty());
    counters
}

fn code_opens(owner: &mut Owner) -> bool {
    owner.pair.sense(BoltPosition::Extended);
    owner.pair.did.clear();
    owner.pair.input(Input::code(PinDigits::from_ascii(b"2468").unwrap()));
    owner.pair.run();
    let opens = owner.pair.did.contains(&Did::Motor(Drive::Retract));
    assert!(opens || owner.pair.did.contains(&Did::Indicate(Indication::Refused(Reason::WrongCode))));
    owner.pair.sense(BoltPosition::Retracted);
    opens
}
