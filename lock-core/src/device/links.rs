//! The lock's links: at most one Hello and one session on each.

use core::fmt;

use lock_crypto::{Channel, Delivery, LockHedge, Session, Suite};
use lock_place::{Made, Place, emplace};
use lock_proto::{Hello, Uptime};
use lock_state::Tables;

use super::Device;
use super::steps::Step;
use super::tickets::Holding;
use crate::handshake::{Opened, Prepared};

/// The number of a link, from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkId(pub u8);

/// A Hello is dead after this (section 1.2).
pub(super) const HELLO_MILLIS: u64 = 10_000;
/// A link without a session is closed after this (section 2.4).
const UNPROVEN_MILLIS: u64 = 10_000;
/// A link rests for this after a Message1 that failed (section 2.4).
pub(super) const REST_MILLIS: u64 = 1_000;
/// A session ends at this age (section 4.6).
const SESSION_MILLIS: u64 = 3_600_000;
/// That of a holder of a virtual key, and that of a claimer, end at this age: a key that is over or revoked must not keep others away
/// for long, and a claim is done in a moment.
const SHORT_SESSION_MILLIS: u64 = 60_000;
/// Hello requests are answered once in this time (section 1.1).
const HELLO_PACE_MILLIS: u64 = 1_000;

/// The one living Hello of a link, and the handshake prepared for the key that it will most likely meet.
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub(super) struct Greeting<S: Suite> {
    pub(super) sent: Uptime,
    pub(super) prepared: Prepared<S>,
    /// The packet, for handshakes with another key.
    pub(super) hello: [u8; Hello::BYTES],
}

/// Under which key epoch a peer of a link has proven itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(lock_model, derive(Hash))]
pub(super) enum Epoch {
    /// The one in force, or none yet.
    #[default]
    InForce,
    /// The one that is prepared.
    Prepared,
}

/// How far a peer on the link has proven itself.
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub(super) enum Peer<S: Suite> {
    Unknown,
    /// Its Message1 was good; the answer waits its turn.
    Opened(Opened<S>),
    Live {
        session: Session<S>,
        since: Uptime,
    },
}

#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub(super) struct Link<S: Suite> {
    pub(super) delivery: Delivery,
    pub(super) greeting: Option<Greeting<S>>,
    pub(super) peer: Peer<S>,
    /// When it came up, or was last greeted.
    pub(super) unproven_since: Uptime,
    pub(super) rests_until: Uptime,
    pub(super) greeted_at: Option<Uptime>,
    /// Of a holder of a virtual key: what it yields, and the last command.
    pub(super) holding: Holding,
    pub(super) epoch: Epoch,
    /// From which entry on the log was asked for last, and under which nonce.
    pub(super) log_question: Option<(u64, [u8; 16])>,
    /// The nonce of the last question for marks.
    pub(super) marks_nonce: [u8; 16],
    /// A chunk of this session is being written, and is answered then.
    pub(super) awaits_chunk: bool,
}

/// All links; `None` where there is no connection.
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub(super) struct Links<S: Suite, const LINKS: usize> {
    each: [Option<Link<S>>; LINKS],
}

impl<S: Suite, const LINKS: usize> fmt::Debug for Links<S, LINKS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.each.iter().map(Option::is_some)).finish()
    }
}

impl<S: Suite, const LINKS: usize> Links<S, LINKS> {
    /// No connection.
    pub(super) fn none(place: Place<'_, Self>) -> Made<'_, Self> {
        emplace!(place => Links { each <- |each| each.fill(|| None) })
    }

    pub(super) fn of(&mut self, link: LinkId) -> Option<&mut Link<S>> {
        self.each.get_mut(usize::from(link.0))?.as_mut()
    }

    /// What was asked of the log on a link.
    pub(super) fn log_question(&self, link: LinkId) -> Option<(u64, [u8; 16])> {
        self.each.get(usize::from(link.0))?.as_ref()?.log_question
    }

    /// Whose first message on a link was good and waits for its answer.
    pub(super) fn opened_by(&self, link: LinkId) -> Option<Channel> {
        match &self.each.get(usize::from(link.0))?.as_ref()?.peer {
            Peer::Opened(opened) => Some(opened.peer()),
            Peer::Unknown | Peer::Live { .. } => None,
        }
    }

    /// Under which nonce the marks were asked for on a link.
    pub(super) fn marks_nonce(&self, link: LinkId) -> [u8; 16] {
        let state = self.each.get(usize::from(link.0)).and_then(Option::as_ref);
        state.map(|state| state.marks_nonce).unwrap_or_default()
    }

    /// What the holder on a link was granted.
    pub(super) fn holding(&self, link: LinkId) -> Option<&Holding> {
        self.each.get(usize::from(link.0))?.as_ref().map(|link| &link.holding)
    }

    fn set(&mut self, link: LinkId, state: Option<Link<S>>) {
        if let Some(slot) = self.each.get_mut(usize::from(link.0)) {
            *slot = state;
        }
    }

    /// Every Hello that was made with other keys is dead.
    pub(super) fn forget_greetings(&mut self) {
        self.each.iter_mut().flatten().for_each(|link| link.greeting = None);
    }

    /// Nobody has proven anything any more, but for the peer on one link. The links close when their time is up.
    pub(super) fn forget_peers(&mut self, but: Option<LinkId>) {
        let kept = but.map(|link| usize::from(link.0));
        for (index, link) in self.each.iter_mut().enumerate() {
            if let Some(link) = link.as_mut().filter(|_| kept != Some(index)) {
                (link.peer, link.holding) = (Peer::Unknown, Holding::default());
            }
        }
    }

    /// Whether the cloud is, or is about to be, in a session on any link.
    pub(super) fn any_listener(&self) -> bool {
        self.each.iter().flatten().any(|link| match &link.peer {
            Peer::Unknown => false,
            Peer::Opened(opened) => opened.peer() == Channel::LiveCloud,
            Peer::Live { session, .. } => session.peer() == Channel::LiveCloud && !session.has_ended(),
        })
    }

    /// The first link from `from` on with a live session of the cloud.
    pub(super) fn next_listener(&self, from: LinkId) -> Option<LinkId> {
        let live = |link: &Option<Link<S>>| {
            matches!(link, Some(Link { peer: Peer::Live { session, .. }, .. })
                if session.peer() == Channel::LiveCloud && !session.has_ended())
        };
        let index = self.each.iter().enumerate().skip(usize::from(from.0)).find(|(_, link)| live(link))?.0;
        u8::try_from(index).ok().map(LinkId)
    }

    /// The link whose session awaits the answer to a chunk; it awaits none afterwards.
    pub(super) fn take_chunk_link(&mut self) -> Option<LinkId> {
        let (index, link) = self.each.iter_mut().enumerate().find_map(|(index, link)| {
            link.as_mut().filter(|link| link.awaits_chunk).map(|link| (index, link))
        })?;
        link.awaits_chunk = false;
        u8::try_from(index).ok().map(LinkId)
    }

    pub(super) fn poll_timeout(&self) -> Option<Uptime> {
        self.each.iter().flatten().map(Link::deadline).min()
    }

    /// The first link whose time is up.
    fn overdue(&self, now: Uptime) -> Option<LinkId> {
        let index =
            self.each.iter().position(|link| link.as_ref().is_some_and(|link| link.deadline() <= now))?;
        u8::try_from(index).ok().map(LinkId)
    }
}

/// How long a session lives, in milliseconds.
fn life<S: Suite>(session: &Session<S>) -> u64 {
    if session.peer() == Channel::LiveCloud { SESSION_MILLIS } else { SHORT_SESSION_MILLIS }
}

impl<S: Suite> Link<S> {
    /// The session that lives now: neither replaced, nor ended, nor too old.
    pub(super) fn session(&mut self, now: Uptime) -> Option<&mut Session<S>> {
        match &mut self.peer {
            Peer::Live { session, since } if now.millis_since(*since) < life(session) => Some(session),
            Peer::Live { .. } | Peer::Unknown | Peer::Opened(_) => None,
        }
    }

    fn deadline(&self) -> Uptime {
        match &self.peer {
            Peer::Live { session, since } if !session.has_ended() => since.plus_millis(life(session)),
            Peer::Live { .. } | Peer::Unknown | Peer::Opened(_) => {
                self.unproven_since.plus_millis(UNPROVEN_MILLIS)
            }
        }
    }

    /// Whether a request for a Hello is answered now.
    fn may_greet(&self, now: Uptime) -> bool {
        now >= self.rests_until && self.greeted_at.is_none_or(|at| now.millis_since(at) >= HELLO_PACE_MILLIS)
    }

    /// The peer has proven itself with a Message1, which the greeting has opened; `None` where it has not.
    #[inline(never)]
    pub(super) fn answers_greeted(&mut self) -> Option<()> {
        self.peer = Peer::Opened(self.greeting.take()?.prepared.into_opened()?);
        Some(())
    }

    /// Where the payload of Message2 is to stand in the handshake's part of it; `None` where nothing was opened.
    pub(super) const fn payload_at(&self) -> Option<usize> {
        match &self.peer {
            Peer::Opened(opened) => Some(opened.payload_at()),
            Peer::Unknown | Peer::Live { .. } => None,
        }
    }

    /// Makes the handshake's part of Message2 around a payload of `length` bytes that stands there already, and begins the session. Where
    /// nothing was opened or can be answered, nobody has proven anything.
    #[inline(never)]
    pub(super) fn reply(
        &mut self,
        hedge: &LockHedge,
        length: usize,
        now: Uptime,
        out: &mut [u8],
    ) -> Option<usize> {
        let Peer::Opened(opened) = core::mem::replace(&mut self.peer, Peer::Unknown) else { return None };
        let (length, keys) = opened.reply_in_place(hedge, length, out)?;
        self.peer = Peer::Live { session: keys.into_session(self.delivery), since: now };
        Some(length)
    }

    /// After a failed Message1: the link is silent for a while.
    pub(super) fn rest(&mut self, now: Uptime) {
        self.rests_until = now.plus_millis(REST_MILLIS);
    }
}

impl<S: Suite, const LINKS: usize, T: Tables> Device<S, LINKS, T> {
    #[inline(never)]
    pub(super) fn link_up(&mut self, link: LinkId, delivery: Delivery, now: Uptime) {
        self.steps.drop_link(link);
        let state = Link {
            delivery,
            greeting: None,
            peer: Peer::Unknown,
            unproven_since: now,
            rests_until: now,
            greeted_at: None,
            holding: Holding::default(),
            epoch: Epoch::InForce,
            log_question: None,
            marks_nonce: [0; 16],
            awaits_chunk: false,
        };
        self.links.set(link, Some(state));
        self.steps.push(Step::Hello(link));
    }

    pub(super) fn link_down(&mut self, link: LinkId) {
        self.steps.drop_link(link);
        self.links.set(link, None);
    }

    pub(super) fn hello_requested(&mut self, link: LinkId, now: Uptime) {
        if self.links.of(link).is_some_and(|state| state.may_greet(now)) {
            self.steps.push_once(Step::Hello(link));
        }
    }

    /// Closes links that proved nothing in time and sessions that are too old. One a tick: the next deadline is due at once.
    pub(super) fn time_out_links(&mut self, now: Uptime) {
        if let Some(link) = self.links.overdue(now) {
            self.link_down(link);
            self.steps.push(Step::Close(link));
        }
    }
}
