//! Why something was not done, in one sentence each.

use std::net::SocketAddr;
use std::path::PathBuf;

use lock_core::virtual_key::{LinkError, VirtualKeyError};
use lock_link::Gone;

/// Why what was asked has not been done, or is not known to have been.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// A file cannot be read.
    #[error("{} cannot be read ({}); check its path", .0.display(), .1)]
    Unreadable(PathBuf, String),
    /// Others may read a file with a secret.
    #[error("others may read {}; make it yours alone with chmod 600", .0.display())]
    Exposed(PathBuf),
    /// The file to make is there.
    #[error("{} is there already and is not overwritten; choose another name", .0.display())]
    Exists(PathBuf),
    /// A file cannot be written.
    #[error("{} cannot be written ({}); check its folder and the room on the disk", .0.display(), .1)]
    NotWritten(PathBuf, String),
    /// No link of a virtual key.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// The key is bound, and its holder's secret was not given.
    #[error("this key belongs to one holder; give the file of the holder's secret with --holder")]
    HolderNeeded,
    /// No holder secret.
    #[error("{} holds no holder secret; make one with 'guest holder' and have the owner register it", .0.display())]
    NotAHolder(PathBuf),
    /// It cannot be narrowed so.
    #[error(transparent)]
    NotNarrowed(VirtualKeyError),
    /// No QR code holds the link.
    #[error("the link does not fit into a QR code; send it as text, without --qr")]
    NoQr,
    /// A key of standard input has no place beside it.
    #[error("a key from standard input has no place for its count of attempts; name a file with --state")]
    StateNeeded,
    /// The count of attempts is no number.
    #[error("{} holds no count of attempts; name another file with --state", .0.display())]
    NotAState(PathBuf),
    /// The host has no random source.
    #[error("the system gives no random bytes ({0}); restart it")]
    NoRandomness(String),
    /// No connection to the lock.
    #[error("the lock at {0} cannot be reached ({1}); go nearer or check that it has power")]
    LockUnreachable(SocketAddr, String),
    /// The lock said nothing.
    #[error("whatever listens at {0} did not greet as a lock does; check the address")]
    NoHello(SocketAddr),
    /// The Hello is not one of the key's lock and key epoch.
    #[error(
        "this key is for another lock than the one at {0}, or the lock was given new keys since; check the address, or ask for a new key"
    )]
    AnotherLock(SocketAddr),
    /// The Hello has another profile than the key says.
    #[error(
        "the lock at {0} greets with another profile than the key says: somebody on the way changed it, or the lock was made anew; go \
         to the door or ask for a new key"
    )]
    AnotherProfile(SocketAddr),
    /// No protocol version in common.
    #[error("this program and the lock have no protocol version in common; update the older one")]
    NoCommonVersion,
    /// The lock did not answer the key.
    #[error(
        "the lock does not answer this key: the key or its holder's secret is for another lock, was changed, or is older than the \
         lock's keys, or the answer was lost; look at the door, then ask for a new key"
    )]
    Silent,
    /// What answered is not the lock.
    #[error(
        "the answer was altered on the way or is not from the lock; look at the door before you try again"
    )]
    NotTheLock,
    /// The lock went away.
    #[error("the lock closed the connection before the end; look at the door before you try again")]
    LockGone,
    /// No end within the time given.
    #[error("there was no answer within {0} s; look at the door before you try again")]
    TimedOut(u64),
    /// Begun, and no end was seen.
    #[error("the lock began, and its sensor has not seen the end within {0} s; look at the door")]
    NoEndSeen(u64),
    /// Stopped by hand.
    #[error("interrupted before the end; look at the door before you try again")]
    Interrupted,
    /// The operating system failed.
    #[error("the system refused what a network program needs ({0}); free some memory or files and try again")]
    System(String),
}

impl Failure {
    /// Whether the lock may have done what was asked all the same: the request had left, or may have.
    #[must_use]
    pub const fn leaves_it_open(&self) -> bool {
        matches!(
            self,
            Self::Silent
                | Self::NotTheLock
                | Self::LockGone
                | Self::TimedOut(_)
                | Self::NoEndSeen(_)
                | Self::Interrupted
        )
    }
}

impl From<Gone> for Failure {
    fn from(_: Gone) -> Self {
        Self::LockGone
    }
}
