//! What the fleet cannot do, and what to do about it.

use lock_core::cloud::{IssueError, RotationError, SealedError, SessionError};
use lock_core::crypto::{LockId, RootKeyError};
use lock_core::proto::CommandId;

use crate::custody::CustodyError;
use crate::store::StoreError;

/// Why the fleet did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum FleetError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The keys.
    #[error(transparent)]
    Custody(#[from] CustodyError),
    /// A live session, or what came in one.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// A sealed packet.
    #[error(transparent)]
    Sealed(#[from] SealedError),
    /// The root key of a new lock.
    #[error(transparent)]
    Root(#[from] RootKeyError),
    /// No such lock.
    #[error("lock {} is not registered; provision it first", hex::encode(.0.0))]
    NoSuchLock(LockId),
    /// The lock has another owner, or none.
    #[error(
        "the ownership of this lock has ended here; claim it with the code on its label, or take it from the list"
    )]
    OwnershipEnded,
    /// The lock greets without an owner.
    #[error(
        "this lock greets without an owner: it was reset or released, or its claim was cut off; claim it with its label, and where it counts as yours here give it up before"
    )]
    GreetsUnowned,
    /// A claim takes what the maker registered.
    #[error(
        "the maker's secret of this lock is not registered at this service, so that its label alone could be anybody's; ask the operator to import it, or to allow claims without one"
    )]
    NoMakerSecret,
    /// Claims that are not proven are bounded.
    #[error(
        "eight locks that you claimed have not proven it yet; finish those claims or give these locks up first"
    )]
    TooManyClaims,
    /// The row is of another claim since.
    #[error("another claim of this lock was begun later than this one; begin again")]
    ClaimOvertaken,
    /// Nothing of the log is here, or not what was asked for.
    #[error(
        "this much of the log was not fetched; fetch it from the lock first, or name an entry that is here"
    )]
    NoLog,
    /// An entry that was not fetched yet.
    #[error(
        "the log that is here ends before entry {next}; name one up to that instead of {from}, or fetch the log first"
    )]
    LogEnds {
        /// The one that was named.
        from: u64,
        /// The one to come.
        next: u64,
    },
    /// No such command.
    #[error("command {} was never issued for this lock; check its number", .0.0)]
    NoSuchCommand(CommandId),
    /// The token was used for something else.
    #[error("this client token was used for another command; use a fresh token for each wish")]
    TokenReused,
    /// It is over already.
    #[error("command {} is over already; nothing is left to withdraw", .0.0)]
    AlreadyOver(CommandId),
    /// The token's command is queued, and now it is asked for live.
    #[error(
        "this client token belongs to a queued command; wait for its receipt, or withdraw it and use a fresh token"
    )]
    TokenQueued,
    /// The token's command is live, and now it is to be queued.
    #[error("this client token belongs to a live command; ask again in a live session")]
    TokenLive,
    /// A name too long or empty.
    #[error("a name has 1 to 200 characters; choose another")]
    BadName,
    /// A single setting cannot be cleared.
    #[error("a single setting cannot be cleared; set it to another value")]
    SettingsStay,
    /// The configuration versions are at their end.
    #[error("the configuration versions of this lock are used up; reset the lock")]
    VersionsExhausted,
    /// The lock takes no offline codes.
    #[error(
        "this lock is not known to take offline codes; allow them, or revoke and so renew them, then ask again"
    )]
    CodesOff,
    /// No code of this series opens then.
    #[error(
        "no offline code has such a window; choose one that is not over and starts within four years of the last \
         revocation, or revoke the codes to begin anew"
    )]
    CodeOutOfReach,
    /// All serials of a start are given out.
    #[error(
        "all one-time codes that start in this hour are given out; choose another hour, or a code for a time"
    )]
    CodesGivenOut,
    /// No backup of a lock.
    #[error("no backup of this lock is kept; take one while the lock has its codes")]
    NoBackup,
    /// No such virtual key.
    #[error("this lock has no virtual key {0}; the list of its keys shows their numbers")]
    NoSuchKey(u64),
    /// The conditions of a virtual key.
    #[error(transparent)]
    Key(#[from] IssueError),
    /// A key that would never open.
    #[error("this virtual key would be over before it begins; choose a later end")]
    KeyIsOver,
    /// A lock remembers so many.
    #[error(
        "a lock remembers twelve virtual keys that were revoked one by one, and these are given; revoke all keys, then issue          those that are still wanted"
    )]
    DeniedFull,
    /// A revocation is for ever.
    #[error("a revocation of virtual keys cannot be withdrawn; issue a new key instead")]
    RevocationStays,
    /// The revocation epochs are at their end.
    #[error("the revocation epochs of this lock are used up; give the lock a new root key")]
    EpochsExhausted,
    /// A step of a rotation.
    #[error(transparent)]
    Rotation(#[from] RotationError),
    /// Nobody wants a rotation.
    #[error("no rotation of this lock's keys is under way; ask for one first")]
    NoRotation,
    /// The step belongs to another session.
    #[error("the next step of the rotation begins with a new Hello; ask the lock for one")]
    RotationNeedsHello,
    /// Other services change the row all the time.
    #[error("the row changes faster than it can be read; try again")]
    Contended,
}
