//! Catching up with locks that know more than this database, because it was restored from a copy (section 5).
//!
//! A database that was just opened does not know whether it is older than the truth. Until the marks of a lock were compared with
//! its numbers, it may give out a command id that a lost copy gave out before, and the lock's answer under that id then
//! speaks of the lost command. Such ids are *unproven*. A queued command under one waits until the lock has answered
//! the question for its marks; a live one is sent at once, since its handshake brings the marks along. Every unproven
//! id that the lock turns out to have begun was spent: the command goes on under another, or is closed for what it is.

use lock_core::cloud::{CaughtUp, FreshMarks, Numbers, Probe};
use lock_core::crypto::{Authenticated, LockId};
use lock_core::proto::{CommandId, Down, Marks, Packet, Sealed, UnixMillis};

use super::change::Change;
use super::deliver::{OutgoingPacket, RESEAL_MILLIS, seal};
use super::{Fleet, FleetError, random};
use crate::clock::Moment;
use crate::store::{LockRow, Path, ProbeRow, Store};

/// What fresh marks of a lock taught.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caught {
    /// The database knew as much or more. Right after it was opened a command may still have been issued again: the audit says so.
    Level,
    /// The database was older than the truth: its numbers were raised, and the commands whose numbers had been spent were issued
    /// again (queued) or closed (live).
    Raised {
        /// The next numbers before.
        from: Numbers,
        /// The next numbers after.
        to: Numbers,
        /// How many commands were issued again or closed.
        reissued: usize,
    },
}

/// What the answer that brought marks says of a live command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// Nothing, or nothing that proves whose its number was.
    None,
    /// It was begun, or refused for what it is, by this very message: the number was its own.
    Own(CommandId),
    /// The lock began another command under its number.
    Foreign(CommandId),
}

impl<S: Store> Change<'_, S> {
    /// Compares the numbers with fresh marks. `asked_at` is when the nonce was made that the marks answer.
    pub(super) fn learn(
        &mut self,
        fresh: FreshMarks,
        word: Word,
        asked_at: UnixMillis,
    ) -> Result<Caught, FleetError> {
        let marks = fresh.marks();
        self.compare_with_older(marks, asked_at);
        let from = self.row.numbers;
        let verdict = self.row.numbers.catch_up(fresh);
        let reissued = self.close_spent(marks.command, word)?;
        let to = self.row.numbers;
        let caught = match verdict {
            CaughtUp::Level => Caught::Level,
            CaughtUp::WasBehind => {
                self.note(
                    "fleet",
                    "resynchronise with the lock's marks",
                    format!(
                        "next counter {} -> {}, next command {} -> {}, {reissued} issued again or closed",
                        from.next_down, to.next_down, from.next_command.0, to.next_command.0
                    ),
                );
                Caught::Raised { from, to, reissued }
            }
        };
        let state = &mut self.row.state;
        state.level_in = self.store.incarnation();
        state.proven = self.row.numbers.next_command;
        state.down_seen = state.down_seen.max(marks.down);
        if let Some(probe) = &mut state.probe {
            probe.packet.clear();
        }
        Ok(caught)
    }

    /// A mark that goes backwards is an alarm: the lock's storage was rolled back.
    fn compare_with_older(&mut self, marks: Marks, asked_at: UnixMillis) {
        let known = self.row.state.marks;
        let is_later = asked_at > self.row.state.marks_asked_at;
        if is_later && (marks.down < known.down || marks.command < known.command) {
            self.note(
                "lock",
                "alarm: marks went back",
                format!(
                    "counter {} -> {}, command {} -> {}; replace the lock or rotate its keys",
                    known.down, marks.down, known.command.0, marks.command.0
                ),
            );
        }
        let state = &mut self.row.state;
        state.marks.down = known.down.max(marks.down);
        state.marks.command = known.command.max(marks.command);
        state.marks_asked_at = state.marks_asked_at.max(asked_at);
    }

    /// Goes through the commands under unproven ids, up to the highest that the lock has begun: those ids were spent. Returns how
    /// many commands were issued again or closed.
    fn close_spent(&mut self, highest: CommandId, word: Word) -> Result<usize, FleetError> {
        let (lock, spent) = (self.lock(), self.row.state.proven..=highest);
        let mut open = self.store.open_commands(lock)?;
        open.retain(|row| spent.contains(&row.id) && word != Word::Own(row.id));
        let (queued, live): (Vec<_>, Vec<_>) = open.into_iter().partition(|row| row.path == Path::Queued);
        let closed = live.len();
        for row in live {
            if word == Word::Foreign(row.id) {
                self.mark_unexecuted(row);
            } else {
                self.mark_unknown(row);
            }
        }
        let reissued = match queued.first() {
            Some(first) => self.reissue_from(first.id, highest)?,
            None => 0,
        };
        Ok(closed + reissued)
    }
}

impl<S: Store> Fleet<S> {
    /// The question for the marks that goes with a delivery: the outstanding one, or a new one where it is due.
    pub(super) fn current_probe(
        &mut self,
        lock: LockId,
        has_commands: bool,
        now: Moment,
    ) -> Result<Option<OutgoingPacket>, FleetError> {
        let row = self.row(lock)?;
        let is_due = has_commands && row.state.level_in != self.store.incarnation();
        match &row.state.probe {
            Some(probe) if now.unix.millis_since(probe.asked_at) < RESEAL_MILLIS => Ok(outstanding(probe)),
            Some(probe) if !probe.packet.is_empty() => self.ask_marks(&row, None, now),
            Some(_) | None if is_due => self.ask_marks(&row, None, now),
            Some(_) | None => Ok(None),
        }
    }

    /// Follows a hint that the lock is ahead, at most once a minute: one number above it, one question (section 5).
    pub(super) fn follow_hint(
        &mut self,
        lock: LockId,
        hint: &Authenticated<Marks>,
        now: Moment,
    ) -> Result<(), FleetError> {
        let row = self.row(lock)?;
        let marks = hint.get();
        let teaches = marks.down >= row.numbers.next_down || marks.command >= row.numbers.next_command;
        let is_level = row.state.level_in == self.store.incarnation();
        let followed_lately = row.state.probe.as_ref().is_some_and(|probe| {
            now.unix.millis_since(probe.asked_at) < RESEAL_MILLIS
                && outstanding(probe).is_none_or(|packet| packet.counter > marks.down)
        });
        if followed_lately || (is_level && !teaches) {
            return Ok(());
        }
        self.ask_marks(&row, Some(hint), now)?;
        Ok(())
    }

    fn ask_marks(
        &mut self,
        row: &LockRow,
        hint: Option<&Authenticated<Marks>>,
        now: Moment,
    ) -> Result<Option<OutgoingPacket>, FleetError> {
        let keys = self.keys(row)?;
        let nonce = random()?;
        let counter = self.probe_counter(row, hint, now)?;
        let header = Sealed { issued_at: now.unix, not_after: None };
        let message = Down { header, request: Probe::new(nonce).request() };
        let probe = ProbeRow { nonce, asked_at: now.unix, packet: seal(&keys, counter, &message)? };
        self.change(row.lock_id, now, |change| {
            change.note("fleet", "ask for the lock's marks", format!("under counter {counter}"));
            change.row.state.probe = Some(probe.clone());
            Ok(())
        })?;
        Ok(outstanding(&probe))
    }

    /// The next number, or one above a hint: that one is remembered before it is used, so that it is never used again.
    fn probe_counter(
        &mut self,
        row: &LockRow,
        hint: Option<&Authenticated<Marks>>,
        now: Moment,
    ) -> Result<u64, FleetError> {
        let next = row.numbers.next_down;
        let above_hint = hint.map_or(next, |hint| Probe::counter(&row.numbers, hint));
        let above_probed = row.state.probed.as_ref().map_or(next, |probed| probed.end().saturating_add(1));
        let counter = above_hint.max(above_probed);
        if counter <= next {
            return self.take_down(row, now);
        }
        self.change(row.lock_id, now, |change| {
            let state = &mut change.row.state;
            let first = state.probed.as_ref().map_or(counter, |probed| *probed.start());
            state.probed = Some(first.min(counter)..=counter);
            Ok(())
        })?;
        Ok(counter)
    }
}

fn outstanding(probe: &ProbeRow) -> Option<OutgoingPacket> {
    match Packet::parse(&probe.packet) {
        Ok(Packet::SealedDown(sealed)) => {
            Some(OutgoingPacket { packet: probe.packet.clone(), counter: sealed.counter, command: None })
        }
        _ => None,
    }
}
