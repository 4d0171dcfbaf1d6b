//! What can be wrong.

use crate::cause::Cause;
use crate::texts::CauseText;

const fn said(name: &'static str, explanation: &'static str) -> CauseText {
    CauseText { name, explanation }
}

pub(super) const fn text(cause: Cause) -> CauseText {
    match cause {
        Cause::DeadCells => {
            said("The batteries are empty", "The lock has no power left to light up or to move the bolt.")
        }
        Cause::WeakCells => said(
            "The batteries are weak",
            "There is enough power for the electronics and too little for the motor.",
        ),
        Cause::WrongCells => said(
            "The batteries are of the wrong type",
            "The lock was made for other cells: it misjudges these, and they give out early or sag under the motor.",
        ),
        Cause::MisplacedCells => said(
            "A battery lies the wrong way round",
            "One reversed cell takes the voltage of another away, and the lock stays dark.",
        ),
        Cause::DirtyContacts => said(
            "The battery contacts are dirty",
            "Dirt or oxide between cell and contact lets the voltage collapse.",
        ),
        Cause::ColdCells => said(
            "The batteries are too cold",
            "Frost takes their strength, and they are full again when warm.",
        ),
        Cause::MainsUnplugged => {
            said("The lock has no mains", "Its adapter is unplugged, or the socket is dead.")
        }
        Cause::LooseWiring => said("A wire or plug is loose", "The current stops whenever it moves."),
        Cause::FastDrain => said(
            "Something empties the batteries",
            "They last a fraction of what they should: a motor that works against pressure, a radio that searches, cells of poor quality, or a fault inside.",
        ),
        Cause::StrikeMisaligned => said(
            "The bolt meets the strike plate",
            "Door and frame no longer line up, so that the bolt runs into the edge of its hole.",
        ),
        Cause::Debris => said(
            "Something lies in the bolt's way",
            "Dirt, paint or a splinter in the hole keeps the bolt from its end.",
        ),
        Cause::DoorWarped => said(
            "The door is warped or sags",
            "The gap to the frame is uneven and the door presses on the bolt.",
        ),
        Cause::DoorNotShut => said("The door is not fully shut", "The bolt cannot reach its hole."),
        Cause::ScrewsTooTight => said(
            "The mounting screws are too tight",
            "They bend the lock's case, and the bolt binds inside it.",
        ),
        Cause::FrozenActuator => said(
            "The lock is frozen",
            "Ice, stiff grease or a spring that came loose in the cold holds the mechanism.",
        ),
        Cause::GearsWorn => {
            said("Gears are worn or out of place", "The motor turns them, and little of it reaches the bolt.")
        }
        Cause::ClutchFailed => {
            said("The clutch slips", "The motor turns freely and the bolt stays where it is.")
        }
        Cause::MotorFailed => said("The motor does not turn", "It gets power and does nothing."),
        Cause::CylinderJammed => said(
            "The key does not turn",
            "The cylinder, or what it moves, is stuck: that is no matter of electronics.",
        ),
        Cause::BoltBroken => {
            said("The bolt is stuck in its case", "It does not even move freely with the door open.")
        }
        Cause::NotCalibrated => said(
            "The lock has to be calibrated",
            "It does not know, or no longer knows, how far its bolt travels.",
        ),
        Cause::BadMounting => {
            said("The lock does not sit firmly", "It gives way instead of moving the bolt.")
        }
        Cause::BoltSensorFaulty => said(
            "The bolt's sensor is faulty",
            "The lock cannot see where its bolt is, and says so rather than guess.",
        ),
        Cause::TurnSensorFaulty => {
            said("The turn sensor is faulty", "The accelerometer no longer tells the lock what a hand does.")
        }
        Cause::DoorSensorFaulty => {
            said("The door sensor is faulty", "The lock cannot tell whether the door is open.")
        }
        Cause::DoorSensorNotSetUp => said(
            "The door sensor is not set up",
            "It was never taught this door, or sits in the wrong place.",
        ),
        Cause::LightFaulty => said("The light is faulty", "The lock works and shows nothing."),
        Cause::BuzzerFaulty => said("The buzzer or speaker is faulty", "The lock works and says nothing."),
        Cause::Muted => said("Sounds are switched off", "The lock is silent because it was told to be."),
        Cause::KeypadFaulty => said("The keypad is faulty", "The lock works and its keypad does not."),
        Cause::KeypadCellEmpty => {
            said("The keypad's own battery is empty", "The lock works and its keypad has no power.")
        }
        Cause::CoverOff => {
            said("The cover is off", "Somebody opened it, or it was not closed after the last repair.")
        }
        Cause::ControllerFaulty => {
            said("The controller board is faulty", "Power arrives and the electronics do not work.")
        }
        Cause::RadioFaulty => {
            said("The lock's radio is faulty", "The lock works at the door and no phone or hub reaches it.")
        }
        Cause::WrongCode => said("The code is wrong", "It was mistyped, or changed without your knowing."),
        Cause::CodeDisabled => {
            said("The code is switched off", "It or its user is disabled, expired or was for one time.")
        }
        Cause::OutsideSchedule => {
            said("The code does not open at this hour", "Its hours or days are set in the app.")
        }
        Cause::LockedOut => said(
            "Too many wrong codes",
            "The lock refuses all codes for a while, so that nobody can try them all.",
        ),
        Cause::VacationMode => said("Vacation mode is on", "Only its owner opens while it is on."),
        Cause::PrivacyMode => said("Privacy mode is on", "Somebody inside asked not to be disturbed."),
        Cause::NoRemoteMode => said("Orders from afar are switched off", "The lock opens at the door only."),
        Cause::ClockLost => said(
            "The lock has lost the time",
            "After a power failure it cannot tell which hours it is, and refuses what is limited in time.",
        ),
        Cause::MasterCodeForgotten => {
            said("The master code is forgotten", "Without it the keypad cannot be programmed.")
        }
        Cause::NoRight => {
            said("You have no right to do that", "The owner has not granted it, or has withdrawn it.")
        }
        Cause::BluetoothOff => said("Bluetooth is off", "The phone cannot speak to the lock."),
        Cause::LocationOff => {
            said("Location services are off", "Without them the phone does not let the app search for locks.")
        }
        Cause::AppOutdated => {
            said("The app is outdated", "It no longer understands this lock or this phone.")
        }
        Cause::NotPaired => said("The phone is not paired", "The lock is not in its list, or was removed."),
        Cause::OutOfRange => said("The phone is too far away", "Walls and distance swallow the signal."),
        Cause::Interference => {
            said("Something disturbs the radio", "Other devices near by drown the signal.")
        }
        Cause::PhoneStuck => {
            said("The phone or its app hangs", "Another phone reaches the lock and this one does not.")
        }
        Cause::WifiDown => said("The Wi-Fi is down", "Nothing in the house reaches the internet."),
        Cause::HubDown => said("The hub is down", "It has no power or is offline."),
        Cause::HubStale => {
            said("The hub shows an old state", "The lock knows better than the hub what it does.")
        }
        Cause::HubFar => said("The hub is too far from the lock", "It hears the lock at times only."),
        Cause::WifiInsecure => {
            said("The Wi-Fi is not secured", "Neighbours and strangers can use and disturb it.")
        }
        Cause::FirmwareOutdated => said("The firmware is outdated", "Its maker has mended things since."),
        Cause::UpdateFailed => said("The last update failed", "The lock runs its old firmware."),
        Cause::UpdateInterrupted => {
            said("An update was interrupted", "It waits for the rest, or for its first start.")
        }
        Cause::LockHung => said("The lock's electronics hang", "A restart usually frees them."),
    }
}
