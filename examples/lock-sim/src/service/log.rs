//! The log: one line for each fact, `key=value`, on standard output. Microseconds since the start come first.
//!
//! A lock is silent about what it drops before authentication, and so is its log: what arrived and that nothing followed is all.

use std::fmt::{self, Debug, Display, Write as _};
use std::io::Write as _;
use std::time::Instant;

use lock_core::proto::Packet;
use lock_core::state::{Indication, Work};

use crate::controller::{Fact, tag_name};
use crate::loader::Start;

/// Writes lines with the time since it was made.
#[derive(Debug)]
pub(super) struct Log {
    started: Instant,
}

impl Log {
    pub(super) fn start() -> Self {
        Self { started: Instant::now() }
    }

    /// Since the start; also the clock of the simulated world.
    pub(super) fn started(&self) -> Instant {
        self.started
    }

    /// Writes one fact.
    pub(super) fn line(&self, fact: fmt::Arguments<'_>) {
        self.plain(format_args!("us={} {fact}", self.started.elapsed().as_micros()));
    }

    /// Writes a line for whoever started the program. A log that nobody reads does not stop a lock.
    pub(super) fn plain(&self, line: fmt::Arguments<'_>) {
        let mut out = std::io::stdout().lock();
        let _ = writeln!(out, "{line}").and_then(|()| out.flush());
    }

    pub(super) fn fact(&self, fact: &Fact) {
        match fact {
            Fact::Persisted { tag, bytes } => {
                self.line(format_args!("persist={} bytes={bytes}", tag_name(*tag)));
            }
            Fact::NotPersisted { tag, why } => {
                self.line(format_args!("not_persisted={} why={}", tag_name(*tag), quoted(why)));
            }
            Fact::Motor(drive) => self.line(format_args!("motor={}", snake(drive))),
            Fact::Stalled => self.line(format_args!("motor=stalled")),
            Fact::Bolt(position) => self.line(format_args!("bolt={}", snake(position))),
            Fact::Door(position) => self.line(format_args!("door={}", snake(position))),
            Fact::Battery(reading) => self.line(format_args!("battery_mv={}", reading.0)),
            Fact::Indicated(Indication::Refused(reason)) => {
                self.line(format_args!("indicate=refused reason={} why={}", snake(reason), quoted(reason)));
            }
            Fact::Indicated(indication) => self.line(format_args!("indicate={}", snake(indication))),
            Fact::Alarm(alarm) => self.line(format_args!("alarm={}", snake(alarm))),
            Fact::Tidied(step) => self.line(format_args!("tidy={}", snake(step))),
            Fact::Firmware(image, start) => self.line(format_args!(
                "firmware={} rollback_index={} start={}",
                image.version,
                image.rollback_index,
                started(*start)
            )),
            Fact::Update(Work::Read { .. }) => {}
            Fact::Update(work) => self.line(format_args!("update={}", worked(*work))),
            Fact::NotTidied(why) => self.line(format_args!("tidy=failed why={}", quoted(why))),
        }
    }
}

const fn started(start: Start) -> &'static str {
    match start {
        Start::Same => "same",
        Start::OnTrial => "on_trial",
        Start::Reverted => "reverted",
        Start::Refused(_) => "refused",
    }
}

const fn worked(work: Work) -> &'static str {
    match work {
        Work::Erase { .. } => "erase",
        Work::Write { .. } => "write",
        Work::Read { .. } => "read",
        Work::MarkPending => "pending",
        Work::Confirm => "confirm",
        Work::Restart => "restart",
    }
}

/// What a packet is, as far as its header says.
pub(super) fn kind_of(packet: &[u8]) -> String {
    Packet::parse(packet).map_or_else(|_| "noise".to_owned(), |packet| snake(packet.kind()))
}

/// The name of a variant as logs and JSON write it: `JamCleared` is `jam_cleared`.
pub(super) fn snake(value: impl Debug) -> String {
    let mut name = String::new();
    for letter in format!("{value:?}").chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

fn quoted(text: impl Display) -> String {
    let mut quoted = String::new();
    // Writing to a string does not fail.
    let _ = write!(quoted, "{:?}", text.to_string());
    quoted
}
