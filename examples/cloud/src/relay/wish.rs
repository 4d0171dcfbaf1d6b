//! What a phone's user wishes, from the asking to the lock's first answer.

use std::time::Duration;

use lock_fleet::{ClientToken, LiveRequest, LockId, Task};
use tokio::time::Instant;

use crate::Right;
use crate::messages::relay::Doing;

/// A wish that is not answered by then is given up; asking again with the same client token is safe.
const PATIENCE: Duration = Duration::from_secs(15);

/// A comparison asks up to some sixty questions, one after the other; a backup up to thirty-two; a rotation makes two handshakes, more
/// where one is lost.
const LONG_PATIENCE: Duration = Duration::from_secs(60);

/// How long the lock may take to answer a request in a session.
const ANSWER_WITHIN: Duration = Duration::from_secs(3);

/// A handshake that came to nothing is tried again so often.
pub(super) const TRIES: u8 = 3;

/// What is done in a live session.
#[derive(Clone, Debug)]
pub(super) enum Goal {
    Status,
    Health,
    Compare,
    BackUp,
    Rotate,
    /// The log, and then its acknowledgement.
    Log,
    /// The key of the newest backup of this lock or another, and then all that it should have.
    Restore {
        of: LockId,
        token: ClientToken,
    },
    Motion {
        task: Task,
        token: ClientToken,
    },
    /// The end of the ownership.
    Release {
        task: Task,
        token: ClientToken,
    },
    /// The next step of a firmware update.
    Update(LiveRequest),
}

pub(super) struct Wish {
    pub(super) doing: Doing,
    goal: Goal,
    by: String,
    /// How often a handshake was begun for it.
    pub(super) tries: u8,
    /// How often its number turned out to have been spent on another command.
    pub(super) renumbered: u8,
    pub(super) standing: Standing,
    /// Whether every slot of a comparison was looked at: what still differs then lies where this service does not see.
    pub(super) has_listed: bool,
    /// How many entries of a log came.
    pub(super) log_entries: usize,
    /// Whether all of it is here, so that it is to be acknowledged.
    pub(super) is_log_level: bool,
    give_up_at: Instant,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It waits for a session, or for the Hello to begin one.
    Waiting,
    /// Sent in a handshake, whose own deadline counts.
    InHandshake,
    /// Sent in a session; the answer is due by then.
    InSession { answer_by: Instant },
    /// It waits for the lock, and asks again then.
    Resting { until: Instant },
}

impl Wish {
    pub(super) fn new(doing: Doing, goal: Goal, by: &str) -> Self {
        let is_long =
            matches!(doing, Doing::Compare | Doing::Backup | Doing::Rotate | Doing::Update | Doing::Log);
        let patience = if is_long { LONG_PATIENCE } else { PATIENCE };
        let give_up_at = Instant::now() + patience;
        Self {
            doing,
            goal,
            by: by.to_owned(),
            tries: 0,
            renumbered: 0,
            standing: Standing::Waiting,
            has_listed: false,
            log_entries: 0,
            is_log_level: false,
            give_up_at,
        }
    }

    /// The right that it needs, each time that it is sent.
    pub(super) const fn right(&self) -> Right {
        right_for(self.doing)
    }

    pub(super) const fn is_motion(&self) -> bool {
        matches!(self.goal, Goal::Motion { .. })
    }

    /// Whether it is a command of an update, and no question.
    pub(super) const fn commands_update(&self) -> bool {
        matches!(self.goal, Goal::Update(LiveRequest::Action { .. }))
    }

    /// The lock whose backup is to be restored.
    pub(super) const fn restores(&self) -> Option<LockId> {
        if let Goal::Restore { of, .. } = self.goal { Some(of) } else { None }
    }

    pub(super) fn request(&self) -> LiveRequest {
        match &self.goal {
            Goal::Status => LiveRequest::Status,
            Goal::Health => LiveRequest::Health,
            Goal::Compare => LiveRequest::Compare,
            Goal::BackUp => LiveRequest::BackUp { by: self.by.clone() },
            Goal::Log if self.is_log_level => LiveRequest::AcknowledgeLog,
            Goal::Log => LiveRequest::Log,
            Goal::Restore { of, token } => {
                LiveRequest::AdoptBackup { of: *of, client_token: token.clone(), by: self.by.clone() }
            }
            Goal::Rotate => LiveRequest::Rotate,
            Goal::Update(request) => request.clone(),
            Goal::Motion { task, token } | Goal::Release { task, token } => {
                LiveRequest::Action { task: task.clone(), client_token: token.clone(), by: self.by.clone() }
            }
        }
    }

    pub(super) fn sent_in_session(&mut self) {
        self.standing = Standing::InSession { answer_by: Instant::now() + ANSWER_WITHIN };
    }

    /// The next request of a wish of many.
    pub(super) fn turn_to(&mut self, goal: Goal) {
        (self.goal, self.standing, self.tries) = (goal, Standing::Waiting, 0);
    }

    /// It moves on, and may take so long until it moves again.
    pub(super) fn has_come_further(&mut self, patience: Duration) {
        self.give_up_at = Instant::now() + patience;
    }

    pub(super) fn due(&self) -> Instant {
        match self.standing {
            Standing::Waiting | Standing::InHandshake => self.give_up_at,
            Standing::InSession { answer_by } => answer_by.min(self.give_up_at),
            Standing::Resting { until } => until.min(self.give_up_at),
        }
    }

    pub(super) fn is_given_up(&self, now: Instant) -> bool {
        now >= self.give_up_at
    }
}

pub(super) const fn right_for(doing: Doing) -> Right {
    match doing {
        Doing::Unlock => Right::Unlock,
        Doing::Lock => Right::Lock,
        Doing::Status | Doing::Watch | Doing::Health => Right::Status,
        Doing::Compare | Doing::Backup | Doing::Restore | Doing::Rotate | Doing::Log => Right::Configure,
        // What is to be installed was allowed when it was asked for; who carries it sees nothing of it.
        Doing::Deliver | Doing::Update => Right::Relay,
        Doing::Release => Right::Own,
    }
}
