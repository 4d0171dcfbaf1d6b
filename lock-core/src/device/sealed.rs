//! Messages by store and forward (section 5): the mark is durable before anything comes of them.

use lock_crypto::{Authenticated, Direction, Suite, Verdict, digest8, open_sealed};
use lock_proto::{Action, Down, Packet, Request, Sealed, Uptime};
use lock_state::{Source, Tables};

use super::command::{Timeliness, Via};
use super::steps::Answering;
use super::storage::Standing;
use super::{Device, LinkId};

/// Messages at or below the mark are answered at most once in this time (section 5).
const STALE_PACE_MILLIS: u64 = 1_000;

impl<S: Suite, const LINKS: usize, T: Tables> Device<S, LINKS, T> {
    #[inline(never)]
    pub(super) fn sealed_down(&mut self, link: LinkId, packet: &mut [u8], now: Uptime) {
        let Ok(Packet::SealedDown(sealed)) = Packet::parse(packet) else { return };
        let is_mine = sealed.key_epoch == self.identity.key_epoch.number();
        if !is_mine || self.identity.standing == Standing::Unowned {
            return;
        }
        let Ok(message) = open_sealed::<S>(&self.identity.leaves, Direction::Down, packet) else { return };
        let counter = message.get().counter;
        let body = message.map(|message| message.body);
        match self.memory.down_mark.judge(counter) {
            Verdict::Fresh(mark) => {
                let _ = self.memory.down_mark.advance(mark);
                self.save_first();
                self.update.note_cloud_heard();
                self.fresh(link, body, now);
            }
            Verdict::AtOrBelow | Verdict::TooFar => self.stale(link, body, now),
        }
    }

    #[inline(never)]
    fn fresh(&mut self, link: LinkId, body: Authenticated<&[u8]>, now: Uptime) {
        let via = Via::Sealed(link);
        match body.try_map(Down::<Sealed>::decode) {
            Ok(message) => {
                let Sealed { issued_at, not_after } = message.get().header;
                let source = Source::RemoteSealed { issued_at, not_after };
                // Its time is the clock's, which the deadbolt asks again when it obeys.
                let timeliness = Timeliness::Until(Uptime::from_millis(u64::MAX));
                self.request(
                    via,
                    message.as_ref().map(|message| &message.request),
                    Some(source),
                    timeliness,
                    now,
                );
            }
            Err(error) => self.not_understood(via, error),
        }
    }

    /// An authentic message that was here before, or that overtook too many: nothing moves; the sender hears what the lock
    /// knows of its command, or else its marks.
    #[inline(never)]
    fn stale(&mut self, link: LinkId, body: Authenticated<&[u8]>, now: Uptime) {
        if self.stale_answered_at.is_some_and(|at| now.millis_since(at) < STALE_PACE_MILLIS) {
            return;
        }
        self.stale_answered_at = Some(now);
        let known =
            body.try_map(Down::<Sealed>::decode).ok().and_then(|message| match &message.get().request {
                Request::Command { id, action } => self.knows(*id, action).then_some(*id),
                Request::Nothing | Request::Query(_) => None,
            });
        let answering =
            known.map_or(Answering::Hint, |id| Answering::Command { id: id.into(), repeat: true });
        self.answer(Via::Sealed(link), answering);
    }

    /// Whether the ledger still holds this very command.
    fn knows(&self, id: lock_proto::CommandId, action: &Action) -> bool {
        use lock_crypto::Judgement::{
            Execute, IdConflict, IdTooFar, Interrupted, OutcomeUnknown, Repeat, Started,
        };
        let digest = digest8::<S, 1>([action.identity(&mut [0; Action::MAX_IDENTITY])]);
        match self.memory.ledger.judge(id.0, digest) {
            Started | Repeat(_) | Interrupted => true,
            Execute(_) | IdConflict | OutcomeUnknown | IdTooFar => false,
        }
    }
}
