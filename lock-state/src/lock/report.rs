//! What the lock says of itself, and what it keeps for the next boot.

use lock_proto::{
    Alarm, BoltPosition, BootReason, Cause, Fault, Health, MotorHealth, Part, PartsHealth, RadioHealth,
    Seconds, Status, Uptime,
};

use super::Lock;
use crate::history::{Observation, PartKind, TamperContact};
use crate::{Effects, Indication, Saved, Tables, Upkeep};

impl<T: Tables> Lock<T> {
    /// Everything a person needs to know about the door at `now`.
    #[must_use]
    pub fn status(&self, now: Uptime) -> Status {
        let now = now.max(self.now);
        Status {
            sequence: self.facts.sequence(),
            bolt: self.facts.bolt.report(now),
            latch: self.facts.latch.report(now),
            target: self.facts.target.report(now),
            motion: self.motor.motion(),
            door: self.facts.door.report(now),
            calibration: self.facts.calibration.report(now),
            fault: self.facts.fault.report(now),
            mode: self.facts.mode.report(now),
            battery: self.power.fact(now),
            relock_in: self.relock.due().map(|due| Seconds::from_millis_ceiling(due.millis_since(now))),
            clock: self.clock.report(now),
            lockout: self.lockout.remaining(now),
            configuration: self.configuration.version(),
        }
    }

    /// Everything a diagnosis needs at `now`. It holds no code, not even hashed.
    #[must_use]
    pub fn health(&self, now: Uptime) -> Health {
        let now = now.max(self.now);
        let history = &self.history;
        Health {
            status: self.status(now),
            uptime: Seconds::from_millis(now.as_millis()),
            boots: lock_proto::Boots {
                brown_outs: self.upkeep.brown_outs,
                watchdogs: self.upkeep.watchdogs,
                ..history.boots
            },
            power: self.power.health(now),
            motor: MotorHealth {
                drives: self.upkeep.drives,
                stalls: self.upkeep.stalls,
                timeouts: self.upkeep.timeouts,
                learned: self.upkeep.travel,
                last: history.last,
            },
            parts: PartsHealth {
                bolt_sensor: self.bolt_part(),
                door_sensor: self.door_part(),
                ..history.parts
            },
            radio: RadioHealth {
                signal: history.signal,
                cloud_heard_ago: history
                    .cloud_heard_at
                    .map(|heard| Seconds::from_millis(now.millis_since(heard))),
                link_drops: history.link_drops,
                bad_packets: history.bad_packets,
            },
            refusals: history.refusals,
            firmware: history.firmware,
            log: history.log,
            self_test: history.self_test,
        }
    }

    pub(super) fn bolt_part(&self) -> Part {
        match (self.history.parts.bolt_sensor, self.facts.bolt.value(), self.facts.bolt.cause()) {
            (Part::Contradictory, ..) => Part::Contradictory,
            (_, BoltPosition::Unknown, Cause::Mechanism) => Part::Silent,
            // It did not see the end of a drive either.
            (_, BoltPosition::Unknown, _) if self.facts.fault.value() == Fault::BoltSensor => Part::Silent,
            (_, BoltPosition::Unknown, _) => Part::Unknown,
            (_, BoltPosition::Extended | BoltPosition::Retracted | BoltPosition::Between, _) => Part::Good,
        }
    }

    /// Why this boot came.
    #[must_use]
    pub const fn boot_reason(&self) -> BootReason {
        self.history.boots.reason
    }

    /// What to persist so that the next boot goes on from `now`.
    #[must_use]
    pub fn saved(&self, now: Uptime) -> Saved {
        let now = now.max(self.now);
        Saved {
            wrong_codes: self.lockout.wrong_codes(),
            lockout_remaining: self.lockout.remaining_ms(now),
            relock_remaining: self.relock.remaining_ms(now),
            relock_stands: self.relock.stands(),
            clock_floor: self.clock.floor(now),
            cloud_told: self.clock.told(),
            mode: self.calendar.set,
            initiative: self.initiative(),
            wiping: self.reset.wiping(),
        }
    }

    /// What to persist now and then.
    #[must_use]
    pub fn upkeep(&self, now: Uptime) -> Upkeep {
        Upkeep { power: self.power.saved(now.max(self.now)), ..self.upkeep }
    }

    /// The firmware saw something that belongs into the health report.
    pub fn observe(&mut self, observation: Observation, now: Uptime) -> Effects {
        self.step(now, |lock, effects| {
            let history = &mut lock.history;
            match observation {
                Observation::Signal(signal) => history.signal = Some(signal),
                Observation::RadioReset => effects.alarms.raise(Alarm::RadioReset),
                Observation::Tamper(contact) => lock.tamper(contact, effects),
                Observation::Log(log) => {
                    let was_nearly_full = is_nearly_full(history.log);
                    history.log = log;
                    if is_nearly_full(log) && !was_nearly_full {
                        effects.alarms.raise(Alarm::LogNearlyFull);
                    }
                }
                Observation::Firmware(firmware) => history.firmware = firmware,
                Observation::KeypadBattery(voltage) => lock.power.keypad(voltage),
                Observation::Mains(mains) => lock.power.mains(mains),
                Observation::Part(PartKind::Accelerometer, part) => history.parts.accelerometer = part,
                Observation::Part(PartKind::Keypad, part) => history.parts.keypad = part,
                Observation::Part(PartKind::Light, part) => history.parts.light = part,
                Observation::Part(PartKind::Buzzer, part) => history.parts.buzzer = part,
            }
        })
    }

    /// The cloud has proven itself in a live session.
    pub fn note_cloud_heard(&mut self, now: Uptime) {
        self.history.cloud_heard_at = Some(now.max(self.now));
    }

    /// A packet proved nothing.
    pub fn note_bad_packet(&mut self) {
        self.history.bad_packets = self.history.bad_packets.saturating_add(1);
    }

    /// A link went down.
    pub fn note_link_drop(&mut self) {
        self.history.link_drops = self.history.link_drops.saturating_add(1);
    }

    fn tamper(&mut self, contact: TamperContact, effects: &mut Effects) {
        let part = match contact {
            TamperContact::Closed => Part::Good,
            TamperContact::Open => Part::Silent,
        };
        if part == Part::Silent && self.history.parts.tamper_contact != Part::Silent {
            effects.alarms.raise(Alarm::Tamper);
            effects.indicate = Some(Indication::Siren);
        }
        self.history.parts.tamper_contact = part;
    }
}

/// From nine tenths on.
const fn is_nearly_full(log: lock_proto::LogHealth) -> bool {
    log.capacity > 0 && log.pending as u64 * 10 >= log.capacity as u64 * 9
}
