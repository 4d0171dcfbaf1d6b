//! Packets on a link: greeting, handshake, records (section 4).

use lock_crypto::{
    Authenticated, Channel, Key, KeyEpoch, KeySelector, Label, Prologue, Suite, handle, hedge,
};
use lock_proto::{
    Chunk, DecodeError, Down, Hello, Kind, Live, Message1, NewOwner, Opening, Outcome, Packet, Reason,
    Request, Selector, Uptime, Versions,
};
use lock_state::{Tables, TimeAnswer, Wiping};
use zeroize::Zeroize;

use super::command::{Timeliness, Via, live_source};
use super::links::{Epoch, Greeting, HELLO_MILLIS};
use super::steps::Answering;
use super::storage::Standing;
use super::tickets::Holding;
use super::{Device, LinkId, parts};
use crate::handshake::Prepared;

/// A motion command is as fresh as the Hello that it answers (section 4.5).
const MOTION_MILLIS: u64 = 5_000;
/// How far ahead a record's command may be valid (section 4.6).
const MAX_VALIDITY_MILLIS: u64 = 5_000;

impl<S: Suite, const LINKS: usize, T: Tables> Device<S, LINKS, T> {
    /// Whatever is not in order gets no answer (section 8).
    #[inline(never)]
    pub(super) fn packet(&mut self, link: LinkId, packet: &mut [u8], now: Uptime) {
        match Packet::parse(packet).map(|packet| packet.kind()) {
            Ok(Kind::HelloRequest) => self.hello_requested(link, now),
            Ok(Kind::Message1) => self.message1(link, packet, now),
            Ok(Kind::Record) => self.record(link, packet, now),
            Ok(Kind::SealedDown) => self.sealed_down(link, packet, now),
            // Packets that only a lock sends: an echo.
            Ok(Kind::Hello | Kind::Message2 | Kind::SealedUp) | Err(_) => {}
        }
        // A request may carry a code; whoever owns the buffer is not to find it there.
        packet.zeroize();
    }

    /// Makes a fresh Hello, the only living one of its link, and prepares for the Message1 that will most likely answer it.
    #[inline(never)]
    pub(super) fn greet(&mut self, link: LinkId, now: Uptime) -> Option<[u8; Hello::BYTES]> {
        let nonce = hedge::hello_nonce::<S>(self.identity.leaves.leaf(Label::Hedge), &self.nonces.draw());
        let handle = handle::<S>(self.identity.leaves.leaf(Label::Handle), &nonce);
        let profile = self.identity.profile;
        let packet = Hello { versions: Versions::OURS, profile: profile.profile(), handle, nonce }.encode();
        let (psk, selector, key_epoch) = self.expected_handshake();
        let prologue = Prologue {
            lock_id: self.identity.lock_id,
            key_epoch,
            hello: &packet,
            version: lock_proto::PROTOCOL_VERSION,
            selector,
        };
        let prepared = Prepared::new(profile, psk, &prologue);
        let state = self.links.of(link)?;
        state.greeting = Some(Greeting { sent: now, prepared, hello: packet });
        (state.unproven_since, state.greeted_at) = (now, Some(now));
        Some(packet)
    }

    /// Sections 4.3 and 4.4. The Hello is burned by its first Message1, valid or not.
    #[inline(never)]
    fn message1(&mut self, link: LinkId, packet: &mut [u8], now: Uptime) {
        // What is said while an ownership ends, the time above all, would come to the next owner.
        if self.is_committing() || self.lock.wiping() == Wiping::EndOfOwnership {
            return;
        }
        let Some(state) = self.links.of(link).filter(|state| now >= state.rests_until) else { return };
        let asked_at = state.greeting.as_ref().map(|greeting| greeting.sent);
        let asked_at = asked_at.filter(|asked_at| now.millis_since(*asked_at) < HELLO_MILLIS);
        let admitted = asked_at.and_then(|asked_at| Some((self.admit(link, packet, now)?, asked_at)));
        let Some((payload, asked_at)) = admitted else { return self.turn_away(link, now) };
        if payload.channel() == Channel::LiveCloud {
            self.lock.note_cloud_heard(now);
            self.update.note_cloud_heard();
        }
        // What waits to be said was for the handshake or session that this one replaces.
        self.steps.drop_session(link);
        self.opening(link, payload, asked_at, now);
    }

    /// Nobody has proven anything with a Message1.
    fn turn_away(&mut self, link: LinkId, now: Uptime) {
        let Some(state) = self.links.of(link) else { return };
        state.greeting = None;
        state.rest(now);
        self.lock.note_bad_packet();
    }

    /// Opens a Message1 and lets its sender in.
    #[inline(never)]
    fn admit<'p>(
        &mut self,
        link: LinkId,
        packet: &'p mut [u8],
        now: Uptime,
    ) -> Option<Authenticated<&'p [u8]>> {
        let mut holding = Holding::default();
        let (payload, epoch) = self.try_key(link, packet, &mut holding)?;
        if !self.admits_peer(link, payload.channel(), now) {
            return None;
        }
        let state = self.links.of(link)?;
        (state.holding, state.epoch, state.awaits_chunk) = (holding, epoch, false);
        state.answers_greeted()?;
        Some(payload)
    }

    /// Tries exactly the key that the selector names, where a lock with this standing has it: what it opens, and whose epoch it is of. `holding`
    /// gets what a ticket yields.
    #[inline(never)]
    fn try_key<'p>(
        &mut self,
        link: LinkId,
        packet: &'p mut [u8],
        holding: &mut Holding,
    ) -> Option<(Authenticated<&'p [u8]>, Epoch)> {
        let Ok(Packet::Message1(Message1 { version, selector, ticket, handshake, .. })) =
            Packet::parse(packet)
        else {
            return None;
        };
        if !parts::meets(T::PARTS, selector) || !Versions::OURS.contains(version) {
            return None;
        }
        let (ticket, handshake) = (ticket.len(), handshake.len());
        let (clear, handshake) = packet.split_at_mut_checked(packet.len().checked_sub(handshake)?)?;
        let epoch = match (self.identity.standing, selector) {
            (Standing::Owned, Selector::CloudCurrent) | (Standing::Unowned, Selector::Claim) => {
                Epoch::InForce
            }
            (Standing::Owned, Selector::CloudPending) if T::PARTS.life => {
                self.prepare_under_prepared(link, version)?;
                Epoch::Prepared
            }
            (Standing::Owned, Selector::Ticket) if T::PARTS.virtual_keys => {
                let ticket = clear.get(clear.len().checked_sub(ticket)?..)?;
                let payload = self.open_with_ticket(link, version, ticket, handshake, holding)?;
                return Some((payload, Epoch::InForce));
            }
            (Standing::Owned, Selector::Claim | Selector::CloudPending | Selector::Ticket)
            | (Standing::Unowned, Selector::CloudCurrent | Selector::CloudPending | Selector::Ticket) => {
                return None;
            }
        };
        Some((self.open_prepared(link, handshake)?, epoch))
    }

    /// Opens a Message1 with the key that its link's greeting is prepared for.
    pub(super) fn open_prepared<'p>(
        &mut self,
        link: LinkId,
        handshake: &'p mut [u8],
    ) -> Option<Authenticated<&'p [u8]>> {
        self.links.of(link)?.greeting.as_mut()?.prepared.open_in_place(handshake).ok()
    }

    /// Prepares the greeting of a link for another key than the expected one.
    #[inline(never)]
    pub(super) fn prepare(
        &mut self,
        link: LinkId,
        psk: &Key,
        key_epoch: KeyEpoch,
        version: u8,
        selector: KeySelector<'_>,
    ) -> Option<()> {
        let greeting = self.links.of(link)?.greeting.as_mut()?;
        let hello = &greeting.hello;
        let prologue = Prologue { lock_id: self.identity.lock_id, key_epoch, hello, version, selector };
        greeting.prepared = Prepared::new(self.identity.profile, psk, &prologue);
        Some(())
    }

    /// The first message of a peer that has proven itself.
    #[inline(never)]
    fn opening(&mut self, link: LinkId, payload: Authenticated<&[u8]>, asked_at: Uptime, now: Uptime) {
        let via = Via::Handshake(link);
        let message = payload.try_map(Down::<Opening>::decode);
        let message = match &message {
            Ok(message) => message,
            Err(error) => return self.not_understood(via, *error),
        };
        if T::PARTS.life && message.channel() == Channel::LiveClaim {
            return self.claim_opening(via, message);
        }
        if let (Channel::LiveCloud, Some(time)) = (message.channel(), message.get().header.time) {
            let answer = message.as_ref().map(|_| TimeAnswer { time, asked_at });
            // A time that the rules refuse leaves the clock as it is; the session goes on without it.
            if let Ok(effects) = self.lock.set_clock(answer, now) {
                self.follow(effects, now);
            }
        }
        let is_motion =
            matches!(&message.get().request, Request::Command { action, .. } if action.is_motion());
        let until = asked_at.plus_millis(MOTION_MILLIS);
        let timeliness = if !self.identity.profile.opens_with(&message.get().request) {
            Timeliness::Not(Reason::SessionNeeded)
        } else if is_motion && now > until {
            Timeliness::Not(Reason::Expired)
        } else {
            Timeliness::Until(until)
        };
        let source = live_source(message.channel());
        self.request(via, message.as_ref().map(|message| &message.request), source, timeliness, now);
    }

    /// Section 4.6.
    #[inline(never)]
    fn record(&mut self, link: LinkId, packet: &mut [u8], now: Uptime) {
        let Some(session) = self.links.of(link).and_then(|state| state.session(now)) else { return };
        let Ok(body) = session.open_record(packet) else { return self.lock.note_bad_packet() };
        if T::PARTS.life && body.channel() == Channel::LiveClaim {
            return self.claim_record(link, body.try_map(NewOwner::decode), now);
        }
        let via = Via::Session(link);
        if T::PARTS.life
            && let Ok(chunk) = body.as_ref().try_map(|body| Chunk::decode(body).map(|(_, chunk)| chunk))
        {
            return self.chunk(link, &chunk);
        }
        let message = match body.try_map(Down::<Live>::decode) {
            Ok(message) => message,
            Err(error) => return self.not_understood(via, error),
        };
        let is_command = matches!(message.get().request, Request::Command { .. });
        if is_command && session.accept_command().is_err() {
            return;
        }
        let valid_until = message.get().header.valid_until;
        let timeliness = match in_time(valid_until, now) {
            Ok(()) => Timeliness::Until(valid_until),
            Err(reason) => Timeliness::Not(reason),
        };
        let source = live_source(message.channel());
        self.request(via, message.as_ref().map(|message| &message.request), source, timeliness, now);
    }

    /// Answers an authentic message that cannot be read: by its id where it has one (section 7).
    pub(super) fn not_understood(&mut self, via: Via, error: DecodeError) {
        self.answer(
            via,
            match error {
                DecodeError::UnknownAction { id } => Answering::Settled {
                    id: id.into(),
                    outcome: Outcome::Refused(Reason::Unsupported),
                    repeat: false,
                },
                DecodeError::Malformed => Answering::NotUnderstood,
            },
        );
    }
}

/// Whether a record that says until when it is valid comes in time.
pub(super) fn in_time(valid_until: Uptime, now: Uptime) -> Result<(), Reason> {
    if now > valid_until {
        Err(Reason::Expired)
    } else if valid_until.millis_since(now) > MAX_VALIDITY_MILLIS {
        Err(Reason::ValidTooLong)
    } else {
        Ok(())
    }
}
