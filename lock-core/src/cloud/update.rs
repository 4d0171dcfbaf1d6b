//! Sending a firmware image to a lock, in a live session: some chunks ahead, and on from where the lock says (section 12.2).

use core::ops::Range;

use lock_proto::{Chunk, Manifest, Reply, UpdateReport, UpdateState};

/// The most chunks in flight.
const MAX_WINDOW: u8 = 16;

/// Which bytes of an image to send next, in one session. It keeps no image and no session: the caller has both, and makes a new one for
/// each session, from the lock's own report.
///
/// Each chunk has one answer. While they come in order, `window` chunks are in flight. An answer that wants something else than what
/// came with the chunk means that chunks were dropped: all answers are awaited, and the lock's last word is where it goes on, with half the
/// window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageSender {
    manifest: Manifest,
    window: u8,
    /// What the lock wants, by its last word.
    wanted: u32,
    /// Behind the last byte that was sent.
    sent: u32,
    in_flight: u8,
    /// Nothing is sent before all in flight is answered.
    is_draining: bool,
}

/// A part of an image to be sent as one [`Chunk`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Where its first byte belongs.
    pub offset: u32,
    /// How many bytes, at most [`Chunk::MAX`].
    pub length: u32,
}

impl Piece {
    /// The bytes of it in an image that is in memory.
    #[must_use]
    pub const fn range(self) -> Range<usize> {
        self.offset as usize..self.offset.saturating_add(self.length) as usize
    }
}

/// How far the sending has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sending {
    /// More is to be sent, or answers are awaited.
    GoesOn {
        /// The lock has all below this.
        received: u32,
    },
    /// The lock has all of it, and checks it: an event tells the end.
    Complete,
    /// The lock no longer waits for this image; its report says why.
    Stopped(UpdateReport),
}

/// The lock does not receive this image: offer it first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the lock does not wait for this image; offer its manifest first")]
pub struct NotThisImage;

impl ImageSender {
    /// Goes on where the lock says that it stands. `window` chunks are in flight at most: 1 to 16.
    ///
    /// # Errors
    /// [`NotThisImage`].
    pub fn resume(manifest: &Manifest, report: &UpdateReport, window: u8) -> Result<Self, NotThisImage> {
        let is_wanted = report.state == UpdateState::Receiving
            && report.manifest.as_ref() == Some(manifest)
            && report.wanted <= manifest.size;
        if !is_wanted {
            return Err(NotThisImage);
        }
        Ok(Self {
            manifest: *manifest,
            window: window.clamp(1, MAX_WINDOW),
            wanted: report.wanted,
            sent: report.wanted,
            in_flight: 0,
            is_draining: false,
        })
    }

    /// The next piece to send; `None` while answers are awaited, and when all is sent. It counts as sent.
    pub fn next_piece(&mut self) -> Option<Piece> {
        if self.is_draining || self.in_flight >= self.window {
            return None;
        }
        let longest = u32::try_from(Chunk::MAX).unwrap_or(u32::MAX);
        let length = self.manifest.size.checked_sub(self.sent).filter(|left| *left > 0)?.min(longest);
        let piece = Piece { offset: self.sent, length };
        self.sent = self.sent.saturating_add(length);
        self.in_flight = self.in_flight.saturating_add(1);
        Some(piece)
    }

    /// Takes a reply of the lock; `None` for one that is not about chunks.
    pub fn heard(&mut self, reply: &Reply) -> Option<Sending> {
        match reply {
            Reply::Wanted(wanted) => Some(self.answered(*wanted)),
            Reply::Update(report) if self.in_flight > 0 => Some(Sending::Stopped(*report)),
            Reply::Update(_)
            | Reply::Nothing
            | Reply::Command { .. }
            | Reply::Status(_)
            | Reply::Marks { .. }
            | Reply::NotUnderstood
            | Reply::Digest { .. }
            | Reply::Items { .. }
            | Reply::Health(_)
            | Reply::Rotation { .. }
            | Reply::Secrets { .. }
            | Reply::Log(_)
            | Reply::Unowned { .. }
            | Reply::Claimed(_)
            | Reply::Tickets(_) => None,
        }
    }

    fn answered(&mut self, wanted: u32) -> Sending {
        let longest = u32::try_from(Chunk::MAX).unwrap_or(u32::MAX);
        let expected = self.wanted.saturating_add(longest).min(self.manifest.size);
        self.in_flight = self.in_flight.saturating_sub(1);
        if !self.is_draining && wanted != expected {
            self.is_draining = true;
            self.window = (self.window / 2).max(1);
        }
        self.wanted = wanted.min(self.manifest.size);
        if self.is_draining && self.in_flight == 0 {
            (self.is_draining, self.sent) = (false, self.wanted);
        }
        if self.wanted >= self.manifest.size {
            return Sending::Complete;
        }
        Sending::GoesOn { received: self.wanted }
    }
}
