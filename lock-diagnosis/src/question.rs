//! What a person can be asked, and what each answer says.

use crate::listed::listed;
use crate::place::Place;
use crate::sign::Seen::{No, Yes};
use crate::sign::{Seen, Sign, Signs};

listed! {
    /// A question. The answers are in [`Question::answers`]; "I do not know" is always one more.
    #[derive(PartialOrd, Ord)]
    pub enum Question {
        /// What happens when somebody tries to open or lock?
        Happens,
        /// Inside, or locked out?
        Where,
        /// Does the mechanical key turn?
        KeyTurns,
        /// What is to be seen in the battery compartment?
        Compartment,
        /// Were the cells put in within the last month?
        CellsNew,
        /// Is the adapter plugged in?
        Mains,
        /// Does it always fail, or only at times?
        Always,
        /// Was the power away lately?
        Outage,
        /// How does the motor sound?
        Sound,
        /// Does the lock move the bolt all the way with the door open?
        DoorOpen,
        /// Does the bolt come free when the door is pushed or pulled?
        Press,
        /// Is there something in the hole of the strike plate?
        StrikeHole,
        /// Is the gap between door and frame even?
        Gap,
        /// Is the door fully shut?
        DoorShut,
        /// Was the lock installed or taken off lately?
        Installed,
        /// Does the bolt stick with the door open, and come free when the screws are loosened a quarter turn?
        Screws,
        /// Does the lock sit firmly?
        Mounting,
        /// Was it calibrated since it was installed or the door was worked on?
        Calibration,
        /// Is it freezing at the door, or was it lately?
        Frost,
        /// What does not work: light, sound, keypad, cover?
        Missing,
        /// Does another code open?
        OtherCode,
        /// Does the code open at other hours?
        OtherHours,
        /// What does the app say: a mode, or that a right is missing?
        Mode,
        /// What is shown wrongly?
        WrongState,
        /// How do the phone's settings stand?
        PhoneSettings,
        /// Is the app of the newest version?
        AppVersion,
        /// Is the lock in the list of the phone?
        Paired,
        /// Does it connect when the phone is held close to the lock?
        Close,
        /// Does another phone connect?
        OtherPhone,
        /// Do other radios stand near?
        Radios,
        /// Does the Wi-Fi work for other things, and has the hub power?
        Network,
        /// Where does the hub stand?
        HubPlace,
        /// What has to be done?
        Care,
        /// Does the app offer an update of the lock, or tell of one that did not end?
        Firmware,
    }
}

/// What an answer says.
type Says = &'static [(Sign, Seen)];

/// The answers to one question, the most frequent first.
type Answers = &'static [Says];

/// The number of an answer within its question, from 0.
pub type AnswerNumber = u8;

const fn yes_or_no(yes: Says, no: Says) -> [Says; 2] {
    [yes, no]
}

const WHERE: [Says; 2] = yes_or_no(&[(Sign::CanGetIn, Yes)], &[(Sign::CanGetIn, No)]);
const KEY: [Says; 2] = yes_or_no(&[(Sign::KeyTurns, Yes)], &[(Sign::KeyTurns, No)]);
const CELLS_NEW: [Says; 2] = yes_or_no(&[(Sign::CellsNew, Yes)], &[(Sign::CellsNew, No)]);
const MAINS: [Says; 3] = [
    &[(Sign::RunsOnMains, No)],
    &[(Sign::RunsOnMains, Yes), (Sign::MainsPresent, Yes)],
    &[(Sign::RunsOnMains, Yes), (Sign::MainsPresent, No)],
];
const ALWAYS: [Says; 2] = yes_or_no(&[(Sign::Intermittent, No)], &[(Sign::Intermittent, Yes)]);
const OUTAGE: [Says; 2] = yes_or_no(&[(Sign::LostPower, Yes)], &[(Sign::LostPower, No)]);
const DOOR_OPEN: [Says; 2] = yes_or_no(&[(Sign::FreeWithDoorOpen, Yes)], &[(Sign::FreeWithDoorOpen, No)]);
const PRESS: [Says; 2] = yes_or_no(&[(Sign::FreeWhenPressed, Yes)], &[(Sign::FreeWhenPressed, No)]);
const STRIKE_HOLE: [Says; 2] = yes_or_no(&[(Sign::StrikeClear, Yes)], &[(Sign::StrikeClear, No)]);
const GAP: [Says; 2] = yes_or_no(&[(Sign::GapEven, Yes)], &[(Sign::GapEven, No)]);
const DOOR_SHUT: [Says; 2] = yes_or_no(&[(Sign::DoorShut, Yes)], &[(Sign::DoorShut, No)]);
const INSTALLED: [Says; 2] = yes_or_no(&[(Sign::NewlyInstalled, Yes)], &[(Sign::NewlyInstalled, No)]);
const SCREWS: [Says; 2] = yes_or_no(&[(Sign::FreeWhenLoosened, Yes)], &[(Sign::FreeWhenLoosened, No)]);
const MOUNTING: [Says; 2] = yes_or_no(&[(Sign::MountedFirm, Yes)], &[(Sign::MountedFirm, No)]);
const CALIBRATION: [Says; 2] = yes_or_no(&[(Sign::Calibrated, Yes)], &[(Sign::Calibrated, No)]);
const FROST: [Says; 2] = yes_or_no(&[(Sign::FrostLately, Yes)], &[(Sign::FrostLately, No)]);
const OTHER_CODE: [Says; 2] = yes_or_no(&[(Sign::OtherCodeOpens, Yes)], &[(Sign::OtherCodeOpens, No)]);
const OTHER_HOURS: [Says; 2] = yes_or_no(&[(Sign::OpensAtOtherHours, Yes)], &[(Sign::OpensAtOtherHours, No)]);
const APP_VERSION: [Says; 2] = yes_or_no(&[(Sign::AppCurrent, Yes)], &[(Sign::AppCurrent, No)]);
const PAIRED: [Says; 2] = yes_or_no(&[(Sign::Paired, Yes)], &[(Sign::Paired, No)]);
const CLOSE: [Says; 2] = yes_or_no(&[(Sign::ConnectsClose, Yes)], &[(Sign::ConnectsClose, No)]);
const OTHER_PHONE: [Says; 2] =
    yes_or_no(&[(Sign::OtherPhoneConnects, Yes)], &[(Sign::OtherPhoneConnects, No)]);
const RADIOS: [Says; 2] = yes_or_no(&[(Sign::RadiosNear, Yes)], &[(Sign::RadiosNear, No)]);
const HUB_PLACE: [Says; 2] = yes_or_no(&[(Sign::HubNear, Yes)], &[(Sign::HubNear, No)]);

/// The first question: pick your path.
const HAPPENS: [Says; 10] = [
    // Nothing at all.
    &[(Sign::Wakes, No), (Sign::KeypadLit, No), (Sign::MotorHeard, No), (Sign::BoltFollows, No)],
    // It wakes, takes the code, and the motor stays silent.
    &[
        (Sign::Wakes, Yes),
        (Sign::KeypadLit, Yes),
        (Sign::CodeRefused, No),
        (Sign::MotorHeard, No),
        (Sign::BoltFollows, No),
    ],
    // The motor runs and the bolt does not arrive.
    &[(Sign::Wakes, Yes), (Sign::CodeRefused, No), (Sign::MotorHeard, Yes), (Sign::BoltFollows, No)],
    // The code, tag or app is refused.
    &[(Sign::Wakes, Yes), (Sign::KeypadLit, Yes), (Sign::CodeRefused, Yes), (Sign::KeypadOpens, No)],
    // The app does not connect.
    &[(Sign::Wakes, Yes), (Sign::AppConnects, No), (Sign::CanGetIn, Yes), (Sign::BoltFollows, Yes)],
    // The app works at the door and not from afar.
    &[
        (Sign::Wakes, Yes),
        (Sign::AppConnects, Yes),
        (Sign::RemoteWorks, No),
        (Sign::CanGetIn, Yes),
        (Sign::BoltFollows, Yes),
    ],
    // A wrong state is shown.
    &[(Sign::Wakes, Yes), (Sign::CanGetIn, Yes), (Sign::BoltFollows, Yes), (Sign::ShowsTruth, No)],
    // It works, and light, sound, keypad or cover are not as they should.
    &[(Sign::Wakes, Yes), (Sign::CanGetIn, Yes), (Sign::BoltFollows, Yes), (Sign::PartsWork, No)],
    // The batteries do not last.
    &[(Sign::Wakes, Yes), (Sign::CanGetIn, Yes), (Sign::BoltFollows, Yes), (Sign::DrainsFast, Yes)],
    // Nothing fails, but something has to be done.
    &[(Sign::Wakes, Yes), (Sign::CanGetIn, Yes), (Sign::BoltFollows, Yes), (Sign::NeedsCare, Yes)],
];
const COMPARTMENT: [Says; 5] = [
    &[
        (Sign::CellsOfRightType, Yes),
        (Sign::CellsRightWay, Yes),
        (Sign::ContactsClean, Yes),
        (Sign::WiresFirm, Yes),
    ],
    &[(Sign::CellsOfRightType, No)],
    &[(Sign::CellsRightWay, No)],
    &[(Sign::ContactsClean, No)],
    &[(Sign::WiresFirm, No)],
];
const SOUND: [Says; 3] = [
    &[(Sign::MotorHeard, Yes), (Sign::Grinds, No)],
    &[(Sign::MotorHeard, Yes), (Sign::Grinds, Yes)],
    &[(Sign::MotorHeard, No)],
];
const MISSING: [Says; 6] = [
    &[(Sign::LightGood, No), (Sign::BuzzerGood, Yes)],
    &[(Sign::BuzzerGood, No), (Sign::LightGood, Yes), (Sign::SoundOn, Yes)],
    &[(Sign::BuzzerGood, No), (Sign::SoundOn, No)],
    &[(Sign::KeypadGood, No)],
    &[(Sign::KeypadGood, No), (Sign::KeypadCellGood, No)],
    &[(Sign::CoverClosed, No)],
];
const MODE: [Says; 5] = [
    &[(Sign::InVacation, No), (Sign::InPrivacy, No), (Sign::InNoRemote, No), (Sign::RightsRefused, No)],
    &[(Sign::InVacation, Yes)],
    &[(Sign::InPrivacy, Yes)],
    &[(Sign::InNoRemote, Yes)],
    &[(Sign::RightsRefused, Yes)],
];
const WRONG_STATE: [Says; 4] = [
    // An app that shows something does connect. Beside the lock it is right, the hub or the app from afar is not.
    &[(Sign::AppConnects, Yes), (Sign::LockShowsTruth, Yes), (Sign::ShowsTruth, No)],
    // The bolt, also beside the lock.
    &[(Sign::AppConnects, Yes), (Sign::LockShowsTruth, No), (Sign::ShowsTruth, No)],
    // The bolt, after it was turned by hand.
    &[(Sign::AppConnects, Yes), (Sign::HandTurnShown, No), (Sign::LockShowsTruth, No)],
    // The door.
    &[(Sign::AppConnects, Yes), (Sign::DoorShown, No), (Sign::LockShowsTruth, Yes)],
];
const PHONE_SETTINGS: [Says; 3] = [
    &[(Sign::BluetoothOn, Yes), (Sign::LocationOn, Yes)],
    &[(Sign::BluetoothOn, No)],
    &[(Sign::LocationOn, No)],
];
const NETWORK: [Says; 3] = [
    &[(Sign::WifiUp, Yes), (Sign::HubUp, Yes)],
    &[(Sign::WifiUp, No)],
    &[(Sign::HubUp, No), (Sign::WifiUp, Yes)],
];
const CARE: [Says; 5] = [
    &[(Sign::MasterCodeKnown, No)],
    &[(Sign::FirmwareCurrent, No)],
    &[(Sign::UpdateFailed, Yes)],
    &[(Sign::UpdateUnfinished, Yes)],
    &[(Sign::WifiSecured, No)],
];
const FIRMWARE: [Says; 4] = [
    &[(Sign::FirmwareCurrent, Yes), (Sign::UpdateFailed, No), (Sign::UpdateUnfinished, No)],
    &[(Sign::FirmwareCurrent, No)],
    &[(Sign::UpdateFailed, Yes)],
    &[(Sign::UpdateUnfinished, Yes)],
];

impl Question {
    /// Its answers, and what each says. "I do not know" is not among them.
    #[must_use]
    pub const fn answers(self) -> &'static [&'static [(Sign, Seen)]] {
        const fn table(answers: Answers) -> Answers {
            answers
        }
        match self {
            Self::Happens => table(&HAPPENS),
            Self::Where => table(&WHERE),
            Self::KeyTurns => table(&KEY),
            Self::Compartment => table(&COMPARTMENT),
            Self::CellsNew => table(&CELLS_NEW),
            Self::Mains => table(&MAINS),
            Self::Always => table(&ALWAYS),
            Self::Outage => table(&OUTAGE),
            Self::Sound => table(&SOUND),
            Self::DoorOpen => table(&DOOR_OPEN),
            Self::Press => table(&PRESS),
            Self::StrikeHole => table(&STRIKE_HOLE),
            Self::Gap => table(&GAP),
            Self::DoorShut => table(&DOOR_SHUT),
            Self::Installed => table(&INSTALLED),
            Self::Screws => table(&SCREWS),
            Self::Mounting => table(&MOUNTING),
            Self::Calibration => table(&CALIBRATION),
            Self::Frost => table(&FROST),
            Self::Missing => table(&MISSING),
            Self::OtherCode => table(&OTHER_CODE),
            Self::OtherHours => table(&OTHER_HOURS),
            Self::Mode => table(&MODE),
            Self::WrongState => table(&WRONG_STATE),
            Self::PhoneSettings => table(&PHONE_SETTINGS),
            Self::AppVersion => table(&APP_VERSION),
            Self::Paired => table(&PAIRED),
            Self::Close => table(&CLOSE),
            Self::OtherPhone => table(&OTHER_PHONE),
            Self::Radios => table(&RADIOS),
            Self::Network => table(&NETWORK),
            Self::HubPlace => table(&HUB_PLACE),
            Self::Care => table(&CARE),
            Self::Firmware => table(&FIRMWARE),
        }
    }

    /// Where one has to be to know: the battery compartment is inside, and the bolt is seen with the door open.
    #[must_use]
    pub const fn place(self) -> Place {
        match self {
            Self::Compartment | Self::DoorOpen | Self::StrikeHole | Self::Screws => Place::Inside,
            Self::Happens
            | Self::Where
            | Self::KeyTurns
            | Self::CellsNew
            | Self::Mains
            | Self::Always
            | Self::Outage
            | Self::Sound
            | Self::Press
            | Self::Gap
            | Self::DoorShut
            | Self::Installed
            | Self::Mounting
            | Self::Calibration
            | Self::Frost
            | Self::Missing
            | Self::OtherCode
            | Self::OtherHours
            | Self::Mode
            | Self::WrongState
            | Self::PhoneSettings
            | Self::AppVersion
            | Self::Paired
            | Self::Close
            | Self::OtherPhone
            | Self::Radios
            | Self::Network
            | Self::HubPlace
            | Self::Care
            | Self::Firmware => Place::Anywhere,
        }
    }

    /// What it follows from: it makes sense only where one of these is so, and always where there is none.
    #[must_use]
    pub const fn follows(self) -> &'static [(Sign, Seen)] {
        match self {
            Self::Missing => const { &[(Sign::PartsWork, No), (Sign::KeypadOpens, No)] },
            Self::WrongState => const { &[(Sign::ShowsTruth, No)] },
            Self::Care => const { &[(Sign::NeedsCare, Yes)] },
            Self::Happens
            | Self::Where
            | Self::KeyTurns
            | Self::Compartment
            | Self::CellsNew
            | Self::Mains
            | Self::Always
            | Self::Outage
            | Self::Sound
            | Self::DoorOpen
            | Self::Press
            | Self::StrikeHole
            | Self::Gap
            | Self::DoorShut
            | Self::Installed
            | Self::Screws
            | Self::Mounting
            | Self::Calibration
            | Self::Frost
            | Self::OtherCode
            | Self::OtherHours
            | Self::Mode
            | Self::PhoneSettings
            | Self::AppVersion
            | Self::Paired
            | Self::Close
            | Self::OtherPhone
            | Self::Radios
            | Self::Network
            | Self::HubPlace
            | Self::Firmware => &[],
        }
    }

    /// Whether it makes sense to ask with what is known.
    pub(crate) fn makes_sense(self, signs: &Signs) -> bool {
        let follows = self.follows();
        follows.is_empty() || follows.iter().any(|(sign, seen)| signs.seen(*sign) == Some(*seen))
    }

    /// Whether all that it could say is known already.
    pub(crate) fn is_settled(self, signs: &Signs) -> bool {
        self.answers().iter().flat_map(|says| says.iter()).all(|(sign, _)| signs.seen(*sign).is_some())
    }
}
