//! What people truly see who have exactly one trouble, and what truly mends it: from the guides, and not from the rules.
//!
//! One row is one trouble, by the paragraphs of `docs/diagnosis.md` that tell of it; some troubles show themselves in more than one
//! way. Its cells are the answers in the order of [`COLUMNS`]: `y` and `n`, the number of an answer, `?` where one cannot know it, and
//! `.` for where one stands, which is no matter of what is wrong. A step that is not named mends nothing.

use lock_diagnosis::{Answer, Cause, Helper, Outcome, Question, Step};

/// One way in which a trouble shows itself.
pub(crate) struct Truth {
    pub(crate) cause: Cause,
    /// The paragraphs it is taken from.
    pub(crate) source: &'static str,
    cells: &'static str,
    /// What mends it.
    pub(crate) cures: &'static [Step],
    /// Who mends it where nobody at the door can, and with which causes it may be taken for at home.
    pub(crate) call: Option<(Helper, &'static [Cause])>,
}

const fn sees(cause: Cause, source: &'static str, cells: &'static str, cures: &'static [Step]) -> Truth {
    Truth { cause, source, cells, cures, call: None }
}

/// The questions, as the cells stand.
pub(crate) const COLUMNS: [&[Question]; 7] = [
    &[Question::Happens, Question::Where, Question::KeyTurns],
    &[Question::Compartment, Question::CellsNew, Question::Mains, Question::Always, Question::Outage],
    &[
        Question::Sound,
        Question::DoorOpen,
        Question::Press,
        Question::StrikeHole,
        Question::Gap,
        Question::DoorShut,
    ],
    &[Question::Installed, Question::Screws, Question::Mounting, Question::Calibration, Question::Frost],
    &[Question::Missing, Question::OtherCode, Question::OtherHours, Question::Mode, Question::WrongState],
    &[
        Question::PhoneSettings,
        Question::AppVersion,
        Question::Paired,
        Question::Close,
        Question::OtherPhone,
        Question::Radios,
    ],
    &[Question::Network, Question::HubPlace, Question::Care, Question::Firmware],
];

#[rustfmt::skip]
pub(crate) const TRUTHS: [Truth; 73] = [
    sees(Cause::DeadCells, "A12, C3", "0.y 0n00n 2nnyyy nny?n ?nn?? 0yynnn 0y??", &[Step::ReplaceCells, Step::UseRightCells]),
    sees(Cause::DeadCells, "D6: a sudden end, cells of two months", "0.y ???0n 2nnyyy nny?n ?nn?? 0yynnn 0y??", &[Step::ReplaceCells, Step::UseRightCells]),
    sees(Cause::WeakCells, "A5", "1.y 0n00n 2nnyyy nnyyn ?nn0? 0yyyyn 0y?0", &[Step::ReplaceCells, Step::UseRightCells]),
    sees(Cause::WeakCells, "B2: works at times", "2.y 0n01n 0nnyyy nnyyn ?nn0? 0yyyyn 0y?0", &[Step::ReplaceCells, Step::UseRightCells]),
    sees(Cause::WrongCells, "D7", "1.y 1y01n 2nnyyy nnyyn ?nn0? 0yyyyn 0y?0", &[Step::UseRightCells]),
    sees(Cause::MisplacedCells, "C3: polarity", "0.y 2y00n 2nnyyy nny?n ?nn?? 0yynnn 0y??", &[Step::PlaceCells, Step::ReplaceCells, Step::UseRightCells]),
    sees(Cause::DirtyContacts, "D6: debris", "0.y 3n01n 2nnyyy nny?n ?nn?? 0yynnn 0y??", &[Step::CleanContacts]),
    sees(Cause::ColdCells, "D27", "1.y 0n01n 2nnyyy nnyyy ?nn0? 0yyyyn 0y?0", &[Step::WarmCells]),
    sees(Cause::MainsUnplugged, "D20", "0.y ??20? 2nnyyy nny?n ?nn?? 0yynnn 0y??", &[Step::PlugIn]),
    sees(Cause::LooseWiring, "B15, D19", "0.y 4n01n 2nnyyy nny?n ?nn?? 0yynnn 0y??", &[Step::CheckWires]),
    sees(Cause::FastDrain, "B2, B7, B12", "8.y 0y00n ?y?yyy nnyyn ?yy0? 0yyyyn 0y?0", &[Step::UseRightCells]).or_call(Helper::Maker, &[]),
    sees(Cause::FastDrain, "B2, B7, B12", "8.y 0y00n ?y?yyy nnyyn ?yy0? 0yyyyn 0y?0", &[Step::AdjustStrike]).or_call(Helper::Maker, &[]),
    sees(Cause::FastDrain, "B2, B7, B12", "8.y 0y00n ?y?yyy nnyyn ?yy0? 0yyyyn 0n?0", &[Step::MoveHub]).or_call(Helper::Maker, &[]),
    sees(Cause::FastDrain, "B2, B7, B12", "8.y 0y00n ?y?yyy nnyyn ?yy0? 0yyyyn 0y?1", &[Step::UpdateFirmware]).or_call(Helper::Maker, &[]),
    sees(Cause::StrikeMisaligned, "C6, D21", "2.y 0n00n 0yyyyy nnyyn ?nn0? 0yyyyn 0y?0", &[Step::AdjustStrike]),
    sees(Cause::StrikeMisaligned, "C6: and no push frees it", "2.y 0n00n 0ynyyy nnyyn ?nn0? 0yyyyn 0y?0", &[Step::AdjustStrike]),
    sees(Cause::Debris, "A9, D17", "2.y 0n00n 0ynnyy nnyyn ?nn0? 0yyyyn 0y?0", &[Step::ClearStrike]),
    sees(Cause::DoorWarped, "B13, C6", "2.y 0n00n 0yyyny nnyyn ?nn0? 0yyyyn 0y?0", &[Step::ShimHinges, Step::AdjustStrike]),
    sees(Cause::DoorNotShut, "A8, D22", "2.y 0n00n 0yyyyn nnyyn ?nn0? 0yyyyn 0y?0", &[Step::ShutDoor]),
    sees(Cause::ScrewsTooTight, "D28", "2.y 0n00n 0nnyyy yyyyn ?nn0? 0yyyyn 0y?0", &[Step::LoosenScrews]),
    sees(Cause::FrozenActuator, "D27", "2.y 0n00n 0nnyyy nnyyy ?nn0? 0yyyyn 0y?0", &[Step::ThawLock]),
    sees(Cause::FrozenActuator, "D27: and the motor does not start", "1.y 0n00n 2nnyyy nnyyy ?nn0? 0yyyyn 0y?0", &[Step::ThawLock]),
    sees(Cause::GearsWorn, "A14, D25", "2.y 0n00n 1nnyyy nnyyn ?nn0? 0yyyyn 0y?0", &[Step::OpenLock]).or_call(Helper::Maker, &[]),
    sees(Cause::ClutchFailed, "D26", "2.y 0n00n 0nnyyy nnyyn ?nn0? 0yyyyn 0y?0", &[]).or_call(Helper::Maker, &[Cause::GearsWorn]),
    sees(Cause::MotorFailed, "C2, D26", "1.y 0n00n 2nnyyy nnyyn ?nn0? 0yyyyn 0y?0", &[]).or_call(Helper::Maker, &[Cause::ControllerFaulty]),
    sees(Cause::CylinderJammed, "C5, D8", "2.n 0n00n 0nnyyy nnyyn ?nn0? 0yyyyn 0y?0", &[Step::LubricateCylinder]),
    sees(Cause::CylinderJammed, "C9: and graphite does not help", "2.n 0n00n 0nnyyy nnyyn ?nn0? 0yyyyn 0y?0", &[]).or_call(Helper::Locksmith, &[Cause::BoltBroken]),
    sees(Cause::BoltBroken, "C5, D26", "2.n 0n00n 1nnyyy nnyyn ?nn0? 0yyyyn 0y?0", &[]).or_call(Helper::Locksmith, &[Cause::CylinderJammed]),
    sees(Cause::NotCalibrated, "A8", "2.y 0n00n 0nnyyy ynynn ?nn0? 0yyyyn 0y?0", &[Step::Calibrate]),
    sees(Cause::BadMounting, "B12, B14", "2.y 0n00n 0nnyyy ynnyn ?nn0? 0yyyyn 0y?0", &[Step::RemountLock]),
    sees(Cause::BoltSensorFaulty, "A17", "6.y 0n00n ?y?yyy nnyyn ?yy01 0yyyyn 0y?0", &[]).or_call(Helper::Maker, &[Cause::TurnSensorFaulty]),
    sees(Cause::TurnSensorFaulty, "A15", "6.y 0n00n ?y?yyy nnyyn ?yy02 0yyyyn 0y?0", &[]).or_call(Helper::Maker, &[Cause::BoltSensorFaulty]),
    sees(Cause::DoorSensorFaulty, "D23", "6.y 0n00n ?y?yyy nnyyn ?yy03 0yyyyn 0y?0", &[]).or_call(Helper::Maker, &[Cause::DoorSensorNotSetUp]),
    sees(Cause::DoorSensorNotSetUp, "B12, D23", "6.y 0n00n ?y?yyy ynyyn ?yy03 0yyyyn 0y?0", &[Step::SetUpDoorSensor]),
    sees(Cause::LightFaulty, "A10", "7.y 0n00n ?y?yyy nnyyn 0yy0? 0yyyyn 0y?0", &[]).or_call(Helper::Maker, &[]),
    sees(Cause::BuzzerFaulty, "A11", "7.y 0n00n ?y?yyy nnyyn 1yy0? 0yyyyn 0y?0", &[]).or_call(Helper::Maker, &[]),
    sees(Cause::Muted, "A11", "7.y 0n00n ?y?yyy nnyyn 2yy0? 0yyyyn 0y?0", &[Step::TurnSoundOn]),
    sees(Cause::KeypadFaulty, "E4", "7.y 0n00n ?y?yyy nnyyn 3nn0? 0yyyyn 0y?0", &[]).or_call(Helper::Maker, &[]),
    sees(Cause::KeypadCellEmpty, "E4", "7.y 0n00n ?y?yyy nnyyn 4nn0? 0yyyyn 0y?0", &[Step::ReplaceKeypadCell]),
    sees(Cause::CoverOff, "E5", "7.y 0n00n ?y?yyy nnyyn 5yy0? 0yyyyn 0y?0", &[Step::CloseCover]),
    sees(Cause::ControllerFaulty, "A12, B25", "0.y 0y00n 2nnyyy nny?n ?nn?? 0yynnn 0y??", &[]).or_call(Helper::Maker, &[Cause::LockHung]),
    sees(Cause::ControllerFaulty, "C9: new cells, a power-cycle, and still nothing", "0.y 0n00n 2nnyyy nny?n ?nn?? 0yynnn 0y??", &[]).or_call(Helper::Maker, &[Cause::LockHung]),
    sees(Cause::LockHung, "B17, C7", "0.y 0n00n 2nnyyy nny?n ?nn?? 0yynnn 0y??", &[Step::PowerCycle]),
    sees(Cause::RadioFaulty, "A13, A17", "4.y 0n00n ?y?yyy nnyyn ?yy?? 0yynnn 0y??", &[]).or_call(Helper::Maker, &[]),
    sees(Cause::WrongCode, "D3, D9: mistyped", "3.y 0n00n ?y?yyy nnyyn ?yn0? 0yyyyn 0y?0", &[Step::CheckCode]),
    sees(Cause::WrongCode, "D9: reset without your knowing", "3.y 0n00n ?y?yyy nnyyn ?yn0? 0yyyyn 0y?0", &[Step::ResetCode]),
    sees(Cause::CodeDisabled, "E1", "3.y 0n00n ?y?yyy nnyyn ?yn0? 0yyyyn 0y?0", &[Step::EnableUser]),
    sees(Cause::OutsideSchedule, "E2", "3.y 0n00n ?y?yyy nnyyn ?yy0? 0yyyyn 0y?0", &[Step::ChangeSchedule]),
    sees(Cause::LockedOut, "E3", "3.y 0n00n ?y?yyy nnyyn ?n?0? 0yyyyn 0y?0", &[Step::WaitLockout]),
    sees(Cause::VacationMode, "D13", "3.y 0n00n ?y?yyy nnyyn ?nn1? 0yyyyn 0y?0", &[Step::LeaveVacation]),
    sees(Cause::PrivacyMode, "D13", "3.y 0n00n ?y?yyy nnyyn ?nn2? 0yyyyn 0y?0", &[Step::LeavePrivacy]),
    sees(Cause::ClockLost, "D11", "3.y 0n00y ?y?yyy nnyyn ?yn0? 0yyyyn 0y?0", &[Step::SyncClock]),
    sees(Cause::MasterCodeForgotten, "B19, D10", "9.y 0n00n ?y?yyy nnyyn ?yy0? 0yyyyn 0y00", &[Step::RecoverMasterCode, Step::FactoryReset]),
    sees(Cause::NoRight, "A3", "3.y 0n00n ?y?yyy nnyyn ?y?4? 0yyyyn 0y?0", &[Step::GrantRight]),
    sees(Cause::NoRemoteMode, "D13", "5.y 0n00n ?y?yyy nnyyn ?yy3? 0yyyyn 0y?0", &[Step::AllowRemote]),
    sees(Cause::BluetoothOff, "A13, D15", "4.y 0n00n ?y?yyy nnyyn ?yy?? 1yynyn 0y??", &[Step::BluetoothOn]),
    sees(Cause::LocationOff, "D12", "4.y 0n00n ?y?yyy nnyyn ?yy?? 2yynyn 0y??", &[Step::LocationOn]),
    sees(Cause::AppOutdated, "B24, D14", "4.y 0n00n ?y?yyy nnyyn ?yy?? 0nynyn 0y??", &[Step::UpdateApp]),
    sees(Cause::NotPaired, "B16, D12", "4.y 0n00n ?y?yyy nnyyn ?yy?? 0ynnyn 0y??", &[Step::PairPhone, Step::RePair]),
    sees(Cause::OutOfRange, "B5, B6", "4.y 0n01n ?y?yyy nnyyn ?yy?? 0yyynn 0y??", &[Step::MoveCloser]),
    sees(Cause::Interference, "B9", "4.y 0n01n ?y?yyy nnyyn ?yy?? 0yynny 0y??", &[Step::MoveRadios]),
    sees(Cause::PhoneStuck, "B8, D14", "4.y 0n00n ?y?yyy nnyyn ?yy?? 0yynyn 0y??", &[Step::RestartPhone]),
    sees(Cause::PhoneStuck, "D14: only a new app helps", "4.y 0n00n ?y?yyy nnyyn ?yy?? 0yynyn 0y??", &[Step::ReinstallApp]),
    sees(Cause::WifiDown, "A7, D15", "5.y 0n00n ?y?yyy nnyyn ?yy0? 0yyyyn 1y?0", &[Step::RestartRouter]),
    sees(Cause::HubDown, "B18", "5.y 0n00n ?y?yyy nnyyn ?yy0? 0yyyyn 2y?0", &[Step::RestartHub]),
    sees(Cause::HubStale, "A16", "6.y 0n00n ?y?yyy nnyyn ?yy00 0yyyyn 0y?0", &[Step::RestartHub]),
    sees(Cause::HubFar, "A16, B6", "6.y 0n01n ?y?yyy nnyyn ?yy00 0yyyyn 0n?0", &[Step::MoveHub]),
    sees(Cause::HubFar, "B6: orders from afar come late or never", "5.y 0n01n ?y?yyy nnyyn ?yy0? 0yyyyn 0n?0", &[Step::MoveHub]),
    sees(Cause::WifiInsecure, "B10", "9.y 0n00n ?y?yyy nnyyn ?yy0? 0yyyyn 0y40", &[Step::SecureWifi]),
    sees(Cause::FirmwareOutdated, "B22", "9.y 0n00n ?y?yyy nnyyn ?yy0? 0yyyyn 0y11", &[Step::UpdateFirmware]),
    sees(Cause::FirmwareOutdated, "B7: for the connection's sake", "4.y 0n01n ?y?yyy nnyyn ?yy?? 0yynnn 0y?1", &[Step::UpdateFirmware]),
    sees(Cause::UpdateFailed, "B23", "9.y 0n00n ?y?yyy nnyyn ?yy0? 0yyyyn 0y22", &[Step::RetryUpdate]),
    sees(Cause::UpdateInterrupted, "B23", "9.y 0n00n ?y?yyy nnyyn ?yy0? 0yyyyn 0y33", &[Step::RetryUpdate]),
];

/// Troubles in which the emergency contacts outside wake the lock: only its own cells fail.
const WAKES_WHEN_FED: [Cause; 6] = [
    Cause::DeadCells,
    Cause::WeakCells,
    Cause::WrongCells,
    Cause::MisplacedCells,
    Cause::DirtyContacts,
    Cause::ColdCells,
];

impl Truth {
    const fn or_call(self, helper: Helper, alike: &'static [Cause]) -> Self {
        Self { call: Some((helper, alike)), ..self }
    }

    /// What this person answers.
    pub(crate) fn answer(&self, question: Question) -> Answer {
        let groups = COLUMNS.iter().zip(self.cells.split(' '));
        let mut cells = groups.flat_map(|(questions, cells)| questions.iter().zip(cells.chars()));
        let (_, cell) = cells.find(|(column, _)| **column == question).expect("a cell for each question");
        match cell {
            'y' => Answer::Number(0),
            'n' => Answer::Number(1),
            '0'..='9' => Answer::Number(cell as u8 - b'0'),
            '?' => Answer::Unknown,
            _ => panic!("{:?}: {cell:?} for {question:?}", self.cause),
        }
    }

    /// Whether the door stays shut for whoever stands outside; with the other answers to the first question it opens.
    pub(crate) fn locks_out(&self) -> bool {
        matches!(self.answer(Question::Happens), Answer::Number(0..=3))
    }

    /// How a step goes.
    pub(crate) fn outcome(&self, step: Step) -> Outcome {
        let looked = |question| match self.answer(question) {
            Answer::Number(0) => Outcome::Good,
            Answer::Number(_) => Outcome::Bad,
            Answer::Unknown => Outcome::NotDone,
        };
        let found = |is_so| if is_so { Outcome::Good } else { Outcome::Bad };
        if !step.is_test() {
            return found(self.cures.contains(&step));
        }
        if step == Step::UseKey {
            looked(Question::KeyTurns)
        } else if step == Step::PressDoor {
            looked(Question::Press)
        } else if step == Step::AskAnother {
            looked(Question::OtherCode)
        } else {
            assert_eq!(step, Step::FeedFromOutside, "a test of which the table says nothing");
            found(WAKES_WHEN_FED.contains(&self.cause))
        }
    }
}

#[test]
fn the_table_has_a_row_for_each_cause_and_a_cell_for_each_question() {
    let mut columns: Vec<_> = COLUMNS.iter().flat_map(|questions| questions.iter().copied()).collect();
    columns.sort();
    assert_eq!(columns, Question::ALL);
    for cause in Cause::ALL {
        assert!(TRUTHS.iter().any(|truth| truth.cause == cause), "{cause:?}");
    }
    for truth in &TRUTHS {
        let widths: Vec<_> = truth.cells.split(' ').map(str::len).collect();
        assert_eq!(widths, COLUMNS.map(<[_]>::len), "{:?}", truth.cause);
        assert!(!truth.cures.is_empty() || truth.call.is_some(), "{:?}: who mends it?", truth.cause);
        for question in Question::ALL.into_iter().filter(|question| *question != Question::Where) {
            if let Answer::Number(number) = truth.answer(question) {
                assert!(usize::from(number) < question.answers().len(), "{:?}: {question:?}", truth.cause);
            }
        }
    }
}
