//! What happens to a lock: one function each.
#![allow(unsafe_code)]

use lock_core::crypto::Delivery;
use lock_core::device::{Input, InputError, LinkId, LogHeld, Presented};
use lock_core::proto::{
    BoltPosition, Celsius, CredentialKind, Dbm, LatchPosition, Millivolts, Mode, Part, PinDigits, Secret,
    TokenId, Uptime,
};
use lock_core::state::{
    DoorReading, InsideButton, Observation, PartKind, PowerReading, ResetButton, TamperContact, Voltage,
    Wish, power::Mains,
};

use super::Device;
use crate::words;
use crate::{Status, gate, object};

/// Gives an input to a device.
///
/// # Safety
/// As of [`object::started`].
unsafe fn take<'i>(
    device: *mut Device,
    now_ms: u64,
    input: impl FnOnce() -> Result<Input<'i>, Status>,
) -> Status {
    gate::status(|| {
        // SAFETY: as the caller vouches.
        let device = unsafe { object::started(device) }?;
        device.handle(input()?, Uptime::from_millis(now_ms)).map_err(|error| match error {
            InputError::Backlog => Status::Backlog,
            InputError::NoSuchLink => Status::NoSuchLink,
        })
    })
}

/// A link came up. What was on it before is gone. `delivery` is an `lk_delivery`: a property of the link, never the peer's word.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BAD_VALUE`,
/// `LK_STATUS_NO_SUCH_LINK`, `LK_STATUS_BACKLOG`.
///
/// # Safety
/// `device` must be valid for reads and writes, and be zeroed or started where it lies.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_device_link_up(
    device: *mut Device,
    link: u8,
    delivery: u8,
    now_ms: u64,
) -> Status {
    // SAFETY: as the caller vouches.
    unsafe {
        take(device, now_ms, || {
            let delivery = match delivery {
                by if by == words::Delivery::Ordered as u8 => Delivery::Ordered,
                by if by == words::Delivery::Datagram as u8 => Delivery::Datagram,
                _ => return Err(Status::BadValue),
            };
            Ok(Input::LinkUp { link: LinkId(link), delivery })
        })
    }
}

/// A link is gone.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_NO_SUCH_LINK`.
///
/// # Safety
/// `device` must be valid for reads and writes, and be zeroed or started where it lies.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_device_link_down(device: *mut Device, link: u8, now_ms: u64) -> Status {
    // SAFETY: as the caller vouches.
    unsafe { take(device, now_ms, || Ok(Input::LinkDown { link: LinkId(link) })) }
}

/// A whole packet came on a link, unframed and reassembled. It is decrypted in place, and wiped. Bytes that prove nothing change
/// nothing but counts: that is success, too.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BAD_LENGTH`,
/// `LK_STATUS_NO_SUCH_LINK`, `LK_STATUS_BACKLOG`; the packet is as it was then.
///
/// # Safety
/// `device` must be valid for reads and writes, and be zeroed or started where it lies; `packet` must be valid for reads and writes
/// of `packet_length` bytes outside it.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_device_receive(
    device: *mut Device,
    link: u8,
    packet: *mut u8,
    packet_length: usize,
    now_ms: u64,
) -> Status {
    // SAFETY: as the caller vouches.
    unsafe {
        take(device, now_ms, || {
            Ok(Input::Packet { link: LinkId(link), packet: gate::bytes_mut(packet, packet_length)? })
        })
    }
}

/// The bolt sensor's reading, an `lk_bolt`: give each change, and one after boot. Never what the motor was told: what is sensed.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BAD_VALUE`.
///
/// # Safety
/// `device` must be valid for reads and writes, and be zeroed or started where it lies.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_device_sense_bolt(device: *mut Device, bolt: u8, now_ms: u64) -> Status {
    // SAFETY: as the caller vouches.
    unsafe {
        take(device, now_ms, || BoltPosition::from_number(bolt).map(Input::Bolt).ok_or(Status::BadValue))
    }
}

/// The latch sensor's reading, an `lk_latch`: give each change, and one after boot.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BAD_VALUE`.
///
/// # Safety
/// `device` must be valid for reads and writes, and be zeroed or started where it lies.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_device_sense_latch(device: *mut Device, latch: u8, now_ms: u64) -> Status {
    // SAFETY: as the caller vouches.
    unsafe {
        take(device, now_ms, || LatchPosition::from_number(latch).map(Input::Latch).ok_or(Status::BadValue))
    }
}

/// The door sensor's reading, an `lk_door`: give each change, and one after boot.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BAD_VALUE`.
///
/// # Safety
/// `device` must be valid for reads and writes, and be zeroed or started where it lies.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_device_sense_door(device: *mut Device, door: u8, now_ms: u64) -> Status {
    // SAFETY: as the caller vouches.
    unsafe {
        take(device, now_ms, || {
            Ok(Input::Door(match door {
                by if by == words::Door::Silent as u8 => DoorReading::Silent,
                by if by == words::Door::Open as u8 => DoorReading::Open,
                by if by == words::Door::Closed as u8 => DoorReading::Closed,
                _ => return Err(Status::BadValue),
            }))
        })
    }
}

/// The motor driver saw a stall, and has stopped.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`.
///
/// # Safety
/// `device` must be valid for reads and writes, and be zeroed or started where it lies.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_device_sense_stall(device: *mut Device, now_ms: u64) -> Status {
    // SAFETY: as the caller vouches.
    unsafe { take(device, now_ms, || Ok(Input::MotorStalled)) }
}

/// A reading of the power supply.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Power {
    /// Over all cells, in millivolts.
    pub millivolts: u16,
    /// 1 for the lowest of a drive while the motor turned, not while it pushed against a stop; 0 for a reading at rest.
    pub under_load: u8,
    /// 1 where `celsius` was measured, else 0.
    pub has_temperature: u8,
    /// At the cells, in degrees Celsius.
    pub celsius: i8,
}

/// A reading of the power supply: give one at rest now and then, and the lowest of each drive.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BAD_VALUE` (neither 0 nor 1),
/// `LK_STATUS_BACKLOG`.
///
/// # Safety
/// `device` must be valid for reads and writes, and be zeroed or started where it lies; `power` must be valid for a read.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_device_sense_power(
    device: *mut Device,
    power: *const Power,
    now_ms: u64,
) -> Status {
    // SAFETY: as the caller vouches.
    unsafe {
        take(device, now_ms, || {
            let power = gate::input(power)?;
            let voltage = Millivolts(power.millivolts);
            Ok(Input::Power(PowerReading {
                voltage: if gate::flag(power.under_load)? {
                    Voltage::Loaded(voltage)
                } else {
                    Voltage::Resting(voltage)
                },
                temperature: gate::flag(power.has_temperature)?.then_some(Celsius(power.celsius)),
            }))
        })
    }
}

/// A code, token or finger was presented. `credential` is an `lk_credential`: of a keypad `LK_CREDENTIAL_PIN`. `secret` is what was
/// presented: 4 to 10 ASCII digits of a PIN, or nine of an offline code; else the identifier of 1 to 16 bytes. Erase it afterwards.
/// `wish` is an `lk_wish`. What comes of it is an output.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BAD_VALUE` (also a secret that is
/// none of its kind), `LK_STATUS_BACKLOG`.
///
/// # Safety
/// `device` must be valid for reads and writes, and be zeroed or started where it lies; `secret` must be valid for reads of
/// `secret_length` bytes.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_device_present(
    device: *mut Device,
    credential: u8,
    secret: *const u8,
    secret_length: usize,
    wish: u8,
    now_ms: u64,
) -> Status {
    // SAFETY: as the caller vouches.
    unsafe {
        take(device, now_ms, || {
            let kind = CredentialKind::from_number(credential).ok_or(Status::BadValue)?;
            let bytes = gate::bytes(secret, secret_length)?;
            let secret = if kind.is_pin() {
                PinDigits::from_ascii(bytes).ok().map(Secret::Pin)
            } else {
                TokenId::from_bytes(bytes).ok().map(Secret::Token)
            };
            let secret = secret.ok_or(Status::BadValue)?;
            Ok(Input::Presented(Presented { kind, secret, wish: wished(wish)? }))
        })
    }
}

/// The button outside was pressed: it locks.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BACKLOG`.
///
/// # Safety
/// `device` must be valid for reads and writes, and be zeroed or started where it lies.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_device_press_outside(device: *mut Device, now_ms: u64) -> Status {
    // SAFETY: as the caller vouches.
    unsafe { take(device, now_ms, || Ok(Input::OutsideButton)) }
}

/// The button inside was pressed; `button` is an `lk_button`.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BAD_VALUE`, `LK_STATUS_BACKLOG`.
///
/// # Safety
/// `device` must be valid for reads and writes, and be zeroed or started where it lies.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_device_press_inside(device: *mut Device, button: u8, now_ms: u64) -> Status {
    // SAFETY: as the caller vouches.
    unsafe {
        take(device, now_ms, || {
            Ok(Input::InsideButton(match button {
                by if by == words::Button::Lock as u8 => InsideButton::Lock,
                by if by == words::Button::Unlock as u8 => InsideButton::Unlock,
                by if by == words::Button::LockNGo as u8 => InsideButton::LockNGo,
                by if by == words::Button::PrivacyOn as u8 => InsideButton::PrivacyOn,
                by if by == words::Button::PrivacyOff as u8 => InsideButton::PrivacyOff,
                by if by == words::Button::SelfTest as u8 => InsideButton::SelfTest,
                _ => return Err(Status::BadValue),
            }))
        })
    }
}

/// The reset button inside was pressed (`is_down` 1) or released (0).
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BAD_VALUE`, `LK_STATUS_BACKLOG`.
///
/// # Safety
/// `device` must be valid for reads and writes, and be zeroed or started where it lies.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_device_press_reset(device: *mut Device, is_down: u8, now_ms: u64) -> Status {
    // SAFETY: as the caller vouches.
    unsafe {
        take(device, now_ms, || {
            let button = if gate::flag(is_down)? { ResetButton::Pressed } else { ResetButton::Released };
            Ok(Input::ResetButton(button))
        })
    }
}

/// What a firmware may know besides, for alarms and the health report: `what` is an `lk_observed`, `value` as it says there.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BAD_VALUE`, `LK_STATUS_BACKLOG`.
///
/// # Safety
/// `device` must be valid for reads and writes, and be zeroed or started where it lies.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_device_observe(device: *mut Device, what: u8, value: i32, now_ms: u64) -> Status {
    // SAFETY: as the caller vouches.
    unsafe { take(device, now_ms, || observation(what, value).map(Input::Observed)) }
}

/// What the log's flash holds, whenever something was given up or freed there: the index of the oldest entry that can be read, the one
/// behind the last that was acknowledged, and how many typical entries it holds. Without a log it says nothing.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`.
///
/// # Safety
/// `device` must be valid for reads and writes, and be zeroed or started where it lies.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_device_log_held(
    device: *mut Device,
    first: u64,
    acknowledged: u64,
    capacity: u32,
    now_ms: u64,
) -> Status {
    // SAFETY: as the caller vouches.
    unsafe { take(device, now_ms, || Ok(Input::LogHeld(LogHeld { first, acknowledged, capacity }))) }
}

/// Fresh random bytes, 32 of them; give some when the source has them.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`.
///
/// # Safety
/// `device` must be valid for reads and writes, and be zeroed or started where it lies; `entropy` must be valid for reads of 32 bytes.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_device_stir(device: *mut Device, entropy: *const u8, now_ms: u64) -> Status {
    // SAFETY: as the caller vouches.
    unsafe { take(device, now_ms, || Ok(Input::Entropy(gate::array(entropy)?))) }
}

/// Time passed: the moment that `lk_device_timeout` said has come.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`.
///
/// # Safety
/// `device` must be valid for reads and writes, and be zeroed or started where it lies.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_device_tick(device: *mut Device, now_ms: u64) -> Status {
    // SAFETY: as the caller vouches.
    unsafe { take(device, now_ms, || Ok(Input::Tick)) }
}

fn wished(number: u8) -> Result<Wish, Status> {
    Ok(match number {
        by if by == words::Wish::Open as u8 => Wish::Open,
        by if by == words::Wish::Unlock as u8 => Wish::Unlock,
        by if by == words::Wish::Lock as u8 => Wish::Lock,
        by if by == words::Wish::LockNGo as u8 => Wish::LockNGo,
        _ => {
            let mode = number.checked_sub(words::Wish::ModeNormal as u8).and_then(Mode::from_number);
            Wish::SetMode(mode.ok_or(Status::BadValue)?)
        }
    })
}

fn observation(what: u8, value: i32) -> Result<Observation, Status> {
    let bad = Status::BadValue;
    let is_set = || u8::try_from(value).map_err(|_| bad).and_then(gate::flag);
    let part = |kind| {
        let part = u8::try_from(value).ok().and_then(Part::from_number).ok_or(bad)?;
        Ok(Observation::Part(kind, part))
    };
    match what {
        by if by == words::Observed::Signal as u8 => {
            i8::try_from(value).map(|dbm| Observation::Signal(Dbm(dbm))).map_err(|_| bad)
        }
        by if by == words::Observed::RadioReset as u8 => Ok(Observation::RadioReset),
        by if by == words::Observed::CoverOff as u8 => Ok(Observation::Tamper(match is_set()? {
            true => TamperContact::Open,
            false => TamperContact::Closed,
        })),
        by if by == words::Observed::Mains as u8 => Ok(Observation::Mains(match is_set()? {
            true => Mains::Present,
            false => Mains::Absent,
        })),
        by if by == words::Observed::KeypadBattery as u8 => u16::try_from(value)
            .map(|voltage| Observation::KeypadBattery(Millivolts(voltage)))
            .map_err(|_| bad),
        by if by == words::Observed::Accelerometer as u8 => part(PartKind::Accelerometer),
        by if by == words::Observed::Keypad as u8 => part(PartKind::Keypad),
        by if by == words::Observed::Light as u8 => part(PartKind::Light),
        by if by == words::Observed::Buzzer as u8 => part(PartKind::Buzzer),
        _ => Err(bad),
    }
}
