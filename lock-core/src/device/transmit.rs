//! What the lock says, made at the moment it is sent.

use lock_crypto::hedge::sealed_up_random;
use lock_crypto::{Channel, Direction, Label, SealedHeader, Suite, seal_sealed};
use lock_proto::{
    Answer, Event, Kind, MAX_PACKET, Marks, Outcome, RECORD_HEADER, Reply, Report, ReportBody, SEALED_HEADER,
    SealedReport, Uptime,
};
use lock_state::Tables;
use zeroize::Zeroize;

use super::alarms::AlarmSet;
use super::output::Made;
use super::steps::{Answering, Group, Reporting, Step};
use super::{Device, LinkId, RecordTag};
use crate::handshake::{OVERHEAD, Spoken};

const _: () = assert!(
    Kind::Message2.prefix().len() + OVERHEAD + Answer::MAX_BYTES <= MAX_PACKET,
    "an answer fits a packet"
);

impl<S: Suite, const LINKS: usize, T: Tables> Device<S, LINKS, T> {
    /// Greets, once the boot counter is durable. A record of it that failed before is tried again.
    #[inline(never)]
    pub(super) fn hello(
        &mut self,
        link: LinkId,
        group: Group,
        now: Uptime,
        buffer: &mut [u8; MAX_PACKET],
    ) -> Option<Made> {
        if !self.nonces.is_ready() {
            self.steps.push_first(Step::Hello(link));
            let first = if self.is_behind { RecordTag::Memory } else { RecordTag::Boot };
            return self.persist(first, group, now, buffer);
        }
        let packet = self.greet(link, now)?;
        buffer.iter_mut().zip(packet).for_each(|(to, from)| *to = from);
        Some(Made::Transmit(link, packet.len()))
    }

    #[inline(never)]
    pub(super) fn message2(
        &mut self,
        link: LinkId,
        answering: Answering,
        now: Uptime,
        buffer: &mut [u8; MAX_PACKET],
    ) -> Option<Made> {
        let (prefix, handshake) = buffer.split_first_chunk_mut()?;
        *prefix = Kind::Message2.prefix();
        let payload = handshake.get_mut(self.links.of(link)?.payload_at()?..)?;
        let length = self.write_answer(link, answering, now, payload);
        let mut hedge = match self.identity.profile {
            Spoken::S => self.nonces.draw(),
            #[cfg(feature = "x25519")]
            Spoken::X => self.nonces.draw_secret::<S>(),
        };
        let made = self.links.of(link)?.reply(&hedge, length?, now, handshake);
        hedge.entropy.zeroize();
        Some(Made::Transmit(link, prefix.len() + made?))
    }

    /// Writes the answer that a handshake carries. Like all that is said, it is written in a call of its own: what it is made of is off the
    /// stack when it is sealed.
    #[inline(never)]
    fn write_answer(&self, link: LinkId, answering: Answering, now: Uptime, out: &mut [u8]) -> Option<usize> {
        // The numbers of the cloud's streams are the business of the cloud, and of whoever is to be it.
        let is_told = matches!(self.links.opened_by(link)?, Channel::LiveCloud | Channel::LiveClaim);
        let marks = if is_told { self.durable_marks } else { Marks::default() };
        let reply = self.reply(link, answering, now);
        let answer = Answer { uptime: now, boot: self.nonces.boot(), marks, reply };
        answer.encode(out).ok().map(|written| written.len())
    }

    #[inline(never)]
    pub(super) fn say_reply(
        &mut self,
        link: LinkId,
        answering: Answering,
        now: Uptime,
        buffer: &mut [u8; MAX_PACKET],
    ) -> Option<Made> {
        let made = self.say(link, now, buffer, |device, out| device.write_reply(link, answering, now, out));
        if let Answering::Claimed(Outcome::Done) = answering {
            self.end_claim(link, now);
        }
        made
    }

    #[inline(never)]
    fn write_reply(&self, link: LinkId, answering: Answering, now: Uptime, out: &mut [u8]) -> Option<usize> {
        let body = ReportBody::Reply(self.reply(link, answering, now));
        Report { uptime: now, body }.encode(out).ok().map(|written| written.len())
    }

    /// Seals a report, which is written first, into the session of a link; nothing when there is none.
    fn say(
        &mut self,
        link: LinkId,
        now: Uptime,
        buffer: &mut [u8; MAX_PACKET],
        write: impl FnOnce(&Self, &mut [u8]) -> Option<usize>,
    ) -> Option<Made> {
        self.links.of(link)?.session(now)?;
        let length = write(self, buffer.get_mut(RECORD_HEADER..)?)?;
        let session = self.links.of(link)?.session(now)?;
        let length = session.seal_record(Kind::Record.prefix(), buffer, length).ok()?;
        Some(Made::Transmit(link, length))
    }

    #[inline(never)]
    pub(super) fn event(
        &mut self,
        from: LinkId,
        reporting: Reporting,
        now: Uptime,
        buffer: &mut [u8; MAX_PACKET],
    ) -> Option<Made> {
        let Some(link) = self.links.next_listener(from) else {
            if reporting == Reporting::Alarms {
                self.next_alarm();
            }
            return None;
        };
        let event = match reporting {
            Reporting::Changed => Event::Changed(self.lock.status(now)),
            Reporting::Finished { id, outcome } => Event::Finished { id: id.get(), outcome },
            Reporting::Alarms => {
                self.telling = self.telling.or_else(|| self.untold_alarms.take_next());
                Event::Alarm(self.telling?)
            }
            Reporting::Update => Event::Update(self.update.report()),
        };
        self.steps.push_first(Step::Event(LinkId(link.0.saturating_add(1)), reporting));
        self.say(link, now, buffer, |_, out| write_event(event, now, out))
    }

    /// Tells the holder on a link how its command ended.
    #[inline(never)]
    pub(super) fn holder_event(
        &mut self,
        link: LinkId,
        now: Uptime,
        buffer: &mut [u8; MAX_PACKET],
    ) -> Option<Made> {
        let (id, outcome) = self.holder_end(link)?;
        self.say(link, now, buffer, |_, out| write_event(Event::Finished { id, outcome }, now, out))
    }

    /// Whom the alarms were for is not there any more.
    pub(super) fn forget_untold_alarms(&mut self) {
        (self.untold_alarms, self.telling) = (AlarmSet::default(), None);
    }

    /// Every listener has heard of an alarm: the next one's turn. Where nobody listens any more, none is kept.
    fn next_alarm(&mut self) {
        if self.telling.take().is_none() {
            self.untold_alarms = AlarmSet::default();
        }
        if !self.untold_alarms.is_empty() {
            self.steps.push_first(Step::Event(LinkId(0), Reporting::Alarms));
        }
    }

    /// Seals a report, once the boot counter, the memory that it speaks of and its own counter are durable.
    #[inline(never)]
    pub(super) fn sealed_up(
        &mut self,
        link: LinkId,
        answering: Answering,
        group: Group,
        now: Uptime,
        buffer: &mut [u8; MAX_PACKET],
    ) -> Option<Made> {
        if let Some(missing) = self.missing_for_sealed_up() {
            self.steps.push_first(Step::Sealed(link, answering));
            return self.persist(missing, group, now, buffer);
        }
        let counter = self.up.next().ok()?;
        let length = self.write_sealed(link, answering, now, buffer.get_mut(SEALED_HEADER..)?)?;
        let leaves = &self.identity.leaves;
        let random = sealed_up_random::<S>(leaves.leaf(Label::Hedge), &self.nonces.draw());
        let header = SealedHeader {
            prefix: Kind::SealedUp.prefix(),
            key_epoch: self.identity.key_epoch,
            counter,
            random,
        };
        let length = seal_sealed::<S>(leaves, Direction::Up, &header, buffer, length).ok()?;
        Some(Made::Transmit(link, length))
    }

    #[inline(never)]
    fn write_sealed(&self, link: LinkId, answering: Answering, now: Uptime, out: &mut [u8]) -> Option<usize> {
        self.sealed_report(link, answering, now).encode(out).ok().map(|written| written.len())
    }

    fn missing_for_sealed_up(&self) -> Option<RecordTag> {
        if self.is_behind {
            Some(RecordTag::Memory)
        } else if !self.nonces.is_ready() {
            Some(RecordTag::Boot)
        } else if self.up.remaining() == 0 {
            Some(RecordTag::UpCeiling)
        } else {
            None
        }
    }

    fn reply(&self, link: LinkId, answering: Answering, now: Uptime) -> Reply {
        match answering {
            Answering::Nothing => Reply::Nothing,
            Answering::Command { id, repeat } => {
                let id = id.get();
                Reply::Command { id, outcome: self.outcome_of(id), repeat }
            }
            Answering::Settled { id, outcome, repeat } => Reply::Command { id: id.get(), outcome, repeat },
            Answering::Held { link, id, repeat } if T::PARTS.virtual_keys => {
                let id = id.get();
                Reply::Command { id, outcome: self.holder_outcome(link, id), repeat }
            }
            Answering::Status => Reply::Status(self.lock.status(now)),
            Answering::Marks => {
                Reply::Marks { nonce: self.links.marks_nonce(link), marks: self.durable_marks }
            }
            Answering::Digest => {
                let configuration = self.lock.configuration();
                Reply::Digest { version: configuration.version(), digest: configuration.digest::<S>() }
            }
            Answering::Items { table, first } => {
                let versions = self.lock.configuration().item_versions(table, first);
                Reply::Items { table, first, versions }
            }
            Answering::Health => Reply::Health(self.health(now)),
            Answering::Rotation if T::PARTS.life => self.rotation.reply::<S>(self.identity.key_epoch),
            Answering::Secrets { first } if T::PARTS.life => self.secrets(first),
            Answering::Log if T::PARTS.log => self.log_answer(link).map_or(Reply::NotUnderstood, Reply::Log),
            Answering::Unowned if T::PARTS.life => self.unowned_reply(),
            Answering::Claimed(outcome) if T::PARTS.life => Reply::Claimed(outcome),
            Answering::Wanted if T::PARTS.life && self.update.is_receiving() => {
                Reply::Wanted(self.update.wanted())
            }
            Answering::Update | Answering::Wanted if T::PARTS.life => Reply::Update(self.update.report()),
            Answering::Tickets if T::PARTS.virtual_keys => Reply::Tickets(self.tickets.state()),
            // What is of a part that this lock does without, it does not understand.
            Answering::Held { .. }
            | Answering::Rotation
            | Answering::Secrets { .. }
            | Answering::Log
            | Answering::Unowned
            | Answering::Claimed(_)
            | Answering::Update
            | Answering::Wanted
            | Answering::Tickets
            | Answering::Hint
            | Answering::NotUnderstood => Reply::NotUnderstood,
        }
    }

    fn sealed_report(&self, link: LinkId, answering: Answering, now: Uptime) -> SealedReport {
        let configuration = self.lock.configuration().version();
        match answering {
            Answering::Command { id, .. } => {
                let id = id.get();
                SealedReport::Receipt { id, outcome: self.outcome_of(id), configuration }
            }
            Answering::Settled { id, outcome, .. } => {
                SealedReport::Receipt { id: id.get(), outcome, configuration }
            }
            Answering::Status => {
                SealedReport::Status { boot: self.nonces.boot(), status: self.lock.status(now) }
            }
            Answering::Marks => {
                SealedReport::MarksAnswer { nonce: self.links.marks_nonce(link), marks: self.durable_marks }
            }
            Answering::Digest => {
                let digest = self.lock.configuration().digest::<S>();
                SealedReport::Digest { version: configuration, digest }
            }
            Answering::Items { table, first } => {
                let versions = self.lock.configuration().item_versions(table, first);
                SealedReport::Items { table, first, versions }
            }
            Answering::Health => SealedReport::Health { boot: self.nonces.boot(), health: self.health(now) },
            Answering::Log if T::PARTS.log => match self.log_answer(link) {
                Some(answer) => SealedReport::Log(answer),
                None => SealedReport::MarksHint { marks: self.durable_marks },
            },
            Answering::Update if T::PARTS.life => SealedReport::Update(self.update.report()),
            Answering::Tickets if T::PARTS.virtual_keys => SealedReport::Tickets(self.tickets.state()),
            // Holders and claimers seal nothing, chunks are not sealed, and nothing sealed says what is prepared, nor any secret. What is of a
            // part that this lock does without, it does not understand.
            Answering::Held { .. }
            | Answering::Rotation
            | Answering::Secrets { .. }
            | Answering::Unowned
            | Answering::Claimed(_)
            | Answering::Wanted
            | Answering::Log
            | Answering::Update
            | Answering::Tickets
            | Answering::Nothing
            | Answering::Hint
            | Answering::NotUnderstood => SealedReport::MarksHint { marks: self.durable_marks },
        }
    }
}

#[inline(never)]
fn write_event(event: Event, now: Uptime, out: &mut [u8]) -> Option<usize> {
    Report { uptime: now, body: ReportBody::Event(event) }.encode(out).ok().map(|written| written.len())
}
