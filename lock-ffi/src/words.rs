//! The numbers of what goes in and out, with their meaning. In the functions they are plain integers: C may pass any.

/// How a link delivers.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// In order and without gaps: a stream, a GATT connection.
    Ordered = 0,
    /// With losses and out of order.
    Datagram = 1,
}

/// Where the sensor says the bolt is.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bolt {
    /// No evidence.
    Unknown = 0,
    /// Fully thrown, in the strike.
    Extended = 1,
    /// Fully withdrawn.
    Retracted = 2,
    /// Neither end.
    Between = 3,
}

/// Where the sensor says the spring latch is.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Latch {
    /// No latch, no sensor, or no reading.
    Unknown = 0,
    /// In its strike.
    Engaged = 1,
    /// Pulled back by the motor.
    Held = 2,
}

/// What the door sensor says.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// No sensor, or it does not answer.
    Silent = 0,
    /// The door is not in its frame.
    Open = 1,
    /// The door is in its frame.
    Closed = 2,
}

/// Where the door is, by its sensor and by what the lock knows besides.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DoorState {
    /// No sensor, or no reading yet.
    Unknown = 0,
    /// Not in its frame.
    Open = 1,
    /// In its frame.
    Closed = 2,
    /// Not in its frame for longer than the setting allows.
    Ajar = 3,
    /// Not in its frame, and it left it while the bolt was sensed thrown.
    Forced = 4,
    /// The sensor contradicts itself.
    Faulty = 5,
}

/// Why the chip booted.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BootReason {
    /// Not known.
    Unknown = 0,
    /// The power came on.
    PowerOn = 1,
    /// The supply sagged below what the chip needs.
    BrownOut = 2,
    /// The watchdog fired.
    Watchdog = 3,
    /// The firmware asked for it.
    Software = 4,
    /// A firmware update was started, or undone.
    Update = 5,
    /// The reset pin or button.
    ResetPin = 6,
}

/// What a credential is.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    /// A PIN code that may also change settings at the keypad. A keypad presents `LK_CREDENTIAL_PIN`.
    ProgrammingPin = 0,
    /// A PIN code: 4 to 10 ASCII digits.
    Pin = 1,
    /// An RFID or NFC token, by its identifier.
    Rfid = 2,
    /// A fingerprint, by the number of its template.
    Fingerprint = 3,
    /// A finger vein pattern, by the number of its template.
    FingerVein = 4,
    /// A face, by the number of its template.
    Face = 5,
    /// A key fob, by its identifier.
    Fob = 6,
    /// A virtual key on a phone, by its identifier.
    VirtualKey = 7,
}

/// What whoever presents a credential wishes.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Withdraw the bolt; with a latch that the motor reaches, pull it too.
    Open = 0,
    /// Withdraw the bolt.
    Unlock = 1,
    /// Throw the bolt.
    Lock = 2,
    /// Withdraw the bolt for somebody who leaves.
    LockNGo = 3,
    /// Back to normal; for programming users, as are the other modes.
    ModeNormal = 16,
    /// Nobody is there.
    ModeVacation = 17,
    /// Nobody from outside, please.
    ModePrivacy = 18,
    /// No remote operation.
    ModeNoRemote = 19,
    /// The door is free.
    ModePassage = 20,
}

/// A mode of the lock.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Every way, as the rights say.
    Normal = 0,
    /// Nobody is there: remote operation and programming users only.
    Vacation = 1,
    /// Nothing from outside opens; the inside does, and ends it.
    Privacy = 2,
    /// No remote operation; everything at the door as the rights say.
    NoRemote = 3,
    /// The bolt stays withdrawn until the mode changes.
    Passage = 4,
}

/// What the button on the inside asks for.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Button {
    /// Throw the bolt.
    Lock = 0,
    /// Withdraw it.
    Unlock = 1,
    /// Withdraw it for somebody who leaves.
    LockNGo = 2,
    /// Nobody from outside, please.
    PrivacyOn = 3,
    /// Back to normal; from privacy only.
    PrivacyOff = 4,
    /// Try everything.
    SelfTest = 5,
}

/// What to do next.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Nothing: sleep until something happens, or until `lk_device_timeout`.
    None = 0,
    /// Write the buffer as the record `tag`, read it back, then call `lk_device_persisted` or `lk_device_persist_failed` with `id`.
    /// Nothing but an urgent stop of the motor comes before that.
    Persist = 1,
    /// Send the buffer on `link`.
    Transmit = 2,
    /// Order the motor: `code` is an `lk_drive`.
    Motor = 3,
    /// Show and sound: `code` is an `lk_indication` and `argument` what it is about; `lk_indication_pattern` says how.
    Indicate = 4,
    /// Tell the host of an alarm: `code` is an `lk_alarm`.
    Alarm = 5,
    /// Hang up `link`.
    Close = 6,
    /// Append the buffer to the log as entry `index`, with `secret` beside it; then answer `id` as for `LK_TASK_PERSIST`.
    LogAppend = 7,
    /// Read the entry `index` of the log, then call `lk_device_answer_log` with `id`.
    LogRead = 8,
    /// Free the entries up to `index`, where its payload begins with `mac`; then answer `id` as for `LK_TASK_PERSIST`.
    LogAcknowledge = 9,
    /// Work on the spare slot or with the boot loader: `code` is an `lk_work`. Then call `lk_device_answer_update`, now or later.
    Update = 10,
}

/// An order to the motor.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drive {
    /// Run so that the bolt is thrown; reverse if it runs the other way.
    Extend = 0,
    /// Run so that the bolt is withdrawn; reverse if it runs the other way.
    Retract = 1,
    /// Run so that the latch is pulled back.
    PullLatch = 2,
    /// Run so that the latch springs into its strike again.
    ReleaseLatch = 3,
    /// Stop.
    Stop = 4,
}

/// What to show and to sound.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Indication {
    /// The code, key or button was accepted.
    Accepted = 0,
    /// One more credential is awaited.
    OneMore = 1,
    /// It was not accepted; `argument` is the reason, section 7.3 of the protocol.
    Refused = 2,
    /// The bolt did not reach its end.
    Jammed = 3,
    /// Too many wrong codes: codes are refused for now.
    LockedOut = 4,
    /// The battery needs replacing.
    BatteryLow = 5,
    /// The door has been open for too long.
    DoorAjar = 6,
    /// Somebody tampers with the door or the lock.
    Siren = 7,
    /// A mode is in force now; `argument` is an `lk_mode`.
    Mode = 8,
    /// The reset button is held: `argument` seconds until it resets; at 0 release it.
    ResetIn = 9,
    /// The reset was called off, or the button was held for too long.
    ResetCancelled = 10,
    /// The lock is as made.
    ResetDone = 11,
    /// The reset button is held for the second time: `argument` seconds until the lock belongs to nobody; at 0 release it.
    UnownedIn = 12,
    /// The lock belongs to nobody.
    Unowned = 13,
    /// The calibration or self-test passed.
    TestPassed = 14,
    /// The calibration or self-test failed.
    TestFailed = 15,
}

/// What people should hear about at once.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alarm {
    /// The bolt is jammed.
    Jammed = 0,
    /// The wrong-code limit is reached.
    WrongCodeLimit = 1,
    /// The bolt left its strike while nobody asked, or the door left its frame while the bolt was thrown.
    Forced = 2,
    /// The battery needs replacing.
    BatteryLow = 3,
    /// Stored counters or keys are damaged.
    StorageCorrupt = 4,
    /// The door has been open for longer than the setting allows.
    DoorAjar = 5,
    /// The escutcheon, cover or cable was tampered with.
    Tamper = 6,
    /// A duress credential was used. Show and sound nothing.
    Duress = 7,
    /// The lock was reset to its settings as made.
    FactoryReset = 8,
    /// The radio was reset or its settings were erased.
    RadioReset = 9,
    /// The battery may not move the bolt once more.
    BatteryCritical = 10,
    /// The battery empties much faster than it did.
    BatteryDrain = 11,
    /// The lock no longer knows the time.
    ClockLost = 12,
    /// The log is nearly full.
    LogNearlyFull = 13,
    /// The motor turns and the bolt does not.
    ClutchFailed = 14,
    /// A sensor is silent or contradicts itself.
    SensorFault = 15,
    /// A firmware image was received damaged, or could not be stored.
    UpdateFailed = 16,
    /// New firmware did not prove itself: the one before it runs again.
    UpdateRolledBack = 17,
}

/// Work on the spare slot of the firmware, or with the boot loader.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Erase `amount` bytes from `offset` on.
    Erase = 0,
    /// Write the buffer from `offset` on.
    Write = 1,
    /// Read `amount` bytes from `offset` on.
    Read = 2,
    /// Have the loader try the image in the spare slot with the next reset, once.
    MarkPending = 3,
    /// Have the loader keep what runs.
    Confirm = 4,
    /// Reset the chip. Not answered.
    Restart = 5,
}

/// The answer to work on the spare slot.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkAnswer {
    /// It is done, and stays after a power cut.
    Done = 0,
    /// The bytes that were to be read.
    Read = 1,
    /// It cannot be done.
    Failed = 2,
}

/// How the boot loader started what runs.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BootedAs {
    /// It starts again with each reset.
    Confirmed = 0,
    /// The next reset brings the version before it back, unless it is confirmed.
    OnTrial = 1,
    /// This boot undid a trial, or refused to start what was to be tried.
    Reverted = 2,
}

/// Why a record is not durable.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// No prepared storage; it will be there in a moment.
    Busy = 0,
    /// The storage failed.
    Fault = 1,
    /// Of `LK_TASK_LOG_ACKNOWLEDGE` alone: the entry is not held, or begins otherwise.
    Mismatch = 2,
}

/// The profile of a lock, fixed when it gets its keys.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// Symmetric; the default.
    S = 1,
    /// With X25519, forward secret; in a library with the feature `x25519`.
    X = 2,
}

/// A colour of the light.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// Done, or go on.
    Green = 0,
    /// Not done.
    Red = 1,
    /// Look after it.
    Amber = 2,
    /// Working.
    Blue = 3,
}

/// A tone of the buzzer.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// None.
    Silent = 0,
    /// Low.
    Low = 1,
    /// High.
    High = 2,
}

/// What a firmware may know besides what its sensors say.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Observed {
    /// The strength of the last signal, in dBm.
    Signal = 0,
    /// The radio was reset or its settings were erased; the value counts for nothing.
    RadioReset = 1,
    /// The contact of the escutcheon or cover: 1 for off, 0 for as mounted.
    CoverOff = 2,
    /// The mains, or another feed from outside: 1 for there, 0 for gone.
    Mains = 3,
    /// The voltage of a battery in the keypad, in millivolts.
    KeypadBattery = 4,
    /// The sensor of the turn, an `lk_part`.
    Accelerometer = 5,
    /// The keypad, an `lk_part`.
    Keypad = 6,
    /// The light, an `lk_part`.
    Light = 7,
    /// The buzzer or speaker, an `lk_part`.
    Buzzer = 8,
}

/// How it stands with a part that can tell.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The lock has none, or it was not heard of since boot.
    Unknown = 0,
    /// As it should.
    Good = 1,
    /// It was heard and is silent now.
    Silent = 2,
    /// It contradicts itself or others.
    Contradictory = 3,
}

/// What the motor does.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Motion {
    /// At rest.
    Still = 0,
    /// Throwing the bolt.
    Extending = 1,
    /// Withdrawing the bolt.
    Retracting = 2,
    /// Pulling the latch back.
    Unlatching = 3,
    /// Holding the latch back.
    HoldingLatch = 4,
    /// Letting the latch go.
    Releasing = 5,
    /// Backing off a little after a stall.
    Relieving = 6,
    /// Waiting before the next attempt.
    Pausing = 7,
}

/// What is wrong with the mechanism.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing known.
    None = 0,
    /// The motor stalled before the bolt reached its end, at each attempt.
    Jammed = 1,
    /// The motor ran its whole time, the bolt moved, and the sensor saw no end.
    MotorTimeout = 2,
    /// The motor ran its whole time without load, and the bolt did not move.
    ClutchFailed = 3,
    /// The bolt's sensor is silent or contradicts the motor.
    BoltSensor = 4,
}

/// What is asked of a lock. A holder may ask what is below 16.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Only a session.
    Nothing = 0,
    /// Throw the bolt.
    Lock = 1,
    /// Withdraw the bolt.
    Unlock = 2,
    /// Withdraw the bolt, and pull the latch back.
    Unlatch = 3,
    /// Withdraw the bolt for somebody who leaves.
    LockNGo = 4,
    /// How it stands.
    Status = 5,
    /// What became of a command: of a holder the last one of this visit.
    Outcome = 6,
    /// Withdraw the bolt, and throw it again so many seconds later.
    UnlockFor = 16,
    /// Put a mode in force.
    SetMode = 17,
    /// Learn how long the bolt travels.
    Calibrate = 18,
    /// Try motor, sensors, radio and clock.
    SelfTest = 19,
    /// Forget the wrong codes: a lockout ends at once.
    EndLockout = 20,
    /// Kill all virtual keys that were issued in an earlier revocation epoch.
    RevokeKeys = 21,
    /// Kill one virtual key.
    DenyKey = 22,
    /// Set how many seconds after it was withdrawn the bolt is thrown by itself; 0 for never.
    SetRelock = 23,
    /// Set a PIN code in a slot of the credentials.
    SetPin = 24,
    /// Clear a slot of the credentials.
    ClearPin = 25,
}

/// What was heard of a lock.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Nothing: bytes that prove nothing, or that nobody waits for. Go on as before.
    Noise = 0,
    /// The session is open.
    Open = 1,
    /// What became of a command: `outcome` and `command`.
    Outcome = 2,
    /// How it stands: `report`.
    Status = 3,
    /// People should hear about this: `code` is an `lk_alarm`.
    Alarm = 4,
    /// The lock does not understand, or does not tell whoever asked.
    NotUnderstood = 5,
    /// Something else that is authentic.
    Other = 6,
    /// What answered is not the lock, or was altered on the way: there is no session. Whether the lock did what was asked is not known.
    Refused = 7,
    /// The session has ended: connect again.
    Ended = 8,
}

/// What became of a command.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Begun; a later `LK_HEARD_OUTCOME` says how it ended.
    Started = 0,
    /// Done, on sensor evidence where the bolt was to move.
    Done = 1,
    /// Not begun: `code` is the reason, section 7.3 of the protocol.
    Refused = 2,
    /// Begun, and stopped by a jam.
    Jammed = 3,
    /// Begun, and the sensor never saw the end.
    TimedOut = 4,
    /// Begun, and overtaken by a later command or a hand.
    Superseded = 5,
    /// Begun before a power cut; never run again.
    Interrupted = 6,
    /// The lock never began it.
    NotExecuted = 7,
}

/// What a virtual key may allow; their sum is a choice of them.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// To throw the bolt.
    Lock = 1,
    /// To withdraw the bolt.
    Unlock = 2,
    /// To pull the latch back; only together with `LK_RIGHT_UNLOCK`.
    Unlatch = 4,
    /// To be told how it stands.
    Status = 8,
}

/// Which way a packet goes on.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// To the cloud, as it is.
    ToCloud = 0,
    /// To the lock, as it is.
    ToLock = 1,
    /// Nowhere: it was kept for the next handshake, and `lk_relay_take_hello` gives it.
    KeepHello = 2,
}
