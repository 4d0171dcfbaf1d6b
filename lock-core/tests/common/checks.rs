//! What must hold at every output of the lock, whatever came before.

use lock_core::cloud::{Monotonic, open_up};
use lock_core::crypto::{CommandLedger, Delivery, Progress};
use lock_core::device::RecordTag;
use lock_core::proto::{Action, Answer, BoltPosition, Kind, Marks, Outcome, Packet, Reason, SealedReport};

use super::World;

/// Whom the motor runs for.
enum Driver {
    Command(u64),
    /// Whoever entered a code.
    Code,
    /// Nobody: it is a rule of the lock, or a hand at its button.
    Itself,
    /// A further attempt, or while it backs off.
    TheSameAgain,
}

impl World {
    pub(super) fn transmitted(&mut self, link: usize, mut packet: Vec<u8>) {
        let boot_is_durable = number(&self.records[&(RecordTag::Boot.number())]) >= self.lock.boot_number();
        assert!(boot_is_durable, "sent before the boot counter was durable");
        let kind = Packet::parse(&packet).unwrap().kind();
        match kind {
            Kind::Hello => {
                self.is_fresh(kind, &packet[13..29]);
                self.wires[link].hello = Some(packet);
            }
            Kind::Message2 => {
                self.is_fresh(kind, &packet[2..18]);
                let now = Monotonic(self.world_millis);
                let Some(connecting) = self.wires[link].connecting.take() else { return };
                // Another handshake may have overtaken this one: then it opens for neither.
                if let Ok((answer, marks, session)) = connecting.finish(&mut packet, Delivery::Ordered, now) {
                    let Answer { marks: told, .. } = *answer.get();
                    assert_eq!(told, marks.marks());
                    self.told(told);
                    (self.wires[link].session, self.wires[link].next_up) = (Some(session), 0);
                }
            }
            Kind::Record => {
                let counter = u64::from_be_bytes(packet[2..10].try_into().unwrap());
                let now = Monotonic(self.world_millis);
                let wire = &mut self.wires[link];
                if wire.session.as_mut().is_some_and(|session| session.open(&mut packet, now).is_ok()) {
                    assert_eq!(counter, wire.next_up);
                    wire.next_up += 1;
                }
            }
            Kind::SealedUp => {
                // The counter alone must never repeat: it is what a stuck random source leaves.
                self.is_fresh(kind, &packet[6..14]);
                let report = open_up(&self.keys, &mut packet).unwrap().report.into_inner();
                self.reported(report);
            }
            Kind::HelloRequest | Kind::Message1 | Kind::SealedDown => panic!("a lock sent {kind:?}"),
        }
    }

    fn is_fresh(&mut self, kind: Kind, nonce: &[u8]) {
        assert!(self.nonces.insert([&[kind as u8], nonce].concat()), "a nonce of {kind:?} came twice");
    }

    fn reported(&mut self, report: SealedReport) {
        match report {
            SealedReport::MarksAnswer { marks, .. } => {
                self.told(marks);
                self.answered();
            }
            SealedReport::MarksHint { marks } => self.told(marks),
            SealedReport::Receipt { id, outcome, .. } => {
                // A refusal for want of storage before the id was taken is "busy" too: that one promises nothing.
                if matches!(outcome, Outcome::Done | Outcome::Refused(Reason::StorageFault)) {
                    let stored = self.stored().1.query(id.0);
                    assert_ne!(stored, Progress::NotExecuted, "{outcome:?} is not durable");
                }
            }
            SealedReport::Status { .. } => self.answered(),
            SealedReport::Digest { .. }
            | SealedReport::Items { .. }
            | SealedReport::Health { .. }
            | SealedReport::Log(_)
            | SealedReport::Update(_)
            | SealedReport::Tickets(_) => {}
        }
    }

    /// A sealed question is answered once, however often it comes: its counter is accepted once.
    fn answered(&mut self) {
        self.unanswered = self.unanswered.checked_sub(1).expect("a sealed question was answered twice");
    }

    /// Marks that are told are durable and never go back.
    fn told(&mut self, marks: Marks) {
        let (down, ledger) = self.stored();
        assert!(marks.down <= down && marks.command.0 <= ledger.highest(), "{marks:?} is not durable");
        assert!(marks.down >= self.told.down && marks.command >= self.told.command, "a mark went back");
        self.told = marks;
    }

    /// A drive for a command: the command was issued, asked for this, is durable as started, and never drove before. Without one the bolt is
    /// withdrawn for whoever knows the code, once for each time, and where the door was opened while it was thrown.
    pub(super) fn driven(&mut self, action: &Action) {
        let id = match self.driver() {
            Driver::Command(id) => id,
            Driver::Code if *action == Action::Unlock => {
                self.right_codes =
                    self.right_codes.checked_sub(1).expect("unlocked for a code that nobody entered");
                return;
            }
            Driver::Itself if *action == Action::Unlock => {
                assert!(self.has_opened, "unlocked for nobody");
                self.has_opened = false;
                return;
            }
            Driver::Code | Driver::Itself | Driver::TheSameAgain => return,
        };
        assert_eq!(self.issued.get(&id), Some(action));
        assert_eq!(self.stored().1.query(id), Progress::Started, "moved before command {id} was durable");
        let drives = self.drives.entry(id).or_default();
        *drives += 1;
        assert_eq!(*drives, 1, "command {id} was executed twice");
    }

    /// Whom the motor begins to run for: no interface tells it, the debug form does.
    fn driver(&self) -> Driver {
        let device = format!("{:?}", self.lock);
        if device.contains("motor: Relieving") {
            return Driver::TheSameAgain;
        }
        let (_, run) = device.split_once("Driving(Run {").expect("a motor that runs drives for somebody");
        let (run, _) = run.split_once("limit_ms: ").expect("a run has a limit");
        if !run.contains("attempt: 1,") {
            return Driver::TheSameAgain;
        }
        let (_, command) = run.split_once("command: ").expect("a run says for which command");
        let id = command.strip_prefix("Some(CommandId(").and_then(|rest| rest.split_once(')'));
        match id {
            Some((id, _)) => Driver::Command(id.parse().unwrap()),
            None if run.contains("cause: Credential") => Driver::Code,
            None => Driver::Itself,
        }
    }

    /// Mark and ledger in storage.
    fn stored(&self) -> (u64, CommandLedger) {
        let Some(record) = self.records.get(&(RecordTag::Memory.number())) else {
            return (0, CommandLedger::new());
        };
        let ledger = record.len() - CommandLedger::BYTES;
        (number(record), CommandLedger::decode(&record[ledger..]).unwrap())
    }

    pub(super) fn check_truth(&self) {
        let is_locked = self.lock.status(self.now).is_locked();
        assert!(!is_locked || self.sensed == BoltPosition::Extended, "locked without evidence");
    }
}

/// The number behind the first byte of a record.
fn number(record: &[u8]) -> u64 {
    u64::from_be_bytes(record[1..9].try_into().unwrap())
}
