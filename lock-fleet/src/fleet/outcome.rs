//! What the lock says of a command, and what follows from it.

use lock_core::proto::{CommandId, Outcome, Reason, Status};

use super::FleetError;
use super::change::Change;
use crate::store::{CommandRow, CommandState, HeardBy, HeardStatus, Path, Reissues, Store};

/// How often one command is issued again by itself. Each time follows an authentic word of the lock; a fifth would
/// mean that somebody else numbers its commands.
const MOST_REISSUES: Reissues = Reissues(4);
/// How many later commands are looked at for one that sets the same value.
const LATER: usize = 1_000;

/// What a word of the lock about a command did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Received {
    /// This database does not know the command.
    Stray,
    /// Taken, or known before.
    Taken,
    /// The command goes on under this number.
    Reissued(CommandId),
    /// The command never ran: its number was another's.
    Unexecuted,
}

/// What an outcome means for a command of which nothing final was known.
enum Consequence {
    Stays,
    Becomes(CommandState),
    Closes(CommandState),
    Again,
    NeverRan,
}

impl<S: Store> Change<'_, S> {
    /// Takes a lock's word about a command. What is final stays: a repeat changes nothing.
    pub(super) fn receive(
        &mut self,
        id: CommandId,
        outcome: Outcome,
        who: &str,
    ) -> Result<Received, FleetError> {
        // What never left here, the lock cannot speak of.
        let known = self.command(id)?.filter(|row| row.state != CommandState::Queued);
        let Some(mut row) = known else {
            self.note(who, format!("report on command {}", id.0), format!("unknown here: {}", told(outcome)));
            return Ok(Received::Stray);
        };
        match row.state {
            CommandState::Unexecuted => return Ok(Received::Unexecuted),
            CommandState::Replaced { by } => return Ok(Received::Reissued(by)),
            // Refused means not begun: another sealed copy of it may still have been, and then that is the truth.
            CommandState::Settled(Outcome::Refused(_)) if !matches!(outcome, Outcome::Refused(_)) => {}
            CommandState::Settled(_) => return Ok(Received::Taken),
            CommandState::Queued
            | CommandState::Sealed
            | CommandState::HandedOver
            | CommandState::Started
            | CommandState::Expired
            | CommandState::Unknown => {}
        }
        if let Some(sealed) = &row.sealed {
            self.row.state.down_seen = self.row.state.down_seen.max(sealed.counter);
        }
        self.note(who, format!("report on command {}: {}", id.0, row.kind), told(outcome));
        self.note_release(row.kind, outcome);
        match self.consequence(&row, outcome)? {
            Consequence::Stays => Ok(Received::Taken),
            Consequence::Becomes(state) => {
                (row.state, row.changed_at) = (state, self.now.unix);
                self.put(row);
                Ok(Received::Taken)
            }
            Consequence::Closes(state) => {
                row.close(state, self.now.unix);
                self.put(row);
                Ok(Received::Taken)
            }
            Consequence::Again => {
                row.reissues.0 = row.reissues.0.saturating_add(1);
                self.put(row);
                self.reissue_from(id, id)?;
                match self.command(id)?.map(|row| row.state) {
                    Some(CommandState::Replaced { by }) => Ok(Received::Reissued(by)),
                    Some(_) | None => Ok(Received::Taken),
                }
            }
            Consequence::NeverRan => {
                self.mark_unexecuted(row);
                Ok(Received::Unexecuted)
            }
        }
    }

    fn consequence(&mut self, row: &CommandRow, outcome: Outcome) -> Result<Consequence, FleetError> {
        let again = row.path == Path::Queued && row.state.is_open() && row.reissues < MOST_REISSUES;
        Ok(match outcome {
            Outcome::Started => Consequence::Becomes(CommandState::Started),
            Outcome::NotExecuted => Consequence::Stays,
            // The lock tidies up; the same command under the same id is delivered again.
            Outcome::Refused(Reason::StorageBusy) if row.path == Path::Queued => Consequence::Stays,
            Outcome::Refused(Reason::OutcomeUnknown) => Consequence::Closes(CommandState::Unknown),
            // Another command has the number: this one never ran.
            Outcome::Refused(Reason::IdConflict) if again => Consequence::Again,
            Outcome::Refused(Reason::IdConflict) if row.path == Path::Live => Consequence::NeverRan,
            Outcome::Refused(Reason::StaleConfiguration) if again && !self.is_overtaken(row)? => {
                Consequence::Again
            }
            Outcome::Done
            | Outcome::Refused(_)
            | Outcome::Jammed
            | Outcome::TimedOut
            | Outcome::Superseded
            | Outcome::Interrupted => Consequence::Closes(CommandState::Settled(outcome)),
        })
    }

    /// Whether a later command is about the same thing: repeating the earlier one would undo it.
    fn is_overtaken(&mut self, row: &CommandRow) -> Result<bool, FleetError> {
        Ok(self.overtaken_by(row)?.is_some())
    }

    /// The first later command that makes this one pointless.
    fn overtaken_by(&mut self, row: &CommandRow) -> Result<Option<CommandRow>, FleetError> {
        self.overtaken_by_any(row, |_| true)
    }

    fn overtaken_by_any(
        &mut self,
        row: &CommandRow,
        which: impl Fn(&CommandRow) -> bool,
    ) -> Result<Option<CommandRow>, FleetError> {
        let lock = self.lock();
        let later = self.store.commands(lock, row.id, LATER)?;
        Ok(later.into_iter().find(|other| which(other) && overtakes(other, row)))
    }

    /// Issues the queued commands under the numbers `first..=last` again, which were spent, and what waits behind them, so that
    /// the lock hears all wishes in the order in which they were made. Returns how many rows that changed.
    ///
    /// A wish that a later one has overtaken is withdrawn. What may have reached the lock already and must not happen twice
    /// keeps its number, and so does what would get behind a later wish that stays where it is.
    pub(super) fn reissue_from(&mut self, first: CommandId, last: CommandId) -> Result<usize, FleetError> {
        let lock = self.lock();
        let mut waiting = self.store.open_commands(lock)?;
        waiting.retain(|row| row.path == Path::Queued && row.id >= first);
        let mut changed = 0;
        for waiting in waiting {
            let Some(row) = self.command(waiting.id)? else { continue };
            let was_spent = row.id <= last;
            if !was_spent && !moves_along(&row) {
                continue;
            }
            let overtaken = if was_spent {
                self.overtaken_by(&row)?
            } else {
                self.overtaken_by_any(&row, |later| !moves_along(later))?
            };
            match overtaken {
                // It may be at the lock: under its own number it cannot undo what came later.
                Some(_) if !was_spent && row.state != CommandState::Queued => continue,
                Some(later) => self.withdraw_overtaken(row, later.id),
                None => drop(self.reissue(row)?),
            }
            changed += 1;
        }
        Ok(changed)
    }

    pub(super) fn withdraw_overtaken(&mut self, mut row: CommandRow, later: CommandId) {
        let what = format!("withdraw command {}: {}", row.id.0, row.kind);
        self.note("fleet", what, format!("overtaken by command {}", later.0));
        row.close(CommandState::Expired, self.now.unix);
        self.put(row);
    }

    /// Issues a command again under the next number and, for a configuration, the next version. It keeps its token and its
    /// times: an unlock that has become stale stays stale.
    fn reissue(&mut self, mut old: CommandRow) -> Result<CommandId, FleetError> {
        let secret = self.secret(&old)?;
        let kind = match old.kind.version() {
            Some(_) => old.kind.with_version(self.next_version()?),
            None => old.kind,
        };
        let id = self.next_command();
        let new = CommandRow {
            id,
            client_token: old.client_token.take(),
            by: old.by.clone(),
            kind,
            wrapped_digits: secret.map(|secret| self.wrap_secret(id, &secret)).transpose()?,
            path: old.path,
            issued_at: old.issued_at,
            not_after: old.not_after,
            state: CommandState::Queued,
            changed_at: self.now.unix,
            sealed: None,
            reissues: old.reissues,
        };
        self.note(
            "fleet",
            format!("issue command {} again", old.id.0),
            format!("as command {}: {kind}", id.0),
        );
        old.close(CommandState::Replaced { by: id }, self.now.unix);
        // The old row gives the token up before the new one takes it.
        self.put(old);
        self.put(new);
        Ok(id)
    }

    /// Ends a command that never ran and frees its token, so that it can be asked for again.
    pub(super) fn mark_unexecuted(&mut self, mut row: CommandRow) {
        self.note(
            "fleet",
            format!("close command {}: {}", row.id.0, row.kind),
            "never executed, its number was spent",
        );
        row.client_token = None;
        row.close(CommandState::Unexecuted, self.now.unix);
        self.put(row);
    }

    /// Ends a live command that was sent, unanswered, under a number that a lost copy may have spent: nobody can tell
    /// whether it ran.
    pub(super) fn mark_unknown(&mut self, mut row: CommandRow) {
        let what = format!("close command {}: {}", row.id.0, row.kind);
        self.note("fleet", what, "outcome unknown, its number may have been spent before");
        row.close(CommandState::Unknown, self.now.unix);
        self.put(row);
    }

    /// Takes a status. A relayed one that is older than what is known changes nothing.
    pub(super) fn hear(&mut self, boot: u64, status: Status, by: HeardBy) {
        let state = &mut self.row.state;
        state.configuration = state.configuration.max(status.configuration);
        let place = (boot, status.sequence);
        let is_newer = state.heard.is_none_or(|known| (known.boot, known.status.sequence) <= place);
        if is_newer || by == HeardBy::Live {
            state.heard = Some(HeardStatus { boot, status, at: self.now.unix, by });
        }
    }
}

/// Whether a later wish makes an earlier one pointless, or has undone it already.
fn overtakes(later: &CommandRow, earlier: &CommandRow) -> bool {
    let counts = later.state.is_open() || later.state == CommandState::Settled(Outcome::Done);
    counts && later.kind.has_same_target(&earlier.kind)
}

/// Whether a command that waits may get another number: it did not begin, and may be said twice or was never said.
fn moves_along(row: &CommandRow) -> bool {
    let may_move = match row.state {
        CommandState::Queued => true,
        CommandState::Sealed | CommandState::HandedOver => row.kind.may_be_repeated(),
        CommandState::Started
        | CommandState::Settled(_)
        | CommandState::Expired
        | CommandState::Unexecuted
        | CommandState::Replaced { .. }
        | CommandState::Unknown => false,
    };
    may_move && row.path == Path::Queued
}

/// An outcome in words.
pub(super) fn told(outcome: Outcome) -> String {
    match outcome {
        Outcome::Refused(reason) => format!("refused: {reason}"),
        Outcome::Started => "begun".into(),
        Outcome::Done => "done".into(),
        Outcome::Jammed => "stopped by a jam".into(),
        Outcome::TimedOut => "the sensor never saw the end".into(),
        Outcome::Superseded => "overtaken by a later command or a hand".into(),
        Outcome::Interrupted => "interrupted by a power cut, never run again".into(),
        Outcome::NotExecuted => "not executed".into(),
    }
}
