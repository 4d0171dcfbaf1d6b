//! English.

mod causes;
mod lock;
mod questions;
mod signs;
mod steps;

use super::{Labels, Texts};
use crate::check::{Check, CheckResult};
use crate::finding::Confidence;
use crate::installation::Item;
use crate::place::Place;
use crate::sign::Origin;
use crate::step::{Helper, Outcome, Risk, Rung, StopIf};

/// English.
pub const ENGLISH: Texts = Texts {
    language: "en",
    cause: causes::text,
    step: steps::text,
    question: questions::text,
    do_not_know: "I do not know",
    sign: signs::text,
    origin,
    confidence,
    rung,
    risk,
    stop_if,
    stopped,
    place,
    helper,
    item,
    check,
    check_result,
    outcome,
    nothing_found: "Nothing is wrong, as far as is known.",
    mishap: lock::mishap,
    fault: lock::fault,
    update: lock::update,
    boot: lock::boot,
    supply: lock::supply,
    level: lock::level,
    bolt: lock::bolt,
    door: lock::door,
    mode: lock::mode,
    labels: Labels {
        title: "What to tell whoever helps",
        model: "Model",
        maker: "Maker",
        firmware: "Firmware",
        app: "App",
        keypad_lit: "Keypad lights",
        key_turns: "Key turns",
        battery: "Battery",
        replaced: "Battery replaced",
        errors: "Errors",
        signs: "Seen",
        tried: "Tried",
        findings: "Probably",
        checks: "Checked",
        yes: "yes",
        no: "no",
        unknown: "not known",
        none: "none",
        resting: "at rest",
        loaded: "under the motor",
        call: "What now",
    },
};

const fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::Report => "the lock reports",
        Origin::App => "the app sees",
        Origin::Person => "you say",
    }
}

const fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Possible => "possible",
        Confidence::Likely => "likely",
        Confidence::Certain => "nearly certain",
    }
}

const fn rung(rung: Rung) -> &'static str {
    match rung {
        Rung::Power => "Power",
        Rung::PhysicalKey => "Physical key",
        Rung::Alignment => "Alignment",
        Rung::Access => "Codes, users and modes",
        Rung::Connection => "Phone and network",
        Rung::Update => "Update",
        Rung::PowerCycle => "Power-cycle and re-pair",
        Rung::FactoryReset => "Factory reset",
        Rung::Dismantle => "Take the lock apart",
    }
}

const fn risk(risk: Risk) -> &'static str {
    match risk {
        Risk::None => "Nothing is lost by it.",
        Risk::LosesPairing => "The phone has to be paired again; users and codes stay in the lock.",
        Risk::LosesSettings => {
            "Every user, code, schedule and setting is erased: make a backup first, and have a way in."
        }
        Risk::LiveWire => {
            "A wire may be live: switch the mains off at the fuse first, and leave it to an electrician where you are not sure."
        }
        Risk::ShutsOut => "The door may shut behind you and stay shut: keep it open, or keep a key with you.",
        Risk::EndsWarranty => "The warranty may end: ask the maker first.",
    }
}

const fn stop_if(stop_if: StopIf) -> &'static str {
    match stop_if {
        StopIf::Uneasy => "Stop if you do not feel at ease with it, and call somebody.",
        StopIf::CellsHot => "Stop if a cell is hot, swollen or leaks: do not touch it with bare hands.",
        StopIf::NeedsForce => {
            "Stop if it needs more than the force of two fingers: it breaks before it gives way."
        }
        StopIf::CannotSwitchOff => "Stop if the mains cannot be switched off, and call an electrician.",
        StopIf::OnlyWayIn => "Stop if this door is your only way in and nobody is inside.",
    }
}

const fn stopped(stop_if: StopIf) -> &'static str {
    match stop_if {
        StopIf::Uneasy => {
            "You stopped because it did not feel safe: that is right, and somebody else goes on."
        }
        StopIf::CellsHot => {
            "Leave the cells alone, keep away what can burn, air the room, and call the fire brigade if one smokes."
        }
        StopIf::NeedsForce => "Leave it as it is: what is forced breaks, and a broken part costs more.",
        StopIf::CannotSwitchOff => "Touch no wire, and keep others away from it.",
        StopIf::OnlyWayIn => "Leave the door as it is: shut, it may stay shut.",
    }
}

const fn place(place: Place) -> &'static str {
    match place {
        Place::Anywhere => "on either side of the door",
        Place::Inside => "inside, or with the door open",
        Place::Outside => "outside, at the door",
    }
}

const fn helper(helper: Helper) -> &'static str {
    match helper {
        Helper::Locksmith => {
            "Do not force anything. Call a locksmith, who opens the door without harm and sees what is broken."
        }
        Helper::Maker => {
            "Contact the maker's support: they know this model, and whether a part has to be replaced, perhaps under warranty."
        }
        Helper::Owner => {
            "Ask the owner of the lock: it does as it was told, and only the owner can tell it otherwise."
        }
        Helper::Electrician => {
            "Call an electrician: socket, cable and fuse belong to the mains, and a live wire kills."
        }
        Helper::Provider => {
            "Ask whoever provides the internet and the Wi-Fi: the lock waits for them, and opens at the door meanwhile."
        }
    }
}

const fn item(item: Item) -> &'static str {
    match item {
        Item::DoorThickness => "The door is as thick as the lock's leaflet allows.",
        Item::Backset => {
            "From the door's edge to the middle of the big hole it is as far as the leaflet says."
        }
        Item::Bores => {
            "Both holes have the sizes of the leaflet, and the hole in the frame is deeper than the bolt is long."
        }
        Item::PowerSource => {
            "The cells that the leaflet names are at hand, or an outlet is within reach of the cable."
        }
        Item::DoorSound => "The door closes by itself without a push, and its hinges do not give.",
        Item::MainsOff => "The mains is switched off at the fuse.",
        Item::WiresFirm => "Each plug clicked home, and no wire is pinched.",
        Item::PlateLevel => "The mounting plate is level and does not move.",
        Item::ScrewsHandTight => "The screws are tightened by hand, and the bolt moves as before.",
        Item::Cells => "New cells of the right type lie the right way round.",
        Item::FreeWithDoorOpen => "With the door open the thumb-turn moves the bolt with two fingers.",
        Item::FreeWithDoorClosed => "With the door closed it moves as easily.",
        Item::DoorSensorSetUp => "The app shows the door as open and as closed when it is.",
        Item::MotorOut => "The motor throws the bolt.",
        Item::MotorBack => "The motor withdraws the bolt.",
        Item::DoorSensor => "The lock's door sensor speaks, and agrees with itself.",
        Item::Calibration => "The lock knows how far its bolt travels.",
        Item::Radio => "The lock has heard its cloud.",
        Item::Clock => "The lock knows the time.",
        Item::LightFlashed => "The light flashed during the self-test.",
        Item::BuzzerSounded => "The buzzer sounded during the self-test.",
    }
}

const fn check(check: Check) -> &'static str {
    match check {
        Check::Keypad => "With the door open, enter a code: the keypad lights, and the lock opens and locks.",
        Check::App => "With the door open, open and lock with the app beside the lock.",
        Check::Remote => "Open or lock from afar, with the phone's Bluetooth off.",
        Check::Key => "With the door open, turn the mechanical key both ways.",
        Check::Sensor => "Turn the bolt by hand and move the door: app and hub show each change.",
    }
}

const fn check_result(result: CheckResult) -> &'static str {
    match result {
        CheckResult::Passed => "works",
        CheckResult::Failed => "does not work",
        CheckResult::NotFitted => "not there, or not tried",
    }
}

const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Good => "helped",
        Outcome::Bad => "did not help",
        Outcome::NotDone => "could not be done",
        Outcome::Stopped => "was stopped, because it was not safe to go on",
    }
}
