//! What the lock says of itself, and what its owner heard of it.

use lock_core::proto::{BoltPosition, Cause, ClockFact, Holiday, LatchPosition, Status};

use super::super::{Flash, Panel, calendar};
use super::{Line, Look, Room, line};
use crate::controller::Controller;

/// Alarms that are shown, the newest.
const ALARMS: usize = 3;

impl Panel {
    /// Bolt, latch and all else that the lock knows; nothing without power.
    pub(super) fn says(&self, room: Room) -> Vec<String> {
        let Some(lock) = self.power.lock() else { return vec!["no power".to_owned()] };
        let mut lines = of_itself(lock, self.party.unix_millis());
        if room == Room::Wide {
            let boots = lock.device().health(lock.uptime()).boots;
            let version = lock.status().configuration;
            lines.push(format!("boot      {} by {:?}, settings {version}", boots.count, boots.reason));
        }
        lines
    }

    /// What the owner heard and has not read.
    pub(super) fn alarms(&self) -> Line {
        let newest = self.party.alarms.iter().take(ALARMS);
        let told: Vec<_> = newest
            .map(|(alarm, at)| format!("{alarm:?} {} ago", age(self.party.now.since(*at) / 1_000)))
            .collect();
        if told.is_empty() {
            line("alarms    none", Look::Plain)
        } else {
            line(format!("alarms    {}", told.join(", ")), Look::Alarm)
        }
    }
}

fn of_itself(lock: &Controller<Flash>, unix_millis: u64) -> Vec<String> {
    let status = lock.status();
    let latch = if status.latch.value == LatchPosition::Unknown {
        "not sensed".to_owned()
    } else {
        let since = age(status.latch.age.0.into());
        format!("{:?}, {}, {since} ago", status.latch.value, by(status.latch.cause))
    };
    let clock = match status.clock {
        ClockFact::Unset => "not set".to_owned(),
        ClockFact::Floor => "lost; not earlier than it was".to_owned(),
        ClockFact::Trusted { error_ms } => format!("known to {error_ms} ms"),
    };
    let relock =
        status.relock_in.map_or_else(|| "no".to_owned(), |left| format!("in {}", age(left.0.into())));
    let lockout = match status.lockout.0 {
        0 => "no".to_owned(),
        left => format!("for {}", age(left.into())),
    };
    vec![
        format!("bolt      {}", bolt(&status)),
        format!("latch     {latch}"),
        format!("motor     {:?}, asked for {:?}", status.motion, status.target.value),
        format!("door      {:?}, fault {:?}", status.door.value, status.fault.value),
        format!("mode      {:?}, {}", status.mode.value, holiday(lock, unix_millis)),
        format!("battery   {}", battery(lock, &status)),
        format!("clock     {clock}"),
        format!("relock    {relock}, lockout {lockout}"),
    ]
}

fn bolt(status: &Status) -> String {
    let since = age(status.bolt.age.0.into());
    if status.bolt.value == BoltPosition::Unknown {
        format!("position unknown, {}, {since} ago", by(status.bolt.cause))
    } else {
        format!("{:?}, {}, {since} ago", status.bolt.value, by(status.bolt.cause))
    }
}

fn holiday(lock: &Controller<Flash>, unix_millis: u64) -> String {
    let ahead = |holiday: &Holiday| unix_millis < holiday.until.0;
    let first = lock.device().lock().configuration().holidays().find(ahead);
    first.map_or_else(
        || "no holiday".to_owned(),
        |holiday| {
            let until = holiday.until.0;
            format!("holiday to {}", calendar::minute(until))
        },
    )
}

fn battery(lock: &Controller<Flash>, status: &Status) -> String {
    let power = lock.device().health(lock.uptime()).power;
    let (level, supply) = (power.level, power.supply.supply);
    match status.battery {
        None => format!("not read; set as {supply:?}"),
        Some(battery) => {
            let percent = battery.percent.map_or_else(|| "?".to_owned(), |percent| percent.to_string());
            format!("{percent} %, {} mV, {level:?}; {supply:?}", battery.resting.0)
        }
    }
}

/// Who made a fact so, in few words.
fn by(cause: Cause) -> String {
    match cause {
        Cause::Credential { kind, slot, .. } => format!("by {kind:?} {slot}"),
        Cause::Manual => "by hand".to_owned(),
        Cause::OfflineCode { class, .. } => format!("by an offline code, {class:?}"),
        Cause::Unknown
        | Cause::Boot
        | Cause::RemoteLive
        | Cause::RemoteSealed
        | Cause::VirtualKey
        | Cause::AutoRelock
        | Cause::Mechanism
        | Cause::Button
        | Cause::Schedule
        | Cause::Battery
        | Cause::Reset => format!("by {cause:?}"),
    }
}

/// A time in the largest unit that tells it well.
fn age(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        172_800.. => format!("{} days", seconds / 86_400),
    }
}
