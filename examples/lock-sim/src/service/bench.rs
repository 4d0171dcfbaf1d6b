//! The test bench: hands on the door, the thumb-turn and the keypad, a look at what is really so, and a finger on the power.
//!
//! Each line is one JSON object with one key; each is answered by one line.
//!
//! | request | what happens |
//! | --- | --- |
//! | `{"door":"open"}`, `"closed"` | the door moves, unless the bolt is in the way |
//! | `{"turn":"locked"}`, `"unlocked"` | a hand turns the thumb-turn |
//! | `{"jam":true}`, `false` | the strike is misaligned, or put right |
//! | `{"sensor":"broken"}`, `"whole"` | the wires of the bolt's switches |
//! | `{"code":"123456"}` | somebody enters a code |
//! | `{"lock_button":true}` | somebody presses the button that locks |
//! | `{"inside":"unlock"}`, `"lock"`, `"lock_n_go"`, `"privacy_on"`, `"privacy_off"`, `"self_test"` | somebody presses a button inside |
//! | `{"reset":"pressed"}`, `"released"` | the reset button inside |
//! | `{"battery_mv":4400}` | other cells are put in |
//! | `{"celsius":-15}` | it becomes so warm or cold |
//! | `{"clutch":"slipping"}`, `"whole"` | the clutch between motor and bolt |
//! | `{"cover":"open"}`, `"closed"` | the cover of the lock |
//! | `{"radio":"reset"}` | the radio starts anew: every link is gone |
//! | `{"hold":3}`, `{"hold":"before motor"}` | the run loop stops at the third boundary from now, or at the next of that name; `{"held":NAME}` follows when it is there. It never goes on: kill the process, that is the power cut |
//! | `{"look":true}` | the physical truth, and under `says` what the lock says |

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::thread;
use std::time::Duration;

use lock_core::proto::{Celsius, ClockFact, FirmwareHealth, Millivolts, PinDigits, Status};
use lock_core::state::{InsideButton, Observation, ResetButton, TamperContact};
use serde::Deserialize;
use serde_json::{Value, json};

use super::event_loop::Event;
use super::log::snake;
use crate::hardware::{Door, Gearing, Press, Side, Strike, Wiring, World};

/// No request is longer, in bytes.
const MAX_LINE: u64 = 1_024;
const WRITE_LIMIT: Duration = Duration::from_millis(200);

/// One line of the bench.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Request {
    Door(Door),
    Turn(Turn),
    Jam(bool),
    Sensor(Wiring),
    Code(String),
    LockButton(Pressed),
    Inside(Inside),
    Reset(Held),
    BatteryMv(u16),
    Celsius(i8),
    Clutch(Gearing),
    Cover(Cover),
    Radio(Radio),
    Hold(Hold),
    Look(Pressed),
}

/// Where a hand turns the thumb-turn.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Turn {
    Locked,
    Unlocked,
}

/// A button inside.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Inside {
    Lock,
    Unlock,
    LockNGo,
    PrivacyOn,
    PrivacyOff,
    SelfTest,
}

impl From<Inside> for InsideButton {
    fn from(button: Inside) -> Self {
        match button {
            Inside::Lock => Self::Lock,
            Inside::Unlock => Self::Unlock,
            Inside::LockNGo => Self::LockNGo,
            Inside::PrivacyOn => Self::PrivacyOn,
            Inside::PrivacyOff => Self::PrivacyOff,
            Inside::SelfTest => Self::SelfTest,
        }
    }
}

/// What a finger does with a button that is held.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Held {
    Pressed,
    Released,
}

/// The cover of the lock.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Cover {
    Open,
    Closed,
}

/// What happens to the radio.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Radio {
    Reset,
}

/// Where the run loop is to stop.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(super) enum Hold {
    /// At the n-th boundary from now, from 1.
    After(u64),
    /// At the next boundary of this name.
    At(String),
}

/// `true`: there is nothing else to say about a press.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "bool")]
pub(super) struct Pressed;

impl TryFrom<bool> for Pressed {
    type Error = &'static str;

    fn try_from(value: bool) -> Result<Self, Self::Error> {
        if value { Ok(Self) } else { Err("only true makes sense here") }
    }
}

/// The way back to who asked.
#[derive(Clone, Debug)]
pub(super) struct Asker(Arc<TcpStream>);

impl Asker {
    /// Writes one line. A bench that does not read misses it.
    pub(super) fn answer(&self, answer: &Value) {
        let _ = (&*self.0).write_all(format!("{answer}\n").as_bytes());
    }
}

/// Serves each connection on a thread of its own, until the event loop ends.
pub(super) fn accept(listener: &TcpListener, events: &SyncSender<Event>) {
    for stream in listener.incoming() {
        let Ok(stream) = stream else { continue };
        let events = events.clone();
        // Where there is no thread the connection closes.
        let _ = thread::Builder::new().name("bench".into()).spawn(move || read(stream, &events));
    }
}

fn read(stream: TcpStream, events: &SyncSender<Event>) {
    let Ok(()) = stream.set_nodelay(true).and_then(|()| stream.set_write_timeout(Some(WRITE_LIMIT))) else {
        return;
    };
    let asker = Asker(Arc::new(stream));
    let mut lines = BufReader::new(&*asker.0);
    loop {
        let mut line = String::new();
        match (&mut lines).take(MAX_LINE).read_line(&mut line) {
            Ok(1..) if line.ends_with('\n') => {}
            Ok(_) | Err(_) => return,
        }
        match serde_json::from_str(&line) {
            Ok(request) => {
                if events.send(Event::Bench { request, asker: asker.clone() }).is_err() {
                    return;
                }
            }
            Err(error) => asker.answer(&refusal(format!("not a request of the test bench: {error}"))),
        }
    }
}

pub(super) fn refusal(why: impl std::fmt::Display) -> Value {
    json!({ "error": why.to_string() })
}

/// Does what a hand can do; what is sensed of it follows with time.
pub(super) fn touch(world: &mut World, request: Request) -> Value {
    let done = match request {
        Request::Door(door) => world.move_door(door).map_err(|error| error.to_string()),
        Request::Turn(Turn::Locked) => world.turn(Side::Thrown).map_err(|error| error.to_string()),
        Request::Turn(Turn::Unlocked) => world.turn(Side::Withdrawn).map_err(|error| error.to_string()),
        Request::Jam(true) => {
            world.set_strike(Strike::Misaligned);
            Ok(())
        }
        Request::Jam(false) => {
            world.set_strike(Strike::Aligned);
            Ok(())
        }
        Request::Sensor(wiring) => {
            world.set_wiring(wiring);
            Ok(())
        }
        Request::Code(digits) => PinDigits::from_ascii(digits.as_bytes())
            .map(|digits| world.press(Press::Code(digits)))
            .map_err(|error| error.to_string()),
        Request::LockButton(Pressed) => {
            world.press(Press::LockButton);
            Ok(())
        }
        Request::Inside(button) => {
            world.press(Press::Inside(button.into()));
            Ok(())
        }
        Request::Reset(held) => {
            world.press(Press::Reset(match held {
                Held::Pressed => ResetButton::Pressed,
                Held::Released => ResetButton::Released,
            }));
            Ok(())
        }
        Request::Celsius(degrees) => {
            world.set_temperature(Celsius(degrees));
            Ok(())
        }
        Request::Clutch(gearing) => {
            world.set_gearing(gearing);
            Ok(())
        }
        Request::Cover(cover) => {
            world.observe(Observation::Tamper(match cover {
                Cover::Open => TamperContact::Open,
                Cover::Closed => TamperContact::Closed,
            }));
            Ok(())
        }
        Request::BatteryMv(resting) => {
            world.replace_battery(Millivolts(resting));
            Ok(())
        }
        Request::Radio(Radio::Reset) => {
            world.observe(Observation::RadioReset);
            Ok(())
        }
        Request::Hold(_) | Request::Look(_) => Err("nothing that a hand can do".to_owned()),
    };
    done.map_or_else(refusal, |()| json!({ "ok": true }))
}

/// What is so, and what the lock says.
pub(super) fn look(world: &World, status: &Status, firmware: FirmwareHealth) -> Value {
    let truth = world.truth();
    json!({
        "bolt": snake(truth.bolt),
        "bolt_micrometres": truth.bolt_micrometres,
        "door": truth.door,
        "motor_running": truth.motor_runs_now,
        "motor_runs": truth.motor_runs,
        "battery_mv": world.battery_sensor().0,
        "says": {
            "locked": status.is_locked(),
            "bolt": snake(status.bolt.value),
            "motion": snake(status.motion),
            "door": snake(status.door.value),
            "fault": snake(status.fault.value),
            "mode": snake(status.mode.value),
            "clock": match status.clock {
                ClockFact::Unset => "unset",
                ClockFact::Floor => "floor",
                ClockFact::Trusted { .. } => "trusted",
            },
            "lockout_s": status.lockout.0,
            "battery_percent": status.battery.and_then(|battery| battery.percent),
            "configuration": status.configuration,
            "firmware": firmware.version,
            "update": snake(firmware.update),
        },
    })
}
