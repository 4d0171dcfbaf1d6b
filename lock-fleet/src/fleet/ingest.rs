//! What a relay brings back: sealed packets of a lock, each taken once, in any order.

use lock_core::cloud::{Committed, OpenedUp, Probe, SealedError, open_up};
use lock_core::crypto::LockId;
use lock_core::proto::{CommandId, Marks, Outcome, SealedReport, Status};

use super::change::Change;
use super::outcome::Received;
use super::resync::Word;
use super::{Caught, Fleet, FleetError};
use crate::clock::Moment;
use crate::store::{HeardBy, Store};

/// What a sealed packet of a lock taught.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ingested {
    /// What the lock said.
    pub fact: ReportFact,
    /// Where it answered the question for its marks: what they taught.
    pub caught: Option<Caught>,
}

/// What a lock said in a sealed packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReportFact {
    /// This very packet was taken before, or is too old to tell; nothing changed.
    SeenBefore,
    /// What became of a command.
    Receipt {
        /// Which.
        id: CommandId,
        /// What became of it.
        outcome: Outcome,
        /// Where it is issued again: its new number.
        reissued_as: Option<CommandId>,
    },
    /// What became of a command that this database did not send: a lost copy issued it.
    StrayReceipt {
        /// Which.
        id: CommandId,
        /// What became of it.
        outcome: Outcome,
    },
    /// The lock's marks in answer to the outstanding question.
    Marks(Marks),
    /// The lock's marks, unasked, or in answer to an older question: they change no number. Where they would teach something,
    /// [`Fleet::sealed_for`] asks for them.
    Hint(Marks),
    /// The state of the lock.
    Status(Status),
    /// An answer to a question that the fleet does not ask; nothing changed.
    NotAsked,
}

impl<S: Store> Fleet<S> {
    /// Takes a sealed packet of a lock that a relay brought. Call [`Fleet::sealed_for`] again where [`Fleet::pending`] says so
    /// afterwards: the packet may have made something new to deliver.
    ///
    /// # Errors
    /// [`FleetError::Sealed`] for a packet that is not from this lock: nothing changed. [`FleetError::NoSuchLock`],
    /// [`FleetError::Store`].
    pub fn ingest(
        &mut self,
        lock: LockId,
        packet: &[u8],
        relay: &str,
        now: Moment,
    ) -> Result<Ingested, FleetError> {
        let row = self.row(lock)?;
        let mut packet = packet.to_vec();
        let keys = self.keys(&row)?;
        let next = self.next_keys(&row)?;
        let (opened, committed) = match (open_up(&keys, &mut packet), next) {
            // A lock seals under the epoch in force: it has committed, and nobody here has heard of it.
            (Err(SealedError::AnotherEpoch(epoch)), Some(next)) if epoch == next.key_epoch().number() => {
                let opened = open_up(&next, &mut packet)?;
                let committed = Committed::by_sealed(next.key_epoch(), &opened.report);
                (opened, Some(committed))
            }
            (opened, _) => (opened?, None),
        };
        let ingested = self.change(lock, now, |change| {
            if let Some(committed) = &committed {
                change.put_next_in_force(committed)?;
            }
            if change.row.state.accepted_up.accept(opened.counter).is_err() {
                return Ok(Ingested { fact: ReportFact::SeenBefore, caught: None });
            }
            change.take_report(&opened, &format!("lock, through {relay}"))
        })?;
        if let ReportFact::Hint(marks) = ingested.fact {
            self.follow_hint(lock, &opened.report.map(|_| marks), now)?;
        }
        Ok(ingested)
    }
}

impl<S: Store> Change<'_, S> {
    fn take_report(&mut self, opened: &OpenedUp, who: &str) -> Result<Ingested, FleetError> {
        let plain = |fact| Ok(Ingested { fact, caught: None });
        match *opened.report.get() {
            SealedReport::Receipt { id, outcome, configuration } => {
                let state = &mut self.row.state;
                state.configuration = state.configuration.max(configuration);
                plain(match self.receive(id, outcome, who)? {
                    Received::Stray => ReportFact::StrayReceipt { id, outcome },
                    Received::Taken | Received::Unexecuted => {
                        ReportFact::Receipt { id, outcome, reissued_as: None }
                    }
                    Received::Reissued(by) => ReportFact::Receipt { id, outcome, reissued_as: Some(by) },
                })
            }
            SealedReport::MarksAnswer { marks, .. } => {
                let asked = self.row.state.probe.as_ref().filter(|probe| !probe.packet.is_empty());
                let asked = asked.map(|probe| (Probe::new(probe.nonce), probe.asked_at));
                let answered = asked.and_then(|(probe, at)| Some((probe.answered(&opened.report)?, at)));
                let Some((fresh, asked_at)) = answered else { return plain(ReportFact::Hint(marks)) };
                let caught = self.learn(fresh, Word::None, asked_at)?;
                Ok(Ingested { fact: ReportFact::Marks(marks), caught: Some(caught) })
            }
            SealedReport::MarksHint { marks } => plain(ReportFact::Hint(marks)),
            SealedReport::Status { boot, status } => {
                self.hear(boot, status, HeardBy::Relayed);
                plain(ReportFact::Status(status))
            }
            SealedReport::Health { boot, health } => {
                self.hear(boot, health.status, HeardBy::Relayed);
                plain(ReportFact::Status(health.status))
            }
            // A comparison is made in a live session, where no relay can keep an answer back.
            SealedReport::Digest { .. }
            | SealedReport::Items { .. }
            | SealedReport::Log(_)
            | SealedReport::Update(_)
            | SealedReport::Tickets(_) => plain(ReportFact::NotAsked),
        }
    }
}
