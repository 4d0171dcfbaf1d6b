//! Section 6.2: the log, as a cloud that has the first key walks it.

use lock_core::cloud::{LogPull, LogReader, PullState};
use lock_core::crypto::RustCrypto;
use lock_core::proto::{Action, LogEntry, LogEvent, Outcome, Reply, Request};

use crate::check::{Check, Pace, Seen, Stop, applies, ensure};
use crate::lab::{Lab, Live};

pub(super) const CHECKS: &[Check] = &[Check {
    name: "log/verifies",
    section: "6.2",
    rule: "The log of a new lock verifies from its first entry to a head that answers a fresh nonce, names the command that moved the bolt, is acknowledged, and goes on after a power cut with Booted.",
    look_at: "MAC and key of each entry, `previous`, and the head over the nonce that was asked under; the vectors of log.json have each step",
    pace: Pace::Short,
    run: verifies,
}];

/// All that is new, each entry verified.
fn fetch(lab: &mut Lab, live: &mut Live, pull: &mut LogPull<RustCrypto>) -> Result<Vec<LogEntry>, Stop> {
    let mut entries = Vec::new();
    for _ in 0..500 {
        let nonce = lab.random.bytes();
        let reply = lab.ask(live, &Request::Query(pull.query(nonce)))?;
        let Reply::Log(answer) = reply else {
            return Err(Stop::Failed(format!("the query Log is answered by {reply:?}")));
        };
        let mut faults = Vec::new();
        let state = pull.take(&answer, &nonce, &[], |pulled| match pulled.verdict {
            Ok(read) => entries.extend(read.entry),
            Err(fault) => faults.push(format!("entry {}: {fault}", pulled.entry.index)),
        });
        ensure(faults.is_empty(), || faults.join("; "))?;
        match state {
            PullState::More => {}
            PullState::Level { dropped: None } => return Ok(entries),
            state @ (PullState::Level { .. } | PullState::Broken(_)) => {
                return Err(Stop::Failed(format!(
                    "behind {} entries the walk ends with {state:?}",
                    entries.len()
                )));
            }
        }
    }
    Err(Stop::Failed("500 answers, and still no end".to_owned()))
}

fn verifies(lab: &mut Lab) -> Seen {
    applies(lab.target.description.log, "the target file says that it keeps no log")?;
    applies(lab.target.is_restartable(), "the lock is not new: its first entries may be gone")?;
    lab.renew()?;
    let mut live = lab.live()?;
    lab.rest(&mut live)?;
    let id = lab.cloud.command();
    lab.order(&mut live, id, Action::Unlock)?;
    lab.rest(&mut live)?;
    let mut pull = LogPull::new(LogReader::new(lab.cloud.log()));
    let entries = fetch(lab, &mut live, &mut pull)?;
    let names_it =
        entries.iter().any(|entry| matches!(entry.event, LogEvent::Asked(_)) && entry.command == Some(id));
    ensure(names_it, || format!("no entry of {} says that command {} moved the bolt", entries.len(), id.0))?;
    let action = pull.acknowledgement();
    let action = action.ok_or_else(|| Stop::Failed("there is nothing to acknowledge".to_owned()))?;
    let (_, outcome) = lab.carry_out(&mut live, action)?;
    ensure(outcome == Outcome::Done, || format!("its acknowledgement ends with {outcome:?}"))?;
    drop(live);
    lab.reboot()?;
    let mut live = lab.live()?;
    lab.rest(&mut live)?;
    let behind = fetch(lab, &mut live, &mut pull)?;
    ensure(behind.iter().any(|entry| matches!(entry.event, LogEvent::Booted(_))), || {
        format!("none of {} entries behind the cut says that it booted", behind.len())
    })?;
    Ok(format!("{} entries, and {} behind a power cut, all verified", entries.len(), behind.len()))
}
