//! What to ask.

use crate::question::Question;
use crate::texts::QuestionText;

const fn said(ask: &'static str, answers: &'static [&'static str]) -> QuestionText {
    QuestionText { ask, answers }
}

pub(super) const fn text(question: Question) -> QuestionText {
    match question {
        Question::Happens => said(
            "What happens when you try to open or lock?",
            &[
                "Nothing at all: no light, no sound",
                "It lights and takes the code, but the motor is silent",
                "The motor runs, but the bolt does not move or gets stuck",
                "The code, tag or app is refused",
                "The door works, but the app does not connect",
                "The app works at the door, but not from afar",
                "App or hub show a wrong state",
                "The door works, but light, sound, keypad or cover are not as they should",
                "The door works, but the batteries do not last",
                "Nothing fails, but I forgot the master code, or the app warns of something",
            ],
        ),
        Question::Where => said(
            "Where do you stand?",
            &["Inside, or the door is open, or I can get in", "Outside, and I cannot get in"],
        ),
        Question::KeyTurns => said("Does the mechanical key turn?", &["Yes", "No"]),
        Question::Compartment => said(
            "What do you see in the battery compartment?",
            &[
                "All is in order: right cells, right way round, clean",
                "The cells are of another type than the manual names",
                "A cell lies the wrong way round or does not touch",
                "Dirt, oxide or leakage",
                "A wire or plug is loose",
            ],
        ),
        Question::CellsNew => said("Were the batteries put in within the last month?", &["Yes", "No"]),
        Question::Mains => said(
            "Does the lock have an adapter for the mains?",
            &[
                "No, it runs on batteries",
                "Yes, and it is plugged in",
                "Yes, and it is unplugged or its socket is dead",
            ],
        ),
        Question::Always => said("Does it fail always, or only at times?", &["Always", "Only at times"]),
        Question::Outage => {
            said("Was the power away lately: an outage, or batteries taken out?", &["Yes", "No"])
        }
        Question::Sound => {
            said("How does the motor sound?", &["Smooth", "It grinds, clicks or rattles", "It is silent"])
        }
        Question::DoorOpen => {
            said("With the door open, does the lock move the bolt all the way?", &["Yes", "No"])
        }
        Question::Press => {
            said("Does the bolt come free when you push or pull the door while it tries?", &["Yes", "No"])
        }
        Question::StrikeHole => {
            said("Is the hole in the strike plate clear?", &["Yes", "No, something is in it"])
        }
        Question::Gap => said("Is the gap between door and frame the same all around?", &["Yes", "No"]),
        Question::DoorShut => said("Is the door fully shut?", &["Yes", "No"]),
        Question::Installed => {
            said("Was the lock installed, or taken off and put back, lately?", &["Yes", "No"])
        }
        Question::Screws => said(
            "Does the bolt stick with the door open, and come free when you loosen the mounting screws a quarter turn?",
            &["Yes", "No"],
        ),
        Question::Mounting => said("Does the lock sit firmly on the door?", &["Yes", "No, it moves"]),
        Question::Calibration => said(
            "Was the lock calibrated since it was installed, or since the door was worked on?",
            &["Yes", "No"],
        ),
        Question::Frost => said("Was there frost at this door lately?", &["Yes", "No"]),
        Question::Missing => said(
            "What does not work?",
            &[
                "The light",
                "The sound, although it is switched on in the app",
                "The sound, and it is switched off in the app",
                "The keypad",
                "The keypad, and its own battery is old or empty",
                "The cover is off, or the lock sounds its siren",
            ],
        ),
        Question::OtherCode => said("Does another code open?", &["Yes", "No"]),
        Question::OtherHours => said("Does the same code open at other hours of the day?", &["Yes", "No"]),
        Question::Mode => said(
            "What does the app say?",
            &[
                "None of these",
                "Vacation mode is on",
                "Privacy mode, or \"do not disturb\", is on",
                "Orders from afar are switched off",
                "I have no right to open",
            ],
        ),
        Question::WrongState => said(
            "What is shown wrongly?",
            &[
                "Hub or app from afar; beside the lock the app is right",
                "The bolt, also beside the lock",
                "The bolt, after it was turned by hand",
                "Whether the door is open",
            ],
        ),
        Question::PhoneSettings => said(
            "What do the phone's settings show?",
            &["Bluetooth and location are on", "Bluetooth is off", "Location is off"],
        ),
        Question::AppVersion => said("Is the app up to date in the phone's store?", &["Yes", "No"]),
        Question::Paired => said("Is the lock in the app's list of locks?", &["Yes", "No"]),
        Question::Close => {
            said("Does the app connect when you hold the phone close to the lock?", &["Yes", "No"])
        }
        Question::OtherPhone => said("Does another phone connect?", &["Yes", "No"]),
        Question::Radios => said(
            "Are cordless phones, baby monitors or microwave ovens near the lock or the hub?",
            &["Yes", "No"],
        ),
        Question::Network => said(
            "Do Wi-Fi and hub work for other things?",
            &["Both do", "The Wi-Fi does not", "The hub does not, or has no power"],
        ),
        Question::HubPlace => said("Is the hub within two rooms of the lock?", &["Yes", "No"]),
        Question::Care => said(
            "What is it about?",
            &[
                "The master code is forgotten",
                "There is an update for the lock",
                "The last update failed",
                "An update was begun and not finished",
                "The Wi-Fi has no password, or a weak one",
            ],
        ),
        Question::Firmware => said(
            "What does the app say about the lock's firmware?",
            &[
                "It is up to date",
                "There is an update",
                "The last update failed",
                "An update was begun and not finished",
            ],
        ),
    }
}
