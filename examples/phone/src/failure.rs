//! Why something was not done, in one sentence each.

use std::net::SocketAddr;
use std::path::PathBuf;

use lock_core::label::LabelError;
use lock_link::Gone;

/// Why what was asked has not been done, or is not known to have been.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The token file cannot be read.
    #[error("the token file {} cannot be read ({}); check its path", .0.display(), .1)]
    TokenUnreadable(PathBuf, String),
    /// Others may read the token file.
    #[error("others may read the token file {}; make it yours alone with chmod 600", .0.display())]
    TokenExposed(PathBuf),
    /// The token file holds no token.
    #[error("the token file {} holds no token; put the one line in it that the cloud gave you", .0.display())]
    NoToken(PathBuf),
    /// The label cannot be read.
    #[error("the label file {} cannot be read ({}); check its path", .0.display(), .1)]
    LabelUnreadable(PathBuf, String),
    /// Others may read the label file.
    #[error("others may read the label file {}; make it yours alone with chmod 600", .0.display())]
    LabelExposed(PathBuf),
    /// What was read is no label.
    #[error(transparent)]
    Label(#[from] LabelError),
    /// The end of an ownership that was not confirmed.
    #[error(
        "this ends your ownership: the lock forgets its users, codes, virtual keys and settings, and takes nothing from this cloud any more until somebody claims it with its label; say --destroy if you want that"
    )]
    NotConfirmed,
    /// No connection to the lock.
    #[error("the lock at {0} cannot be reached ({1}); go nearer or check that it has power")]
    LockUnreachable(SocketAddr, String),
    /// The lock said nothing.
    #[error("whatever listens at {0} did not greet as a lock does; check the address")]
    NoHello(SocketAddr),
    /// The lock went away.
    #[error("the lock closed the connection before the end; look at its status before you try again")]
    LockGone,
    /// The lock went away, and nothing was to move.
    #[error("the lock closed the connection; go nearer or check that it has power, then ask again")]
    LockAway,
    /// No connection to the cloud.
    #[error("the cloud at {0} cannot be reached ({1}); check your network and its address")]
    CloudUnreachable(String, String),
    /// The cloud will not open the relay.
    #[error("the cloud refused: {0}")]
    CloudRefused(String),
    /// What answers is no cloud service.
    #[error("what answers at {0} is not the cloud service; check the address")]
    NotTheCloud(String),
    /// The cloud went away.
    #[error("the cloud closed the connection before the end; look at the lock's status before you try again")]
    CloudGone,
    /// The cloud said that it is not done.
    #[error("{0}")]
    NotDone(String),
    /// No end within the time given.
    #[error("there was no answer within {0} s; look at the lock's status before you try again")]
    TimedOut(u64),
    /// A claim that has come to no end within the time given.
    #[error("the claim has come to no end within {0} s; ask again, it goes on where it was")]
    ClaimUnfinished(u64),
    /// Begun, and no end was seen.
    #[error(
        "the lock began, and its sensor has not seen the end within {0} s; look at the door and its status"
    )]
    NoEndSeen(u64),
    /// Stopped by hand.
    #[error("interrupted before the end; look at the lock's status before you try again")]
    Interrupted,
    /// The operating system failed.
    #[error("the system refused what a network program needs ({0}); free some memory or files and try again")]
    System(String),
}

impl Failure {
    /// Whether another connection may do better.
    pub(crate) const fn is_a_broken_connection(&self) -> bool {
        matches!(
            self,
            Self::LockUnreachable(..)
                | Self::NoHello(_)
                | Self::LockGone
                | Self::LockAway
                | Self::CloudUnreachable(..)
                | Self::CloudGone
        )
    }
}

impl From<Gone> for Failure {
    fn from(_: Gone) -> Self {
        Self::LockGone
    }
}
