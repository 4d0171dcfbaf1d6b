//! What a person can do, in the order of the escalation ladder.

mod table;

use crate::listed::listed;
use crate::place::Place;
use crate::sign::{Seen, Sign, Signs};

listed! {
    /// Something to do.
    #[derive(PartialOrd, Ord)]
    pub enum Step {
        // Power.
        /// Put in new cells, all of them.
        ReplaceCells,
        /// Put in cells of the type that the lock was made for.
        UseRightCells,
        /// Turn each cell the right way round.
        PlaceCells,
        /// Clean cells and contacts, and put them in again.
        CleanContacts,
        /// Warm the cells, or put in lithium cells for the winter.
        WarmCells,
        /// Feed the lock from outside through its emergency contacts.
        FeedFromOutside,
        /// Plug the adapter in.
        PlugIn,
        /// Check wires and plugs, with the mains off.
        CheckWires,
        /// Put a new cell into the keypad.
        ReplaceKeypadCell,
        // Physical key.
        /// Open with the mechanical key.
        UseKey,
        /// Let somebody else open: another code, finger or tag, or another person's app.
        AskAnother,
        /// Let a dry lubricant into the cylinder.
        LubricateCylinder,
        // Alignment.
        /// Shut the door fully.
        ShutDoor,
        /// Push or pull the door while the motor runs.
        PressDoor,
        /// Clear the hole in the strike plate and the bolt.
        ClearStrike,
        /// Move the strike plate.
        AdjustStrike,
        /// Shim or tighten the hinges.
        ShimHinges,
        /// Loosen the mounting screws a quarter turn.
        LoosenScrews,
        /// Mount the lock again, straight and firmly.
        RemountLock,
        /// Thaw the lock.
        ThawLock,
        /// Calibrate: let the lock learn its travel.
        Calibrate,
        /// Set up the door's sensor for this door.
        SetUpDoorSensor,
        /// Close the cover and look for traces.
        CloseCover,
        // What may be, and when: codes, users, modes, clock.
        /// Enter the code again, slowly, with its check mark.
        CheckCode,
        /// Set a new code in the app.
        ResetCode,
        /// Wait until the lockout ends, or end it in the app.
        WaitLockout,
        /// Enable the user or the code in the app.
        EnableUser,
        /// Change the hours in the app.
        ChangeSchedule,
        /// Switch vacation mode off.
        LeaveVacation,
        /// Switch privacy mode off, inside.
        LeavePrivacy,
        /// Allow orders from afar.
        AllowRemote,
        /// Let the lock learn the time from the cloud.
        SyncClock,
        /// Recover the master code through the cloud.
        RecoverMasterCode,
        /// Ask the owner for the right.
        GrantRight,
        /// Switch sounds on.
        TurnSoundOn,
        // Phone and network.
        /// Switch Bluetooth on.
        BluetoothOn,
        /// Switch location services on, and allow them to the app.
        LocationOn,
        /// Update the app.
        UpdateApp,
        /// Pair the phone.
        PairPhone,
        /// Hold the phone close to the lock.
        MoveCloser,
        /// Move other radios away.
        MoveRadios,
        /// Restart the phone.
        RestartPhone,
        /// Delete the app and install it again.
        ReinstallApp,
        /// Restart router and Wi-Fi.
        RestartRouter,
        /// Give the hub power and restart it.
        RestartHub,
        /// Move the hub nearer to the lock, or add a repeater.
        MoveHub,
        /// Give the Wi-Fi a strong password of its own.
        SecureWifi,
        // Firmware.
        /// Update the lock's firmware.
        UpdateFirmware,
        /// Start the update again and stay near.
        RetryUpdate,
        // Power-cycle and re-pair.
        /// Take the power away for 30 seconds.
        PowerCycle,
        /// Remove the lock from the app and add it again.
        RePair,
        // Last.
        /// Reset the lock to its settings as made.
        FactoryReset,
        /// Take the lock off and look into it.
        OpenLock,
    }
}

listed! {
    /// The rungs of the escalation ladder, from the device outward: the lowest that may help comes first.
    #[derive(PartialOrd, Ord)]
    pub enum Rung {
        /// Batteries, mains, wires.
        Power,
        /// The mechanical key.
        PhysicalKey,
        /// Bolt, strike, door, mounting.
        Alignment,
        /// Codes, users, modes, clock: nothing is taken apart and nothing lost.
        Access,
        /// Phone, hub, Wi-Fi.
        Connection,
        /// Updates.
        Update,
        /// Taking the power away, and pairing again.
        PowerCycle,
        /// Back to the settings as made.
        FactoryReset,
        /// Taking the lock apart.
        Dismantle,
    }
}

listed! {
    /// What a step may cost.
    pub enum Risk {
        /// Nothing.
        None,
        /// Pairing and what the app shows have to be set up again.
        LosesPairing,
        /// Users, codes, schedules and settings are gone.
        LosesSettings,
        /// A wire may be live.
        LiveWire,
        /// The door may shut while it cannot be opened from outside.
        ShutsOut,
        /// The maker's warranty may end.
        EndsWarranty,
    }
}

listed! {
    /// When to stop with a step, whatever comes.
    pub enum StopIf {
        /// It no longer feels safe: true of every step.
        Uneasy,
        /// A cell is hot, swollen or leaks.
        CellsHot,
        /// The key or thumb-turn does not move with two fingers: it breaks before it gives way.
        NeedsForce,
        /// The wires belong to the mains and cannot be switched off.
        CannotSwitchOff,
        /// The door is the only way in and nobody is inside.
        OnlyWayIn,
    }
}

listed! {
    /// Who helps when no step does.
    pub enum Helper {
        /// A locksmith.
        Locksmith,
        /// The maker of the lock: advice, warranty, parts.
        Maker,
        /// The owner of the lock: codes, users, modes, rights.
        Owner,
        /// An electrician: whatever hangs on the mains.
        Electrician,
        /// Who provides the internet and the Wi-Fi.
        Provider,
    }
}

listed! {
    /// How a step went.
    pub enum Outcome {
        /// What should be seen after it was seen.
        Good,
        /// It was not.
        Bad,
        /// It was not done: no tool, no key, out of reach, nobody there. It says nothing of the lock.
        NotDone,
        /// What its [`StopIf`] names came true: the talk ends, whatever else may be wrong.
        Stopped,
    }
}

impl StopIf {
    /// Who has to be called where it came true; `None` where that is a matter of what is wrong.
    #[must_use]
    pub const fn helper(self) -> Option<Helper> {
        match self {
            Self::Uneasy => None,
            Self::CellsHot => Some(Helper::Maker),
            Self::NeedsForce | Self::OnlyWayIn => Some(Helper::Locksmith),
            Self::CannotSwitchOff => Some(Helper::Electrician),
        }
    }
}

impl Step {
    /// Where it stands on the ladder.
    #[must_use]
    pub const fn rung(self) -> Rung {
        self.row().rung
    }

    /// What it may cost.
    #[must_use]
    pub const fn risk(self) -> Risk {
        self.row().risk
    }

    /// When to stop with it.
    #[must_use]
    pub const fn stop_if(self) -> StopIf {
        self.row().stop_if
    }

    /// Where it can be done.
    #[must_use]
    pub const fn place(self) -> Place {
        self.row().place
    }

    /// Whether it lets somebody in who is locked out, and mends nothing.
    #[must_use]
    pub const fn is_way_in(self) -> bool {
        self.row().opens
    }

    /// What its outcome says: good is yes, bad is no.
    #[must_use]
    pub const fn shows(self) -> Option<Sign> {
        self.row().shows
    }

    /// Whether it is a test, which mends nothing.
    #[must_use]
    pub const fn is_test(self) -> bool {
        !self.row().mends
    }

    /// Whether it would change nothing: what it makes so is so, by all that is known.
    pub(crate) fn changes_nothing(self, signs: &Signs) -> bool {
        let made = self.makes_so();
        !made.is_empty() && made.iter().all(|(sign, seen)| signs.seen(*sign) == Some(*seen))
    }

    /// Whether that without which it makes no sense is known to be so.
    pub(crate) fn makes_sense(self, signs: &Signs) -> bool {
        self.row().only_if.is_none_or(|(sign, seen)| signs.seen(sign) == Some(seen))
    }

    /// Whether it is a test of something that is known already.
    pub(crate) fn tests_what_is_known(self, signs: &Signs) -> bool {
        self.is_test() && self.shows().is_some_and(|sign| signs.seen(sign).is_some())
    }

    /// What is so after it, whether it helped or not.
    #[must_use]
    pub const fn makes_so(self) -> &'static [(Sign, Seen)] {
        self.row().makes_so
    }
}
