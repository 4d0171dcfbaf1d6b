//! What can be known about a door that does not do what it should: signs, each seen, seen not to be so, or unknown.

use crate::listed::listed;

listed! {
    /// Something that is so or not. Each is said of the lock as it is now, or as it was when the trouble began.
    #[derive(PartialOrd, Ord)]
    pub enum Sign {
        // Power.
        /// The lock reacts to something: light, sound, motor or radio.
        Wakes,
        /// The keypad lights when it is touched.
        KeypadLit,
        /// The battery's level is good.
        CellsGood,
        /// The battery's level is low or critical.
        CellsLow,
        /// The battery may not move the bolt once more.
        CellsCritical,
        /// At rest the voltage is that of cells that are good.
        RestsWell,
        /// The voltage collapses under the motor.
        VoltageSags,
        /// It is freezing at the battery.
        BatteryCold,
        /// The supply sagged so far that the chip restarted.
        BrownedOut,
        /// The battery empties much faster than before, or than it should.
        DrainsFast,
        /// The cells were put in lately.
        CellsNew,
        /// The cells are of the type that the lock was made for.
        CellsOfRightType,
        /// The voltage cannot be that of the cells that were set.
        CellsImplausible,
        /// Each cell lies the right way round.
        CellsRightWay,
        /// Cells and contacts are clean and dry.
        ContactsClean,
        /// The lock runs on the mains.
        RunsOnMains,
        /// The mains is there.
        MainsPresent,
        /// Wires and plugs sit firmly.
        WiresFirm,
        /// The power was away not long ago: an outage, or cells that were taken out.
        LostPower,
        /// It works at times and at times not.
        Intermittent,
        /// It wakes and opens when it is fed from outside.
        WakesWhenFed,
        // Mechanism.
        /// The motor is heard.
        MotorHeard,
        /// The bolt goes where it is told.
        BoltFollows,
        /// The lock says that it is jammed.
        Jammed,
        /// The motor stalled while it threw the bolt.
        StallsOut,
        /// The motor stalled while it withdrew the bolt.
        StallsBack,
        /// The motor ran its whole time and the bolt did not arrive.
        TimedOut,
        /// The motor turns freely and the bolt stays.
        ClutchSlips,
        /// The bolt takes much longer than was learned.
        Slow,
        /// The motor needed more than one attempt lately.
        Retries,
        /// With the door open the lock moves the bolt all the way.
        FreeWithDoorOpen,
        /// The bolt comes free when the door is pushed or pulled.
        FreeWhenPressed,
        /// The bolt comes free when the mounting screws are loosened a quarter turn.
        FreeWhenLoosened,
        /// The mechanical key turns.
        KeyTurns,
        /// It grinds or clicks while the motor runs.
        Grinds,
        /// The hole in the strike plate is clear.
        StrikeClear,
        /// The gap between door and frame is even.
        GapEven,
        /// The door is fully shut.
        DoorShut,
        /// The lock was installed or taken off lately.
        NewlyInstalled,
        /// It was freezing lately, at the door.
        FrostLately,
        /// The travel of the bolt is learned.
        Calibrated,
        /// The lock sits firmly on the door.
        MountedFirm,
        // Sensors and what people see, hear and touch.
        /// Light, sound, keypad and cover are as they should.
        PartsWork,
        /// The bolt's sensor works.
        BoltSensorGood,
        /// The sensor of the turn, an accelerometer for example, works.
        TurnSensorGood,
        /// The app shows when the bolt is turned by hand.
        HandTurnShown,
        /// The door's sensor works.
        DoorSensorGood,
        /// The app shows rightly whether the door is open.
        DoorShown,
        /// The keypad works.
        KeypadGood,
        /// The keypad's own battery is good.
        KeypadCellGood,
        /// The light works.
        LightGood,
        /// The buzzer or speaker works.
        BuzzerGood,
        /// Sounds are switched on.
        SoundOn,
        /// The cover is on.
        CoverClosed,
        // Access.
        /// The lock answers a code, a tag or the app with its sign for "refused".
        CodeRefused,
        /// A code opens at the keypad.
        KeypadOpens,
        /// Another code, or another person's code or app, opens.
        OtherCodeOpens,
        /// Wrong codes were entered.
        WrongCodesCounted,
        /// Codes are refused for a while after too many wrong ones.
        InLockout,
        /// A user who is disabled, expired or never opens was refused.
        UserRefused,
        /// Somebody was refused outside the hours.
        ScheduleRefused,
        /// Somebody was refused because of the mode.
        ModeRefused,
        /// Somebody was refused because the clock was not trusted.
        ClockRefused,
        /// Somebody was refused for want of rights.
        RightsRefused,
        /// An order was refused because of door, bolt or battery.
        MechanismRefused,
        /// The lock is in vacation mode.
        InVacation,
        /// The lock is in privacy mode.
        InPrivacy,
        /// The lock takes no orders from afar.
        InNoRemote,
        /// The lock knows the time.
        ClockTrusted,
        /// The same code opens at other hours.
        OpensAtOtherHours,
        /// The master code is known.
        MasterCodeKnown,
        // Phone and network.
        /// The app reaches the lock from beside it.
        AppConnects,
        /// The phone's Bluetooth is on.
        BluetoothOn,
        /// The phone's location services are on and allowed to the app.
        LocationOn,
        /// The app is of the newest version.
        AppCurrent,
        /// The phone is paired with the lock.
        Paired,
        /// The app connects when the phone is held close to the lock.
        ConnectsClose,
        /// Another phone connects.
        OtherPhoneConnects,
        /// The lock's receiver hears a strong signal.
        SignalStrong,
        /// Links break.
        LinkDrops,
        /// Other radios or microwave ovens stand near the lock or the hub.
        RadiosNear,
        /// Orders from afar arrive.
        RemoteWorks,
        /// The Wi-Fi works for other things.
        WifiUp,
        /// The Wi-Fi has a strong password of its own.
        WifiSecured,
        /// The hub or bridge has power and is online.
        HubUp,
        /// The hub stands near the lock.
        HubNear,
        /// App and hub show where the bolt really is.
        ShowsTruth,
        /// The lock itself, asked from beside it, shows where the bolt really is.
        LockShowsTruth,
        /// Nothing fails, but something has to be done: the app warns of it, or somebody knows.
        NeedsCare,
        // Firmware.
        /// The firmware is of the newest version.
        FirmwareCurrent,
        /// The last update failed or was rolled back.
        UpdateFailed,
        /// An update was begun and not finished.
        UpdateUnfinished,
        /// The watchdog restarted the lock.
        WatchdogFired,
        // The lock's self-test, which ran since it booted.
        /// It moved the bolt out and back.
        MotorTested,
        /// It found the door's sensor good.
        DoorSensorTested,
        /// It found the travel of the bolt learned.
        CalibrationTested,
        /// It heard the cloud.
        RadioTested,
        /// It found the clock trusted.
        ClockTested,
        // The person.
        /// Whoever asks is inside or can get in; where not, is locked out.
        CanGetIn,
    }
}

/// Whether a sign is so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum Seen {
    /// It is.
    Yes,
    /// It is not.
    No,
}

/// Who says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum Origin {
    /// The lock's report.
    Report,
    /// The app, of itself, its phone and its network.
    App,
    /// A person.
    Person,
}

/// What is known, sign by sign. What is not known is neither yes nor no: it argues for nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Signs {
    yes: u128,
    no: u128,
    by_report: u128,
    by_app: u128,
}

const _: () = assert!(Sign::ALL.len() <= 128);

const fn bit(sign: Sign) -> u128 {
    1 << sign.index()
}

impl Signs {
    /// Nothing is known.
    pub(crate) const NONE: Self = Self { yes: 0, no: 0, by_report: 0, by_app: 0 };

    /// Notes that `sign` is so or not. The last word counts.
    pub const fn note(&mut self, sign: Sign, seen: Seen, origin: Origin) {
        let bit = bit(sign);
        self.forget(sign);
        match seen {
            Seen::Yes => self.yes |= bit,
            Seen::No => self.no |= bit,
        }
        match origin {
            Origin::Report => self.by_report |= bit,
            Origin::App => self.by_app |= bit,
            Origin::Person => {}
        }
    }

    /// Notes it where it is known.
    pub(crate) const fn note_known(&mut self, sign: Sign, seen: Option<bool>, origin: Origin) {
        match seen {
            Some(true) => self.note(sign, Seen::Yes, origin),
            Some(false) => self.note(sign, Seen::No, origin),
            None => {}
        }
    }

    /// Forgets what an earlier report said, and notes what `report` says; what others said of the same goes with it.
    pub(crate) fn replace_report(&mut self, report: &Self) {
        let old = self.by_report;
        (self.yes, self.no, self.by_report) = (self.yes & !old, self.no & !old, 0);
        for (sign, seen) in report.known() {
            self.note(sign, seen, Origin::Report);
        }
    }

    const fn forget(&mut self, sign: Sign) {
        let others = !bit(sign);
        self.yes &= others;
        self.no &= others;
        self.by_report &= others;
        self.by_app &= others;
    }

    /// Whether `sign` is so; `None` where it is unknown.
    #[must_use]
    pub const fn seen(&self, sign: Sign) -> Option<Seen> {
        let bit = bit(sign);
        if self.yes & bit != 0 {
            Some(Seen::Yes)
        } else if self.no & bit != 0 {
            Some(Seen::No)
        } else {
            None
        }
    }

    /// Who said so; `None` where it is unknown.
    #[must_use]
    pub const fn origin(&self, sign: Sign) -> Option<Origin> {
        let bit = bit(sign);
        if (self.yes | self.no) & bit == 0 {
            None
        } else if self.by_report & bit != 0 {
            Some(Origin::Report)
        } else if self.by_app & bit != 0 {
            Some(Origin::App)
        } else {
            Some(Origin::Person)
        }
    }

    /// All that is known, in the order of [`Sign::ALL`].
    pub fn known(&self) -> impl Iterator<Item = (Sign, Seen)> + '_ {
        Sign::ALL.into_iter().filter_map(|sign| Some((sign, self.seen(sign)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_about_a_sign_counts_and_its_origin_with_it() {
        let mut signs = Signs::default();
        assert_eq!((signs.seen(Sign::Wakes), signs.origin(Sign::Wakes)), (None, None));
        signs.note(Sign::Wakes, Seen::Yes, Origin::Report);
        assert_eq!(signs.origin(Sign::Wakes), Some(Origin::Report));
        signs.note(Sign::Wakes, Seen::No, Origin::Person);
        assert_eq!(
            (signs.seen(Sign::Wakes), signs.origin(Sign::Wakes)),
            (Some(Seen::No), Some(Origin::Person))
        );
        signs.note(Sign::WatchdogFired, Seen::Yes, Origin::App);
        assert_eq!(signs.origin(Sign::WatchdogFired), Some(Origin::App));
        assert!(signs.known().eq([(Sign::Wakes, Seen::No), (Sign::WatchdogFired, Seen::Yes)]));
    }
}
