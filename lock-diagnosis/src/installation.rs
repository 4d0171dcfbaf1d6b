//! The way from a box to a lock that works: what has to fit, wires, mounting, alignment, and last the lock's own self-test.
//!
//! ```text
//!  Ask(item) ──passed, or not fitted──> the next item ... ──> RunSelfTest ──all passed──> Ask(what was seen, heard) ──> Done
//!     └──failed──> Mend(item, step), and ask again; or Unfit(item): this lock is not for this door
//! ```

use lock_proto::{Health, TestResult, TestStep};

use crate::finding::{Findings, diagnose};
use crate::listed::listed;
use crate::sign::{Origin, Seen, Sign, Signs};
use crate::step::Step;

listed! {
    /// The chapters, in their order.
    #[derive(PartialOrd, Ord)]
    pub enum Chapter {
        /// Whether lock, door and power go together: before anything is drilled.
        Compatibility,
        /// Wires, with the power off.
        Wiring,
        /// How it sits.
        Mounting,
        /// Bolt, strike, door.
        Alignment,
        /// What the lock tries by itself.
        SelfTest,
        /// What people see and hear of it meanwhile: the lock cannot tell.
        Indicators,
    }
}

listed! {
    /// What is looked at, in order.
    #[derive(PartialOrd, Ord)]
    pub enum Item {
        /// The door's thickness is within what the maker names.
        DoorThickness,
        /// The backset, from the door's edge to the middle of the cross bore, is the lock's.
        Backset,
        /// Bore and edge hole have the lock's sizes, and the strike has room for the whole throw.
        Bores,
        /// The power source that the lock needs is there: its cells, or an outlet.
        PowerSource,
        /// The door is sound, and its hinges are firm.
        DoorSound,
        /// The mains is off at the fuse.
        MainsOff,
        /// Each wire and plug sits firmly, and none is pinched.
        WiresFirm,
        /// The plate is level and firm.
        PlateLevel,
        /// The screws are hand-tight: no more.
        ScrewsHandTight,
        /// The cells are new, of the right type and the right way round.
        Cells,
        /// By hand, the bolt moves freely with the door open.
        FreeWithDoorOpen,
        /// By hand, it moves as freely with the door closed.
        FreeWithDoorClosed,
        /// The door's sensor was set up with the door open and closed.
        DoorSensorSetUp,
        /// Self-test: the motor throws the bolt.
        MotorOut,
        /// Self-test: the motor withdraws the bolt.
        MotorBack,
        /// Self-test: the door's sensor.
        DoorSensor,
        /// Self-test: the travels are learned.
        Calibration,
        /// Self-test: the cloud was heard.
        Radio,
        /// Self-test: the clock is trusted.
        Clock,
        /// The light flashed during the self-test.
        LightFlashed,
        /// The buzzer sounded during the self-test.
        BuzzerSounded,
    }
}

/// How it stands with an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum ItemResult {
    /// As it should be.
    Passed,
    /// Not.
    Failed,
    /// This lock or door has no such thing.
    NotFitted,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Look at this, and [`Installation::note`] it.
    Ask(Item),
    /// This is not as it should be: do this, and note the item again, or run the self-test again where it said so.
    Mend {
        /// What is not as it should be.
        item: Item,
        /// What to do.
        step: Step,
    },
    /// Stop: this lock does not fit this door, and nothing that a person does to it mends that.
    Unfit(Item),
    /// Start the self-test with the button inside or in the app, and give its [`Installation::report`].
    RunSelfTest,
    /// All passed: try every way to open, as at the end of a diagnosis ([`Check`](crate::Check)).
    Done,
}

/// Why a result was not taken. Nothing has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InstallationError {
    /// The lock says that itself.
    #[error("the lock tries this itself; run its self-test and give its report")]
    LocksOwn,
    /// Every door has that.
    #[error("every lock and door has this; say whether it is as it should be")]
    AlwaysFitted,
}

/// A checklist being worked through.
///
/// ```
/// use lock_diagnosis::{Installation, Item, ItemResult, Step, Task};
///
/// let mut installation = Installation::default();
/// while let Task::Ask(item) = installation.task() {
///     let result = if item == Item::ScrewsHandTight { ItemResult::Failed } else { ItemResult::Passed };
///     installation.note(item, result)?;
/// }
/// let tight = Task::Mend { item: Item::ScrewsHandTight, step: Step::LoosenScrews };
/// assert_eq!(installation.task(), tight);
/// # Ok::<(), lock_diagnosis::InstallationError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Installation {
    results: [Option<ItemResult>; Item::ALL.len()],
}

impl Installation {
    /// What to do next: mend what failed first, then go on with what nobody has looked at.
    #[must_use]
    pub fn task(&self) -> Task {
        let failed = Item::ALL.into_iter().find(|item| self.result(*item) == Some(ItemResult::Failed));
        if let Some(item) = failed {
            return item.remedy().map_or(Task::Unfit(item), |step| Task::Mend { item, step });
        }
        match Item::ALL.into_iter().find(|item| self.result(*item).is_none()) {
            Some(item) if item.chapter() == Chapter::SelfTest => Task::RunSelfTest,
            Some(item) => Task::Ask(item),
            None => Task::Done,
        }
    }

    /// Takes what a person saw. The last word counts. Of the self-test only that the lock has no sensor of the door can be noted.
    ///
    /// # Errors
    /// [`InstallationError::LocksOwn`] for an item of the self-test, [`InstallationError::AlwaysFitted`] for one that no door is
    /// without.
    pub fn note(&mut self, item: Item, result: ItemResult) -> Result<(), InstallationError> {
        let is_absent = result == ItemResult::NotFitted && item.is_optional();
        if item.chapter() == Chapter::SelfTest && !is_absent {
            return Err(InstallationError::LocksOwn);
        }
        if result == ItemResult::NotFitted && !item.is_optional() {
            return Err(InstallationError::AlwaysFitted);
        }
        self.put(item, Some(result));
        Ok(())
    }

    /// Takes the self-test of a lock's report. What it did not try stays open, and so does what people have to see and hear.
    pub fn report(&mut self, report: &Health) {
        for step in TestStep::ALL {
            let result = report.self_test.get(usize::from(step.number())).copied().unwrap_or_default();
            self.put(
                Item::of(step),
                match result {
                    TestResult::NotRun => {
                        self.result(Item::of(step)).filter(|result| *result == ItemResult::NotFitted)
                    }
                    TestResult::Passed => Some(ItemResult::Passed),
                    TestResult::Failed => Some(ItemResult::Failed),
                },
            );
        }
    }

    /// What the checklist says of the lock, for a diagnosis and for a [`Dialogue`](crate::Dialogue) that goes on with it.
    #[must_use]
    pub fn signs(&self) -> Signs {
        let mut signs = Signs::default();
        for item in Item::ALL {
            let is_so = match self.result(item) {
                Some(ItemResult::Passed) => true,
                Some(ItemResult::Failed) => false,
                Some(ItemResult::NotFitted) | None => continue,
            };
            let origin = if item.chapter() == Chapter::SelfTest { Origin::Report } else { Origin::Person };
            // Of two items that say the same, one that failed is enough.
            if let Some(sign) = item.shows().filter(|sign| signs.seen(*sign) != Some(Seen::No)) {
                signs.note_known(sign, Some(is_so), origin);
            }
        }
        signs
    }

    /// What is probably wrong by the checklist alone: a light that did not flash, a cloud that was not heard.
    #[must_use]
    pub fn findings(&self) -> Findings {
        diagnose(&self.signs())
    }

    /// How it stands with an item; `None` where nobody has looked.
    #[must_use]
    pub fn result(&self, item: Item) -> Option<ItemResult> {
        self.results.get(item.index()).copied().flatten()
    }

    fn put(&mut self, item: Item, result: Option<ItemResult>) {
        if let Some(place) = self.results.get_mut(item.index()) {
            *place = result;
        }
    }
}

impl Item {
    const fn of(step: TestStep) -> Self {
        match step {
            TestStep::MotorOut => Self::MotorOut,
            TestStep::MotorBack => Self::MotorBack,
            TestStep::DoorSensor => Self::DoorSensor,
            TestStep::Calibration => Self::Calibration,
            TestStep::Radio => Self::Radio,
            TestStep::Clock => Self::Clock,
        }
    }

    /// Its chapter.
    #[must_use]
    pub const fn chapter(self) -> Chapter {
        match self {
            Self::DoorThickness | Self::Backset | Self::Bores | Self::PowerSource | Self::DoorSound => {
                Chapter::Compatibility
            }
            Self::MainsOff | Self::WiresFirm => Chapter::Wiring,
            Self::PlateLevel | Self::ScrewsHandTight | Self::Cells => Chapter::Mounting,
            Self::FreeWithDoorOpen | Self::FreeWithDoorClosed | Self::DoorSensorSetUp => Chapter::Alignment,
            Self::MotorOut
            | Self::MotorBack
            | Self::DoorSensor
            | Self::Calibration
            | Self::Radio
            | Self::Clock => Chapter::SelfTest,
            Self::LightFlashed | Self::BuzzerSounded => Chapter::Indicators,
        }
    }

    /// Whether there are locks and doors without it: wires, cells, a door's sensor, a light, a buzzer.
    #[must_use]
    pub const fn is_optional(self) -> bool {
        matches!(
            self,
            Self::MainsOff
                | Self::WiresFirm
                | Self::Cells
                | Self::DoorSensorSetUp
                | Self::DoorSensor
                | Self::LightFlashed
                | Self::BuzzerSounded
        )
    }

    /// The sign that it is; `None` where it says nothing that a diagnosis weighs.
    #[must_use]
    pub const fn shows(self) -> Option<Sign> {
        match self {
            Self::WiresFirm => Some(Sign::WiresFirm),
            Self::PlateLevel => Some(Sign::MountedFirm),
            Self::DoorSensorSetUp => Some(Sign::DoorShown),
            Self::MotorOut | Self::MotorBack => Some(Sign::MotorTested),
            Self::DoorSensor => Some(Sign::DoorSensorTested),
            Self::Calibration => Some(Sign::CalibrationTested),
            Self::Radio => Some(Sign::RadioTested),
            Self::Clock => Some(Sign::ClockTested),
            Self::LightFlashed => Some(Sign::LightGood),
            Self::BuzzerSounded => Some(Sign::BuzzerGood),
            Self::DoorThickness
            | Self::Backset
            | Self::Bores
            | Self::PowerSource
            | Self::DoorSound
            | Self::MainsOff
            | Self::ScrewsHandTight
            | Self::Cells
            | Self::FreeWithDoorOpen
            | Self::FreeWithDoorClosed => None,
        }
    }

    /// What mends it; `None` where the lock is not for this door.
    #[must_use]
    pub const fn remedy(self) -> Option<Step> {
        match self {
            Self::DoorThickness | Self::Backset | Self::Bores => None,
            Self::PowerSource => Some(Step::PlugIn),
            Self::DoorSound => Some(Step::ShimHinges),
            Self::MainsOff | Self::WiresFirm => Some(Step::CheckWires),
            Self::PlateLevel => Some(Step::RemountLock),
            Self::ScrewsHandTight | Self::FreeWithDoorOpen => Some(Step::LoosenScrews),
            Self::Cells => Some(Step::UseRightCells),
            Self::FreeWithDoorClosed | Self::MotorOut | Self::MotorBack => Some(Step::AdjustStrike),
            Self::DoorSensorSetUp | Self::DoorSensor => Some(Step::SetUpDoorSensor),
            Self::Calibration => Some(Step::Calibrate),
            Self::Radio => Some(Step::MoveHub),
            Self::Clock => Some(Step::SyncClock),
            Self::LightFlashed => Some(Step::PowerCycle),
            Self::BuzzerSounded => Some(Step::TurnSoundOn),
        }
    }
}
