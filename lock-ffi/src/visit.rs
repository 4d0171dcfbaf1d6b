//! A visit to a lock, of a holder or of a cloud: one handshake with a first request, and the session until its end.
#![allow(unsafe_code)]

use lock_core::cloud::{
    Connecting as CoreConnecting, FreshMarks, Monotonic, Session as CoreSession, SessionError,
};
use lock_core::crypto::{ChipCrypto, Delivery};
use lock_core::proto::{Kind, Packet, Request};

use crate::gate::{self, Output, OutputBytes};
use crate::heard::HeardThat;
use crate::{LK_PACKET_MAX, Status, words};

type Connecting = CoreConnecting<ChipCrypto>;
type Session = CoreSession<ChipCrypto>;

/// What a handshake starts from.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Greeting {
    /// The lock's hello, as it came. It is answered once.
    pub hello: *const u8,
    /// How many bytes.
    pub hello_length: usize,
    /// Random bytes. If the source is broken, nonces still never repeat.
    pub entropy: [u8; 32],
    /// How the link delivers, an `lk_delivery`.
    pub delivery: u8,
}

impl Greeting {
    /// # Errors
    /// [`Status::NullPointer`], [`Status::BadLength`], [`Status::BadValue`].
    ///
    /// # Safety
    /// The hello is null or valid for reads.
    pub(crate) unsafe fn read(&self) -> Result<(&[u8], Delivery), Status> {
        // SAFETY: as the caller vouches.
        let hello = unsafe { gate::bytes(self.hello, self.hello_length) }?;
        let delivery = match self.delivery {
            by if by == words::Delivery::Ordered as u8 => Delivery::Ordered,
            by if by == words::Delivery::Datagram as u8 => Delivery::Datagram,
            _ => return Err(Status::BadValue),
        };
        Ok((hello, delivery))
    }
}

/// How far it got.
pub(crate) enum Visit {
    /// There is none.
    Away,
    /// Message1 was made, for a link that delivers so.
    Waiting(Connecting, Delivery),
    Open(Session),
}

impl Visit {
    /// Seals a request.
    ///
    /// # Errors
    /// [`Status::NoSession`].
    pub(crate) fn request(
        &mut self,
        request: Request,
        now_ms: u64,
        packet: &mut [u8; LK_PACKET_MAX],
    ) -> Result<usize, Status> {
        let Self::Open(session) = self else { return Err(Status::NoSession) };
        session.request(request, Monotonic(now_ms), packet).map_err(session_failure)
    }

    /// Takes a packet of the lock, and opens it in place, with what whoever visits can read.
    pub(crate) fn hear(&mut self, ear: &Ear, packet: &mut [u8], now_ms: u64) -> Told {
        let noise = (HeardThat::only(words::Heard::Noise), None);
        let Ok(kind) = Packet::parse(packet).map(|packet| packet.kind()) else { return noise };
        match self {
            Self::Waiting(..) if kind == Kind::Message2 => self.finish(ear, packet, now_ms),
            Self::Open(session) if kind == Kind::Record => {
                let heard = match (ear.open)(session, packet, Monotonic(now_ms)) {
                    Ok(heard) => heard,
                    Err(SessionError::NotUnderstood) => HeardThat::only(words::Heard::Other),
                    Err(_) if session.has_ended() => HeardThat::only(words::Heard::Ended),
                    Err(_) => HeardThat::only(words::Heard::Noise),
                };
                if session.has_ended() {
                    *self = Self::Away;
                }
                (heard, None)
            }
            Self::Away | Self::Waiting(..) | Self::Open(_) => noise,
        }
    }

    /// An answer that is not the lock's ends the handshake: its keys serve for one.
    fn finish(&mut self, ear: &Ear, packet: &mut [u8], now_ms: u64) -> Told {
        let refused = (HeardThat::only(words::Heard::Refused), None);
        let Self::Waiting(connecting, delivery) = core::mem::replace(self, Self::Away) else {
            return refused;
        };
        match (ear.finish)(connecting, packet, delivery, Monotonic(now_ms)) {
            Ok((told, session)) => {
                *self = Self::Open(session);
                told
            }
            Err(_) => refused,
        }
    }
}

/// What the lock told, and its marks where it told any.
pub(crate) type Told = (HeardThat, Option<FreshMarks>);

type Finished = Result<(Told, Session), SessionError>;

/// What whoever visits can read: a fob's program need not hold what only a cloud is told.
pub(crate) struct Ear {
    finish: fn(Connecting, &mut [u8], Delivery, Monotonic) -> Finished,
    open: fn(&mut Session, &mut [u8], Monotonic) -> Result<HeardThat, SessionError>,
}

impl Ear {
    pub(crate) const CLOUD: Self = Self {
        finish: |connecting, packet, delivery, now| {
            let (answer, marks, session) = connecting.finish(packet, delivery, now)?;
            Ok(((HeardThat::answer(answer.get()), Some(marks)), session))
        },
        open: |session, packet, now| Ok(HeardThat::record(session.open(packet, now)?.get())),
    };

    pub(crate) const HOLDER: Self = Self {
        finish: |connecting, packet, delivery, now| {
            let (answer, session) = connecting.finish_for_holder(packet, delivery, now)?;
            Ok(((HeardThat::holder_answer(answer.get()), None), session))
        },
        open: |session, packet, now| {
            Ok(HeardThat::holder_record(session.open_for_holder(packet, now)?.get()))
        },
    };
}

pub(crate) const fn session_failure(error: SessionError) -> Status {
    match error {
        SessionError::AnotherLock => Status::AnotherLock,
        SessionError::NoCommonVersion => Status::NoCommonVersion,
        SessionError::AnotherProfile => Status::AnotherProfile,
        SessionError::ProfileNotInBuild => Status::ProfileNotInBuild,
        SessionError::TooLong => Status::BufferTooShort,
        SessionError::Ended => Status::NoSession,
        SessionError::OpenSessionFirst => Status::OpenSessionFirst,
        SessionError::UnexpectedPacket | SessionError::Refused | SessionError::NotUnderstood => {
            Status::UnexpectedPacket
        }
    }
}

/// Places for a packet and its length.
///
/// # Safety
/// Both are null or valid for writes, of `capacity` bytes and of a length.
pub(crate) unsafe fn outputs(
    packet: *mut u8,
    capacity: usize,
    length: *mut usize,
) -> Result<(OutputBytes, Output<usize>), Status> {
    // SAFETY: as the caller vouches.
    let (output, length) = unsafe { (OutputBytes::new(packet, capacity)?, Output::new(length)?) };
    output.holds(LK_PACKET_MAX)?;
    Ok((output, length))
}

/// Writes the first bytes of a packet that was made apart, since one that cannot be made must leave the caller's buffer as it was.
pub(crate) fn write(
    (output, length): (OutputBytes, Output<usize>),
    packet: &[u8; LK_PACKET_MAX],
    written: usize,
) -> Result<(), Status> {
    output.write(packet.get(..written).unwrap_or_default())?;
    length.write(written);
    Ok(())
}
