//! Who may not fill the log: whoever stands outside and presses keys, or holds a key that opens nothing any more.
//!
//! What such people cause is written as long as they are few and rare. Beyond that the log keeps what was before, and the next entry that is
//! written says how many have none (protocol section 6.2).

use lock_proto::{Cause, LogEvent, Uptime};

/// So many entries at once.
const BURST: u64 = 16;
/// And one more for so long, in milliseconds.
const EACH_MILLIS: u64 = 600_000;

/// What is left for those who may cause entries without a right to anything.
#[derive(Debug, Default)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub(super) struct Sparing {
    at_the_door: Share,
    virtual_keys: Share,
    /// So many have no entry, and none says so yet.
    untold: u32,
}

impl Sparing {
    /// Whether an event has its entry.
    pub(super) fn admits(&mut self, event: LogEvent, cause: Cause, now: Uptime) -> bool {
        let may = self.share(event, cause).is_none_or(|share| share.take(now));
        self.untold = self.untold.saturating_add(u32::from(!may));
        may
    }

    /// What is to be told before the next entry: how many have none.
    pub(super) fn take_untold(&mut self) -> Option<LogEvent> {
        let untold = core::mem::take(&mut self.untold);
        (untold > 0).then_some(LogEvent::Lost(untold))
    }

    fn share(&mut self, event: LogEvent, cause: Cause) -> Option<&mut Share> {
        let is_refusal = matches!(event, LogEvent::Refused(_));
        let is_wish = matches!(event, LogEvent::Asked(_));
        match cause {
            Cause::VirtualKey if is_refusal => Some(&mut self.virtual_keys),
            Cause::Unknown | Cause::Manual if is_refusal || is_wish => Some(&mut self.at_the_door),
            Cause::Credential { .. } | Cause::OfflineCode { .. } if is_refusal => Some(&mut self.at_the_door),
            Cause::VirtualKey
            | Cause::Unknown
            | Cause::Manual
            | Cause::Credential { .. }
            | Cause::OfflineCode { .. }
            | Cause::Boot
            | Cause::RemoteLive
            | Cause::RemoteSealed
            | Cause::AutoRelock
            | Cause::Mechanism
            | Cause::Button
            | Cause::Schedule
            | Cause::Battery
            | Cause::Reset => None,
        }
    }
}

/// Full at boot; earns one entry at a time.
#[derive(Debug, Default)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
struct Share {
    spent: u64,
    /// Since when the next one is earned.
    since: Uptime,
}

impl Share {
    fn take(&mut self, now: Uptime) -> bool {
        let earned = now.millis_since(self.since) / EACH_MILLIS;
        self.spent = self.spent.saturating_sub(earned);
        self.since = match self.spent {
            0 => now,
            _ => self.since.plus_millis(earned.saturating_mul(EACH_MILLIS)),
        };
        let may = self.spent < BURST;
        self.spent += u64::from(may);
        may
    }
}

#[cfg(test)]
mod tests {
    use lock_proto::{CredentialKind, Reason, Target};

    use super::*;

    const REFUSED: LogEvent = LogEvent::Refused(Reason::TicketRevoked);

    fn written(sparing: &mut Sparing, event: LogEvent, cause: Cause, from: u64, to: u64) -> usize {
        (from..to).filter(|second| sparing.admits(event, cause, Uptime::from_millis(second * 1_000))).count()
    }

    #[test]
    fn whoever_tries_all_day_gets_a_burst_and_six_entries_an_hour() {
        let mut sparing = Sparing::default();
        assert_eq!(written(&mut sparing, REFUSED, Cause::VirtualKey, 0, 86_400), 16 + 6 * 24 - 1);
        // A quiet day later the burst is whole again, and no larger.
        assert_eq!(written(&mut sparing, REFUSED, Cause::VirtualKey, 200_000, 200_100), 16);
    }

    #[test]
    fn one_share_is_not_used_up_by_the_other_and_none_by_those_with_a_right() {
        let mut sparing = Sparing::default();
        let code = Cause::Credential { kind: CredentialKind::Pin, slot: 1, user: None };
        assert_eq!(written(&mut sparing, LogEvent::Asked(Target::Locked), Cause::Manual, 0, 100), 16);
        assert_eq!(written(&mut sparing, REFUSED, code, 100, 200), 0, "all at the door share one");
        assert_eq!(written(&mut sparing, LogEvent::Asked(Target::Unlocked), code, 200, 300), 100);
        assert_eq!(
            written(&mut sparing, LogEvent::Asked(Target::Unlocked), Cause::VirtualKey, 300, 400),
            100
        );
        assert_eq!(written(&mut sparing, REFUSED, Cause::VirtualKey, 400, 500), 16);
        assert_eq!(written(&mut sparing, REFUSED, Cause::RemoteLive, 500, 600), 100);
    }
}
