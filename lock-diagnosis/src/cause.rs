//! What can be wrong.

use crate::listed::listed;

listed! {
    /// Why a door does not do what it should.
    #[derive(PartialOrd, Ord)]
    pub enum Cause {
        // Power.
        /// The cells are empty.
        DeadCells,
        /// The cells are nearly empty, or too weak for the motor.
        WeakCells,
        /// Cells of another type than the lock was made for.
        WrongCells,
        /// A cell lies the wrong way round, or does not touch.
        MisplacedCells,
        /// Dirt, oxide or leakage on cells or contacts.
        DirtyContacts,
        /// The cold takes the cells' strength.
        ColdCells,
        /// The adapter of a lock on the mains is unplugged, or the mains is away.
        MainsUnplugged,
        /// A wire or plug is loose.
        LooseWiring,
        /// Something empties the battery.
        FastDrain,
        // Mechanism.
        /// The bolt meets the strike plate.
        StrikeMisaligned,
        /// Something lies in the bolt's way.
        Debris,
        /// The door is warped or sags in its hinges.
        DoorWarped,
        /// The door is not fully shut.
        DoorNotShut,
        /// The mounting screws are too tight.
        ScrewsTooTight,
        /// The actuator is frozen, or its spring has come loose in the cold.
        FrozenActuator,
        /// Gears are worn, broken or out of place.
        GearsWorn,
        /// The clutch or linkage between motor and bolt slips.
        ClutchFailed,
        /// The motor does not turn.
        MotorFailed,
        /// The cylinder or what the key turns is stuck.
        CylinderJammed,
        /// The bolt itself is broken or stuck in its case.
        BoltBroken,
        /// The travel of the bolt is not learned, or no longer right.
        NotCalibrated,
        /// The lock does not sit as it should.
        BadMounting,
        // Sensors and what people see, hear and touch.
        /// The bolt's sensor is faulty.
        BoltSensorFaulty,
        /// The accelerometer or other sensor of the turn is faulty.
        TurnSensorFaulty,
        /// The door's sensor is faulty.
        DoorSensorFaulty,
        /// The door's sensor was not set up, or not for this door.
        DoorSensorNotSetUp,
        /// The light is faulty.
        LightFaulty,
        /// The buzzer or speaker is faulty.
        BuzzerFaulty,
        /// Sounds are switched off.
        Muted,
        /// The keypad is faulty.
        KeypadFaulty,
        /// The keypad's own battery is empty.
        KeypadCellEmpty,
        /// The cover is off, or somebody tampered with it.
        CoverOff,
        /// The controller board is faulty.
        ControllerFaulty,
        /// The radio is faulty.
        RadioFaulty,
        // Access.
        /// The code is wrong, or was changed.
        WrongCode,
        /// The code or its user is disabled, expired or used up.
        CodeDisabled,
        /// The code does not open at this hour.
        OutsideSchedule,
        /// Too many wrong codes.
        LockedOut,
        /// Vacation mode is on.
        VacationMode,
        /// Privacy mode is on.
        PrivacyMode,
        /// Orders from afar are switched off.
        NoRemoteMode,
        /// The lock has lost the time.
        ClockLost,
        /// The master code is forgotten.
        MasterCodeForgotten,
        /// This person or phone may not do that.
        NoRight,
        // Phone.
        /// The phone's Bluetooth is off.
        BluetoothOff,
        /// The phone's location services are off.
        LocationOff,
        /// The app is outdated.
        AppOutdated,
        /// The phone is not paired.
        NotPaired,
        /// The phone is too far away.
        OutOfRange,
        /// Something disturbs the radio.
        Interference,
        /// The phone or its app hangs.
        PhoneStuck,
        // Network.
        /// The Wi-Fi or the way to the internet is down.
        WifiDown,
        /// The hub or bridge is down.
        HubDown,
        /// The hub shows an old state.
        HubStale,
        /// The hub is too far from the lock.
        HubFar,
        /// The Wi-Fi is open, or has a weak password.
        WifiInsecure,
        // Firmware.
        /// The firmware is outdated.
        FirmwareOutdated,
        /// An update failed.
        UpdateFailed,
        /// An update was interrupted.
        UpdateInterrupted,
        /// The lock's electronics hang.
        LockHung,
    }
}

/// Where a cause lies. Members of a family share evidence: a lock that is dead has no wrong code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// Battery, mains, wires.
    Power,
    /// Bolt, motor, strike, door.
    Mechanism,
    /// Sensors, light, sound, keypad, cover.
    Parts,
    /// The electronics as a whole.
    Electronics,
    /// Codes, users, modes, clock.
    Access,
    /// The phone and its radio.
    Phone,
    /// Wi-Fi, hub, internet.
    Network,
    /// What the lock's program is.
    Firmware,
}
