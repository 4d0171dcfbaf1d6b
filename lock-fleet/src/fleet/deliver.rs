//! What a relay takes to a lock: sealed packets, each under a number of its own.

use lock_core::cloud::{LockKeys, seal_down};
use lock_core::crypto::LockId;
use lock_core::proto::{CommandId, Down, MAX_PACKET, Request, Sealed};

use super::change::stored_action;
use super::{Fleet, FleetError, random};
use crate::clock::Moment;
use crate::store::{CommandRow, CommandState, LockRow, Path, SealedCopy, Store, Stream};

/// A packet is sent again as it is for so long; then it gets a new number. So whoever asks often cannot use up the 2^20 numbers
/// that a lock accepts ahead of its mark (section 5).
pub(super) const RESEAL_MILLIS: u64 = 60_000;

/// A sealed packet for a relay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutgoingPacket {
    /// The bytes, at most 512.
    pub packet: Vec<u8>,
    /// The counter that was burned for it.
    pub counter: u64,
    /// The command in it; `None` for a question.
    pub command: Option<CommandId>,
}

impl<S: Store> Fleet<S> {
    /// How many packets [`Fleet::sealed_for`] has for a relay, at least. It seals nothing.
    ///
    /// # Errors
    /// [`FleetError::NoSuchLock`], [`FleetError::Store`].
    pub fn pending(&mut self, lock: LockId) -> Result<usize, FleetError> {
        let row = self.row(lock)?;
        if row.state.standing.has_ended() {
            return Ok(0);
        }
        let probes = usize::from(row.state.probe.is_some_and(|probe| !probe.packet.is_empty()));
        Ok(self.queued(lock)?.len() + probes)
    }

    /// Everything that waits for a lock, sealed, in the order in which a relay hands it over.
    ///
    /// Each packet's number is taken durably before it is sealed and burned whatever becomes of it. A packet is the same bytes
    /// for a minute, unless the lock is known to be past its number; afterwards the command is sealed anew with its own
    /// id. What is queued right after the database was opened waits behind a question for the lock's marks: bring the answer to
    /// [`Fleet::ingest`], then call this again.
    ///
    /// # Errors
    /// [`FleetError::OwnershipEnded`], [`FleetError::NoSuchLock`], [`FleetError::Store`], [`FleetError::Custody`].
    pub fn sealed_for(&mut self, lock: LockId, now: Moment) -> Result<Vec<OutgoingPacket>, FleetError> {
        self.row(lock)?.check_owned()?;
        let queued = self.queued(lock)?;
        let probe = self.current_probe(lock, !queued.is_empty(), now)?;
        let row = self.row(lock)?;
        let keys = self.keys(&row)?;
        let (mut outgoing, mut fresh) = (Vec::new(), Vec::new());
        let is_level = row.state.level_in == self.store.incarnation();
        for command in queued.into_iter().filter(|command| is_level || command.id < row.state.proven) {
            let (id, copy) = match command.sealed.clone().filter(|copy| is_current(copy, &row, now)) {
                Some(copy) => (command.id, copy),
                None => {
                    let copy = self.seal_command(&row, &keys, &command, now)?;
                    fresh.push((command.id, copy.clone()));
                    (command.id, copy)
                }
            };
            outgoing.push(OutgoingPacket { packet: copy.packet, counter: copy.counter, command: Some(id) });
        }
        self.keep_sealed(lock, &fresh, now)?;
        outgoing.extend(probe);
        outgoing.sort_by_key(|packet| packet.counter);
        Ok(outgoing)
    }

    /// Notes that a relay was given these commands.
    ///
    /// # Errors
    /// [`FleetError::NoSuchLock`], [`FleetError::Store`].
    pub fn handed_over(
        &mut self,
        lock: LockId,
        commands: &[CommandId],
        relay: &str,
        now: Moment,
    ) -> Result<(), FleetError> {
        self.change(lock, now, |change| {
            for id in commands {
                let Some(mut row) = change.command(*id)? else { continue };
                if matches!(row.state, CommandState::Queued | CommandState::Sealed) {
                    (row.state, row.changed_at) = (CommandState::HandedOver, change.now.unix);
                    change.note(relay, format!("take command {}", id.0), "handed over");
                    change.put(row);
                }
            }
            Ok(())
        })
    }

    fn queued(&mut self, lock: LockId) -> Result<Vec<CommandRow>, FleetError> {
        let mut open = self.store.open_commands(lock)?;
        open.retain(|row| row.path == Path::Queued);
        Ok(open)
    }

    fn seal_command(
        &mut self,
        row: &LockRow,
        keys: &LockKeys,
        command: &CommandRow,
        now: Moment,
    ) -> Result<SealedCopy, FleetError> {
        // An open command has its digits: they are erased only with the change that closes it.
        let action =
            stored_action(&self.vault, row.lock_id, command)?.ok_or(FleetError::NoSuchCommand(command.id))?;
        let header = Sealed { issued_at: command.issued_at, not_after: command.not_after };
        let message = Down { header, request: Request::Command { id: command.id, action } };
        let counter = self.take_down(row, now)?;
        Ok(SealedCopy { packet: seal(keys, counter, &message)?, counter, at: now.unix })
    }

    /// Takes a sealed-down number that no probe was given before.
    pub(super) fn take_down(&mut self, row: &LockRow, now: Moment) -> Result<u64, FleetError> {
        let counter = self.take(row.lock_id, row.key_epoch, Stream::Down)?;
        let Some(last) =
            row.state.probed.as_ref().filter(|probed| probed.contains(&counter)).map(|r| *r.end())
        else {
            return Ok(counter);
        };
        self.change(row.lock_id, now, |change| {
            let past = change.row.state.probed.as_ref().map_or(last, |probed| last.max(*probed.end()));
            let numbers = &mut change.row.numbers;
            numbers.next_down = numbers.next_down.max(past.saturating_add(1));
            Ok(())
        })?;
        self.take(row.lock_id, row.key_epoch, Stream::Down)
    }

    fn keep_sealed(
        &mut self,
        lock: LockId,
        fresh: &[(CommandId, SealedCopy)],
        now: Moment,
    ) -> Result<(), FleetError> {
        self.change(lock, now, |change| {
            for (id, copy) in fresh {
                let Some(mut row) = change.command(*id)? else { continue };
                if !row.state.is_open() {
                    continue;
                }
                if row.state == CommandState::Queued {
                    (row.state, row.changed_at) = (CommandState::Sealed, change.now.unix);
                }
                row.sealed = Some(copy.clone());
                change.note(
                    "fleet",
                    format!("seal command {}", id.0),
                    format!("under counter {}", copy.counter),
                );
                change.put(row);
            }
            Ok(())
        })
    }
}

/// Whether a packet may be sent again as it is.
fn is_current(copy: &SealedCopy, row: &LockRow, now: Moment) -> bool {
    now.unix.millis_since(copy.at) < RESEAL_MILLIS && copy.counter > row.state.down_seen
}

/// Seals a message under a number that was taken for it, with fresh random bytes.
pub(super) fn seal(keys: &LockKeys, counter: u64, message: &Down<Sealed>) -> Result<Vec<u8>, FleetError> {
    let mut packet = [0; MAX_PACKET];
    let length = seal_down(keys, counter, random()?, message, &mut packet)?;
    Ok(packet[..length].to_vec())
}
