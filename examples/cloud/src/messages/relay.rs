//! The text messages on the relay socket, `GET /v1/locks/{id}/relay`, subprotocol `lk1.relay`. Binary messages are packets.
//!
//! ```text
//! phone                              cloud
//!   | --- Hello (binary) ------------> |   whenever the lock says one
//!   | --- do unlock (text) ----------> |   rights are checked, then an id is taken
//!   | <-- Message1 (binary) ---------- |
//!   | --- Message2 (binary) ---------> |   the core checks it, not the phone
//!   | <-- result (text) -------------- |
//!   | --- Record (binary) -----------> |
//!   | <-- event finished (text) ------ |
//!   | <-- need_hello (text) ---------- |   the Hello was used or is old: the phone asks the lock for another
//! ```

use lock_proto::{Alarm, Health, Status};
use serde::{Deserialize, Serialize};

use super::{ClaimStep, OutcomeView, RestoreMade};

/// The WebSocket subprotocol (section 2.3).
pub const SUBPROTOCOL: &str = "lk1.relay";

/// The longest message on the socket, in bytes.
pub const MAX_MESSAGE: usize = 8_192;

/// What a phone says in text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum FromPhone {
    /// Do this; needs the right of that name.
    Do {
        /// What.
        action: Doing,
        /// Chosen by the phone for a motion or a release: the same token is the same command, however often it is sent. Drawn by the cloud when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client_token: Option<String>,
        /// For `restore`: the lock that this one replaces, 32 hex digits, when it is another.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<String>,
    },
}

/// What can be done over a relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doing {
    /// Withdraw the bolt.
    Unlock,
    /// Throw the bolt.
    Lock,
    /// Ask for the status once.
    Status,
    /// Ask for the health report once, and what it says is probably wrong.
    Health,
    /// Compare what the lock has of its configuration with what is wanted.
    Compare,
    /// Bring the rotation of the lock's keys that was asked for to its end.
    Rotate,
    /// Ask for the status, then tell each change.
    Watch,
    /// Hand the waiting sealed messages to the lock and wait for their receipts.
    Deliver,
    /// Read what the lock keeps of its codes, and store it as a backup.
    Backup,
    /// Give the lock the key of the newest backup, and queue what it lacks, codes and all.
    Restore,
    /// Bring the lock the firmware that is wanted of it.
    Update,
    /// Fetch the lock's log, verify it, keep it, and have the lock free it.
    Log,
    /// End the ownership of the lock: it forgets all that it was told, and whoever has its label may claim it.
    Release,
}

impl Doing {
    /// The name in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unlock => "unlock",
            Self::Lock => "lock",
            Self::Status => "status",
            Self::Health => "health",
            Self::Compare => "compare",
            Self::Rotate => "rotate",
            Self::Watch => "watch",
            Self::Deliver => "deliver",
            Self::Backup => "backup",
            Self::Restore => "restore",
            Self::Update => "update",
            Self::Log => "log",
            Self::Release => "release",
        }
    }
}

/// What the cloud says in text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToPhone {
    /// The cloud waits for a Hello that has not been used: ask the lock for one.
    NeedHello,
    /// What became of a command so far.
    Result {
        /// Its number.
        command_id: u64,
        /// Whether the lock or the cloud had it before, so that nothing moved this time.
        repeat: bool,
        /// What became of it: `Started` is followed by a finished event.
        #[serde(flatten)]
        outcome: OutcomeView,
    },
    /// The answer to `status` and `watch`.
    Status {
        /// For people.
        sentence: String,
        /// What the lock said.
        status: Status,
    },
    /// The answer to `health`.
    Health {
        /// What is probably wrong, for people.
        sentence: String,
        /// What the lock said; what to make of it, and what to ask people, is in `lock-diagnosis`.
        report: Box<Health>,
    },
    /// The answer to `compare`; `GET /v1/locks/{id}/items` has the list.
    Compared {
        /// How many items are not as wanted.
        differing: usize,
        /// For people.
        sentence: String,
    },
    /// The answer to `backup`.
    BackedUp {
        /// The number of the backup.
        number: u32,
        /// How many codes and tokens are in it.
        credentials: u16,
        /// For people.
        sentence: String,
    },
    /// The answer to `log`; `GET /v1/locks/{id}/log` has it.
    LogFetched {
        /// How many entries the cloud had not before.
        entries: usize,
        /// How many faults were ever found in it.
        faults: usize,
        /// For people.
        sentence: String,
    },
    /// The answer to `restore`: what waits for the lock now. `deliver` brings it.
    Restored(RestoreMade),
    /// The answer to `rotate`: the rotation is over. `GET /v1/locks/{id}/rotation` has the virtual keys to issue again.
    Rotated {
        /// The key epoch in force.
        key_epoch: u32,
        /// How many virtual keys died with an earlier one and would still count.
        to_reissue: usize,
        /// For people.
        sentence: String,
    },
    /// The lock said something unasked.
    Event(EventView),
    /// So many sealed messages follow.
    Delivering {
        /// How many.
        count: usize,
    },
    /// The lock has given a receipt for a queued command.
    Receipt {
        /// The command.
        command_id: u64,
        /// What became of it.
        #[serde(flatten)]
        outcome: OutcomeView,
    },
    /// A delivery has ended.
    Delivered {
        /// How many messages were handed out.
        count: usize,
        /// For how many of them a receipt came.
        receipts: usize,
        /// For people.
        sentence: String,
    },
    /// A firmware update has come further.
    Updating {
        /// The version that is to run.
        version: u32,
        /// How many bytes the lock has.
        received: u32,
        /// How many there are.
        size: u32,
        /// For people.
        sentence: String,
    },
    /// The end of `update`: the lock runs the version, or holds it and waits for its install.
    Updated {
        /// The version.
        version: u32,
        /// For people.
        sentence: String,
    },
    /// How far a claim is.
    Claiming {
        /// Which step.
        step: ClaimStep,
        /// For people.
        sentence: String,
    },
    /// The end of a claim: the lock has proven that it is this cloud's, and whoever asked has all rights on it.
    Claimed {
        /// For people.
        sentence: String,
    },
    /// What was asked is not done.
    Error {
        /// Why, and what to do.
        sentence: String,
    },
}

/// Something that the lock said unasked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum EventView {
    /// A fact changed.
    Status {
        /// For people.
        sentence: String,
        /// All facts.
        status: Status,
    },
    /// A command that had started has ended.
    Finished {
        /// The command.
        command_id: u64,
        /// How.
        #[serde(flatten)]
        outcome: OutcomeView,
    },
    /// People should hear about this.
    Alarm {
        /// Which.
        alarm: Alarm,
        /// For people.
        sentence: String,
    },
}

/// What an alarm means, for people.
#[must_use]
pub const fn alarm_sentence(alarm: Alarm) -> &'static str {
    match alarm {
        Alarm::Jammed => "the bolt is jammed; press the door and try again",
        Alarm::WrongCodeLimit => "too many wrong codes were typed; somebody may be guessing",
        Alarm::Forced => "the bolt left its strike and nobody asked for it; look at the door",
        Alarm::BatteryLow => "the battery is low; replace it",
        Alarm::StorageCorrupt => {
            "stored keys or counters are damaged; remote access is off until somebody rotates the keys at the door"
        }
        Alarm::DoorAjar => "the door has been open for long; close it",
        Alarm::Tamper => "the cover of the lock came off; look at the door",
        Alarm::Duress => "a duress code was used; somebody at the door may need help",
        Alarm::FactoryReset => "the lock was reset to how it was made",
        Alarm::RadioReset => "the radio of the lock was reset",
        Alarm::BatteryCritical => "the battery may not move the bolt once more; replace it now",
        Alarm::BatteryDrain => "the battery empties much faster than before; look what runs at the lock",
        Alarm::ClockLost => {
            "the lock no longer knows the time; connect to it once, or timed access stays refused"
        }
        Alarm::LogNearlyFull => "the log of the lock is nearly full; fetch it",
        Alarm::ClutchFailed => "the motor turns and the bolt does not; use the key and call for service",
        Alarm::SensorFault => {
            "a sensor of the lock is silent or contradicts itself; do not rely on what it says"
        }
        Alarm::UpdateFailed => "new firmware did not arrive whole; the lock works on, offer it again",
        Alarm::UpdateRolledBack => "new firmware did not prove itself; the lock works on with the one before",
    }
}

#[cfg(test)]
mod tests {
    use lock_proto::{DriveEnd, DriveRecord, Outcome, Reason, Seconds, Target, Travel, UnixMillis};

    use super::*;
    use crate::messages::{Candour, Ending};

    #[test]
    fn each_message_is_one_flat_object_with_its_type() {
        let outcome = OutcomeView::new(Outcome::Refused(Reason::Expired), Candour::Full);
        let text =
            serde_json::to_value(ToPhone::Result { command_id: 7, repeat: false, outcome: outcome.clone() })
                .unwrap();
        assert_eq!(text["type"], "result");
        assert_eq!(text["outcome"], "Refused");
        assert_eq!(text["reason"], "Expired");
        assert!(text["sentence"].as_str().unwrap().contains("too late"));
        let finished = ToPhone::Event(EventView::Finished { command_id: 7, outcome });
        let text = serde_json::to_value(&finished).unwrap();
        assert_eq!((&text["type"], &text["event"]), (&"event".into(), &"finished".into()));
        assert_eq!(serde_json::from_value::<ToPhone>(text).unwrap(), finished);
    }

    #[test]
    fn a_status_survives_the_journey() {
        let said = ToPhone::Event(EventView::Status { sentence: "x".into(), status: Status::default() });
        assert_eq!(serde_json::from_str::<ToPhone>(&serde_json::to_string(&said).unwrap()).unwrap(), said);
    }

    #[test]
    fn who_may_not_see_the_status_learns_that_it_was_refused_and_not_why() {
        let view = OutcomeView::new(Outcome::Refused(Reason::LockedOut), Candour::Coarse);
        assert_eq!((view.outcome, view.reason), (Ending::Refused, None));
        assert!(!serde_json::to_string(&view).unwrap().contains("codes"));
    }

    #[test]
    fn a_request_with_a_misspelt_field_is_refused() {
        let good = r#"{"type":"do","action":"unlock","client_token":"a"}"#;
        assert!(serde_json::from_str::<FromPhone>(good).is_ok());
        assert!(serde_json::from_str::<FromPhone>(&good.replace("client_token", "client_tokken")).is_err());
        assert!(serde_json::from_str::<FromPhone>(&good.replace("unlock", "toggle")).is_err());
    }

    #[test]
    fn the_longest_health_report_is_one_message() {
        let drive = DriveRecord {
            goal: Target::Unlatched,
            end: DriveEnd::Superseded,
            duration_ms: 65_535,
            attempts: 255,
        };
        let mut report = Health { uptime: Seconds(u32::MAX), refusals: [u16::MAX; 8], ..Health::default() };
        report.motor.last = [Some(drive); 4];
        report.motor.learned = Some(Travel { extend_ms: 65_535, retract_ms: 65_535 });
        report.power.replaced_at = Some(UnixMillis(u64::MAX));
        // What else varies is a number or a name that is at most so much longer than in the report of a new lock.
        let slack = 60 * 20;
        let said = ToPhone::Health { sentence: "x".repeat(200), report: Box::new(report) };
        let length = serde_json::to_string(&said).unwrap().len();
        assert!(length + slack < MAX_MESSAGE, "{length}");
    }
}
