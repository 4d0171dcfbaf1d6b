//! The numbers.

use crate::mapping::coded;

coded! {
    /// Door Lock Mode.
    pub enum DoorLockMode: u8 {
        /// Unsecured.
        Unsecured = 0x00,
        /// Unsecured, and secured again by itself.
        UnsecuredWithTimeout = 0x01,
        /// Unsecured for the handles inside.
        InsideUnsecured = 0x10,
        /// The same, and secured again by itself.
        InsideUnsecuredWithTimeout = 0x11,
        /// Unsecured for the handles outside.
        OutsideUnsecured = 0x20,
        /// The same, and secured again by itself.
        OutsideUnsecuredWithTimeout = 0x21,
        /// Not known, or the bolt at neither end.
        Unknown = 0xfe,
        /// Secured.
        Secured = 0xff,
    }
}

coded! {
    /// A notification: its type in the high byte, its event or state in the low one.
    pub enum Notification: u16 {
        /// Access Control: locked by hand.
        ManualLock = 0x0601,
        /// Access Control: unlocked by hand.
        ManualUnlock = 0x0602,
        /// Access Control: locked by radio.
        RfLock = 0x0603,
        /// Access Control: unlocked by radio.
        RfUnlock = 0x0604,
        /// Access Control: locked at the keypad.
        KeypadLock = 0x0605,
        /// Access Control: unlocked at the keypad.
        KeypadUnlock = 0x0606,
        /// Access Control: not fully locked by hand.
        ManualNotFullyLocked = 0x0607,
        /// Access Control: not fully locked by radio.
        RfNotFullyLocked = 0x0608,
        /// Access Control: locked by itself.
        AutoLock = 0x0609,
        /// Access Control: not fully locked by itself.
        AutoNotFullyLocked = 0x060a,
        /// Access Control: jammed.
        LockJammed = 0x060b,
        /// Access Control: a code was not added because it is there already.
        DuplicateCode = 0x060f,
        /// Access Control: no codes are taken for a while.
        KeypadTemporarilyDisabled = 0x0610,
        /// Access Control: the door is open.
        DoorOpen = 0x0616,
        /// Access Control: the door is closed.
        DoorClosed = 0x0617,
        /// Access Control: locked with a credential other than a code.
        CredentialLock = 0x0623,
        /// Access Control: unlocked with a credential other than a code.
        CredentialUnlock = 0x0624,
        /// Access Control: a valid credential, and its user is disabled.
        UserDisabled = 0x062f,
        /// Access Control: a valid credential outside its schedule.
        ScheduleInactive = 0x0630,
        /// Access Control: a valid credential, and more are needed.
        NotEnoughCredentials = 0x0631,
        /// Access Control: a credential that is not valid.
        InvalidCredential = 0x0632,
        /// Access Control: a credential that never opens.
        NonAccessCredential = 0x0633,
        /// Home Security: intrusion.
        Intrusion = 0x0702,
        /// Home Security: the cover was removed.
        CoverRemoved = 0x0703,
        /// Power Management: the mains went.
        MainsDisconnected = 0x0802,
        /// Power Management: the mains came back.
        MainsReconnected = 0x0803,
        /// Power Management: replace the battery soon.
        ReplaceBatterySoon = 0x080a,
        /// Power Management: replace the battery now.
        ReplaceBatteryNow = 0x080b,
        /// System: the hardware failed.
        HardwareFailure = 0x0901,
    }
}

impl Notification {
    /// The Notification Type.
    #[must_use]
    pub const fn kind(self) -> u8 {
        (self.number() >> 8) as u8
    }

    /// The Notification Event or State.
    #[must_use]
    pub const fn event(self) -> u8 {
        (self.number() & 0xff) as u8
    }
}
