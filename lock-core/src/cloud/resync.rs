//! Catching up with a lock after the cloud lost its newest numbers (section 5, resynchronisation).

use lock_crypto::Authenticated;
use lock_proto::{CommandId, Marks, Query, Request, SealedReport};

/// The marks of a lock in answer to a fresh nonce of ours. Only an opened Message2 or an answered [`Probe`] makes one: what anybody
/// could have recorded and played again does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(lock_model, derive(Hash))]
pub struct FreshMarks(pub(super) Marks);

impl FreshMarks {
    /// The marks.
    #[must_use]
    pub const fn marks(self) -> Marks {
        self.0
    }
}

/// The numbers that a cloud gives out next for one lock and key epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(lock_model, derive(Hash))]
pub struct Numbers {
    /// The next sealed-down counter.
    pub next_down: u64,
    /// The next command id.
    pub next_command: CommandId,
}

/// What marks taught.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaughtUp {
    /// Nothing: the cloud knew as much or more.
    Level,
    /// The lock has seen numbers that this cloud does not remember giving out: its storage is older than the truth. The
    /// numbers were raised. A command that this cloud has issued under an id up to the lock's and holds no receipt for must
    /// be issued again under a new id: the lock's answer under the old one speaks of another command.
    WasBehind,
}

impl Default for Numbers {
    fn default() -> Self {
        Self::FIRST
    }
}

impl Numbers {
    /// Of a lock that has never been spoken to: counters and ids start at 1, so that 0 is "none" in every mark.
    pub const FIRST: Self = Self { next_down: 1, next_command: CommandId(1) };

    /// Raises the numbers above a lock's marks; never lowers one.
    pub fn catch_up(&mut self, FreshMarks(marks): FreshMarks) -> CaughtUp {
        let (down, command) = (marks.down.saturating_add(1), CommandId(marks.command.0.saturating_add(1)));
        let was_behind = down > self.next_down || command > self.next_command;
        self.next_down = self.next_down.max(down);
        self.next_command = self.next_command.max(command);
        if was_behind { CaughtUp::WasBehind } else { CaughtUp::Level }
    }
}

/// One question for the marks, by store and forward. Make one at most once a minute for a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probe {
    nonce: [u8; 16],
}

impl Probe {
    /// A question under a fresh random nonce.
    #[must_use]
    pub const fn new(nonce: [u8; 16]) -> Self {
        Self { nonce }
    }

    /// What to seal down.
    #[must_use]
    pub const fn request(&self) -> Request {
        Request::Query(Query::Marks(self.nonce))
    }

    /// The counter to seal the question under, when a hint says that the lock has accepted more than we gave out: one above the hint, taken
    /// for this one message, or our own next, whichever is higher. A hint changes nothing else.
    #[must_use]
    pub fn counter(numbers: &Numbers, hint: &Authenticated<Marks>) -> u64 {
        numbers.next_down.max(hint.get().down.saturating_add(1))
    }

    /// Takes the lock's answer; `None` when the report answers something else.
    #[must_use]
    pub fn answered(self, report: &Authenticated<SealedReport>) -> Option<FreshMarks> {
        match *report.get() {
            SealedReport::MarksAnswer { nonce, marks } if nonce == self.nonce => Some(FreshMarks(marks)),
            SealedReport::MarksAnswer { .. }
            | SealedReport::Receipt { .. }
            | SealedReport::MarksHint { .. }
            | SealedReport::Status { .. }
            | SealedReport::Digest { .. }
            | SealedReport::Items { .. }
            | SealedReport::Health { .. }
            | SealedReport::Log(_)
            | SealedReport::Update(_)
            | SealedReport::Tickets(_) => None,
        }
    }
}
