//! The cloud's end of a live session (section 4).

use core::fmt;

use lock_crypto::{
    Authenticated, Delivery, InitiatorHedge, Key, KeySelector, Label, Prologue, RustCrypto, Suite,
};
use lock_proto::{
    Answer, Chunk, DecodeError, Down, EncodeError, Hello, HolderAnswer, HolderReport, Kind, Live, Message1,
    Opening, Packet, Profile, RECORD_HEADER, Report, Request, Selector, Uptime, Versions,
};
use zeroize::{Zeroize, Zeroizing};

use super::{FreshMarks, LockKeys, Monotonic};
use crate::handshake::{AwaitMessage2, OVERHEAD, Spoken};

/// How far ahead of the lock's clock a command in a record stays valid: less than the 5,000 ms that a lock accepts, so
/// that an hour of drift between the two clocks does not matter.
const VALIDITY_MILLIS: u64 = 4_000;

/// A session ends by age (section 4.6).
const MAX_AGE_MILLIS: u64 = 3_600_000;

/// Why there is no session, or no message in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// The bytes are not the packet that was expected here.
    #[error("the relay brought something else than the expected packet; ask the lock for a new Hello")]
    UnexpectedPacket,
    /// The Hello is not of this lock.
    #[error("the lock that was reached is not this one; check which lock the phone is connected to")]
    AnotherLock,
    /// No protocol version in common.
    #[error("this cloud and the lock have no protocol version in common; update the older one")]
    NoCommonVersion,
    /// The message does not fit the buffer or the packet.
    #[error("the message does not fit; a buffer of 512 bytes always suffices")]
    TooLong,
    /// The packet is not from the lock, or was tampered with, repeated or reordered on the way.
    #[error(
        "the packet was altered or repeated on the way, or is not from this lock; start again with a new Hello"
    )]
    Refused,
    /// It is from the lock, and of another protocol.
    #[error("the lock sent something that this version does not understand; update the cloud")]
    NotUnderstood,
    /// The session has reached its age or its number of records or failures.
    #[error("the session has ended; start a new one with a new Hello")]
    Ended,
    /// The Hello has another profile than the one that the lock is registered with.
    #[error(
        "the lock greets with another profile than it is registered with: the relay changed it, or the lock was made anew; \
         register it as it was made, or look at the relay"
    )]
    AnotherProfile,
    /// The lock is registered with profile X, and this build knows profile S alone.
    #[error("the lock speaks profile X; build this cloud with the feature x25519")]
    ProfileNotInBuild,
    /// A configuration is no first message of profile X, which has no forward secrecy; a rotation is none of either.
    #[error("this is not sent in the first message; open the session first, then ask in it")]
    OpenSessionFirst,
}

/// A handshake that waits for the lock's Message2.
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub struct Connecting<S: Suite = RustCrypto> {
    waiting: AwaitMessage2<S>,
}

impl<S: Suite> Connecting<S> {
    /// Answers the Hello of a lock with a Message1 that carries a first message, written to `out` (128 bytes suffice).
    /// Returns the packet's length.
    ///
    /// `hedge.attempt` is reserved in storage for this handshake alone (section 3.4). `opening.header.time` is the cloud's
    /// clock now: the lock may take it as the time.
    ///
    /// # Errors
    /// [`SessionError`]: nothing must be sent.
    pub fn start(
        keys: &LockKeys<S>,
        hello_packet: &[u8],
        opening: &Down<Opening>,
        hedge: &InitiatorHedge,
        out: &mut [u8],
    ) -> Result<(usize, Self), SessionError> {
        let Ok(Packet::Hello(hello)) = Packet::parse(hello_packet) else {
            return Err(SessionError::UnexpectedPacket);
        };
        let hello_packet = hello_of(hello_packet)?;
        if !keys.recognises(&hello) {
            return Err(SessionError::AnotherLock);
        }
        Self::answer(keys, (&hello, hello_packet), Selector::CloudCurrent, opening, hedge, out)
    }

    /// Answers a Hello that was recognised, under the `session` leaf of these keys.
    pub(super) fn answer(
        keys: &LockKeys<S>,
        (hello, hello_packet): (&Hello, &[u8; Hello::BYTES]),
        selector: Selector,
        opening: &Down<Opening>,
        hedge: &InitiatorHedge,
        out: &mut [u8],
    ) -> Result<(usize, Self), SessionError> {
        let (version, profile) = spoken_with(hello, keys.profile)?;
        if !profile.opens_with(&opening.request) {
            return Err(SessionError::OpenSessionFirst);
        }
        let prologue = Prologue {
            lock_id: keys.lock_id,
            key_epoch: keys.key_epoch,
            hello: hello_packet,
            version,
            selector: match selector {
                Selector::CloudPending => KeySelector::CloudPending,
                Selector::CloudCurrent | Selector::Ticket | Selector::Claim => KeySelector::CloudCurrent,
            },
        };
        let psk = keys.leaves.leaf(Label::Session);
        Self::start_with(profile, (psk, &prologue), selector, opening, hedge, out)
    }

    /// A Message1 under any key, by the selector of its prologue.
    pub(crate) fn start_with(
        profile: Spoken,
        (psk, prologue): (&Key, &Prologue<'_>),
        selector: Selector,
        opening: &Down<Opening>,
        hedge: &InitiatorHedge,
        out: &mut [u8],
    ) -> Result<(usize, Self), SessionError> {
        let mut body = Zeroizing::new([0; Down::<Opening>::MAX_BYTES]);
        let body = opening.encode(body.as_mut_slice()).map_err(|_| SessionError::TooLong)?;
        let mut handshake = [0; Down::<Opening>::MAX_BYTES + OVERHEAD];
        let (length, waiting) = AwaitMessage2::start(profile, psk, prologue, hedge, body, &mut handshake)
            .map_err(|_| SessionError::TooLong)?;
        let handshake = handshake.get(..length).ok_or(SessionError::TooLong)?;
        let ticket = prologue.selector.ticket();
        let message1 = Message1 { version: prologue.version, selector, ticket, handshake };
        let length = message1.encode(out).map_err(|_| SessionError::TooLong)?.len();
        Ok((length, Self { waiting }))
    }

    /// Opens the lock's Message2 in place: its answer, its marks, and the session.
    ///
    /// # Errors
    /// [`SessionError`]: whether the first command was executed is then unknown until the lock is asked.
    pub fn finish(
        self,
        packet: &mut [u8],
        delivery: Delivery,
        now: Monotonic,
    ) -> Result<(Authenticated<Answer>, FreshMarks, Session<S>), SessionError> {
        let (answer, session) =
            self.finish_as(packet, delivery, now, Answer::decode, |answer| answer.uptime)?;
        let marks = FreshMarks(answer.get().marks);
        Ok((answer, marks, session))
    }

    /// The same for a holder, who reads what a holder is told and nothing else.
    ///
    /// # Errors
    /// [`SessionError`]: whether the first command was executed is then unknown until the lock is asked.
    pub fn finish_for_holder(
        self,
        packet: &mut [u8],
        delivery: Delivery,
        now: Monotonic,
    ) -> Result<(Authenticated<HolderAnswer>, Session<S>), SessionError> {
        self.finish_as(packet, delivery, now, HolderAnswer::decode, |answer| answer.uptime)
    }

    fn finish_as<T>(
        self,
        packet: &mut [u8],
        delivery: Delivery,
        now: Monotonic,
        decode: fn(&[u8]) -> Result<T, DecodeError>,
        uptime: fn(&T) -> Uptime,
    ) -> Result<(Authenticated<T>, Session<S>), SessionError> {
        let Ok(Packet::Message2(_)) = Packet::parse(packet) else {
            return Err(SessionError::UnexpectedPacket);
        };
        let handshake =
            packet.get_mut(Kind::Message2.prefix().len()..).ok_or(SessionError::UnexpectedPacket)?;
        let (payload, keys) = self.waiting.finish(handshake).map_err(|_| SessionError::Refused)?;
        let answer = payload.try_map(decode).map_err(|_| SessionError::NotUnderstood)?;
        let session = Session {
            records: keys.into_session(delivery),
            heard: uptime(answer.get()),
            heard_at: now,
            started_at: now,
        };
        Ok((answer, session))
    }
}

/// The bytes of a Hello packet.
pub(super) fn hello_of(packet: &[u8]) -> Result<&[u8; Hello::BYTES], SessionError> {
    packet.try_into().map_err(|_| SessionError::UnexpectedPacket)
}

/// The version that both know, and the profile. Whatever stands in the Hello, the profile is the one of the registration: nobody on
/// the way can choose.
pub(crate) fn spoken_with(hello: &Hello, registered: Profile) -> Result<(u8, Spoken), SessionError> {
    let version = Versions::OURS.best_with(hello.versions).ok_or(SessionError::NoCommonVersion)?;
    if hello.profile != registered {
        return Err(SessionError::AnotherProfile);
    }
    Ok((version, Spoken::of(registered).ok_or(SessionError::ProfileNotInBuild)?))
}

impl<S: Suite> fmt::Debug for Connecting<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connecting(..)")
    }
}

/// A live session with a lock. At most 256 bytes, no heap: a service holds a hundred thousand of them.
#[derive(Debug)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub struct Session<S: Suite = RustCrypto> {
    records: lock_crypto::Session<S>,
    /// The lock's clock when it last spoke, and ours when we heard it.
    heard: Uptime,
    heard_at: Monotonic,
    started_at: Monotonic,
}

const _: () = assert!(size_of::<Session>() <= 256);

impl<S: Suite> Session<S> {
    /// Seals a request into `packet` (512 bytes suffice) and returns the packet's length. A command in it is valid for
    /// four seconds of the lock's clock.
    ///
    /// # Errors
    /// [`SessionError::TooLong`], [`SessionError::Ended`].
    pub fn request(
        &mut self,
        request: Request,
        now: Monotonic,
        packet: &mut [u8],
    ) -> Result<usize, SessionError> {
        self.seal(now, packet, |header, body| Ok(Down { header, request }.encode(body)?.len()))
    }

    /// Seals a piece of a firmware image into `packet` (512 bytes suffice) and returns the packet's length.
    ///
    /// # Errors
    /// [`SessionError::TooLong`], [`SessionError::Ended`].
    pub fn chunk(
        &mut self,
        chunk: &Chunk<'_>,
        now: Monotonic,
        packet: &mut [u8],
    ) -> Result<usize, SessionError> {
        self.seal(now, packet, |header, body| Ok(chunk.encode(header, body)?.len()))
    }

    /// Seals a body that says until when it is valid.
    pub(crate) fn seal(
        &mut self,
        now: Monotonic,
        packet: &mut [u8],
        write: impl FnOnce(Live, &mut [u8]) -> Result<usize, EncodeError>,
    ) -> Result<usize, SessionError> {
        self.end_by_age(now);
        if self.has_ended() {
            return Err(SessionError::Ended);
        }
        let valid_until =
            self.heard.plus_millis(now.millis_since(self.heard_at)).plus_millis(VALIDITY_MILLIS);
        let sealed =
            Self::write_and_seal(&mut self.records, packet, |body| write(Live { valid_until }, body));
        // A body may carry a code or a key: what was not sealed does not stay.
        sealed.inspect_err(|_| packet.zeroize())
    }

    fn write_and_seal(
        records: &mut lock_crypto::Session<S>,
        packet: &mut [u8],
        write: impl FnOnce(&mut [u8]) -> Result<usize, EncodeError>,
    ) -> Result<usize, SessionError> {
        let body = packet.get_mut(RECORD_HEADER..).ok_or(SessionError::TooLong)?;
        let length = write(body).map_err(|_| SessionError::TooLong)?;
        records.seal_record(Kind::Record.prefix(), packet, length).map_err(|error| match error {
            lock_crypto::SealError::BufferTooSmall { .. } => SessionError::TooLong,
            lock_crypto::SealError::SessionEnded => SessionError::Ended,
        })
    }

    /// Opens a record of the lock in place.
    ///
    /// # Errors
    /// [`SessionError::Refused`] for anything altered, repeated or reordered; the session goes on until its eighth failure.
    pub fn open(&mut self, packet: &mut [u8], now: Monotonic) -> Result<Authenticated<Report>, SessionError> {
        self.open_as(packet, now, Report::decode, |report| report.uptime)
    }

    /// The same for a holder, who reads what a holder is told and nothing else.
    ///
    /// # Errors
    /// As of [`open`](Self::open).
    pub fn open_for_holder(
        &mut self,
        packet: &mut [u8],
        now: Monotonic,
    ) -> Result<Authenticated<HolderReport>, SessionError> {
        self.open_as(packet, now, HolderReport::decode, |report| report.uptime)
    }

    fn open_as<T>(
        &mut self,
        packet: &mut [u8],
        now: Monotonic,
        decode: fn(&[u8]) -> Result<T, DecodeError>,
        uptime: fn(&T) -> Uptime,
    ) -> Result<Authenticated<T>, SessionError> {
        self.end_by_age(now);
        let Ok(Packet::Record(_)) = Packet::parse(packet) else { return Err(SessionError::UnexpectedPacket) };
        let body = self.records.open_record(packet).map_err(|error| match error {
            lock_crypto::RecordError::SessionEnded => SessionError::Ended,
            lock_crypto::RecordError::TooShort
            | lock_crypto::RecordError::UnexpectedCounter
            | lock_crypto::RecordError::Forged => SessionError::Refused,
        })?;
        let report = body.try_map(decode).map_err(|_| SessionError::NotUnderstood)?;
        let told = uptime(report.get());
        if told >= self.heard {
            (self.heard, self.heard_at) = (told, now);
        }
        Ok(report)
    }

    /// Whether the session has reached a limit.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.records.has_ended()
    }

    fn end_by_age(&mut self, now: Monotonic) {
        if now.millis_since(self.started_at) >= MAX_AGE_MILLIS {
            self.records.end();
        }
    }
}
