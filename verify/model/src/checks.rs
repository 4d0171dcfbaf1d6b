//! What must hold whatever happens, by the numbers of the properties in `docs/verification.md`.

use lock_core::crypto::{CommandLedger, Progress};
use lock_core::device::RecordTag;
use lock_core::proto::{Action, BoltPosition, Kind, Marks, Outcome, Reason, SealedReport};
use lock_core::state::Drive;

use crate::air::{Freshness, kind};
use crate::world::{Truth, World};

/// How old a sealed order to open may be.
const SEALED_MILLIS: u64 = 60_000;

/// Whom the motor begins to run for.
struct Run {
    cause: String,
    command: Option<u64>,
}

impl World {
    /// Property 11, and 3 as far as storage keeps what it is given: a boot knows at least what was durable.
    pub(crate) fn check_boot(&mut self) {
        let status = self.lock.status(self.now);
        let floor = self.lock.lock().time_floor(self.now).0;
        self.must(status.configuration >= self.truth.configuration, 3, "a setting that was in force is lost");
        self.must(floor >= self.truth.floor, 11, "the floor of the clock went back");
    }

    /// Properties 11 and 15, after every input and output.
    pub(crate) fn check_facts(&mut self) {
        let status = self.lock.status(self.now);
        let is_sensed = self.truth.sensed == Some(BoltPosition::Extended);
        self.must(!status.is_locked() || is_sensed, 15, "it says locked without evidence of its sensor");
        self.must(
            status.configuration >= self.truth.configuration,
            11,
            "the configuration's version went back",
        );
        self.truth.configuration = status.configuration;
    }

    /// Property 4: while a record is on its way nothing comes but a stop of the motor.
    pub(crate) fn check_barrier(&mut self) {
        use lock_core::device::Output;
        let mut buffer = [0; 512];
        let output = self.lock.poll_output(self.now, &mut buffer);
        let is_harmless = matches!(output, None | Some(Output::Motor(Drive::Stop)));
        self.must(is_harmless, 4, "something passed a record that was not durable");
    }

    /// Property 11: what storage holds of the key epoch is in force from now on.
    pub(crate) fn put_in_force(&mut self) {
        let keys = &self.storage[&RecordTag::Keys.number()];
        let epoch = u32::from_be_bytes(keys[17..21].try_into().expect("four bytes"));
        self.must(epoch >= self.truth.epoch, 11, "the key epoch went back");
        self.truth.epoch = epoch;
    }

    /// What must be true of a packet that the lock sends.
    pub(crate) fn transmitted(&mut self, link: usize, packet: std::sync::Arc<[u8]>) {
        let boot = self.number_in(RecordTag::Boot);
        self.must(boot >= self.lock.boot_number(), 4, "sent before the boot counter was durable");
        let kind = kind(&packet);
        let is_from_a_lock = matches!(kind, Kind::Hello | Kind::Message2 | Kind::Record | Kind::SealedUp);
        self.must(is_from_a_lock, 7, "a lock sent what only a cloud says");
        if kind == Kind::Message2 {
            self.truth.knows_time = true;
        }
        let freshness = self.air.take_from_lock(link, packet.clone());
        let is_fresh = match freshness {
            Freshness::Fresh => true,
            // After a roll-back the random part alone keeps them apart.
            Freshness::CounterAgain => self.truth.rolled_back,
            Freshness::Repeated => false,
        };
        self.must(is_fresh, 2, "the lock used a nonce twice under one key");
        if kind == Kind::SealedUp
            && let Some(report) = self.cloud.peek(&packet)
        {
            self.reported(report);
        }
    }

    /// Property 4: what a sealed message says is durable.
    fn reported(&mut self, report: SealedReport) {
        match report {
            SealedReport::MarksAnswer { marks, .. } => {
                self.told(marks);
                self.answered();
            }
            SealedReport::MarksHint { marks } => self.told(marks),
            SealedReport::Receipt { id, outcome, .. } => {
                let promises = matches!(outcome, Outcome::Done | Outcome::Refused(Reason::StorageFault));
                let stored = self.stored().1.query(id.0);
                self.must(
                    !promises || stored != Progress::NotExecuted,
                    4,
                    "a receipt left before what it says was durable",
                );
            }
            SealedReport::Status { .. }
            | SealedReport::Digest { .. }
            | SealedReport::Items { .. }
            | SealedReport::Health { .. }
            | SealedReport::Log(_)
            | SealedReport::Update(_)
            | SealedReport::Tickets(_) => {}
        }
    }

    /// Property 5: a sealed question is answered once, however often it comes, since its number is taken once.
    fn answered(&mut self) {
        let is_first = self.truth.unanswered > 0 || self.truth.rolled_back;
        self.must(is_first, 5, "a sealed number was taken twice");
        self.truth.unanswered = self.truth.unanswered.saturating_sub(1);
    }

    /// Properties 4 and 11: marks that are told are durable and never go back.
    fn told(&mut self, marks: Marks) {
        let (down, ledger) = self.stored();
        let is_durable = marks.down <= down && marks.command.0 <= ledger.highest();
        self.must(is_durable, 4, "marks were told before they were durable");
        let told = self.truth.told;
        self.must(marks.down >= told.down && marks.command >= told.command, 11, "a mark went back");
        self.truth.told = marks;
    }

    /// Properties 1, 4 and 12: for whom the motor may move.
    pub(crate) fn check_drive(&mut self, drive: Drive) {
        self.door_moves();
        let wanted = match drive {
            Drive::Extend => Action::Lock,
            Drive::Retract => Action::Unlock,
            Drive::Stop | Drive::PullLatch | Drive::ReleaseLatch => return,
        };
        let Some(Run { cause, command }) = self.running_for() else { return };
        let Some(id) = command else {
            self.driven_at_the_door(&cause, drive);
            return;
        };
        let issued = self.cloud.issued.get(&id).cloned().unwrap_or_default();
        let asked: Vec<_> = issued.iter().filter(|issued| issued.action == wanted).collect();
        self.must(!asked.is_empty(), 1, "the motor moved for a command that was never issued");
        let stored = self.stored().1.query(id);
        self.must(stored == Progress::Started, 4, "the motor moved before the command was durable");
        if cause.starts_with("RemoteSealed") {
            let is_in_time = asked
                .iter()
                .filter_map(|issued| issued.sealed_at)
                .any(|at| self.clock.saturating_sub(at) <= SEALED_MILLIS);
            let knows_time = self.truth.knows_time;
            self.must(
                knows_time || drive == Drive::Extend,
                12,
                "a sealed order opened at a lock that does not know the time",
            );
            self.must(is_in_time || drive == Drive::Extend, 12, "a sealed order opened after its time");
        }
        let is_first = self.truth.drove.insert(id);
        self.must(is_first, 1, "a command was executed twice");
    }

    /// No interface tells it, the debug form does. `None` for a further attempt, and while the motor backs off.
    fn running_for(&self) -> Option<Run> {
        let lock = format!("{:?}", self.lock.lock());
        let (_, run) = lock.split_once("motor: Driving(Run {")?;
        let (_, cause) = run.split_once("cause: ")?;
        let (cause, _) = cause.split_once(", command: ")?;
        let (run, _) = run.split_once("has_moved")?;
        run.split_once("attempt: 1,")?;
        let (_, command) = run.split_once("command: ")?;
        let command = command.strip_prefix("Some(CommandId(");
        let command = command.map(|id| id.split(')').next().expect("a number").parse().expect("a number"));
        Some(Run { cause: cause.to_owned(), command })
    }

    /// Property 11: the mark in storage.
    pub(crate) fn check_mark(&mut self, before: u64) {
        let (down, _) = self.stored();
        self.must(down >= before, 11, "the mark of sealed messages went back");
    }

    /// Whether storage has seen more than the cloud would give out next.
    pub(crate) fn is_cloud_behind(&self) -> bool {
        let (down, ledger) = self.stored();
        self.cloud.numbers.next_down <= down || self.cloud.numbers.next_command.0 <= ledger.highest()
    }

    /// The mark in storage.
    pub(crate) fn mark(&self) -> u64 {
        self.stored().0
    }

    /// Mark and ledger in storage.
    fn stored(&self) -> (u64, CommandLedger) {
        let Some(record) = self.storage.get(&RecordTag::Memory.number()) else {
            return (0, CommandLedger::new());
        };
        let ledger = record.len() - CommandLedger::BYTES;
        (self.number_in(RecordTag::Memory), CommandLedger::decode(&record[ledger..]).expect("a whole record"))
    }

    /// Whether storage knows of a command that was begun and never ended.
    pub(crate) fn has_interrupted(&self) -> bool {
        let (_, ledger) = self.stored();
        self.cloud.issued.keys().any(|id| self.moving.is_none() && ledger.query(*id) == Progress::Interrupted)
    }

    /// The number behind the first byte of a record; 0 where there is none.
    fn number_in(&self, tag: RecordTag) -> u64 {
        let record = self.storage.get(&tag.number());
        record.map_or(0, |record| u64::from_be_bytes(record[1..9].try_into().expect("eight bytes")))
    }

    /// Property 7: what was altered, reflected, or made for another time gets no answer and moves nothing.
    pub(crate) fn silently(&mut self, link: usize, packet: &[u8]) {
        let (storage, drove) = (self.storage.clone(), self.truth.drove.clone());
        self.packet(link, packet);
        let is_silent = self.offered.is_none() && storage == self.storage && drove == self.truth.drove;
        self.must(is_silent, 7, "a forged packet was answered");
    }

    /// Property 7, on the other side.
    pub(crate) fn cloud_refuses(&mut self, talk: usize, packet: &[u8]) {
        let is_refused = self.cloud.hear(talk, packet, self.clock).is_err();
        self.must(is_refused, 7, "the cloud believed a forged packet");
    }
}

impl Truth {
    /// Storage was rolled back: what is asserted from now on is what a lock can still know.
    pub(crate) fn forget(&mut self) {
        *self = Self { rolled_back: true, epoch: 1, breach: self.breach, ..Self::default() };
    }
}
