//! The run loop between the lock's role and its board.

use core::fmt::Write as _;

use lock_core::crypto::Delivery;
use lock_core::device::{
    Input, InputError, LinkId, LogRead, LogWork, NotPending, Output, PersistFailure, PersistId,
};
use lock_core::proto::frame::{self, Deframer};
use lock_core::proto::{BoltPosition, MAX_PACKET, Millivolts, Uptime};
use lock_core::state::{Drive, Indication, PowerReading, Voltage};
use lock_store::{AcknowledgeError, AppendError, LogAppendError, MAX_ENTRY};

use crate::bench::{Asked, Line};
use crate::board::Board;
use crate::memory::deepest_stack;
use crate::start::{self, Started};
use crate::stop::Stop;

/// The cable to the phone.
const LINK: LinkId = LinkId(0);
const BATTERY: Millivolts = Millivolts(6_200);
const BATTERY_EVERY_MS: u64 = 300_000;

impl From<NotPending> for Stop {
    fn from(_: NotPending) -> Self {
        Self::RunLoop
    }
}

/// A lock at work on its board.
pub(crate) struct Controller<'b> {
    board: &'b mut Board,
    started: Started,
    deframer: Deframer,
    line: Line,
    bolt: BoltPosition,
    battery_due: Uptime,
    packets: u32,
    wait: Wait,
}

/// Whether whoever tests the board waits for the flash to be tidy.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wait {
    None,
    ForIdle,
}

/// Whether there was something to do.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Came {
    Something,
    Nothing,
}

impl<'b> Controller<'b> {
    pub(crate) const fn new(started: Started, board: &'b mut Board) -> Self {
        Self {
            board,
            started,
            deframer: Deframer::new(),
            line: Line::new(),
            bolt: BoltPosition::Unknown,
            battery_due: Uptime::from_millis(0),
            packets: 0,
            wait: Wait::None,
        }
    }

    /// Runs the lock. It never returns but for a fault.
    pub(crate) fn run(&mut self) -> Result<(), Stop> {
        self.drain()?;
        self.feed(Input::LinkUp { link: LINK, delivery: Delivery::Ordered })?;
        self.say("ready");
        loop {
            self.sense()?;
            self.sense_power()?;
            let came = [self.take_packets()?, self.take_bench()?];
            let now = self.board.clock.now();
            if self.started.lock.poll_timeout().is_some_and(|deadline| deadline <= now) {
                self.feed(Input::Tick)?;
            } else if came == [Came::Nothing; 2] {
                self.tidy()?;
                self.board.sleep();
            }
        }
    }

    fn say(&mut self, text: &str) {
        self.tell(format_args!("{text}"));
    }

    fn tell(&mut self, text: core::fmt::Arguments<'_>) {
        // A port takes every byte.
        let _ = writeln!(self.board.bench, "{text}");
    }

    /// Gives an input, and does what follows from it. One that may be refused for a moment is: whoever asked tries again.
    fn feed(&mut self, input: Input<'_>) -> Result<(), Stop> {
        let now = self.board.clock.now();
        match self.started.lock.handle(input, now) {
            Ok(()) => {}
            Err(InputError::Backlog) => self.say("busy"),
            Err(InputError::NoSuchLink) => return Err(Stop::RunLoop),
        }
        self.drain()
    }

    /// Does what the lock wants, until it wants nothing more.
    fn drain(&mut self) -> Result<(), Stop> {
        let mut buffer = [0; MAX_PACKET];
        loop {
            let now = self.board.clock.now();
            let Some(output) = self.started.lock.poll_output(now, &mut buffer) else { return Ok(()) };
            match output {
                Output::Persist { id, tag, bytes } => {
                    let journal = &mut self.started.journal;
                    let stored = journal.append(tag.number(), bytes).map_err(|error| match error {
                        AppendError::Busy => PersistFailure::Busy,
                        AppendError::UnknownTag { .. }
                        | AppendError::TooLong { .. }
                        | AppendError::Full
                        | AppendError::Corrupt(_)
                        | AppendError::Fault
                        | AppendError::Flash(_)
                        | _ => PersistFailure::Fault,
                    });
                    if tag.is_secret() {
                        // The record is durable whatever this says; idle work erases what was replaced, and the next boot asks again.
                        let _ = journal.forget_older(tag.number());
                    }
                    self.answer(id, stored)?;
                }
                Output::Log(work) => self.serve_log(&work)?,
                Output::Transmit { packet, .. } => self.transmit(packet)?,
                Output::Motor(drive) => {
                    self.board.mechanism.order(drive, now);
                    self.say(order_name(drive));
                }
                Output::Indicate(Indication::LockedOut) => self.say("light: locked out"),
                Output::Indicate(Indication::Refused(_)) => self.say("light: refused"),
                Output::Indicate(_) => self.say("light"),
                Output::Alarm(_) => self.say("alarm"),
                Output::Close(_) => {
                    // A cable cannot hang up: the link comes up anew, with a fresh hello.
                    let up = Input::LinkUp { link: LINK, delivery: Delivery::Ordered };
                    self.started.lock.handle(up, now).map_err(|_| Stop::RunLoop)?;
                }
                Output::Update { work, bytes } => {
                    let mut read = [0; MAX_PACKET];
                    let answer = self.started.loader.work(work, bytes, &mut read);
                    self.started.lock.update_answer(answer, now)?;
                }
            }
        }
    }

    fn answer(&mut self, id: PersistId, stored: Result<(), PersistFailure>) -> Result<(), Stop> {
        match stored {
            Ok(()) => self.started.lock.persisted(id)?,
            Err(why) => {
                if why == PersistFailure::Fault {
                    self.say("the flash failed");
                }
                self.started.lock.persist_failed(id, why, self.board.clock.now())?;
            }
        }
        Ok(())
    }

    fn serve_log(&mut self, work: &LogWork<'_>) -> Result<(), Stop> {
        // A lock that was given no log asks nothing of it.
        let Some(log) = &mut self.started.log else { return Err(Stop::RunLoop) };
        match work {
            LogWork::Append { id, record } => {
                let stored =
                    log.append(&record.secret, record.payload).map(drop).map_err(|error| match error {
                        LogAppendError::Busy => PersistFailure::Busy,
                        LogAppendError::TooLong { .. }
                        | LogAppendError::Fault
                        | LogAppendError::Flash(_)
                        | _ => PersistFailure::Fault,
                    });
                self.answer(*id, stored)
            }
            LogWork::Read { id, index } => {
                let mut payload = [0; MAX_ENTRY];
                let before = log.before(*index).ok().flatten();
                let length = log.read(*index, &mut payload).ok().flatten();
                let payload = length.and_then(|length| payload.get(..length));
                let read = before.zip(payload).map(|(before, payload)| LogRead { before, payload });
                Ok(self.started.lock.log_read(*id, read)?)
            }
            LogWork::Acknowledge { id, index, mac } => {
                let freed = log.acknowledge(*index, mac).map_err(|error| match error {
                    AcknowledgeError::Mismatch => PersistFailure::Mismatch,
                    AcknowledgeError::Busy => PersistFailure::Busy,
                    AcknowledgeError::Fault | AcknowledgeError::Flash(_) | _ => PersistFailure::Fault,
                });
                self.answer(*id, freed)
            }
        }
    }

    fn transmit(&mut self, packet: &[u8]) -> Result<(), Stop> {
        let mut buffer = [0; frame::MAX_ENCODED];
        let framed = frame::encode(packet, &mut buffer).map_err(|_| Stop::RunLoop)?;
        self.board.phone.send(framed);
        Ok(())
    }

    fn take_packets(&mut self) -> Result<Came, Stop> {
        let mut came = Came::Nothing;
        while let Some(byte) = self.board.phone.take() {
            came = Came::Something;
            let now = self.board.clock.now();
            if let Some(packet) = self.deframer.push(byte) {
                match self.started.lock.handle(Input::Packet { link: LINK, packet }, now) {
                    Ok(()) => {}
                    Err(InputError::Backlog) => self.say("busy"),
                    Err(InputError::NoSuchLink) => return Err(Stop::RunLoop),
                }
                self.drain()?;
                self.packets += 1;
            }
        }
        Ok(came)
    }

    fn take_bench(&mut self) -> Result<Came, Stop> {
        let mut came = Came::Nothing;
        while let Some(byte) = self.board.bench.take() {
            came = Came::Something;
            match self.line.push(byte) {
                Some(Asked::Input(input)) => self.feed(input)?,
                Some(Asked::Replug) => self.replug()?,
                Some(Asked::Packets) => {
                    let packets = self.packets;
                    self.tell(format_args!("packets {packets}"));
                }
                Some(Asked::Idle) => self.wait = Wait::ForIdle,
                Some(Asked::Stack) => self.tell(format_args!("stack {}", deepest_stack())),
                Some(Asked::Unknown) => self.say("a code has 4 to 10 digits"),
                None => {}
            }
        }
        Ok(came)
    }

    /// The cable comes out and in again: the lock greets anew.
    fn replug(&mut self) -> Result<(), Stop> {
        self.deframer = Deframer::new();
        self.feed(Input::LinkDown { link: LINK })?;
        self.feed(Input::LinkUp { link: LINK, delivery: Delivery::Ordered })?;
        self.say("plugged");
        Ok(())
    }

    /// Reads the battery, now and then: this one is always full.
    fn sense_power(&mut self) -> Result<(), Stop> {
        let now = self.board.clock.now();
        if now < self.battery_due {
            return Ok(());
        }
        self.battery_due = now.plus_millis(BATTERY_EVERY_MS);
        self.feed(Input::Power(PowerReading { voltage: Voltage::Resting(BATTERY), temperature: None }))
    }

    fn sense(&mut self) -> Result<(), Stop> {
        let now = self.board.clock.now();
        let bolt = self.board.mechanism.sense(now);
        if bolt == self.bolt {
            return Ok(());
        }
        self.bolt = bolt;
        self.say(match bolt {
            BoltPosition::Unknown => "bolt unknown",
            BoltPosition::Extended => "bolt extended",
            BoltPosition::Retracted => "bolt retracted",
            BoltPosition::Between => "bolt between",
        });
        self.feed(Input::Bolt(bolt))
    }

    fn needs_tidying(&self) -> bool {
        let log = self.started.log.as_ref();
        self.started.journal.needs_idle_work() || log.is_some_and(|log| log.needs_idle_work())
    }

    /// Erases and moves sectors while nobody waits.
    fn tidy(&mut self) -> Result<(), Stop> {
        if self.wait == Wait::ForIdle && !self.needs_tidying() {
            self.wait = Wait::None;
            self.say("idle");
        }
        let journal = &mut self.started.journal;
        if journal.needs_idle_work() && journal.idle_work().is_err() {
            self.say("the journal could not be tidied; the next quiet moment tries again");
        }
        let Some(log) = self.started.log.as_mut().filter(|log| log.needs_idle_work()) else { return Ok(()) };
        if log.idle_work().is_err() {
            return Ok(()); // the next quiet moment tries again
        }
        let held = start::held(log);
        self.feed(Input::LogHeld(held))
    }
}

const fn order_name(drive: Drive) -> &'static str {
    match drive {
        Drive::Extend => "motor extends",
        Drive::Retract => "motor retracts",
        Drive::Stop => "motor stops",
        Drive::PullLatch | Drive::ReleaseLatch => "motor works the latch",
    }
}
