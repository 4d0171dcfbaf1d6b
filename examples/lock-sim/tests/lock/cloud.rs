//! A cloud in the test's own hands: the real role, with its numbers in memory.

use lock_core::cloud::{Connecting, LockKeys, Monotonic, Numbers, Session};
use lock_core::crypto::{Delivery, InitiatorHedge, KeyEpoch, LockId, RootKey};
use lock_core::proto::{
    Action, Answer, CommandId, Down, Opening, Outcome, Profile, Reply, Request, UnixMillis,
};

pub(crate) struct Cloud {
    keys: LockKeys,
    numbers: Numbers,
    attempt: u64,
    /// What it tells the lock of the time.
    pub(crate) time: Option<UnixMillis>,
}

impl Cloud {
    pub(crate) fn of(root: &RootKey, lock_id: LockId) -> Self {
        Self {
            keys: LockKeys::expand(root, lock_id, KeyEpoch::FIRST),
            numbers: Numbers::FIRST,
            attempt: 0,
            time: None,
        }
    }

    /// The same for a lock that is registered with this profile.
    pub(crate) fn with_profile(self, profile: Profile) -> Self {
        Self { keys: self.keys.with_profile(profile), ..self }
    }

    pub(crate) fn command(&mut self, action: Action) -> Request {
        let id = self.numbers.next_command;
        self.numbers.next_command.0 += 1;
        Request::Command { id, action }
    }

    /// Answers a Hello with a Message1.
    pub(crate) fn connect(&mut self, hello: &[u8], request: Request) -> (Vec<u8>, Connecting) {
        self.attempt += 1;
        let hedge = InitiatorHedge { attempt: self.attempt, entropy: [5; 32] };
        let opening = Down { header: Opening { time: self.time }, request };
        let mut packet = [0; 128];
        let (length, connecting) = Connecting::start(&self.keys, hello, &opening, &hedge, &mut packet)
            .expect("a Hello of this lock");
        (packet[..length].to_vec(), connecting)
    }
}

/// Opens a Message2.
pub(crate) fn finish(connecting: Connecting, mut message2: Vec<u8>) -> (Answer, Session) {
    let (answer, _, session) =
        connecting.finish(&mut message2, Delivery::Ordered, Monotonic(0)).expect("a Message2 of this lock");
    (answer.into_inner(), session)
}

/// The outcome in a reply to a command, and whether it was a repeat.
pub(crate) fn outcome(reply: &Reply) -> (CommandId, Outcome, bool) {
    let Reply::Command { id, outcome, repeat } = reply else { panic!("not a reply to a command: {reply:?}") };
    (*id, *outcome, *repeat)
}
