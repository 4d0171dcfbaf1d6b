//! The end of a diagnosis: keypad, app, remote, key and sensor agree that the door works.

use crate::listed::listed;
use crate::sign::Seen::{self, No, Yes};
use crate::sign::Sign;

listed! {
    /// One of the ways that have to agree.
    pub enum Check {
        /// The keypad lights, and a code opens and locks.
        Keypad,
        /// The app, beside the lock, opens and locks.
        App,
        /// An order from afar arrives.
        Remote,
        /// The mechanical key turns.
        Key,
        /// App and hub show the bolt and the door as they are.
        Sensor,
    }
}

/// How a check went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum CheckResult {
    /// As it should.
    Passed,
    /// Not.
    Failed,
    /// This lock has no such thing, or nobody is there to try it.
    NotFitted,
}

impl Check {
    /// What is so when it failed: the next trouble begins with that.
    pub(crate) const fn failed(self) -> &'static [(Sign, Seen)] {
        match self {
            Self::Keypad => &[(Sign::Wakes, Yes), (Sign::BoltFollows, Yes), (Sign::KeypadOpens, No)],
            Self::App => &[(Sign::Wakes, Yes), (Sign::BoltFollows, Yes), (Sign::AppConnects, No)],
            Self::Remote => &[
                (Sign::Wakes, Yes),
                (Sign::BoltFollows, Yes),
                (Sign::AppConnects, Yes),
                (Sign::RemoteWorks, No),
            ],
            Self::Key => &[(Sign::Wakes, Yes), (Sign::KeyTurns, No)],
            Self::Sensor => &[(Sign::Wakes, Yes), (Sign::BoltFollows, Yes), (Sign::ShowsTruth, No)],
        }
    }
}
