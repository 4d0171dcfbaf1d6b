//! Virtual keys at this lock: what is judged here, and with what.

use lock_proto::{TicketRights, UnixMillis, Uptime};

use super::Lock;
use crate::access::Tables;
use crate::{Ask, Decision, Grant, GrantSituation, Refusal, TicketBook};

impl<T: Tables> Lock<T> {
    /// What the decision says of `ask` by the holder of a virtual key: first whether the key yields it, then as for anybody else. To
    /// be asked for each command, since what was granted a minute ago may be over.
    pub fn preview_grant(&self, ask: &Ask, grant: &Grant, book: &TicketBook, now: Uptime) -> Decision {
        let Some(right) = Grant::needed(ask.action) else {
            return Decision::Deny(lock_proto::Reason::NotPermitted.into());
        };
        let used = if ask.action.opens() { book.may_use(grant, self.time_floor(now)) } else { Ok(()) };
        let granted = grant.admits(right, &self.grant_situation(book, now)).and(used.map_err(Refusal::from));
        match granted {
            Ok(()) => self.preview(ask, now),
            Err(refusal) => Decision::Deny(refusal),
        }
    }

    /// Whether the holder of a virtual key may see the status now.
    ///
    /// # Errors
    /// The [`Refusal`] of [`Grant::admits`].
    pub fn may_see(&self, grant: &Grant, book: &TicketBook, now: Uptime) -> Result<(), Refusal> {
        grant.admits(TicketRights::STATUS, &self.grant_situation(book, now))
    }

    /// A moment that has certainly passed; 0 where none is known.
    #[must_use]
    pub fn time_floor(&self, now: Uptime) -> UnixMillis {
        self.clock.floor(now.max(self.now))
    }

    fn grant_situation<'s>(&'s self, book: &'s TicketBook, now: Uptime) -> GrantSituation<'s> {
        GrantSituation {
            clock: self.clock.reading(now.max(self.now)),
            zone: &self.configuration.settings().zone,
            cloud_heard: self.clock.told(),
            book,
        }
    }
}
