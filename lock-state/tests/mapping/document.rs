//! The tables in `docs/mapping.md`.
//!
//! `WRITE_DOCS=1 cargo test -p lock-state --test mapping tables` writes them.

use core::fmt::Debug;
use std::fmt::Write as _;

use lock_proto::{
    Alarm, BatteryLevel, BoltPosition, CredentialKind, CredentialRule, DoorState, Fault, LatchPosition, Mode,
    Motion, Outcome, Part, Reason, Seconds, Status, Target, UserStatus,
};
use lock_state::mapping::{home_assistant, matter, zwave};
use lock_state::power::Mains;

use crate::everything::{USER_KINDS, actions, at, cause_name, causes, fact, name, outcomes};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/mapping.md");

struct Table(String);

impl Table {
    fn new(heads: [&str; 3]) -> Self {
        Self(format!("| {} | {} | {} |\n| --- | --- | --- |\n", heads[0], heads[1], heads[2]))
    }

    fn row(&mut self, what: &str, ours: &str, theirs: &str) {
        writeln!(self.0, "| {what} | {ours} | {theirs} |").unwrap();
    }

    /// One row for each of theirs, with all of ours that lead there, in our order.
    fn grouped(&mut self, what: &str, pairs: impl IntoIterator<Item = (String, String)>) {
        let mut groups: Vec<(String, Vec<String>)> = Vec::new();
        for (ours, theirs) in pairs {
            match groups.iter_mut().find(|(known, _)| *known == theirs) {
                Some((_, members)) => members.push(ours),
                None => groups.push((theirs, vec![ours])),
            }
        }
        for (theirs, ours) in groups {
            self.row(what, &ours.join(", "), &theirs);
        }
    }
}

fn coded(code: impl Debug, number: u8) -> String {
    format!("{number} {code:?}")
}

fn or_none(code: Option<String>, none: &str) -> String {
    code.unwrap_or_else(|| none.to_owned())
}

/// States of a lock that differ somewhere.
fn statuses() -> Vec<(&'static str, Status)> {
    let withdrawn = at(BoltPosition::Retracted);
    let thrown = at(BoltPosition::Extended);
    vec![
        ("thrown, at rest, door closed", thrown),
        ("thrown, at rest, no door sensor", Status { door: fact(DoorState::Unknown), ..thrown }),
        ("thrown, at rest, door open", Status { door: fact(DoorState::Open), ..thrown }),
        ("withdrawn, latch engaged", withdrawn),
        ("withdrawn, thrown again later", Status { relock_in: Some(Seconds(30)), ..withdrawn }),
        ("withdrawn, latch sensed held", Status { latch: fact(LatchPosition::Held), ..withdrawn }),
        (
            "withdrawn, motor holds the latch, no latch sensor",
            Status { latch: fact(LatchPosition::Unknown), motion: Motion::HoldingLatch, ..withdrawn },
        ),
        ("withdrawn, motor pulls the latch", Status { motion: Motion::Unlatching, ..withdrawn }),
        ("half way, at rest", at(BoltPosition::Between)),
        ("half way, being thrown", Status { motion: Motion::Extending, ..at(BoltPosition::Between) }),
        ("half way, being withdrawn", Status { motion: Motion::Retracting, ..at(BoltPosition::Between) }),
        (
            "half way, waiting to be thrown again",
            Status { motion: Motion::Pausing, target: fact(Target::Locked), ..at(BoltPosition::Between) },
        ),
        ("half way, jammed", Status { fault: fact(Fault::Jammed), ..at(BoltPosition::Between) }),
        ("thrown, jammed", Status { fault: fact(Fault::Jammed), ..thrown }),
        ("withdrawn, jammed", Status { fault: fact(Fault::Jammed), ..withdrawn }),
        (
            "half way, motor ran out of time",
            Status { fault: fact(Fault::MotorTimeout), ..at(BoltPosition::Between) },
        ),
        ("thrown, clutch failed", Status { fault: fact(Fault::ClutchFailed), ..thrown }),
        ("thrown, bolt sensor failed", Status { fault: fact(Fault::BoltSensor), ..thrown }),
        ("position unknown", at(BoltPosition::Unknown)),
    ]
}

fn matter_table() -> String {
    let mut table = Table::new(["Matter", "ours", "theirs"]);
    for (what, status) in statuses() {
        let theirs = matter::lock_state(&status).map(|code| coded(code, code.number()));
        table.row("LockState", what, &or_none(theirs, "null"));
    }
    for ours in DoorState::ALL {
        let theirs = matter::door_state(ours).map(|code| coded(code, code.number()));
        table.row("DoorState", &name(&ours), &or_none(theirs, "null"));
    }
    for ours in Mode::ALL {
        let code = matter::operating_mode(ours);
        table.row("OperatingMode, both ways", &name(&ours), &coded(code, code.number()));
    }
    for ours in USER_KINDS {
        let theirs = matter::user_type(ours).map(|code| coded(code, code.number()));
        table.row("UserType, both ways", &name(&ours), &or_none(theirs, "none"));
    }
    for ours in [None, Some(UserStatus::Enabled), Some(UserStatus::Disabled)] {
        let code = matter::user_status_code(ours);
        let ours = or_none(ours.map(|status| name(&status)), "(vacant slot)");
        table.row("UserStatus, both ways", &ours, &coded(code, code.number()));
    }
    for ours in CredentialRule::ALL {
        let code = matter::credential_rule_code(ours);
        table.row("CredentialRule, both ways", &name(&ours), &coded(code, code.number()));
    }
    for ours in CredentialKind::ALL {
        let theirs = matter::credential_type(ours).map(|code| coded(code, code.number()));
        table.row("CredentialType, both ways", &name(&ours), &or_none(theirs, "none"));
    }
    table.grouped(
        "AlarmCode",
        Alarm::ALL.map(|ours| {
            let theirs = matter::alarm_code(ours).map(|code| coded(code, code.number()));
            (name(&ours), or_none(theirs, "none"))
        }),
    );
    table.grouped(
        "LockOperationType of an action",
        actions().map(|ours| {
            let theirs = matter::operation_type_of_action(&ours).map(|code| coded(code, code.number()));
            (name(&ours), or_none(theirs, "none"))
        }),
    );
    table.grouped(
        "LockOperationType of a user",
        USER_KINDS.map(|ours| {
            let theirs = matter::operation_type_of_user(ours).map(|code| coded(code, code.number()));
            (name(&ours), or_none(theirs, "none"))
        }),
    );
    table.grouped(
        "OperationSource",
        causes().into_iter().map(|ours| {
            let code = matter::operation_source(ours);
            (cause_name(ours), coded(code, code.number()))
        }),
    );
    table.grouped(
        "OperationError of a refusal",
        Reason::ALL.map(|ours| {
            let code = matter::operation_error(ours);
            (name(&ours), coded(code, code.number()))
        }),
    );
    let outcomes = outcomes().into_iter().filter(|outcome| !matches!(outcome, Outcome::Refused(_)));
    table.grouped(
        "OperationError of an outcome",
        outcomes.map(|ours| {
            let theirs = matter::outcome_error(ours).map(|code| coded(code, code.number()));
            (name(&ours), or_none(theirs, "none"))
        }),
    );
    table.grouped(
        "status code",
        Reason::ALL.map(|ours| {
            let code = matter::status_code(ours);
            (name(&ours), format!("{:#04x} {code:?}", code.number()))
        }),
    );
    for ours in BatteryLevel::ALL {
        let theirs = matter::bat_charge_level(ours).map(|code| coded(code, code.number()));
        table.row("BatChargeLevel", &name(&ours), &or_none(theirs, "none"));
    }
    table.0
}

fn home_assistant_table() -> String {
    let mut table = Table::new(["Home Assistant", "ours", "theirs"]);
    let on_off = |state: Option<home_assistant::BinaryState>| {
        format!("`{}`", state.map_or("unknown", home_assistant::BinaryState::as_str))
    };
    for (what, status) in statuses() {
        let theirs = home_assistant::lock_state(&status).map_or("unknown", |state| state.as_str());
        table.row("lock", what, &format!("`{theirs}`"));
    }
    table.grouped(
        "binary sensor, door",
        DoorState::ALL.map(|ours| (name(&ours), on_off(home_assistant::door(ours)))),
    );
    table.grouped(
        "binary sensor, battery",
        BatteryLevel::ALL.map(|ours| (name(&ours), on_off(home_assistant::battery(ours)))),
    );
    table.grouped(
        "binary sensor, tamper",
        Part::ALL.map(|ours| (name(&ours), on_off(home_assistant::tamper(ours)))),
    );
    table.grouped(
        "binary sensor, problem",
        Fault::ALL.map(|ours| {
            let status = Status { fault: fact(ours), ..at(BoltPosition::Extended) };
            (name(&ours), on_off(Some(home_assistant::problem(&status))))
        }),
    );
    table.0
}

fn zwave_table() -> String {
    let mut table = Table::new(["Z-Wave", "ours", "theirs"]);
    let notification = |told: Option<zwave::Notification>| {
        told.map_or("none".to_owned(), |told| format!("{:#04x} {:#04x} {told:?}", told.kind(), told.event()))
    };
    for (what, status) in statuses() {
        let mode = zwave::door_lock_mode(&status);
        table.row("Door Lock Mode", what, &format!("{:#04x} {mode:?}", mode.number()));
    }
    for mode in zwave::DoorLockMode::ALL {
        let action = zwave::action(mode, Seconds(60)).map(|action| name(&action));
        let theirs = format!("{:#04x} {mode:?}", mode.number());
        table.row("Door Lock Operation Set", &or_none(action, "none"), &theirs);
    }
    table.grouped(
        "Notification of an alarm",
        Alarm::ALL.map(|ours| (name(&ours), notification(zwave::alarm_notification(ours)))),
    );
    table.grouped(
        "Notification of the door",
        DoorState::ALL.map(|ours| (name(&ours), notification(zwave::door_notification(ours)))),
    );
    table.grouped(
        "Notification of the mains",
        [Mains::Absent, Mains::Present]
            .map(|ours| (name(&ours), notification(Some(zwave::mains_notification(ours))))),
    );
    table.grouped(
        "Notification of a lock that is done",
        causes().into_iter().map(|ours| {
            (cause_name(ours), notification(zwave::operation_notification(Target::Locked, ours)))
        }),
    );
    table.grouped(
        "Notification of an unlock that is done",
        causes().into_iter().map(|ours| {
            (cause_name(ours), notification(zwave::operation_notification(Target::Unlocked, ours)))
        }),
    );
    table.grouped(
        "Notification of a lock that did not come about",
        causes()
            .into_iter()
            .map(|ours| (cause_name(ours), notification(zwave::not_locked_notification(ours)))),
    );
    table.grouped(
        "Notification of a refusal",
        Reason::ALL.map(|ours| (name(&ours), notification(zwave::refusal_notification(ours)))),
    );
    table.0
}

/// `document` with `table` between its two marks.
fn with_table(document: &str, mark: &str, table: &str) -> String {
    let (begin, end) = (format!("<!-- {mark}: made by the test -->\n"), format!("<!-- {mark}: end -->\n"));
    let (head, rest) = document.split_once(&begin).expect("the begin of the table is marked");
    let (_, tail) = rest.split_once(&end).expect("the end of the table is marked");
    format!("{head}{begin}\n{table}\n{end}{tail}")
}

#[test]
fn the_tables_in_docs_mapping_are_what_the_code_says() {
    let document = std::fs::read_to_string(PATH).unwrap();
    let mut made = document.clone();
    for (mark, table) in
        [("matter", matter_table()), ("home-assistant", home_assistant_table()), ("z-wave", zwave_table())]
    {
        made = with_table(&made, mark, &table);
    }
    if std::env::var_os("WRITE_DOCS").is_some() {
        std::fs::write(PATH, &made).unwrap();
    }
    let now = std::fs::read_to_string(PATH).unwrap();
    assert!(now == made, "docs/mapping.md is not what the code says: write it with WRITE_DOCS=1");
}
