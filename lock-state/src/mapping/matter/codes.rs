//! The numbers, as Matter 1.4 writes them (Application Cluster Specification, Door Lock, "Data Types" and "Attributes").

use crate::mapping::coded;

/// The identifier of the Door Lock cluster.
pub const CLUSTER: u32 = 0x0101;

coded! {
    /// `LockState`.
    pub enum LockState: u8 {
        /// Neither fully locked nor unlocked.
        NotFullyLocked = 0,
        /// Fully locked.
        Locked = 1,
        /// Unlocked; the latch engages.
        Unlocked = 2,
        /// Unlocked, and the latch pulled back.
        Unlatched = 3,
    }
}

coded! {
    /// `DoorStateEnum`.
    pub enum DoorStateCode: u8 {
        /// Open.
        DoorOpen = 0,
        /// Closed.
        DoorClosed = 1,
        /// The door itself is jammed: our jams are the bolt's, so that we never say it.
        DoorJammed = 2,
        /// Forced open.
        DoorForcedOpen = 3,
        /// An error that is not specified.
        DoorUnspecifiedError = 4,
        /// Ajar.
        DoorAjar = 5,
    }
}

coded! {
    /// `OperatingModeEnum`.
    pub enum OperatingMode: u8 {
        /// All interfaces.
        Normal = 0,
        /// Remote only.
        Vacation = 1,
        /// Nothing from outside.
        Privacy = 2,
        /// No remote locking and unlocking.
        NoRemoteLockUnlock = 3,
        /// Open, or opened by everybody.
        Passage = 4,
    }
}

coded! {
    /// `UserTypeEnum`.
    pub enum UserType: u8 {
        /// At any time.
        UnrestrictedUser = 0,
        /// Within a year-day schedule.
        YearDayScheduleUser = 1,
        /// Within a week-day schedule.
        WeekDayScheduleUser = 2,
        /// May program as well.
        ProgrammingUser = 3,
        /// Is recognised and never let in.
        NonAccessUser = 4,
        /// Raises a silent alarm.
        ForcedUser = 5,
        /// Once.
        DisposableUser = 6,
        /// For `ExpiringUserTimeout` after the first use.
        ExpiringUser = 7,
        /// Within a schedule of either form.
        ScheduleRestrictedUser = 8,
        /// Remotely only.
        RemoteOnlyUser = 9,
    }
}

coded! {
    /// `UserStatusEnum`. Number 2 is none.
    pub enum UserStatusCode: u8 {
        /// The slot is vacant.
        Available = 0,
        /// Counts.
        OccupiedEnabled = 1,
        /// Does not count.
        OccupiedDisabled = 3,
    }
}

coded! {
    /// `CredentialRuleEnum`.
    pub enum CredentialRuleCode: u8 {
        /// One credential.
        Single = 0,
        /// Two.
        Dual = 1,
        /// Three.
        Tri = 2,
    }
}

coded! {
    /// `CredentialTypeEnum`.
    pub enum CredentialType: u8 {
        /// A PIN that may program.
        ProgrammingPin = 0,
        /// A PIN.
        Pin = 1,
        /// An RFID token.
        Rfid = 2,
        /// A fingerprint.
        Fingerprint = 3,
        /// A finger vein.
        FingerVein = 4,
        /// A face.
        Face = 5,
        /// An Aliro credential issuer key.
        AliroCredentialIssuerKey = 6,
        /// An Aliro endpoint key that may be removed.
        AliroEvictableEndpointKey = 7,
        /// An Aliro endpoint key that stays.
        AliroNonEvictableEndpointKey = 8,
    }
}

coded! {
    /// `AlarmCodeEnum`. Number 2 is none.
    pub enum AlarmCode: u8 {
        /// Jammed.
        LockJammed = 0,
        /// Reset to factory defaults.
        LockFactoryReset = 1,
        /// The radio was power-cycled.
        LockRadioPowerCycled = 3,
        /// Too many wrong codes.
        WrongCodeEntryLimit = 4,
        /// The front escutcheon was removed.
        FrontEscutcheonRemoved = 5,
        /// Forced open.
        DoorForcedOpen = 6,
        /// Ajar.
        DoorAjar = 7,
        /// A forced user was let in.
        ForcedUser = 8,
    }
}

coded! {
    /// `OperationErrorEnum`.
    pub enum OperationError: u8 {
        /// Not specified.
        Unspecified = 0,
        /// A wrong credential.
        InvalidCredential = 1,
        /// A disabled user or credential.
        DisabledUserDenied = 2,
        /// Outside a schedule.
        Restricted = 3,
        /// Too little battery.
        InsufficientBattery = 4,
    }
}

coded! {
    /// The status codes of the cluster: `DlStatus`, with those of the interaction model that it uses.
    pub enum StatusCode: u8 {
        /// Done.
        Success = 0x00,
        /// Not done.
        Failure = 0x01,
        /// The credential is stored already.
        Duplicate = 0x02,
        /// The slot is taken.
        Occupied = 0x03,
        /// A field is out of range.
        InvalidField = 0x85,
        /// No room.
        ResourceExhausted = 0x89,
        /// There is none.
        NotFound = 0x8b,
    }
}

coded! {
    /// `LockOperationTypeEnum`.
    pub enum LockOperationType: u8 {
        /// Lock.
        Lock = 0,
        /// Unlock.
        Unlock = 1,
        /// A user without access presented a credential.
        NonAccessUserEvent = 2,
        /// A forced user presented a credential.
        ForcedUserEvent = 3,
        /// Unlatch.
        Unlatch = 4,
    }
}

coded! {
    /// `OperationSourceEnum`.
    pub enum OperationSource: u8 {
        /// Not specified.
        Unspecified = 0,
        /// Thumb-turn or key.
        Manual = 1,
        /// Remote, by another protocol than Matter.
        ProprietaryRemote = 2,
        /// Keypad.
        Keypad = 3,
        /// By itself.
        Auto = 4,
        /// A button.
        Button = 5,
        /// A schedule.
        Schedule = 6,
        /// Remote, by Matter.
        Remote = 7,
        /// RFID.
        Rfid = 8,
        /// Biometric.
        Biometric = 9,
        /// Aliro.
        Aliro = 10,
    }
}

coded! {
    /// `BatChargeLevelEnum` of the Power Source cluster (0x002F).
    pub enum BatChargeLevel: u8 {
        /// Enough.
        Ok = 0,
        /// To be replaced soon.
        Warning = 1,
        /// To be replaced now.
        Critical = 2,
    }
}
