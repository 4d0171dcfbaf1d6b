//! What a lock tells its cloud of its log, entry by entry as the flash gives them, and what it frees when the cloud has them.

use lock_crypto::{LogHead, Suite};
use lock_proto::{Action, CommandId, LogAnswer, LogPage, MAX_PACKET, Outcome, Reason, Uptime};
use lock_state::Tables;

use super::keeping::{Flushed, Keeper, Work};
use super::{LogBeginning, LogRecord, split};
use crate::device::command::Via;
use crate::device::output::{Made, NotPending, PersistFailure, PersistId};
use crate::device::steps::{Answering, Step};
use crate::device::{Device, LinkId};

/// How many entries that cannot be read are passed over in one answer.
const MOST_UNREADABLE: u8 = 16;

/// What the log's flash holds of an entry, for [`Device::log_read`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogRead<'p> {
    /// How the payload of the entry before it begins; zero bytes before the very first.
    pub before: LogBeginning,
    /// Its payload.
    pub payload: &'p [u8],
}

/// An answer that is being put together.
#[derive(Debug)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub(crate) struct Telling {
    link: LinkId,
    nonce: [u8; 16],
    /// The entry that was asked for.
    asked: u64,
    /// The next entry to read.
    at: u64,
    from: u64,
    previous: [u8; 16],
    page: LogPage,
    unreadable: u8,
    is_full: bool,
}

/// An acknowledgement of the cloud, on its way to the flash.
#[derive(Debug)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub(crate) struct Acknowledging {
    index: u64,
    mac: [u8; 16],
    ended: Option<Result<(), Reason>>,
}

/// How far an answer about the log is.
enum Told {
    /// This first, and the step again.
    First(Made),
    /// The flash has to answer first.
    Waits,
    /// It can be given.
    Ready,
}

impl Telling {
    fn begin(link: LinkId, nonce: [u8; 16], from: u64, first_told: u64) -> Self {
        let at = from.max(first_told);
        let (previous, page) = ([0; 16], LogPage::EMPTY);
        Self { link, nonce, asked: from, at, from: at, previous, page, unreadable: 0, is_full: false }
    }

    fn take(&mut self, read: Option<LogRead<'_>>) {
        let index = self.at;
        self.at = index.saturating_add(1);
        let whole = read.and_then(|read| {
            let (beginning, body) = read.payload.split_first_chunk()?;
            Some((split(&read.before).0, split(beginning).0, body))
        });
        let Some((previous, mac, body)) = whole else {
            // What comes behind is told in the next answer, with its own place.
            self.unreadable = self.unreadable.saturating_add(1);
            self.is_full = !self.page.is_empty() || self.unreadable >= MOST_UNREADABLE;
            if self.page.is_empty() {
                self.from = self.at;
            }
            return;
        };
        if self.page.is_empty() {
            self.previous = previous.0;
        }
        match self.page.with(mac.0, body) {
            Some(page) => self.page = page,
            None => self.is_full = true,
        }
    }
}

impl Keeper {
    /// Takes what the flash holds of the entry that was asked for.
    fn read(&mut self, read: Option<LogRead<'_>>) {
        if let Some(telling) = &mut self.telling {
            telling.take(read);
        }
    }

    /// An acknowledgement was stored, or not.
    pub(super) fn acknowledged(&mut self, stored: Result<(), PersistFailure>) {
        let Some(acknowledging) = &mut self.acknowledging else { return };
        if stored.is_ok() {
            self.held.acknowledged = self.held.acknowledged.max(acknowledging.index.saturating_add(1));
        }
        acknowledging.ended = Some(stored.map_err(PersistFailure::reason));
    }

    /// The last answer, whose entries are all there.
    fn answer<S: Suite>(&self, nonce: [u8; 16]) -> Option<LogAnswer> {
        let Telling { from, previous, page, .. } = self.telling.as_ref()?;
        let LogHead { epoch, first, next, last, tag } = self.book.head::<S>(&nonce, self.first_told()?);
        let previous = if *from == next { last.0 } else { *previous };
        Some(LogAnswer {
            key_epoch: epoch.number(),
            first,
            next,
            last_mac: last.0,
            tag,
            from: *from,
            previous,
            entries: *page,
        })
    }
}

impl<S: Suite, const LINKS: usize, T: Tables> Device<S, LINKS, T> {
    /// What the log's flash holds of the entry that [`LogWork::Read`](crate::device::LogWork::Read) names; `None` where it holds none
    /// that can be read.
    ///
    /// # Errors
    /// [`NotPending`].
    pub fn log_read(&mut self, id: PersistId, read: Option<LogRead<'_>>) -> Result<(), NotPending> {
        let log = self.log.as_mut().ok_or(NotPending)?;
        log.take_pending(id, Work::Read).ok_or(NotPending)?;
        log.read(read);
        Ok(())
    }

    /// Whether a step may be done: an answer about the log comes first to what it needs, one output at a time, and is then made like any
    /// other. `Err` where something comes before it, or has to be answered.
    #[inline(never)]
    pub(crate) fn log_before(
        &mut self,
        step: Step,
        now: Uptime,
        buffer: &mut [u8; MAX_PACKET],
    ) -> Result<Step, Option<Made>> {
        let (Step::Message2(link, Answering::Log)
        | Step::Reply(link, Answering::Log)
        | Step::Sealed(link, Answering::Log)) = step
        else {
            return Ok(step);
        };
        let made = match self.tell_log(link, now, buffer) {
            Told::Ready => return Ok(step),
            Told::First(made) => Some(made),
            Told::Waits => None,
        };
        self.steps.push_first(step);
        Err(made)
    }

    /// Brings together what an answer about the log needs: first all that waits is stored, then entry after entry is read.
    fn tell_log(&mut self, link: LinkId, now: Uptime, buffer: &mut [u8; MAX_PACKET]) -> Told {
        match self.flush_log(now, buffer) {
            Flushed::Level => {}
            Flushed::First(made) => return Told::First(made),
            Flushed::Waits => return Told::Waits,
        }
        let (Some(log), Some((from, nonce))) = (self.log.as_mut(), self.links.log_question(link)) else {
            return Told::Ready;
        };
        // Of an ownership whose first entry could not be stored yet nothing can be told.
        let Some(first_told) = log.first_told() else { return Told::Ready };
        let question = (link, from, nonce);
        let is_this = |telling: &&Telling| (telling.link, telling.asked, telling.nonce) == question;
        if log.telling.as_ref().filter(is_this).is_none() {
            log.telling = Some(Telling::begin(link, nonce, from, first_told));
        }
        let next = log.book.next();
        let wanted = log
            .telling
            .as_ref()
            .filter(|telling| !telling.is_full && telling.at < next)
            .map(|telling| telling.at);
        match wanted {
            Some(index) => Told::First(Made::ReadLog(self.hand_out(Work::Read), index)),
            None => Told::Ready,
        }
    }

    /// Keeps what is asked of the log until its answer is made.
    pub(crate) fn log_asked(&mut self, via: Via, from: u64, nonce: [u8; 16]) -> Answering {
        let (Via::Handshake(link) | Via::Session(link) | Via::Sealed(link)) = via;
        if self.log.as_ref().is_none() {
            return Answering::NotUnderstood;
        }
        if let Some(state) = self.links.of(link) {
            state.log_question = Some((from, nonce));
        }
        Answering::Log
    }

    /// The answer whose entries were brought together.
    pub(crate) fn log_answer(&self, link: LinkId) -> Option<LogAnswer> {
        let (_, nonce) = self.links.log_question(link)?;
        self.log.as_ref()?.answer::<S>(nonce)
    }

    /// Takes an acknowledgement of the cloud; nothing is freed before its id is durable and the flash has compared the MAC.
    pub(crate) fn begin_acknowledging(&mut self, id: CommandId, action: &Action) -> Result<Step, Reason> {
        let Action::AcknowledgeLog { key_epoch, index, mac } = *action else {
            return Err(Reason::Unsupported);
        };
        let log = self.log.as_mut().ok_or(Reason::Unsupported)?;
        if log.acknowledging.is_some() {
            return Err(Reason::StorageBusy);
        }
        if key_epoch != log.book.epoch().number() || index >= log.book.next() {
            return Err(Reason::InvalidArgument);
        }
        log.acknowledging = Some(Acknowledging { index, mac, ended: None });
        Ok(Step::Acknowledge(id.into()))
    }

    /// Hands an acknowledgement to the flash, and ends its command when the flash has answered.
    #[inline(never)]
    pub(crate) fn acknowledge(&mut self, id: CommandId, now: Uptime) -> Option<Made> {
        let log = self.log.as_mut()?;
        let ended = log.acknowledging.as_ref().and_then(|acknowledging| acknowledging.ended);
        match ended {
            None => {
                self.steps.push_first(Step::Acknowledge(id.into()));
                let log = self.log.as_mut()?;
                if log.await_pending() {
                    return None;
                }
                let Acknowledging { index, mac, .. } = *log.acknowledging.as_ref()?;
                Some(Made::AcknowledgeLog(self.hand_out(Work::Acknowledge), index, mac))
            }
            Some(ended) => {
                log.acknowledging = None;
                let outcome = ended.map_or_else(Outcome::Refused, |()| Outcome::Done);
                if let Err(reason) = ended {
                    self.note_refusal(reason, lock_state::Source::RemoteLive, Some(id), now);
                }
                self.finish(id, outcome);
                self.save();
                None
            }
        }
    }

    /// Its id is not durable: nothing is freed.
    pub(crate) fn drop_acknowledgement(&mut self) {
        if let Some(log) = self.log.as_mut() {
            log.acknowledging = None;
        }
    }
}

const _: () = assert!(LogRecord::BEGINNING == size_of::<LogBeginning>());
