//! Store and forward over a relay: sealed packets out, records and receipts in.

use std::collections::BTreeSet;
use std::time::Duration;

use lock_fleet::proto::{CommandId, Outcome};
use lock_fleet::{OutgoingPacket, ReportFact};
use tokio::time::Instant;

use super::{Gone, Relay};
use crate::Right;
use crate::log::fact;
use crate::messages::relay::ToPhone;
use crate::messages::{OutcomeView, door_sentence};

/// How long the receipts of a delivery are waited for.
const RECEIPTS_WITHIN: Duration = Duration::from_secs(10);

/// Sealed messages that were handed out and wait for their receipts.
pub(super) struct Delivery {
    waiting: BTreeSet<CommandId>,
    count: usize,
    receipts: usize,
    until: Instant,
}

impl Delivery {
    pub(super) const fn due(&self) -> Instant {
        self.until
    }
}

impl Relay {
    /// The phone's user asked for it and may.
    pub(super) async fn deliver_asked(&mut self) -> Result<(), Gone> {
        if self.deliver().await? == 0 && self.delivery.is_none() {
            let sentence = "nothing is waiting for this lock".to_owned();
            return self.say(&ToPhone::Delivered { count: 0, receipts: 0, sentence }).await;
        }
        Ok(())
    }

    /// Something waits and a phone is there.
    pub(super) async fn deliver_unasked(&mut self) -> Result<(), Gone> {
        if self.may(Right::Relay).await? {
            self.deliver().await?;
        }
        Ok(())
    }

    /// Hands out all that waits; returns how many commands that were.
    async fn deliver(&mut self) -> Result<usize, Gone> {
        let (lock, relay) = (self.lock, self.who.name.clone());
        let sealed = self.service.ask_fleet(move |fleet, now| {
            // Also where the ownership has ended: a phone that is there for something else is not told so each time.
            if fleet.pending(lock)? == 0 {
                return Ok((Vec::new(), Vec::new(), false));
            }
            let packets = fleet.sealed_for(lock, now)?;
            let commands: Vec<CommandId> = packets.iter().filter_map(|outgoing| outgoing.command).collect();
            // Before they leave: what was noted and not sent is sent again, what was sent and not noted would be denied.
            fleet.handed_over(lock, &commands, &relay, now)?;
            // After a start of the service, commands wait behind a question that the lock has to answer first.
            let some_wait = fleet.pending(lock)? > packets.len();
            Ok((packets, commands, some_wait))
        });
        let (packets, commands, some_wait) = match sealed.await {
            Ok(sealed) => sealed,
            Err(refusal) => {
                self.refuse(&refusal.sentence).await?;
                return Ok(0);
            }
        };
        if !commands.is_empty() {
            self.say(&ToPhone::Delivering { count: commands.len() }).await?;
        }
        for OutgoingPacket { packet, counter, command } in &packets {
            let line = fact("sent")
                .with("kind", "SealedDown")
                .with("counter", counter)
                .with_some("command", command.map(|id| id.0));
            self.note(line.with("bytes", packet.len()));
            self.socket.packet(packet).await?;
        }
        let until = Instant::now() + RECEIPTS_WITHIN;
        if !commands.is_empty() || some_wait {
            let delivery = self.delivery.get_or_insert(Delivery {
                waiting: BTreeSet::new(),
                count: 0,
                receipts: 0,
                until,
            });
            delivery.until = until;
            delivery.count += commands.iter().filter(|id| delivery.waiting.insert(**id)).count();
        }
        Ok(commands.len())
    }

    /// A sealed packet that a phone brings from the lock.
    pub(super) async fn sealed_up(&mut self, packet: Vec<u8>) -> Result<(), Gone> {
        if !self.may(Right::Relay).await? {
            self.dropped("SealedUp", packet.len(), "its bearer has not the right to relay");
            return Ok(());
        }
        let (lock, relay, bytes) = (self.lock, self.who.name.clone(), packet.len());
        let ingested =
            match self.service.ask_fleet(move |fleet, now| fleet.ingest(lock, &packet, &relay, now)).await {
                Ok(ingested) => ingested,
                Err(refusal) => {
                    self.dropped("SealedUp", bytes, &refusal.sentence);
                    return Ok(());
                }
            };
        if let Some(caught) = &ingested.caught {
            self.note_caught(caught);
        }
        match ingested.fact {
            ReportFact::NotAsked => {
                self.note(fact("not_asked"));
                Ok(())
            }
            ReportFact::Receipt { id, outcome, reissued_as } => {
                let line = fact("receipt").with("command", id.0).with("outcome", format_args!("{outcome:?}"));
                self.note(line.with_some("reissued_as", reissued_as.map(|id| id.0)));
                self.receipt(id, outcome, reissued_as).await
            }
            ReportFact::StrayReceipt { id, outcome } => {
                self.note(
                    fact("stray_receipt").with("command", id.0).with("outcome", format_args!("{outcome:?}")),
                );
                Ok(())
            }
            ReportFact::Marks(marks) | ReportFact::Hint(marks) => {
                self.note(fact("marks").with("down", marks.down).with("command", marks.command.0));
                // Where they teach something there is more to send now: a question, or what was issued again.
                self.deadlines.deliver_now();
                Ok(())
            }
            ReportFact::Status(status) => {
                self.note(fact("heard").with("status", door_sentence(&status)));
                Ok(())
            }
            ReportFact::SeenBefore => {
                self.dropped("SealedUp", bytes, "it was taken before");
                Ok(())
            }
        }
    }

    async fn receipt(
        &mut self,
        id: CommandId,
        outcome: Outcome,
        reissued_as: Option<CommandId>,
    ) -> Result<(), Gone> {
        if reissued_as.is_some() {
            // The answer is not the end: the same command goes out again under another number.
            if let Some(delivery) = &mut self.delivery
                && delivery.waiting.remove(&id)
            {
                delivery.count -= 1;
            }
            self.deadlines.deliver_now();
            return Ok(());
        }
        let view = OutcomeView::new(outcome, self.candour().await?);
        self.say(&ToPhone::Receipt { command_id: id.0, outcome: view }).await?;
        if let Some(delivery) = &mut self.delivery
            && outcome != Outcome::Started
            && delivery.waiting.remove(&id)
        {
            delivery.receipts += 1;
            if delivery.waiting.is_empty() {
                return self.delivery_ends().await;
            }
        }
        Ok(())
    }

    pub(super) async fn delivery_is_late(&mut self, now: Instant) -> Result<(), Gone> {
        match &self.delivery {
            Some(delivery) if now >= delivery.until => self.delivery_ends().await,
            Some(_) | None => Ok(()),
        }
    }

    async fn delivery_ends(&mut self) -> Result<(), Gone> {
        let Some(Delivery { count, receipts, .. }) = self.delivery.take() else { return Ok(()) };
        let sentence = if count == 0 {
            "the lock has not answered how far its numbers are; what is queued is delivered once it has"
                .to_owned()
        } else if receipts == count {
            format!("the lock has answered {receipts} of {count} queued commands")
        } else {
            format!(
                "the lock has answered {receipts} of {count} queued commands; the others are delivered again"
            )
        };
        self.note(fact("delivered").with("count", count).with("receipts", receipts));
        self.say(&ToPhone::Delivered { count, receipts, sentence }).await
    }
}
