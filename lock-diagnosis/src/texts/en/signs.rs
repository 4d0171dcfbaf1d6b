//! What is so and what is not.

use crate::sign::{Seen, Sign};

pub(super) const fn text(sign: Sign, seen: Seen) -> &'static str {
    let (yes, no) = both(sign);
    match seen {
        Seen::Yes => yes,
        Seen::No => no,
    }
}

/// The statement, and its opposite.
const fn both(sign: Sign) -> (&'static str, &'static str) {
    match sign {
        Sign::Wakes => ("The lock reacts.", "The lock does not react at all."),
        Sign::KeypadLit => ("The keypad lights.", "The keypad stays dark."),
        Sign::CellsGood => ("The battery is good.", "The battery is not good."),
        Sign::CellsLow => ("The battery is low.", "The battery is not low."),
        Sign::CellsCritical => ("The battery is nearly empty.", "The battery is not empty."),
        Sign::RestsWell => ("At rest the voltage is good.", "The voltage is low also at rest."),
        Sign::VoltageSags => ("The voltage collapses under the motor.", "The voltage holds under the motor."),
        Sign::BatteryCold => ("It is freezing at the battery.", "It is not freezing at the battery."),
        Sign::BrownedOut => {
            ("The voltage fell so far that the lock restarted.", "The voltage did not restart the lock.")
        }
        Sign::DrainsFast => ("The battery empties fast.", "The battery does not empty fast."),
        Sign::CellsNew => ("The cells are new.", "The cells are not new."),
        Sign::CellsOfRightType => {
            ("The cells are of the right type.", "The cells are of another type than the manual names.")
        }
        Sign::CellsImplausible => (
            "The voltage cannot be that of the cells that are set.",
            "The voltage fits the cells that are set.",
        ),
        Sign::CellsRightWay => ("Each cell lies the right way round.", "A cell lies the wrong way round."),
        Sign::ContactsClean => ("The contacts are clean.", "The contacts are dirty."),
        Sign::RunsOnMains => ("The lock runs on the mains.", "The lock runs on cells."),
        Sign::MainsPresent => ("The mains is there.", "The mains is not there."),
        Sign::WiresFirm => ("The wires sit firmly.", "A wire is loose."),
        Sign::LostPower => ("The power was away lately.", "The power was not away lately."),
        Sign::Intermittent => ("It fails at times.", "It fails always."),
        Sign::WakesWhenFed => (
            "The lock wakes and opens with power from outside.",
            "Power from outside does not wake the lock either.",
        ),
        Sign::MotorHeard => ("The motor is heard.", "The motor is silent."),
        Sign::BoltFollows => ("The bolt goes where it is told.", "The bolt does not arrive."),
        Sign::Jammed => ("The lock says that it is jammed.", "The lock is not jammed."),
        Sign::StallsOut => {
            ("The motor stalled while it threw the bolt.", "The motor throws the bolt without a stall.")
        }
        Sign::StallsBack => {
            ("The motor stalled while it withdrew the bolt.", "The motor withdraws the bolt without a stall.")
        }
        Sign::TimedOut => ("The motor ran its whole time in vain.", "The motor did not run out of time."),
        Sign::ClutchSlips => ("The motor turns freely and the bolt stays.", "The clutch does not slip."),
        Sign::Slow => ("The bolt takes much longer than it did.", "The bolt is as fast as it was."),
        Sign::Retries => ("The motor needed more than one attempt.", "The motor needed one attempt."),
        Sign::FreeWithDoorOpen => (
            "With the door open the bolt goes all the way.",
            "The bolt does not arrive with the door open either.",
        ),
        Sign::FreeWhenPressed => (
            "The bolt comes free when the door is pushed or pulled.",
            "Pushing or pulling the door does not free the bolt.",
        ),
        Sign::FreeWhenLoosened => (
            "The bolt comes free when the screws are loosened.",
            "Loosening the screws does not free the bolt.",
        ),
        Sign::KeyTurns => ("The key turns.", "The key does not turn."),
        Sign::Grinds => ("It grinds or clicks.", "The motor sounds smooth."),
        Sign::StrikeClear => {
            ("The hole in the strike plate is clear.", "Something is in the hole of the strike plate.")
        }
        Sign::GapEven => {
            ("The gap between door and frame is even.", "The gap between door and frame is uneven.")
        }
        Sign::DoorShut => ("The door is fully shut.", "The door is not fully shut."),
        Sign::NewlyInstalled => {
            ("The lock was installed or taken off lately.", "The lock was not touched lately.")
        }
        Sign::FrostLately => ("There was frost lately.", "There was no frost lately."),
        Sign::Calibrated => ("The travel of the bolt is learned.", "The travel of the bolt is not learned."),
        Sign::MountedFirm => ("The lock sits firmly.", "The lock moves on the door."),
        Sign::PartsWork => (
            "Light, sound, keypad and cover are as they should.",
            "Light, sound, keypad or cover are not as they should.",
        ),
        Sign::BoltSensorGood => {
            ("The bolt's sensor works.", "The bolt's sensor is silent or contradicts itself.")
        }
        Sign::TurnSensorGood => {
            ("The turn sensor works.", "The turn sensor is silent or contradicts itself.")
        }
        Sign::HandTurnShown => (
            "The app shows when the bolt is turned by hand.",
            "The app does not show when the bolt is turned by hand.",
        ),
        Sign::DoorSensorGood => {
            ("The door sensor works.", "The door sensor is silent or contradicts itself.")
        }
        Sign::DoorShown => ("The app shows the door rightly.", "The app shows the door wrongly."),
        Sign::KeypadGood => ("The keypad works.", "The keypad does not work."),
        Sign::KeypadCellGood => ("The keypad's own battery is good.", "The keypad's own battery is empty."),
        Sign::LightGood => ("The light works.", "There is no light."),
        Sign::BuzzerGood => ("The sound works.", "There is no sound."),
        Sign::SoundOn => ("Sounds are switched on.", "Sounds are switched off."),
        Sign::CoverClosed => ("The cover is on.", "The cover is off."),
        Sign::CodeRefused => ("The lock refuses code, tag or app.", "The lock does not refuse the code."),
        Sign::KeypadOpens => ("A code opens.", "No code opens."),
        Sign::OtherCodeOpens => ("Another code opens.", "No other code opens."),
        Sign::WrongCodesCounted => ("Wrong codes were entered.", "No wrong code was entered."),
        Sign::InLockout => ("Codes are refused for a while.", "Codes are not locked out."),
        Sign::UserRefused => ("A disabled or expired user was refused.", "No disabled user was refused."),
        Sign::ScheduleRefused => {
            ("Somebody was refused outside the hours.", "Nobody was refused outside the hours.")
        }
        Sign::ModeRefused => {
            ("Somebody was refused because of the mode.", "Nobody was refused because of the mode.")
        }
        Sign::ClockRefused => (
            "Somebody was refused because the time was not known.",
            "Nobody was refused because of the clock.",
        ),
        Sign::RightsRefused => {
            ("Somebody was refused for want of rights.", "Nobody was refused for want of rights.")
        }
        Sign::MechanismRefused => (
            "An order was refused because of door, bolt or battery.",
            "No order was refused because of door, bolt or battery.",
        ),
        Sign::InVacation => ("Vacation mode is on.", "Vacation mode is off."),
        Sign::InPrivacy => ("Privacy mode is on.", "Privacy mode is off."),
        Sign::InNoRemote => ("Orders from afar are switched off.", "Orders from afar are allowed."),
        Sign::ClockTrusted => ("The lock knows the time.", "The lock does not know the time."),
        Sign::OpensAtOtherHours => {
            ("The code opens at other hours.", "The code does not open at other hours either.")
        }
        Sign::MasterCodeKnown => ("The master code is known.", "The master code is not known."),
        Sign::AppConnects => ("The app connects beside the lock.", "The app does not connect."),
        Sign::BluetoothOn => ("Bluetooth is on.", "Bluetooth is off."),
        Sign::LocationOn => ("Location services are on.", "Location services are off."),
        Sign::AppCurrent => ("The app is up to date.", "The app is not up to date."),
        Sign::Paired => ("The phone is paired.", "The phone is not paired."),
        Sign::ConnectsClose => {
            ("The app connects close to the lock.", "The app does not connect even close to the lock.")
        }
        Sign::OtherPhoneConnects => ("Another phone connects.", "No other phone connects either."),
        Sign::SignalStrong => ("The signal at the lock is strong.", "The signal at the lock is weak."),
        Sign::LinkDrops => ("The connection breaks again and again.", "The connection does not break."),
        Sign::RadiosNear => ("Other radios are near.", "No other radios are near."),
        Sign::RemoteWorks => ("Orders from afar arrive.", "Orders from afar do not arrive."),
        Sign::WifiUp => ("The Wi-Fi works.", "The Wi-Fi does not work."),
        Sign::WifiSecured => ("The Wi-Fi has a strong password.", "The Wi-Fi has no password or a weak one."),
        Sign::HubUp => ("The hub is online.", "The hub is not online."),
        Sign::HubNear => ("The hub stands near the lock.", "The hub stands far from the lock."),
        Sign::ShowsTruth => ("App and hub show the truth.", "App or hub show a wrong state."),
        Sign::LockShowsTruth => (
            "Asked beside it, the lock shows the truth.",
            "Asked beside it, the lock shows a wrong state, too.",
        ),
        Sign::NeedsCare => ("Nothing fails, but something has to be done.", "Something fails."),
        Sign::FirmwareCurrent => ("The firmware is up to date.", "There is newer firmware."),
        Sign::UpdateFailed => ("The last update failed.", "The last update did not fail."),
        Sign::UpdateUnfinished => ("An update was begun and not finished.", "No update is under way."),
        Sign::WatchdogFired => {
            ("The lock restarted itself because it hung.", "The lock did not restart itself.")
        }
        Sign::MotorTested => {
            ("The self-test moved the bolt out and back.", "The self-test could not move the bolt.")
        }
        Sign::DoorSensorTested => {
            ("The self-test found the door sensor good.", "The self-test found the door sensor bad.")
        }
        Sign::CalibrationTested => {
            ("The self-test found the travel learned.", "The self-test found the travel not learned.")
        }
        Sign::RadioTested => ("The self-test heard the cloud.", "The self-test did not hear the cloud."),
        Sign::ClockTested => ("The self-test found the clock set.", "The self-test found the clock not set."),
        Sign::CanGetIn => ("You are inside, or can get in.", "You stand outside and cannot get in."),
    }
}
