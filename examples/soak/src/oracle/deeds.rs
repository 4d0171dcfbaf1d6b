//! Property 1: whatever the lock does has one cause, which is allowed, fresh, and used once.

use lock_core::proto::{Action, Setting};
use lock_core::state::Drive;
use lock_sim::hardware::{Door, Moment};

use super::orders::{Order, Travel};
use super::{InForce, Oracle};
use crate::cloud::true_time;

/// A motion in a first message is as fresh as its Hello (section 4.5); a Hello is dead after ten seconds.
const OPENING_MOTION_MILLIS: u64 = 5_000;
const HELLO_MILLIS: u64 = 10_000;
/// A command in a record (section 4.6).
const RECORD_MILLIS: u64 = 5_000;
/// A sealed unlock (section 5, "Age").
const SEALED_UNLOCK_MILLIS: u64 = 60_000;

/// What happened to the lock in one step: one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stimulus {
    /// Time passed, sensors moved.
    Time,
    /// A link came up or went down.
    Link,
    /// A packet came.
    Packet(Vec<u8>),
    /// Somebody entered this code.
    Code(Vec<u8>),
    /// Somebody pressed the button that locks.
    LockButton,
    /// Somebody moved the door.
    Door,
    /// The power came.
    Power,
}

/// What the lock did of it.
#[derive(Clone, Debug)]
pub(crate) struct Observed {
    /// Orders to the motor.
    pub(crate) drives: Vec<Drive>,
    /// The configuration's version afterwards; `None` when the power went.
    pub(crate) configuration: Option<u32>,
    /// The door, before and after.
    pub(crate) door: Door,
    /// Whether the motor was extending before.
    pub(crate) was_extending: bool,
    /// Whether a way to an end was not given up before: the motor runs, backs off, or waits to try again.
    pub(crate) was_trying: bool,
    /// Whether it sent a Message2.
    pub(crate) answered_handshake: bool,
    /// Whether it sealed an answer: then the mark must be durable (section 5).
    pub(crate) answered_sealed: bool,
    /// Records of mark and ledger that became durable.
    pub(crate) memories: u32,
    /// Those of them that came before the motor's first order.
    pub(crate) memories_before_motor: u32,
}

impl Oracle {
    /// Judges one step; true when the lock did what the packet ordered.
    pub(crate) fn judge(&mut self, stimulus: &Stimulus, observed: &Observed, now: Moment) -> bool {
        let mut has_run = false;
        if let Stimulus::Packet(packet) = stimulus {
            self.judge_packet(packet, observed);
        }
        let mut tries = observed.was_trying;
        for drive in observed.drives.iter().filter(|drive| **drive != Drive::Stop) {
            // By time alone a way that was begun is tried again, with a little of the other way before it.
            if !(tries && *stimulus == Stimulus::Time) {
                has_run |= self.explain_motor(*drive, stimulus, observed, now);
            }
            tries = true;
        }
        if let Some(version) = observed.configuration
            && version != self.in_force.version
        {
            has_run |= self.explain_configuration(version, Some(stimulus), now);
        }
        if let (Stimulus::Packet(packet), Some(_)) = (stimulus, observed.configuration)
            && self.orders.find(packet).is_some()
            && (observed.memories > 0 || observed.answered_sealed)
        {
            self.orders.taken(packet);
        }
        has_run
    }

    fn judge_packet(&mut self, packet: &[u8], observed: &Observed) {
        self.orders.reaches(packet);
        if observed.answered_handshake {
            let is_first = self.answered.insert(packet.to_vec());
            self.checks.hold(is_first, || {
                "one first message was answered twice: its Hello was not burned".to_owned()
            });
        }
        if self.orders.is_stale(packet) {
            let is_still = observed.drives.iter().all(|drive| *drive == Drive::Stop);
            self.checks.hold(is_still, || "a sealed message at or below the mark moved the bolt".to_owned());
        }
    }

    fn explain_motor(&mut self, drive: Drive, stimulus: &Stimulus, observed: &Observed, now: Moment) -> bool {
        let is_closed = observed.door == Door::Closed;
        let holds = match stimulus {
            Stimulus::Packet(packet) => {
                self.checks.hold(observed.memories_before_motor > 0, || {
                    "the motor ran before the record of its command was durable".to_owned()
                });
                return self.explain_by_packet(drive, packet, now);
            }
            Stimulus::Time => drive == Drive::Extend && self.in_force.auto_relock > 0 && is_closed,
            Stimulus::LockButton => drive == Drive::Extend && is_closed,
            Stimulus::Code(digits) => {
                drive == Drive::Retract && self.in_force.pins.values().any(|pin| pin == digits)
            }
            Stimulus::Door => drive == Drive::Retract && observed.was_extending,
            Stimulus::Link | Stimulus::Power => false,
        };
        self.checks
            .hold(holds, || format!("the motor ran ({drive:?}) and nobody may have asked: {stimulus:?}"));
        false
    }

    fn explain_by_packet(&mut self, drive: Drive, packet: &[u8], now: Moment) -> bool {
        let wanted = |action: &Action| match drive {
            Drive::Extend => *action == Action::Lock,
            Drive::Retract => *action == Action::Unlock,
            Drive::Stop | Drive::PullLatch | Drive::ReleaseLatch => false,
        };
        let Some(order) = self.orders.find(packet).filter(|order| wanted(&order.action)).cloned() else {
            self.checks.hold(false, || {
                format!("the motor ran ({drive:?}) on bytes that nobody issued: {packet:02x?}")
            });
            return false;
        };
        self.explain_order(&order, packet, now);
        true
    }

    /// A configuration that came into force, now or just before the power went.
    pub(super) fn explain_configuration(
        &mut self,
        version: u32,
        stimulus: Option<&Stimulus>,
        now: Moment,
    ) -> bool {
        let packet = match stimulus {
            Some(Stimulus::Packet(packet)) => packet.as_slice(),
            Some(
                Stimulus::Time
                | Stimulus::Link
                | Stimulus::Code(_)
                | Stimulus::LockButton
                | Stimulus::Door
                | Stimulus::Power,
            )
            | None => &[],
        };
        let order = self.orders.find(packet).cloned();
        let Some((order, setting)) = order.and_then(|order| {
            let Action::Configure { version: ordered, setting } = order.action.clone() else { return None };
            (ordered == version).then_some((order, setting))
        }) else {
            self.checks.hold(false, || format!("configuration {version} is in force and nobody ordered it"));
            self.in_force.version = version;
            return false;
        };
        self.in_force.apply(version, &setting);
        self.explain_order(&order, packet, now);
        true
    }

    /// The lock does what an order says: it must be fresh, above the mark, and run for the first time.
    fn explain_order(&mut self, order: &Order, packet: &[u8], now: Moment) {
        let id = order.id.0;
        let has_run = self.orders.has_run(order.id);
        self.checks.worst.executed_twice += u64::from(has_run);
        self.checks.hold(!has_run, || format!("command {id} ran twice"));
        let is_stale = self.orders.is_stale(packet);
        self.checks.worst.replays_executed += u64::from(is_stale || has_run);
        self.checks.hold(!is_stale, || format!("command {id} was executed below the mark: a replay"));
        let is_fresh = self.is_fresh(order, now);
        self.checks.hold(is_fresh, || format!("command {id} ran when it was no longer fresh: {order:?}"));
        self.orders.runs(order, now);
    }

    fn is_fresh(&self, order: &Order, now: Moment) -> bool {
        let age = now.since(order.issued_at);
        match &order.travel {
            Travel::Opening { hello } => {
                let limit = if order.action.is_motion() { OPENING_MOTION_MILLIS } else { HELLO_MILLIS };
                self.hellos.get(hello).is_some_and(|sent| now.since(*sent) <= limit)
            }
            Travel::Record => age <= RECORD_MILLIS,
            Travel::Sealed { not_after } => {
                let is_unexpired = not_after.is_none_or(|last| true_time(now) <= last);
                is_unexpired && (order.action != Action::Unlock || age <= SEALED_UNLOCK_MILLIS)
            }
        }
    }
}

impl InForce {
    fn apply(&mut self, version: u32, setting: &Setting) {
        self.version = version;
        match setting {
            Setting::AutoRelock(seconds) => self.auto_relock = seconds.0,
            Setting::SetCredential { slot, secret, .. } => {
                self.pins.insert(*slot, secret.as_bytes().to_vec());
            }
            Setting::Clear { slot, .. } => {
                self.pins.remove(slot);
            }
            // The soak issues none of these.
            Setting::Mechanics(_)
            | Setting::Policy(_)
            | Setting::Night(_)
            | Setting::Zone(_)
            | Setting::PowerSupply(_)
            | Setting::SetUser { .. }
            | Setting::SetWindow { .. }
            | Setting::SetHoliday { .. }
            | Setting::OfflineCodes(_)
            | Setting::RestoreCredential { .. } => {}
        }
    }
}
