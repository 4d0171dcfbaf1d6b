//! The firmware's run loop around the device: sensors in, outputs out, in virtual time.

mod boundary;
mod keeping;
mod start;
mod timing;

use std::collections::VecDeque;

use embedded_storage::nor_flash::NorFlash;
use lock_core::crypto::{Delivery, RustCrypto};
use lock_core::device::{Device, Input, LinkId, Output, PersistFailure, PersistId, Presented, RecordTag};
use lock_core::proto::{CredentialKind, MAX_PACKET, Secret, Status, Uptime};
use lock_core::state::{Drive, UpdateAnswer, Wish, Work as Update};
use lock_store::{AppendError, Journal};

use crate::hardware::{Moment, Press, World};
use crate::loader::{Loader, Start};
use timing::Seen;

#[cfg(feature = "service")]
pub(crate) use boundary::tag_name;
pub use boundary::{Boundary, Fact, Harness, Side, Steady, Verdict, Work};
pub use keeping::LogRegion;
pub use start::{ProvisionError, StartError, provision, provision_as, provision_claimable};

/// Links that the lock has: connections at a time.
pub const LINKS: usize = 2;

/// How often the run loop may be woken at one moment before that is called a fault of the device.
const MAX_WAKES: usize = 64;
/// A flash needs fewer steps of tidying than this after any cut.
const MAX_TIDYING: usize = 64;

/// Why the run loop stopped. Cut the power, and boot again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StepError {
    /// The harness cut the power here, or did so before.
    #[error("the power was cut {0}; boot again")]
    PowerCut(Boundary),
    /// The device asks to be woken at a moment that has passed, again and again.
    #[error("the device asks to be woken for ever at {0} ms; its timers are broken")]
    TimerStuck(u64),
    /// The device wants a reset: boot again with [`Controller::reboot`].
    #[error("the lock restarts for new firmware; boot it again")]
    Restart,
    /// The device did not take an input although all its outputs were polled.
    #[error("the device took no input with an empty queue; its bound on outputs is wrong")]
    InputRefused,
}

/// What came over a link and waits for the next step.
#[derive(Debug)]
enum Arrival {
    Up(LinkId, Delivery),
    Down(LinkId),
    Packet(LinkId, Vec<u8>),
    Entropy([u8; 32]),
}

/// A lock with power: the device, its journal on `F`, and the world around it.
#[derive(Debug)]
pub struct Controller<F: NorFlash> {
    device: Device<RustCrypto, LINKS>,
    journal: Journal<F>,
    /// The log's flash, of a lock that keeps a log.
    log: Option<Box<dyn LogRegion>>,
    world: World,
    booted_at: Moment,
    seen: Seen,
    arrivals: VecDeque<Arrival>,
    stopped: Option<StepError>,
    /// The boot loader, and what it has just started; a lock without one takes no updates.
    loader: Option<Loader>,
    started: Option<Start>,
}

impl<F: NorFlash> Controller<F> {
    /// The device; its outputs are polled by [`Self::step`] alone.
    #[must_use]
    pub const fn device(&self) -> &Device<RustCrypto, LINKS> {
        &self.device
    }

    /// The world around it.
    #[must_use]
    pub const fn world(&self) -> &World {
        &self.world
    }

    /// The world, for people to act on; what the lock senses of it comes with the next step.
    pub const fn world_mut(&mut self) -> &mut World {
        &mut self.world
    }

    /// What the lock says of itself now.
    #[must_use]
    pub fn status(&self) -> Status {
        self.device.status(self.uptime())
    }

    /// Milliseconds since power came.
    #[must_use]
    pub fn uptime(&self) -> Uptime {
        Uptime::from_millis(self.world.now().since(self.booted_at))
    }

    /// A link came up.
    pub fn link_up(&mut self, link: LinkId, delivery: Delivery) {
        self.arrivals.push_back(Arrival::Up(link, delivery));
    }

    /// A link is gone.
    pub fn link_down(&mut self, link: LinkId) {
        self.arrivals.push_back(Arrival::Down(link));
    }

    /// A packet came on a link.
    pub fn receive(&mut self, link: LinkId, packet: Vec<u8>) {
        self.arrivals.push_back(Arrival::Packet(link, packet));
    }

    /// The random source has fresh bytes.
    pub fn stir(&mut self, entropy: [u8; 32]) {
        self.arrivals.push_back(Arrival::Entropy(entropy));
    }

    /// Takes the power away: the world as it physically is. What the flash holds stays in it.
    #[must_use]
    pub fn cut_power(mut self) -> World {
        self.world.lose_power();
        self.world
    }

    /// Takes what arrived and was pressed since the last step, at the moment where that ended; then lets time pass up to `now`
    /// with all that happens in it; then uses a quiet moment to tidy the flash.
    ///
    /// # Errors
    /// [`StepError`]: the run loop has stopped, between the two outputs where the harness cut the power. It stays so.
    pub fn step(&mut self, now: Moment, harness: &mut impl Harness) -> Result<(), StepError> {
        if let Some(error) = &self.stopped {
            return Err(error.clone());
        }
        let stepped = self.try_step(now, harness);
        self.stopped = stepped.as_ref().err().cloned();
        stepped
    }

    fn try_step(&mut self, now: Moment, harness: &mut impl Harness) -> Result<(), StepError> {
        if self.seen.is_fresh() {
            self.tidy_after_boot(harness)?;
        }
        if let (Some(start), Some(loader)) = (self.started.take(), &self.loader) {
            harness.note(&Fact::Firmware(loader.runs(), start));
        }
        self.sense(harness)?;
        while let Some(arrival) = self.arrivals.pop_front() {
            match arrival {
                Arrival::Up(link, delivery) => self.feed(Input::LinkUp { link, delivery }, harness)?,
                Arrival::Down(link) => self.feed(Input::LinkDown { link }, harness)?,
                Arrival::Packet(link, mut packet) => {
                    self.feed(Input::Packet { link, packet: &mut packet }, harness)?;
                }
                Arrival::Entropy(entropy) => self.feed(Input::Entropy(entropy), harness)?,
            }
        }
        while let Some(observation) = self.world.take_observation() {
            self.feed(Input::Observed(observation), harness)?;
        }
        while let Some(press) = self.world.take_press() {
            self.feed(pressed(press), harness)?;
        }
        self.pass_until(now, harness)?;
        if !self.world.motor_runs() && self.journal.needs_idle_work() {
            self.tidy(harness)?;
        }
        if !self.world.motor_runs() {
            self.tidy_log(harness)?;
        }
        Ok(())
    }

    /// Gives an input and does all that follows from it.
    fn feed(&mut self, input: Input<'_>, harness: &mut impl Harness) -> Result<(), StepError> {
        self.device.handle(input, self.uptime()).map_err(|_| StepError::InputRefused)?;
        self.drain(harness)
    }

    fn drain(&mut self, harness: &mut impl Harness) -> Result<(), StepError> {
        let mut buffer = [0; MAX_PACKET];
        let now = self.uptime();
        while let Some(output) = self.device.poll_output(now, &mut buffer) {
            let work = Work::of(&output);
            pass(harness, Side::Before, work)?;
            match output {
                Output::Persist { id, tag, bytes } => {
                    let written = self.journal.append(tag.number(), bytes);
                    if tag.is_secret() {
                        // A failure to read comes up again with the next record.
                        let _ = self.journal.forget_older(tag.number());
                    }
                    pass(harness, Side::After, work)?;
                    self.answer(id, tag, bytes.len(), written, harness);
                    continue;
                }
                Output::Transmit { link, packet } => harness.transmit(link, packet),
                Output::Motor(drive) => self.drive(drive, harness),
                Output::Indicate(indication) => harness.note(&Fact::Indicated(indication)),
                Output::Alarm(alarm) => harness.note(&Fact::Alarm(alarm)),
                Output::Log(work) => {
                    self.serve_log(&work, harness)?;
                    continue;
                }
                Output::Close(link) => harness.close(link),
                Output::Update { work: Update::Restart, .. } => return Err(StepError::Restart),
                Output::Update { work: asked, bytes } => {
                    harness.note(&Fact::Update(asked));
                    let answer = match &mut self.loader {
                        Some(loader) => loader.work(asked, bytes),
                        None => UpdateAnswer::Failed,
                    };
                    pass(harness, Side::After, work)?;
                    let answered = self.device.update_answer(answer, now);
                    debug_assert!(answered.is_ok(), "each is answered once");
                    continue;
                }
            }
            pass(harness, Side::After, work)?;
        }
        Ok(())
    }

    fn answer(
        &mut self,
        id: PersistId,
        tag: RecordTag,
        bytes: usize,
        written: Result<(), AppendError<F::Error>>,
        harness: &mut impl Harness,
    ) {
        let answered = match written {
            Ok(()) => {
                harness.note(&Fact::Persisted { tag, bytes });
                self.device.persisted(id)
            }
            Err(error) => {
                // Nothing else goes away by waiting.
                let is_busy = matches!(error, AppendError::Busy);
                let why = if is_busy { PersistFailure::Busy } else { PersistFailure::Fault };
                harness.note(&Fact::NotPersisted { tag, why: error.to_string() });
                self.device.persist_failed(id, why, self.uptime())
            }
        };
        // The id came with the output that is being answered.
        debug_assert!(answered.is_ok());
    }

    fn drive(&mut self, drive: Drive, harness: &mut impl Harness) {
        self.world.drive(drive);
        harness.note(&Fact::Motor(drive));
    }

    /// After a cut in a sector switch nothing can be appended, not even the boot counter, before the flash is tidied.
    fn tidy_after_boot(&mut self, harness: &mut impl Harness) -> Result<(), StepError> {
        for _ in 0..MAX_TIDYING {
            if !self.journal.needs_idle_work() {
                break;
            }
            self.tidy(harness)?;
        }
        Ok(())
    }

    /// One step of work on the flash, of which erasing is the longest: for moments when nobody waits at the door.
    fn tidy(&mut self, harness: &mut impl Harness) -> Result<(), StepError> {
        pass(harness, Side::Before, Work::Tidy)?;
        let done = self.journal.idle_work();
        pass(harness, Side::After, Work::Tidy)?;
        match done {
            Ok(step) => harness.note(&Fact::Tidied(step)),
            Err(error) => harness.note(&Fact::NotTidied(error.to_string())),
        }
        Ok(())
    }
}

/// What a press is to the device.
fn pressed(press: Press) -> Input<'static> {
    let presented = |kind, secret, wish| Input::Presented(Presented { kind, secret, wish });
    match press {
        Press::Code(digits) => Input::code(digits),
        Press::CodeFor(wish, digits) => presented(CredentialKind::Pin, Secret::Pin(digits), wish),
        Press::Token(kind, token) => presented(kind, Secret::Token(token), Wish::Open),
        Press::LockButton => Input::OutsideButton,
        Press::Inside(button) => Input::InsideButton(button),
        Press::Reset(button) => Input::ResetButton(button),
    }
}

fn pass(harness: &mut impl Harness, side: Side, work: Work) -> Result<(), StepError> {
    let boundary = Boundary { side, work };
    match harness.boundary(boundary) {
        Verdict::GoOn => Ok(()),
        Verdict::CutPower => Err(StepError::PowerCut(boundary)),
    }
}
