//! What to do.

use crate::step::Step;
use crate::texts::StepText;

const fn said(act: &'static str, good: &'static str) -> StepText {
    StepText { act, good }
}

pub(super) const fn text(step: Step) -> StepText {
    match step {
        Step::ReplaceCells => said(
            "Open the battery compartment, which is on the inside on most locks, and put in new cells, all of them of one brand, the right way round.",
            "The keypad lights and the lock opens.",
        ),
        Step::UseRightCells => said(
            "Put in new cells of the type that the manual names, and set that type in the app.",
            "The battery shows as good, and the lock opens.",
        ),
        Step::PlaceCells => said(
            "Turn each cell as the signs in the compartment show, and press it in until it touches both contacts.",
            "The keypad lights and the lock opens.",
        ),
        Step::CleanContacts => said(
            "Take the cells out, wipe their ends and the contacts with a dry cloth, and put them in again.",
            "The keypad lights and the lock opens every time.",
        ),
        Step::WarmCells => said(
            "Warm the cells in your hand or a pocket for ten minutes and put them back; for the winter use lithium cells, if the manual allows them.",
            "The lock opens.",
        ),
        Step::FeedFromOutside => said(
            "Hold a 9 V battery or a USB cable to the emergency contacts outside, where the lock has them, and open.",
            "The keypad lights and the lock opens: you are in, and only the power is wrong.",
        ),
        Step::PlugIn => said(
            "Plug the adapter in, and try the socket with something else.",
            "The lock lights up and opens.",
        ),
        Step::CheckWires => said(
            "Switch off the mains at the fuse where there is one, take the cells out, and press each plug and wire home.",
            "With the power back the lock opens every time.",
        ),
        Step::ReplaceKeypadCell => {
            said("Put a new cell into the keypad.", "The keypad lights and takes the code.")
        }
        Step::UseKey => said(
            "Turn the mechanical key gently both ways.",
            "The key turns and moves the bolt: you can get in, and the mechanism is fine.",
        ),
        Step::AskAnother => said(
            "Let somebody else open: with another code, finger or tag, or with another person's app, also from afar.",
            "The lock opens: you are in, and the lock itself works.",
        ),
        Step::LubricateCylinder => said(
            "Blow a little dry graphite into the keyhole, never oil, and turn the key gently a few times.",
            "The key turns freely.",
        ),
        Step::ShutDoor => {
            said("Pull the door fully into its frame and lock again.", "The bolt goes all the way.")
        }
        Step::PressDoor => said(
            "While the motor runs, push the door gently towards the frame, then pull it towards you.",
            "The bolt comes free with one of them.",
        ),
        Step::ClearStrike => said(
            "Look into the hole in the strike plate and onto the bolt, and clear dirt, paint and splinters away.",
            "The bolt goes all the way.",
        ),
        Step::AdjustStrike => said(
            "Loosen the strike plate and move it until the bolt meets the middle of its hole; file the hole if need be.",
            "The bolt goes all the way without a touch.",
        ),
        Step::ShimHinges => said(
            "Tighten the hinges' screws, and put a thin shim behind the hinge where the gap is widest.",
            "The gap is even and the bolt goes all the way.",
        ),
        Step::LoosenScrews => said(
            "With the door open, loosen the mounting screws a quarter turn each.",
            "The bolt moves freely and the lock still sits firmly.",
        ),
        Step::RemountLock => said(
            "Take the lock off, set its plate level, and fasten it again with all screws, hand-tight.",
            "The lock does not move when the motor runs.",
        ),
        Step::ThawLock => said(
            "Warm the lock with your hands or a hair dryer on low, never with a flame, and move the bolt a few times.",
            "The bolt moves freely.",
        ),
        Step::Calibrate => said(
            "With the door open, start the calibration in the app and do not touch the lock until it ends.",
            "The app says that the calibration is done.",
        ),
        Step::SetUpDoorSensor => said(
            "Set the door sensor up again in the app, with the door open and closed as it asks.",
            "The app shows the door as it is.",
        ),
        Step::CloseCover => said(
            "Look for traces of tampering, then close the cover until it clicks.",
            "The alarm ends and the app shows the cover as closed.",
        ),
        Step::CheckCode => said(
            "Enter the code slowly, ending with the check mark, and mind the digits that look alike.",
            "The lock opens.",
        ),
        Step::ResetCode => said("Set a new code in the app, or let the owner do it.", "The new code opens."),
        Step::WaitLockout => said(
            "Enter nothing until the lockout ends, or let the owner end it in the app.",
            "The lock takes codes again and opens.",
        ),
        Step::EnableUser => {
            said("Let the owner enable the user or the code again in the app.", "The code opens.")
        }
        Step::ChangeSchedule => said(
            "Look at the hours of this code in the app, and let the owner change them or send another code.",
            "The code opens.",
        ),
        Step::LeaveVacation => said("Switch vacation mode off in the app.", "Codes open again."),
        Step::LeavePrivacy => said(
            "Switch privacy mode off with the button inside: ring the bell if somebody is there.",
            "Codes open again.",
        ),
        Step::AllowRemote => {
            said("Allow orders from afar in the app, beside the lock.", "The order from afar arrives.")
        }
        Step::SyncClock => said(
            "Open the app beside the lock while the phone is online: the lock learns the time by itself.",
            "The app shows that the lock knows the time, and the code opens.",
        ),
        Step::RecoverMasterCode => said(
            "Let the owner set a new master code in the app: it comes through the cloud, and nothing is erased.",
            "The new master code is taken.",
        ),
        Step::GrantRight => said(
            "Ask the owner for the right to open; it arrives at once when the lock is online.",
            "The lock does what you ask.",
        ),
        Step::TurnSoundOn => said("Switch sounds on in the app.", "The lock is heard."),
        Step::BluetoothOn => said("Switch the phone's Bluetooth on.", "The app connects."),
        Step::LocationOn => {
            said("Switch location services on and allow them to the app.", "The app connects.")
        }
        Step::UpdateApp => said("Update the app in the phone's store.", "The app connects."),
        Step::PairPhone => said("Pair the phone with the lock as the app shows.", "The app connects."),
        Step::MoveCloser => said("Hold the phone close to the lock and try again.", "The app connects."),
        Step::MoveRadios => said(
            "Move cordless phones, baby monitors, microwave ovens and other radios away from lock and hub.",
            "The app connects every time.",
        ),
        Step::RestartPhone => said("Switch the phone off and on again.", "The app connects."),
        Step::ReinstallApp => said("Delete the app, install it again, and sign in.", "The app connects."),
        Step::RestartRouter => said(
            "Unplug the router, wait a minute, plug it in again, and wait until the Wi-Fi is back.",
            "The order from afar arrives.",
        ),
        Step::RestartHub => said(
            "Unplug the hub, wait a minute, plug it in again, and wait until it is online.",
            "The hub shows the lock as it is.",
        ),
        Step::MoveHub => said(
            "Move the hub nearer to the lock, or add a repeater half way.",
            "The hub shows each change at once.",
        ),
        Step::SecureWifi => said(
            "Give the Wi-Fi a long password of its own and WPA2 or WPA3.",
            "Only your own devices are in the router's list.",
        ),
        Step::UpdateFirmware => said(
            "Start the update in the app, and stay beside the lock until it ends.",
            "The app shows the new version.",
        ),
        Step::RetryUpdate => said(
            "Put in good cells, start the update again, and keep the phone beside the lock until it ends.",
            "The app shows the new version.",
        ),
        Step::PowerCycle => said(
            "Take all cells out, or unplug the lock, for 30 seconds; do the same with the hub; put the power back and wait a minute.",
            "The lock responds.",
        ),
        Step::RePair => {
            said("Remove the lock from the app and add it again.", "The lock responds to the app.")
        }
        Step::FactoryReset => said(
            "Make a backup in the app if it still connects, go inside, hold the reset button for 10 to 15 seconds until the lights change, and set the lock up again.",
            "The lock starts its first set-up.",
        ),
        Step::OpenLock => said(
            "Take the lock off as the manual shows, and look for gears, springs and linkage out of place.",
            "The mechanism moves freely and the bolt follows the motor.",
        ),
    }
}
