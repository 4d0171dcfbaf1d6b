//! Why a lock refuses.

use crate::numbered::numbered;

numbered! {
    /// Why the lock did not do what it was asked. The numbers are the wire's: new ones go to the end.
    #[derive(thiserror::Error)]
    pub enum Reason {
        /// The lock does not know this action.
        #[error("the lock's firmware does not know this action; update the lock")]
        Unsupported,
        /// The command came after its time.
        #[error("the command came too late; send a new one")]
        Expired,
        /// The command claims validity further ahead than allowed.
        #[error("the command is valid for longer than the lock accepts; send one with a nearer expiry")]
        ValidTooLong,
        /// A time-limited request while the lock's clock is not trusted.
        #[error("the lock does not know the time; connect it to the cloud once, or use a live session")]
        ClockNotTrusted,
        /// The same command id with different content.
        #[error("this command id was used for another command; issue a new command")]
        IdConflict,
        /// The command is so old that its outcome is no longer known.
        #[error("the lock no longer knows this command; query its state before you send a new one")]
        OutcomeUnknown,
        /// The command id is implausibly far ahead.
        #[error("the command id is too far ahead; check the cloud's counter for this lock")]
        IdTooFar,
        /// No prepared storage is free; it will be in a moment.
        #[error("the lock is tidying its storage; try again in a few seconds")]
        StorageBusy,
        /// Storage failed: nothing was done.
        #[error("the lock's storage failed; use the keypad or the inside turn and call for service")]
        StorageFault,
        /// The bolt's position is unknown and nobody is known to be at the door.
        #[error("the lock does not know where its bolt is; operate it once at the door")]
        PositionUnknown,
        /// Too many wrong PIN codes.
        #[error("too many wrong codes; wait until the lockout ends")]
        LockedOut,
        /// No such PIN code.
        #[error("the code is wrong")]
        WrongCode,
        /// The rights of the sender do not cover this.
        #[error("the sender has no right to do this; ask the owner")]
        NotPermitted,
        /// The configuration version does not exceed the lock's.
        #[error("the lock already has this or a newer configuration; read it and send the next version")]
        StaleConfiguration,
        /// A slot, length or value out of range.
        #[error("a value is outside what this lock supports; check slot and range")]
        InvalidArgument,
        /// The motor is moving the other way.
        #[error("the bolt is moving; wait until it rests")]
        Moving,
        /// The door is open, so the bolt must not be thrown.
        #[error("the door is open; close it first")]
        DoorOpen,
        /// The battery cannot move the bolt.
        #[error("the battery is too weak to move the bolt; replace it")]
        BatteryCritical,
        /// The user is disabled.
        #[error("this user is switched off; enable the user to let them in")]
        UserDisabled,
        /// Outside the user's windows.
        #[error("this user may not open at this time; see the schedule for the next time")]
        OutsideSchedule,
        /// Before the user's first or after the user's last moment.
        #[error("this user's time has not begun or has ended; change the user's dates")]
        OutsideValidity,
        /// The credential is recognised and opens nothing.
        #[error("this user never opens the door; change the kind of user")]
        NoAccess,
        /// A one-time user was here already.
        #[error("this access was for one time and is used; issue a new one")]
        AlreadyUsed,
        /// The user must present one more credential.
        #[error("this user needs one more credential; present it now")]
        MoreCredentials,
        /// The user opens remotely only.
        #[error("this user opens by phone only; use the virtual key or the app")]
        RemoteOnly,
        /// The mode is vacation.
        #[error("the lock is in vacation mode; change the mode remotely or with a programming code")]
        VacationMode,
        /// The mode is privacy.
        #[error("somebody inside has set privacy mode; it ends from the inside")]
        PrivacyMode,
        /// Remote operation is switched off.
        #[error("remote operation is switched off at this lock; operate it at the door, or change the mode there")]
        NoRemoteMode,
        /// The mode keeps the bolt withdrawn.
        #[error("the lock is in passage mode and stays unlocked; change the mode to lock it")]
        PassageMode,
        /// The same credential is stored in another slot.
        #[error("this credential is stored already; choose another code or token")]
        Duplicate,
        /// The slot to add to is taken.
        #[error("this slot is taken; choose a vacant one, or replace what is there")]
        Occupied,
        /// The slot to replace or clear is vacant.
        #[error("this slot is vacant; add to it instead")]
        Vacant,
        /// No slot with this number.
        #[error("this lock has fewer slots; clear one and use its number")]
        NoSuchSlot,
        /// The user that a credential or a window names is not there.
        #[error("there is no such user; add the user first")]
        NoSuchUser,
        /// The user has credentials or windows.
        #[error("this user still has credentials or windows; clear those first")]
        UserInUse,
        /// The lock has no latch that its motor reaches.
        #[error("this lock cannot pull the latch; unlock it and use the handle")]
        NoLatch,
        /// A reset, calibration or self-test is under way.
        #[error("the lock is calibrating, testing or resetting itself; wait until it has finished")]
        Busy,
        /// The door must be sensed closed for this.
        #[error("the door must be closed for this; close it and try again")]
        DoorNotClosed,
        /// Nobody inside has confirmed it.
        #[error("this needs somebody inside; press and hold the button there")]
        PresenceNeeded,
        /// The virtual key was revoked.
        #[error("this virtual key was revoked; ask the owner for a new one")]
        TicketRevoked,
        /// The lock has not heard its cloud for longer than the virtual key allows.
        #[error("the lock has not heard its cloud for too long for this virtual key; connect it once")]
        TicketStale,
        /// The conditions of the virtual key are not understood, or contradict.
        #[error("this virtual key has conditions that the lock does not understand; ask for a new one")]
        InvalidTicket,
        /// No room to note another revocation or single use.
        #[error("the lock has no room to note this; raise the revocation epoch, or wait until older keys have ended")]
        TicketsFull,
        /// What must stay secret, in a message without forward secrecy: a configuration in the first message of profile X, a key or a
        /// rotation in anything but a record of a session of the right key epoch.
        #[error("this lock takes that in an open session only; open the session first (to commit new keys one under them), then send it")]
        SessionNeeded,
        /// A hash of a backup that was made under another key than the lock's.
        #[error("this code was saved under another key than the lock's; restore the key of the backup first")]
        AnotherPinKey,
        /// The image has a lower rollback index than one that was confirmed.
        #[error("this firmware is older than the lock's rollback index allows; offer a newer one")]
        RollbackRefused,
        /// The image is for another model.
        #[error("this firmware is for another model; offer the one for this lock")]
        WrongModel,
        /// The image does not fit the slot.
        #[error("this firmware is larger than the lock's slot; offer one that fits")]
        ImageTooLarge,
        /// The very firmware that runs.
        #[error("the lock runs this firmware already; there is nothing to do")]
        AlreadyRuns,
        /// What the slot holds is not what the manifest says.
        #[error("the image that the lock received is damaged; offer it again")]
        DigestMismatch,
        /// The slot holds no verified image of this version.
        #[error("the lock holds no verified firmware of this version; send it first")]
        UpdateNotReady,
        /// An update is being installed, or is on trial.
        #[error("firmware is being installed or is on trial; wait until it is confirmed or rolled back")]
        UpdateUnderWay,
        /// The battery is too low for an update, or was not read.
        #[error("the battery is low or was not read; replace it before the update is installed")]
        BatteryLow,
    }
}
