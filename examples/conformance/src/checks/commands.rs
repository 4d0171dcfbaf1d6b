//! Section 6: at most once, and refusals by name.

use lock_core::proto::{Action, CommandId, Outcome, Query, Reason, Reply, Request, Seconds, Setting};

use crate::check::{Check, Pace, Seen, Stop, applies, ensure};
use crate::lab::{Lab, Live};

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "commands/in-the-first-message",
        section: "4.5, 6",
        rule: "A command in Message1 is begun at once: Message2 says Started or Done, its id is in the marks, and its end is told.",
        look_at: "the id is durable before the motor moves and before the answer leaves",
        pace: Pace::Short,
        run: first_message,
    },
    Check {
        name: "commands/same-id-again",
        section: "6",
        rule: "A command whose id was begun is answered as a repeat with what became of it, and nothing moves.",
        look_at: "the ledger: ids, digests and outcomes of the last commands",
        pace: Pace::Short,
        run: same_id,
    },
    Check {
        name: "commands/same-id-another-action",
        section: "6",
        rule: "The id of a command that was begun with another action is refused with IdConflict, and nothing moves.",
        look_at: "the digest of the action, beside its id",
        pace: Pace::Short,
        run: conflict,
    },
    Check {
        name: "commands/ids-far-away",
        section: "6",
        rule: "An id more than 2^20 above the highest is refused with IdTooFar and not burned; one below the map, or begun and no longer kept, with OutcomeUnknown.",
        look_at: "the bounds of the ledger",
        pace: Pace::Short,
        run: far,
    },
    Check {
        name: "commands/refusals-burn-nothing",
        section: "6, 8",
        rule: "What is refused keeps its id free: the same id runs when the reason is gone.",
        look_at: "the decision comes before the ledger is written",
        pace: Pace::Short,
        run: refusals,
    },
    Check {
        name: "commands/configuration",
        section: "6, 7.1",
        rule: "A setting is in force when it is Done; an older version is StaleConfiguration, a value out of range InvalidArgument, a slot beyond the table NoSuchSlot.",
        look_at: "version in force, bounds of the settings",
        pace: Pace::Short,
        run: configuration,
    },
    Check {
        name: "commands/digest-of-the-items",
        section: "6.1",
        rule: "The digest changes with each item, is the same after the same question, and is that of the items which the lock names.",
        look_at: "order of tables and slots, and which items count",
        pace: Pace::Short,
        run: digest,
    },
    Check {
        name: "commands/session-needed",
        section: "3.7, 4.4",
        rule: "PrepareRotation in a Message1 is refused with SessionNeeded, and its id stays free.",
        look_at: "what may never stand in a first message",
        pace: Pace::Short,
        run: session_needed,
    },
    Check {
        name: "commands/latch",
        section: "7.1",
        rule: "A lock whose motor reaches no latch refuses Unlatch with NoLatch.",
        look_at: "the setting Mechanics",
        pace: Pace::Short,
        run: latch,
    },
];

fn first_message(lab: &mut Lab) -> Seen {
    let mut live = lab.live()?;
    lab.bring(&mut live, &Action::Lock)?;
    drop(live);
    let id = lab.cloud.command();
    let (mut live, answer) = lab.open(&Request::Command { id, action: Action::Unlock })?;
    let Reply::Command { id: told, outcome, repeat } = answer.reply else {
        return Err(Stop::Failed(format!("a command in Message1 is answered by {:?}", answer.reply)));
    };
    ensure(told == id && !repeat && matches!(outcome, Outcome::Started | Outcome::Done), || {
        format!("an honest Unlock is answered by {outcome:?}, repeat {repeat}")
    })?;
    ensure(answer.marks.command == id, || {
        format!("Message2 says {:?} after command {}", answer.marks, id.0)
    })?;
    let outcome = if outcome == Outcome::Started { lab.outcome(&mut live, id)? } else { outcome };
    ensure(outcome == Outcome::Done, || format!("it ends with {outcome:?}"))?;
    let reply = lab.ask(&mut live, &Request::Query(Query::Command(id)))?;
    ensure(matches!(reply, Reply::Command { outcome: Outcome::Done, .. }), || {
        format!("asked for it, the lock says {reply:?}")
    })?;
    Ok("Started, and Done at its end".to_owned())
}

fn unlocked_then_locked(lab: &mut Lab) -> Result<(Live, CommandId), Stop> {
    let mut live = lab.live()?;
    lab.rest(&mut live)?;
    lab.bring(&mut live, &Action::Lock)?;
    let (id, outcome) = lab.carry_out(&mut live, Action::Unlock)?;
    ensure(outcome == Outcome::Done, || format!("an honest Unlock ends with {outcome:?}"))?;
    lab.rest(&mut live)?;
    lab.bring(&mut live, &Action::Lock)?;
    Ok((live, id))
}

fn same_id(lab: &mut Lab) -> Seen {
    let (mut live, id) = unlocked_then_locked(lab)?;
    let before = lab.signs(&mut live)?;
    let (outcome, repeat) = lab.order(&mut live, id, Action::Unlock)?;
    ensure(repeat && outcome == Outcome::Done, || format!("answered by {outcome:?}, repeat {repeat}"))?;
    let after = lab.signs(&mut live)?;
    ensure(before == after, || format!("command {} ran twice: {before:?} became {after:?}", id.0))?;
    drop(live);
    let (mut live, answer) = lab.open(&Request::Command { id, action: Action::Unlock })?;
    ensure(matches!(answer.reply, Reply::Command { outcome: Outcome::Done, repeat: true, .. }), || {
        format!("in a Message1 it is answered by {:?}", answer.reply)
    })?;
    let after = lab.signs(&mut live)?;
    ensure(before == after, || format!("command {} ran twice: {before:?} became {after:?}", id.0))?;
    Ok("Done, as a repeat, in a record and in a Message1; nothing moved".to_owned())
}

fn conflict(lab: &mut Lab) -> Seen {
    let (mut live, id) = unlocked_then_locked(lab)?;
    let before = lab.signs(&mut live)?;
    let (outcome, _) = lab.order(&mut live, id, Action::Lock)?;
    ensure(outcome == Outcome::Refused(Reason::IdConflict), || format!("answered by {outcome:?}"))?;
    let after = lab.signs(&mut live)?;
    ensure(before == after, || format!("something moved: {before:?} became {after:?}"))?;
    Ok("IdConflict, and nothing moved".to_owned())
}

impl Lab {
    /// The lock refuses to say what became of a command, and to run it.
    fn unknown(&mut self, live: &mut Live, id: CommandId, name: &str) -> Result<(), Stop> {
        let (outcome, _) = self.order(live, id, Action::Unlock)?;
        ensure(outcome == Outcome::Refused(Reason::OutcomeUnknown), || {
            format!("{name} is answered by {outcome:?}")
        })
    }
}

fn far(lab: &mut Lab) -> Seen {
    let (mut live, id) = unlocked_then_locked(lab)?;
    let before = lab.signs(&mut live)?;
    let far = CommandId(id.0 + (1 << 20) + 8);
    let (outcome, _) = lab.order(&mut live, far, Action::Unlock)?;
    ensure(outcome == Outcome::Refused(Reason::IdTooFar), || {
        format!("an id 2^20 + 7 above is answered by {outcome:?}")
    })?;
    // Eight outcomes are kept: nine more commands, which have nothing to move, and it is none of them.
    for _ in 0..9 {
        lab.bring(&mut live, &Action::Lock)?;
    }
    lab.unknown(&mut live, id, "one whose outcome is no longer kept")?;
    lab.cloud.skip_commands(100);
    for _ in 0..9 {
        lab.bring(&mut live, &Action::Lock)?;
    }
    lab.unknown(&mut live, CommandId(lab.cloud.highest() - 90), "one below the map, that never came")?;
    let after = lab.signs(&mut live)?;
    ensure(before.same_bolt(&after), || format!("something moved: {before:?} became {after:?}"))?;
    Ok("IdTooFar above, OutcomeUnknown below".to_owned())
}

fn refusals(lab: &mut Lab) -> Seen {
    let mut live = lab.live()?;
    lab.rest(&mut live)?;
    let id = lab.cloud.command();
    let setting = Setting::AutoRelock(Seconds(86_401));
    let version = lab.status(&mut live)?.configuration + 1;
    let (outcome, _) = lab.order(&mut live, id, Action::Configure { version, setting })?;
    ensure(outcome == Outcome::Refused(Reason::InvalidArgument), || {
        format!("86,401 s until a relock is answered by {outcome:?}")
    })?;
    let reply = lab.ask(&mut live, &Request::Query(Query::Command(id)))?;
    ensure(matches!(reply, Reply::Command { outcome: Outcome::NotExecuted, .. }), || {
        format!("asked for the command that was refused, the lock says {reply:?}, NotExecuted was due")
    })?;
    let (outcome, repeat) = lab.order(&mut live, id, Action::Lock)?;
    ensure(!repeat && matches!(outcome, Outcome::Started | Outcome::Done), || {
        format!("the id of the refused command is answered by {outcome:?}, repeat {repeat}")
    })?;
    lab.rest(&mut live)?;
    Ok("refused by name, NotExecuted when asked for, and its id ran afterwards".to_owned())
}

fn configure(lab: &mut Lab, live: &mut Live, version: u32, setting: Setting) -> Result<Outcome, Stop> {
    Ok(lab.carry_out(live, Action::Configure { version, setting })?.1)
}

fn configuration(lab: &mut Lab) -> Seen {
    let mut live = lab.live()?;
    let version = lab.status(&mut live)?.configuration + 3;
    let done = configure(lab, &mut live, version, Setting::AutoRelock(Seconds(0)))?;
    ensure(done == Outcome::Done, || format!("a setting ends with {done:?}"))?;
    let told = lab.status(&mut live)?.configuration;
    ensure(told == version, || format!("version {told} is in force, {version} was set"))?;
    let cases = [
        ("an older version", version - 1, Setting::AutoRelock(Seconds(0)), Reason::StaleConfiguration),
        (
            "86,401 s until a relock",
            version + 1,
            Setting::AutoRelock(Seconds(86_401)),
            Reason::InvalidArgument,
        ),
        ("the slot 255", version + 1, Setting::clear_credential(255), Reason::NoSuchSlot),
    ];
    for (name, version, setting, reason) in cases {
        let outcome = configure(lab, &mut live, version, setting)?;
        ensure(outcome == Outcome::Refused(reason), || {
            format!("{name} ends with {outcome:?}, {reason:?} was due")
        })?;
    }
    let now = lab.status(&mut live)?.configuration;
    ensure(now == version, || format!("version {now} is in force after three refusals, {version} was set"))?;
    Ok("Done and in force; three refusals by name, which changed nothing".to_owned())
}

fn digest_of(lab: &mut Lab, live: &mut Live) -> Result<(u32, [u8; 16]), Stop> {
    let reply = lab.ask(live, &Request::Query(Query::Digest))?;
    let Reply::Digest { version, digest } = reply else {
        return Err(Stop::Failed(format!("the query Digest is answered by {reply:?}")));
    };
    Ok((version, digest))
}

fn digest(lab: &mut Lab) -> Seen {
    use lock_core::cloud::{ItemState, Wanted, expected_digest};
    use lock_core::crypto::RustCrypto;
    use lock_core::proto::Table;

    let mut live = lab.live()?;
    let version = lab.status(&mut live)?.configuration + 1;
    let done = configure(lab, &mut live, version, Setting::AutoRelock(Seconds(0)))?;
    ensure(done == Outcome::Done, || format!("a setting ends with {done:?}"))?;
    let (told, digest) = digest_of(lab, &mut live)?;
    ensure(told == version, || format!("the digest is of version {told}, {version} is in force"))?;
    let mut items = Vec::new();
    for table in [Table::Settings, Table::Users, Table::Credentials, Table::Windows, Table::Holidays] {
        for first in (0..=240).step_by(16) {
            let reply = lab.ask(&mut live, &Request::Query(Query::Items { table, first }))?;
            let Reply::Items { versions, .. } = reply else { break };
            let applied = versions.iter().enumerate().filter(|(_, version)| **version > 0);
            items.extend(applied.map(|(place, version)| Wanted {
                table,
                slot: first + place as u8,
                state: ItemState::Applied { version: *version },
            }));
            if items.is_empty() && table == Table::Settings {
                return Err(Stop::Failed("no setting has a version, though one was set".to_owned()));
            }
        }
    }
    let computed = expected_digest::<RustCrypto>(items.iter().copied());
    ensure(computed == Some(digest), || {
        format!(
            "the digest is {}, that of the {} items which it names is {computed:02x?}",
            hex::encode(digest),
            items.len()
        )
    })?;
    Ok(format!("it is that of {} items", items.len()))
}

fn session_needed(lab: &mut Lab) -> Seen {
    let id = lab.cloud.command();
    let share = lock_core::proto::CloudShare::new(lab.random.bytes());
    let action = Action::PrepareRotation { epoch: 2, share };
    let (mut live, answer) = lab.open(&Request::Command { id, action })?;
    let needed = Outcome::Refused(Reason::SessionNeeded);
    ensure(matches!(answer.reply, Reply::Command { outcome, .. } if outcome == needed), || {
        format!("PrepareRotation in a Message1 is answered by {:?}", answer.reply)
    })?;
    let (outcome, repeat) = lab.order(&mut live, id, Action::Lock)?;
    ensure(!repeat && matches!(outcome, Outcome::Started | Outcome::Done), || {
        format!("its id is answered by {outcome:?}")
    })?;
    lab.rest(&mut live)?;
    Ok("SessionNeeded, and its id was still free".to_owned())
}

fn latch(lab: &mut Lab) -> Seen {
    applies(!lab.target.description.latch, "the target file says that its motor reaches a latch")?;
    let mut live = lab.live()?;
    lab.rest(&mut live)?;
    let before = lab.signs(&mut live)?;
    let (_, outcome) = lab.carry_out(&mut live, Action::Unlatch)?;
    ensure(outcome == Outcome::Refused(Reason::NoLatch), || format!("Unlatch ends with {outcome:?}"))?;
    let after = lab.signs(&mut live)?;
    ensure(before == after, || format!("something moved: {before:?} became {after:?}"))?;
    Ok("NoLatch, and nothing moved".to_owned())
}
