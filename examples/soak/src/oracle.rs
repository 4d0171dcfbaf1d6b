//! The oracle: says from the outside what a lock may do, and counts what it does otherwise.
//!
//! It knows what the cloud issued, byte for byte, what reached the lock and when, and what is physically so. It looks into no
//! mark, ledger or session of the lock: those are what it judges.

mod deeds;
mod nonces;
mod orders;

use std::collections::{HashMap, HashSet};

use lock_core::proto::{BoltPosition, CommandId, Kind, Packet, Status};
use lock_sim::hardware::{Moment, Truth};

pub(crate) use deeds::{Observed, Stimulus};
pub use orders::Route;
pub(crate) use orders::{Order, Travel};

use nonces::Nonces;
use orders::Orders;

/// After so many failures more of them say nothing new.
pub(crate) const MAX_FAILURES: usize = 20;

/// What must be so, checked again and again.
#[derive(Debug, Default)]
pub(crate) struct Checks {
    pub(crate) passed: u64,
    pub(crate) failures: Vec<String>,
    pub(crate) worst: Worst,
}

/// The failures that a lock must never have: each of them opens a door.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Worst {
    /// Packets that the lock had seen, or passed over, and that it acted on.
    pub replays_executed: u64,
    /// Commands that ran a second time.
    pub executed_twice: u64,
    /// Panics, in the lock or around it.
    pub panics: u64,
}

impl Checks {
    /// Counts one check; `failure` is said when it does not hold.
    pub(crate) fn hold(&mut self, holds: bool, failure: impl FnOnce() -> String) {
        if holds {
            self.passed += 1;
        } else {
            self.failures.push(failure());
        }
    }

    pub(crate) fn is_hopeless(&self) -> bool {
        self.failures.len() >= MAX_FAILURES
    }
}

/// Everything that the oracle knows.
#[derive(Debug, Default)]
pub(crate) struct Oracle {
    pub(crate) checks: Checks,
    pub(crate) orders: Orders,
    nonces: Nonces,
    /// When the lock sent each Hello of its present boot.
    hellos: HashMap<Vec<u8>, Moment>,
    /// What was so when the lock sent a packet.
    said: HashMap<Vec<u8>, bool>,
    /// First messages that the lock has answered.
    answered: HashSet<Vec<u8>>,
    in_force: InForce,
}

/// The configuration as the oracle follows it.
#[derive(Debug, Default)]
struct InForce {
    version: u32,
    auto_relock: u32,
    pins: HashMap<u8, Vec<u8>>,
}

impl Oracle {
    /// The lock sent a packet while `truth` was so.
    pub(crate) fn lock_sent(&mut self, link: usize, packet: &[u8], truth: &Truth, now: Moment) {
        // The motor may have been ordered since; within one moment it has not moved the bolt.
        self.said.insert(packet.to_vec(), truth.bolt == BoltPosition::Extended);
        let parsed = Packet::parse(packet);
        let is_packet = matches!(
            parsed.map(|packet| packet.kind()),
            Ok(Kind::Hello | Kind::Message2 | Kind::Record | Kind::SealedUp)
        );
        self.checks
            .hold(is_packet, || format!("the lock sent something that only a cloud sends: {packet:02x?}"));
        if let Ok(Packet::Hello(_)) = parsed {
            self.hellos.insert(packet.to_vec(), now);
        }
        self.nonces.lock_sent(link, packet, &mut self.checks);
    }

    /// The cloud made a packet.
    pub(crate) fn cloud_made(&mut self, packet: &[u8]) {
        self.nonces.cloud_made(packet, &mut self.checks);
    }

    /// The cloud believes a packet.
    pub(crate) fn cloud_believes(&mut self, packet: &[u8], status: Option<Status>) {
        let was_said = self.said.get(packet).copied();
        self.checks
            .hold(was_said.is_some(), || format!("the cloud believes what no lock sent: {packet:02x?}"));
        if let (Some(status), Some(was_locked)) = (status, was_said) {
            self.checks.hold(!status.is_locked() || was_locked, || {
                format!("the lock told the cloud that it is locked while it was not: {status:?}")
            });
        }
    }

    /// The cloud heard that a command is done.
    pub(crate) fn cloud_hears_done(&mut self, id: CommandId) {
        let reached = self.orders.has_reached(id);
        self.checks
            .hold(reached, || format!("command {} is said to be done and never reached the lock", id.0));
    }

    /// What the lock says of itself must be so.
    pub(crate) fn lock_claims(&mut self, status: &Status, truth: &Truth) {
        let is_locked = truth.bolt == BoltPosition::Extended && !truth.motor_runs_now;
        self.checks.hold(!status.is_locked() || is_locked, || {
            format!("the lock says locked and the bolt is {truth:?}")
        });
    }

    /// The lock boots with this configuration; `interrupted` is what it was given when the power went, at `cut_at`.
    pub(crate) fn rebooted(&mut self, version: u32, interrupted: Option<&Stimulus>, cut_at: Moment) {
        let before = self.in_force.version;
        self.checks.hold(version >= before, || {
            format!("a reboot took the configuration back from version {before} to {version}")
        });
        if version != before {
            self.explain_configuration(version, interrupted, cut_at);
        }
        self.hellos.clear();
        self.nonces.rebooted();
    }

    /// Anything else that must hold.
    pub(crate) fn hold(&mut self, holds: bool, failure: impl FnOnce() -> String) {
        self.checks.hold(holds, failure);
    }

    /// A code that is in force, if there is one.
    pub(crate) fn some_pin(&self, place: usize) -> Option<Vec<u8>> {
        let mut pins: Vec<_> = self.in_force.pins.iter().collect();
        pins.sort();
        let place = place.checked_rem(pins.len())?;
        pins.get(place).map(|(_, pin)| (*pin).clone())
    }
}
