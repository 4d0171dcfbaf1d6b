//! A back end and a lock agree on users and codes: one hash is compared, and only what differs travels.

use lock_core::cloud::{Comparison, Difference, ItemState, Session, Wanted, expected_digest, unwanted};
use lock_core::crypto::RustCrypto;
use lock_core::proto::{
    Action, CommandId, Outcome, PinDigits, Put, Query, Reason, Reply, ReportBody, Request, Setting, Table,
    User,
};

#[path = "common/pair.rs"]
mod pair;
use pair::Pair;

/// The room of the lock's tables: settings, users, credentials, windows, holidays.
const ROOM: [u8; 5] = [6, 4, 6, 6, 2];

/// A back end that keeps a list, and a session that it asks over.
struct BackEnd {
    pair: Pair,
    session: Session,
    wanted: Vec<(Wanted, Setting)>,
    next_id: u64,
    asked: usize,
    sent: usize,
}

fn user(slot: u8) -> Setting {
    Setting::SetUser { slot, put: Put::Set, user: User::default() }
}

fn code(slot: u8, digits: &[u8]) -> Setting {
    Setting::pin(slot, PinDigits::from_ascii(digits).unwrap())
}

impl BackEnd {
    fn new(settings: impl IntoIterator<Item = Setting>) -> Self {
        let mut pair = Pair::new();
        let (_, session) = pair.session(Request::Nothing);
        let mut back_end = Self { pair, session, wanted: Vec::new(), next_id: 1, asked: 0, sent: 0 };
        settings.into_iter().for_each(|setting| back_end.want(setting));
        back_end
    }

    fn want(&mut self, setting: Setting) {
        let (table, slot) = setting.item();
        self.wanted.retain(|(item, _)| (item.table, item.slot) != (table, slot));
        self.wanted.push((Wanted { table, slot, state: ItemState::Pending }, setting));
        self.wanted.sort_by_key(|(item, _)| (item.table, item.slot));
    }

    fn ask(&mut self, request: Request) -> Reply {
        let reports = self.pair.ask(&mut self.session, request);
        let mut replies = reports.into_iter().filter_map(|report| match report.body {
            ReportBody::Reply(reply) => Some(reply),
            ReportBody::Event(_) => None,
        });
        replies.next_back().expect("the lock replies")
    }

    fn configure(&mut self, setting: Setting) -> ItemState {
        let version = self.pair.lock.status(self.pair.now).configuration + 1;
        let id = CommandId(self.next_id);
        self.next_id += 1;
        self.sent += 1;
        let action = Action::Configure { version, setting };
        let first = self.ask(Request::Command { id, action });
        let is_open = matches!(first, Reply::Command { outcome: Outcome::Started, .. });
        let reply = if is_open { self.ask(Request::Query(Query::Command(id))) } else { first };
        let Reply::Command { outcome, .. } = reply else { panic!("{reply:?}") };
        ItemState::after(outcome, version).unwrap()
    }

    /// Asks until the lock agrees or every slot was looked at; does what is to be done.
    fn round(&mut self) -> Comparison {
        let mut comparison = Comparison::default();
        while let Some(query) = comparison.query() {
            self.asked += 1;
            let reply = self.ask(Request::Query(query));
            if let Reply::Items { table, first, versions } = reply {
                for (slot, version) in (first..).zip(versions) {
                    self.settle(table, slot, version);
                }
            }
            let expected = expected_digest::<RustCrypto>(self.wanted.iter().map(|(item, _)| *item));
            comparison = comparison.answered(&reply, expected, ROOM);
        }
        comparison
    }

    fn settle(&mut self, table: Table, slot: u8, version: u32) {
        let place = self.wanted.iter().position(|(item, _)| (item.table, item.slot) == (table, slot));
        let difference =
            place.map_or(unwanted(table, version), |place| self.wanted[place].0.state.difference(version));
        match (difference, place) {
            (Difference::None, _) => {}
            (Difference::Send | Difference::Lost, Some(place)) => {
                let setting = self.wanted[place].1.clone();
                self.wanted[place].0.state = self.configure(setting);
            }
            (Difference::Clear, _) => {
                let cleared = self.configure(Setting::Clear { table, slot });
                assert!(matches!(cleared, ItemState::Applied { .. }));
            }
            (Difference::Send | Difference::Lost, None) => panic!("nobody wants it"),
        }
    }

    fn states(&self) -> Vec<ItemState> {
        self.wanted.iter().map(|(item, _)| item.state).collect()
    }
}

#[test]
fn what_is_wanted_is_sent_once_and_then_one_hash_is_enough() {
    let mut back_end = BackEnd::new([user(0), user(3), code(1, b"2580")]);
    assert_eq!(back_end.round(), Comparison::Listed);
    assert_eq!(back_end.sent, 3);
    assert!(back_end.states().iter().all(|state| matches!(state, ItemState::Applied { .. })));
    back_end.asked = 0;
    assert_eq!(back_end.round(), Comparison::Agreed);
    assert_eq!((back_end.asked, back_end.sent), (1, 3));
}

#[test]
fn only_what_changed_travels() {
    let mut back_end = BackEnd::new([user(0), user(3), code(1, b"2580")]);
    let _ = back_end.round();
    back_end.want(code(1, b"1379"));
    let _ = back_end.round();
    assert_eq!(back_end.sent, 4);
    assert_eq!(back_end.round(), Comparison::Agreed);
}

#[test]
fn a_refused_item_keeps_its_reason_and_is_not_sent_again_until_it_changes() {
    let mut back_end = BackEnd::new([code(1, b"2580"), code(2, b"2580")]);
    let _ = back_end.round();
    assert_eq!(back_end.states()[1], ItemState::Refused(Reason::Duplicate));
    for _ in 0..3 {
        assert_eq!(back_end.round(), Comparison::Agreed, "what is refused is not expected there");
    }
    assert_eq!(back_end.sent, 2);
    back_end.want(code(2, b"1379"));
    let _ = back_end.round();
    assert_eq!(back_end.round(), Comparison::Agreed);
    assert!(matches!(back_end.states()[1], ItemState::Applied { .. }));
}

#[test]
fn what_nobody_wants_is_cleared() {
    let mut back_end = BackEnd::new([]);
    let _ = back_end.configure(user(2));
    let _ = back_end.round();
    assert_eq!(back_end.round(), Comparison::Agreed);
    assert_eq!(back_end.pair.lock.lock().configuration().item_versions(Table::Users, 0), [0; 16]);
}

#[test]
fn what_somebody_else_set_there_is_set_again() {
    let mut back_end = BackEnd::new([code(1, b"2580")]);
    let _ = back_end.round();
    let _ = back_end.configure(code(1, b"0000"));
    let _ = back_end.round();
    assert_eq!(back_end.sent, 3);
    assert_eq!(back_end.round(), Comparison::Agreed);
}

#[test]
fn a_command_whose_end_is_not_known_leaves_the_item_pending() {
    for outcome in [Outcome::Interrupted, Outcome::NotExecuted, Outcome::Refused(Reason::StorageBusy)] {
        assert_eq!(ItemState::after(outcome, 9), Some(ItemState::Pending), "{outcome:?}");
    }
    assert_eq!(ItemState::after(Outcome::Started, 9), None);
}
