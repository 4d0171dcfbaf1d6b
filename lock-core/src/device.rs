//! The lock's role: everything that happens is an input, everything it wants is an output, in order.
//!
//! ```text
//! device.handle(input, now)?;                        // bytes, key press, motor stalled, door moved, battery read, time passed
//! while let Some(output) = device.poll_output(now, &mut buffer) {
//!     match output {
//!         Persist { tag, bytes } -> write the record, read it back, then
//!                                   device.persisted(id)              it is durable: the next outputs may depend on it
//!                                   device.persist_failed(id, why)    they are dropped; numbers that were taken stay burned
//!         Transmit { link, packet } -> send it
//!         Motor(drive) -> drive      Indicate(..), Alarm(..) -> show, sound      Close(link) -> hang up
//!         Update { work, .. } -> spare slot and boot loader, then device.update_answer(..), now or later
//!     }
//! }
//! // sleep until device.poll_timeout(), then handle(Input::Tick)
//! ```
//!
//! A persist is a barrier: until it is answered, `poll_output` returns nothing but an urgent stop of the motor. Power may go
//! between any two calls: [`Device::boot`] with what storage holds goes on from there.

mod adopting;
mod alarms;
mod barrier;
mod boot;
mod claim;
mod command;
mod input;
mod links;
mod live;
mod log;
mod nonces;
mod output;
mod parts;
mod resetting;
mod rotation;
mod sealed;
mod steps;
mod storage;
mod tickets;
mod transmit;
mod unowned;
mod update;

use lock_crypto::{CounterBlock, Key, Label, RustCrypto, Suite};
use lock_proto::{Alarm, Cause, CommandId, Health, Marks, Reason, Status, Uptime};
use lock_state::{
    Barrier as Awaited, DoorKeys, Drive, Effects, House, Indication, Lock, Refusal, Tables, TicketBook,
    Update,
};

use alarms::AlarmSet;
use barrier::Barrier;
use claim::Claims;
use links::Links;
use log::keeping::{Keeper, Kept};
use nonces::NonceSource;
use rotation::Rotation;
use steps::{Reporting, Step, Steps};
use storage::{Identity, Memory};

pub(crate) use claim::CLAIM_EPOCH;
pub use claim::{NotClaimable, provision_claim, provision_unowned};
pub use input::{Input, InputError, Presented};
pub use links::LinkId;
pub use log::keeping::{LogHeld, StoredLog};
pub use log::telling::LogRead;
pub use log::{
    Appended, LogBeginning, LogBook, LogRecord, MAX_WAITING, provision_log, provision_unowned_log,
};
pub use output::{LogWork, NotPending, Output, PersistFailure, PersistId};
#[cfg(feature = "x25519")]
pub use storage::provision_x;
pub use storage::{BootError, KEYS, RecordTag, Records, Stored, provision, record_lengths};

/// The most links of a device.
const MAX_LINKS: usize = 8;

/// A smart lock: mechanism, sessions and sealed messages on `LINKS` links, users and credentials as `T` has room for. No heap, no
/// clock, no pins.
#[derive(Debug)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub struct Device<S: Suite = RustCrypto, const LINKS: usize = 2, T: Tables = House> {
    identity: Identity,
    claims: Claims,
    nonces: NonceSource,
    lock: Lock<T>,
    memory: Memory,
    up: CounterBlock,
    links: Links<S, LINKS>,
    steps: Steps,
    barrier: Option<Barrier>,
    next_persist: u32,
    /// The marks that storage is known to hold, and the only ones that are told: they never go back.
    durable_marks: Marks,
    /// A memory record failed and none was written since, or none was ever written: the lock knows of more than storage does.
    is_behind: bool,
    /// A key for PIN hashes that is in force once its record is durable.
    adopting: Option<Key>,
    /// Revoked virtual keys and single uses.
    tickets: TicketBook,
    /// The key epoch to come.
    rotation: Rotation,
    /// How many commands of holders came in this boot.
    holder_commands: u32,
    /// What was presented and waits for its count to be durable; wiped where it stands.
    presented: Option<Presented>,
    /// Raised and not yet handed to the host.
    alarms: AlarmSet,
    /// Raised and not yet reported to the cloud.
    untold_alarms: AlarmSet,
    /// The one that is being reported.
    telling: Option<Alarm>,
    /// The motor must stop now, whatever else waits.
    stop: bool,
    /// When a sealed message at or below the mark was last answered.
    stale_answered_at: Option<Uptime>,
    /// Of a lock that keeps one.
    log: Kept<T>,
    /// Who sent the change of the configuration that is staged.
    staged_by: Cause,
    /// The firmware, and what is to follow it.
    update: Update<S>,
    /// What is left of a reset.
    owed: Option<resetting::Owed>,
}

impl<S: Suite, const LINKS: usize, T: Tables> Device<S, LINKS, T> {
    /// Takes what happened. Bytes that prove nothing change nothing but counts.
    ///
    /// # Errors
    /// [`InputError`]: the input was not taken; nothing changed. Sensors, stalls, ticks, fresh entropy and links that go down
    /// are always taken.
    pub fn handle(&mut self, input: Input<'_>, now: Uptime) -> Result<(), InputError> {
        if input.link().is_some_and(|link| usize::from(link.0) >= LINKS) {
            return Err(InputError::NoSuchLink);
        }
        self.steps.begin_input(input.claim()).ok_or(InputError::Backlog)?;
        if T::PARTS.life {
            self.update.begin_input(now);
        }
        self.wake_owed(now);
        if T::PARTS.life && input.is_of_a_person() {
            self.update.note_person(now);
        }
        let effects = self.take(input, now);
        self.follow(effects, now);
        Ok(())
    }

    /// Takes an input, for which there is room. Apart from what follows of it, which is off the stack while a packet is opened.
    #[inline(never)]
    fn take(&mut self, input: Input<'_>, now: Uptime) -> Effects {
        match input {
            Input::LinkUp { link, delivery } => {
                self.link_up(link, delivery, now);
                Effects::NONE
            }
            Input::LinkDown { link } => {
                self.link_down(link);
                self.lock.note_link_drop();
                Effects::NONE
            }
            Input::Packet { link, packet } => {
                self.packet(link, packet, now);
                Effects::NONE
            }
            Input::Bolt(position) => self.lock.bolt_sensed(position, now),
            Input::Latch(position) => self.lock.latch_sensed(position, now),
            Input::Door(reading) => self.lock.door_sensed(reading, now),
            Input::MotorStalled => self.lock.motor_stalled(now),
            Input::Power(reading) => self.lock.power_read(reading, now),
            Input::Presented(presented) => {
                if T::PARTS.people {
                    self.present(presented, now);
                } else {
                    self.steps.indicate(Indication::Refused(Reason::Unsupported));
                }
                Effects::NONE
            }
            Input::OutsideButton => self.lock.outside_button(now),
            Input::InsideButton(press) => {
                if T::PARTS.life {
                    self.open_claim_window(now);
                }
                self.lock.inside_button(press, now)
            }
            Input::ResetButton(button) => self.lock.reset_button(button, now),
            Input::Observed(observation) => self.lock.observe(observation, now),
            Input::LogHeld(held) => {
                self.log_held(held, now);
                Effects::NONE
            }
            Input::Entropy(fresh) => {
                self.nonces.stir::<S>(&fresh);
                Effects::NONE
            }
            Input::Tick => {
                self.time_out_links(now);
                self.lock.handle_timeout(now)
            }
        }
    }

    /// When to call [`Self::handle`] with [`Input::Tick`] at the latest; `None` when nothing is planned.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Uptime> {
        let log = self.log.as_ref().and_then(Keeper::poll_timeout);
        let update = if T::PARTS.life { self.update.poll_timeout() } else { None };
        [self.lock.poll_timeout(), self.links.poll_timeout(), log, update, self.owed_at()]
            .into_iter()
            .flatten()
            .min()
    }

    /// The truth about the door, now.
    #[must_use]
    pub fn status(&self, now: Uptime) -> Status {
        self.lock.status(now)
    }

    /// What a diagnosis needs, now.
    #[must_use]
    pub fn health(&self, now: Uptime) -> Health {
        let health = self.lock.health(now);
        Health { firmware: self.update.health().unwrap_or(health.firmware), ..health }
    }

    /// The lock itself, to ask: for previews and for programs that show it.
    #[must_use]
    pub const fn lock(&self) -> &Lock<T> {
        &self.lock
    }

    /// Number of this boot, from 1.
    #[must_use]
    pub const fn boot_number(&self) -> u64 {
        self.nonces.boot()
    }

    /// Counts the attempt, makes the count durable, and only then compares (a power cut cannot buy a free guess). One at a time:
    /// a second is neither counted nor compared.
    #[inline(never)]
    fn present(&mut self, presented: Presented, now: Uptime) {
        let counted = if self.presented.is_some() {
            Err(Refusal::from(Reason::StorageBusy))
        } else {
            self.lock.count_attempt(now)
        };
        self.note_attempt(counted.map_err(|refusal| refusal.reason), now);
        match counted {
            Ok(()) => {
                self.presented = Some(presented);
                self.save_first();
                self.steps.push(Step::Check);
            }
            Err(Refusal { reason, .. }) => self.steps.indicate(Indication::Refused(reason)),
        }
    }

    /// Compares what was presented, whose count is durable.
    #[inline(never)]
    fn check(&mut self, now: Uptime) {
        if let Some(Presented { kind, secret, wish }) = self.presented.take() {
            let code = self.identity.leaves.leaf(Label::Code);
            let keys = DoorKeys { k_pin: &self.identity.k_pin, code };
            let effects = self.lock.check::<S>(&keys, kind, &secret, wish, now);
            self.follow(effects, now);
        }
    }

    /// Does what the lock wants. Its motor comes first; who must hear of it comes last.
    fn follow(&mut self, effects: Effects, now: Uptime) {
        self.follow_command(effects, None, now);
    }

    /// The same, for what a command asked.
    fn follow_command(&mut self, effects: Effects, command: Option<CommandId>, now: Uptime) {
        self.note_effects(&effects, command, now);
        if let Some(drive) = effects.motor {
            // An order that was not given yet is overtaken by this one.
            self.steps.drop_motor();
            match drive {
                Drive::Stop => self.stop = true,
                Drive::Extend | Drive::Retract | Drive::PullLatch | Drive::ReleaseLatch => {
                    self.steps.push_first(Step::Motor(drive));
                }
            }
        }
        if let Some(indication) = effects.indicate {
            self.steps.indicate(indication);
        }
        effects.alarms.iter().for_each(|alarm| self.raise(alarm));
        if effects.changed {
            self.report(Reporting::Changed);
        }
        let finished = effects.finished.map(|finished| (finished.command, finished.outcome));
        let superseded = effects.superseded.map(|command| (command, lock_proto::Outcome::Superseded));
        for (id, outcome) in [superseded, finished].into_iter().flatten() {
            self.finish(id, outcome);
        }
        match effects.barrier {
            Some(Awaited::Admission) if T::PARTS.people => {
                if let Some(page) = self.lock.staged_page() {
                    self.steps.push(Step::Persist(RecordTag::Page(page)));
                    self.steps.push(Step::Admit);
                }
            }
            Some(Awaited::CodeUse) if T::PARTS.people => {
                self.steps.push(Step::Persist(RecordTag::Codes));
                self.steps.push(Step::Admit);
            }
            Some(Awaited::Reset) => {
                self.save_first();
                self.steps.push(Step::Wipe);
            }
            Some(Awaited::Admission | Awaited::CodeUse) | None => {}
        }
        if effects.save || finished.is_some() || superseded.is_some() {
            self.save();
        }
        if effects.save_upkeep {
            self.steps.push_once(Step::Persist(RecordTag::Upkeep));
        }
    }

    /// Tells the host of an alarm, and the cloud where it listens.
    fn raise(&mut self, alarm: Alarm) {
        self.alarms.insert(alarm);
        self.steps.push_once(Step::Alarms);
        if self.links.any_listener() {
            self.untold_alarms.insert(alarm);
            self.report(Reporting::Alarms);
        }
    }

    /// Persists mark, ledger and deadlines soon: nothing waits for it. The record is made when its turn comes, so that one that
    /// waits already holds this too.
    fn save(&mut self) {
        self.steps.push_once(Step::Persist(RecordTag::Memory));
    }

    /// Persists mark, ledger and deadlines before what this input does next, which fails with this record and no other.
    fn save_first(&mut self) {
        if !self.steps.any_of_this_input(|step| matches!(step, Step::Persist(RecordTag::Memory))) {
            self.steps.push(Step::Persist(RecordTag::Memory));
        }
    }

    /// Reports to the cloud where it listens. A change that waits to be told is told once.
    fn report(&mut self, what: Reporting) {
        if self.links.any_listener() {
            self.steps.push_once(Step::Event(LinkId(0), what));
        }
    }
}
