//! Records of a live session: one key and one counter for each direction (section 4.6).
//!
//! ```text
//! packet = prefix[2] ‖ counter[8] ‖ ciphertext ‖ tag[16]      associated data = the first 10 bytes
//! ```
//!
//! The counter is checked, the record opened, then the counter advances. A session ends by itself after
//! [`MAX_RECORDS`] records in a direction and with the failure number [`MAX_FAILURES`]; it then erases its keys. That it ends
//! after one hour is up to the caller, who has the clock.

use crate::authenticated::{Authenticated, Channel};
use crate::key::Key;
use crate::order::{Delivery, Expected};
use crate::parts::split_packet;
use crate::suite::{OpenError, RustCrypto, Suite, TAG};
use crate::symmetric::counter_nonce;
use crate::window::{Admission, Replayed};
use core::fmt;
use core::marker::PhantomData;

/// Length of a record's header, in bytes: format, kind and counter.
pub const RECORD_HEADER: usize = 10;

/// Records in one direction of a session (section 4.6).
pub const MAX_RECORDS: u64 = 65_536;

/// The failed record that ends a session (section 4.6).
pub const MAX_FAILURES: u8 = 8;

/// The key that this side seals with.
#[derive(Debug)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub struct SendKey(Key);

/// The key that this side opens with.
#[derive(Debug)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub struct ReceiveKey(Key);

/// What a handshake leaves: a key for each direction, and who the peer is.
#[derive(Debug)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
#[must_use = "a handshake is for its session"]
pub struct SessionKeys {
    send: SendKey,
    receive: ReceiveKey,
    peer: Channel,
}

impl SessionKeys {
    pub(crate) const fn new(send: Key, receive: Key, peer: Channel) -> Self {
        Self { send: SendKey(send), receive: ReceiveKey(receive), peer }
    }

    /// Who provably holds the other end.
    #[must_use]
    pub const fn peer(&self) -> Channel {
        self.peer
    }

    /// Starts the session on a link of this kind.
    pub const fn into_session<S: Suite>(self, delivery: Delivery) -> Session<S> {
        Session::new(self, delivery)
    }
}

/// Why a record is not sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum SealError {
    /// The caller's buffer does not hold header, body and tag. Nothing was used up.
    #[error("the buffer is too small; pass one of at least {needed} bytes")]
    BufferTooSmall {
        /// The length that suffices, in bytes.
        needed: usize,
    },
    /// The session has reached a limit.
    #[error("the session has ended; start a new handshake")]
    SessionEnded,
}

/// Why a record is not opened. Nothing changed but, where said, the count of failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum RecordError {
    /// Shorter than header and tag. Not a record, so not counted.
    #[error("the packet is too short for a record; drop it")]
    TooShort,
    /// A counter out of order, used before or beyond the session's limit. Counted as a failure.
    #[error("the record's counter is not one that can come now; drop it and answer nothing")]
    UnexpectedCounter,
    /// The tag does not fit. Counted as a failure.
    #[error("the record does not open; drop it and answer nothing")]
    Forged,
    /// The session has reached a limit.
    #[error("the session has ended; start a new handshake")]
    SessionEnded,
}

impl From<OpenError> for RecordError {
    fn from(OpenError: OpenError) -> Self {
        Self::Forged
    }
}

impl From<Replayed> for RecordError {
    fn from(Replayed: Replayed) -> Self {
        Self::UnexpectedCounter
    }
}

/// A command in a record that is not newer than the last command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("the command is not newer than the last one of this session; do not execute it")]
pub struct StaleCommand;

/// A live session.
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub struct Session<S: Suite = RustCrypto> {
    keys: SessionKeys,
    next_sent: u64,
    expected: Expected,
    /// Counter of the last record that opened.
    last_opened: Option<u64>,
    /// Counter of the last record that carried a command.
    last_command: Option<u64>,
    failures: u8,
    phase: Phase,
    suite: PhantomData<S>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(lock_model, derive(Hash))]
enum Phase {
    Live,
    Ended,
}

impl<S: Suite> Session<S> {
    /// A session that has sent and received nothing.
    #[must_use]
    pub const fn new(keys: SessionKeys, delivery: Delivery) -> Self {
        Self {
            keys,
            next_sent: 0,
            expected: Expected::first(delivery),
            last_opened: None,
            last_command: None,
            failures: 0,
            phase: Phase::Live,
            suite: PhantomData,
        }
    }

    /// Who provably holds the other end.
    #[must_use]
    pub const fn peer(&self) -> Channel {
        self.keys.peer
    }

    /// Whether a limit was reached: close the link's session and start a new handshake.
    #[must_use]
    pub const fn has_ended(&self) -> bool {
        matches!(self.phase, Phase::Ended)
    }

    /// Records that failed so far.
    #[must_use]
    pub const fn failures(&self) -> u8 {
        self.failures
    }

    /// Ends the session and erases its keys: for an age of one hour, a revocation, a rotation or a reset.
    pub fn end(&mut self) {
        self.phase = Phase::Ended;
        self.keys.send.0.erase();
        self.keys.receive.0.erase();
    }

    /// Seals the body that stands at `packet[10..10 + body_length]` in place and writes header and tag around it.
    ///
    /// `prefix` is the packet's format and kind. Returns the packet's length, `10 + body_length + 16`.
    ///
    /// # Errors
    /// [`SealError::BufferTooSmall`] when the packet does not fit, [`SealError::SessionEnded`] past the session's limits;
    /// `packet` is then as it was.
    #[inline]
    pub fn seal_record(
        &mut self,
        prefix: [u8; 2],
        packet: &mut [u8],
        body_length: usize,
    ) -> Result<usize, SealError> {
        if self.has_ended() {
            return Err(SealError::SessionEnded);
        }
        let needed = body_length.saturating_add(RECORD_HEADER + TAG);
        let Some((header, body, tag)) = packet.get_mut(..needed).and_then(split_packet::<RECORD_HEADER>)
        else {
            return Err(SealError::BufferTooSmall { needed });
        };
        let counter = self.next_sent;
        let ([format, kind], [a, b, c, d, e, f, g, h]) = (prefix, counter.to_be_bytes());
        *header = [format, kind, a, b, c, d, e, f, g, h];
        *tag = S::seal(self.keys.send.0.expose(), &counter_nonce(counter), header, body);
        self.next_sent = counter.saturating_add(1);
        self.end_after(counter);
        Ok(needed)
    }

    /// Opens a record in place and returns its body.
    ///
    /// # Errors
    /// A [`RecordError`]; the packet then holds no plaintext, and with [`RustCrypto`] it is as it was.
    #[inline]
    pub fn open_record<'p>(&mut self, packet: &'p mut [u8]) -> Result<Authenticated<&'p [u8]>, RecordError> {
        if self.has_ended() {
            return Err(RecordError::SessionEnded);
        }
        let (header, body, tag) = split_packet::<RECORD_HEADER>(packet).ok_or(RecordError::TooShort)?;
        let [_, _, counter @ ..] = *header;
        let counter = u64::from_be_bytes(counter);
        match self.check_and_open(counter, header, body, tag) {
            Ok(admission) => self.advance(counter, admission),
            Err(error) => {
                self.fail();
                return Err(error);
            }
        }
        Ok(Authenticated::new(body, self.keys.peer))
    }

    /// Claims the record that opened last for a command: its counter must exceed that of the last command (section 4.6).
    ///
    /// Call it once for each record that turns out to carry a command, before the command is judged. On ordered links it
    /// refuses only a second command in one record.
    ///
    /// # Errors
    /// [`StaleCommand`]: do not execute it; nothing changed.
    pub fn accept_command(&mut self) -> Result<(), StaleCommand> {
        if self.last_opened <= self.last_command {
            return Err(StaleCommand);
        }
        self.last_command = self.last_opened;
        Ok(())
    }

    /// Changes nothing here, so that a record that fails leaves no trace but the count.
    #[inline]
    fn check_and_open(
        &self,
        counter: u64,
        header: &[u8; RECORD_HEADER],
        body: &mut [u8],
        tag: &[u8; TAG],
    ) -> Result<Admission, RecordError> {
        if counter >= MAX_RECORDS {
            return Err(RecordError::UnexpectedCounter);
        }
        let admission = self.expected.check(counter)?;
        S::open(self.keys.receive.0.expose(), &counter_nonce(counter), header, body, tag)?;
        Ok(admission)
    }

    fn advance(&mut self, counter: u64, admission: Admission) {
        self.expected.accept(admission);
        self.last_opened = Some(counter);
        self.end_after(counter);
    }

    fn fail(&mut self) {
        self.failures = self.failures.saturating_add(1);
        if self.failures >= MAX_FAILURES {
            self.end();
        }
    }

    fn end_after(&mut self, counter: u64) {
        if counter >= MAX_RECORDS - 1 {
            self.end();
        }
    }
}

impl<S: Suite> fmt::Debug for Session<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Session")
            .field("peer", &self.keys.peer)
            .field("next_sent", &self.next_sent)
            .field("expected", &self.expected)
            .field("last_command", &self.last_command)
            .field("failures", &self.failures)
            .field("phase", &self.phase)
            .finish_non_exhaustive()
    }
}
