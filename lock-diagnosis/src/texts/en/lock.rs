//! What a lock says of itself.

use lock_proto::{BatteryLevel, BoltPosition, BootReason, DoorState, Fault, Mode, Supply, UpdateState};

use crate::capture::Mishap;

pub(super) const fn mishap(mishap: Mishap) -> &'static str {
    match mishap {
        Mishap::Fault => "fault",
        Mishap::Update => "update",
        Mishap::Boot => "last start",
        Mishap::Stalls => "stalls of the motor",
        Mishap::Timeouts => "drives of the motor that ran out of time",
        Mishap::BrownOuts => "restarts because the voltage broke down",
        Mishap::Watchdogs => "restarts because the lock hung",
        Mishap::LinkDrops => "connections lost",
        Mishap::BadPackets => "messages that made no sense",
        Mishap::WrongCode => "wrong codes",
        Mishap::LockedOut => "refused while locked out",
        Mishap::User => "refused because of the user",
        Mishap::Schedule => "refused outside the hours",
        Mishap::Mode => "refused because of the mode",
        Mishap::Clock => "refused because the time was not known",
        Mishap::Mechanism => "refused because of door, bolt or battery",
        Mishap::Rights => "refused for want of rights",
    }
}

pub(super) const fn fault(fault: Fault) -> &'static str {
    match fault {
        Fault::None => "none",
        Fault::Jammed => "the bolt is jammed",
        Fault::MotorTimeout => "the bolt did not arrive in time",
        Fault::ClutchFailed => "the motor turns and the bolt stays",
        Fault::BoltSensor => "the bolt's sensor fails",
    }
}

pub(super) const fn update(update: UpdateState) -> &'static str {
    match update {
        UpdateState::None => "none",
        UpdateState::Receiving => "being received",
        UpdateState::Ready => "received, and not started",
        UpdateState::Trial => "started, and not confirmed",
        UpdateState::Failed => "arrived damaged or not whole",
        UpdateState::RolledBack => "failed, and was undone",
    }
}

pub(super) const fn boot(reason: BootReason) -> &'static str {
    match reason {
        BootReason::Unknown => "for a reason that is not known",
        BootReason::PowerOn => "because power came",
        BootReason::BrownOut => "because the voltage broke down",
        BootReason::Watchdog => "because the lock hung",
        BootReason::Software => "because the firmware asked for it",
        BootReason::Update => "for an update",
        BootReason::ResetPin => "because of the reset button",
    }
}

pub(super) const fn supply(supply: Supply) -> &'static str {
    match supply {
        Supply::Alkaline => "alkaline",
        Supply::Lithium => "lithium",
        Supply::NiMh => "nickel metal hydride, rechargeable",
        Supply::Mains => "the mains",
    }
}

pub(super) const fn level(level: BatteryLevel) -> &'static str {
    match level {
        BatteryLevel::Unknown => "not read",
        BatteryLevel::Good => "good",
        BatteryLevel::Low => "low",
        BatteryLevel::Critical => "nearly empty",
    }
}

pub(super) const fn bolt(bolt: BoltPosition) -> &'static str {
    match bolt {
        BoltPosition::Unknown => "not sensed",
        BoltPosition::Extended => "thrown",
        BoltPosition::Retracted => "withdrawn",
        BoltPosition::Between => "between its ends",
    }
}

pub(super) const fn door(door: DoorState) -> &'static str {
    match door {
        DoorState::Unknown => "not sensed",
        DoorState::Open => "open",
        DoorState::Closed => "closed",
        DoorState::Ajar => "open too long",
        DoorState::Forced => "forced open",
        DoorState::Faulty => "contradicts itself",
    }
}

pub(super) const fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Normal => "normal",
        Mode::Vacation => "vacation",
        Mode::Privacy => "privacy",
        Mode::NoRemote => "no orders from afar",
        Mode::Passage => "the door is free for everybody",
    }
}
