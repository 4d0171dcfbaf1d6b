//! When the bolt throws itself.

use lock_proto::Seconds;

use super::Lock;
use crate::motor::Afterwards;
use crate::relock::{CLOSE_SETTLE, Plan, Relock};
use crate::{ActionKind, Ask, Decision, Deed, Effects, Source, Tables};

impl<T: Tables> Lock<T> {
    /// What is planned for a bolt that was withdrawn. An unlock for a time and lock'n'go go before the settings, the night's delay
    /// before the day's.
    pub(super) fn plan(&self, afterwards: Afterwards) -> Plan {
        let settings = self.configuration.settings();
        let nonzero = |delay: Seconds| Some(delay).filter(|delay| delay.0 > 0);
        let by_night = self.night_relock();
        let delay = by_night.or_else(|| nonzero(settings.auto_relock));
        let after_close = nonzero(settings.mechanics.lock_on_close);
        match afterwards {
            Afterwards::Settings | Afterwards::NextLeg => {
                Plan { delay, after_close, stands: by_night.is_some() }
            }
            Afterwards::After(delay) => Plan { delay: Some(delay), after_close: None, stands: true },
            Afterwards::LockNGo => Plan {
                delay: Some(Seconds(settings.mechanics.lock_n_go.into())),
                after_close: Some(CLOSE_SETTLE),
                stands: true,
            },
        }
    }

    /// Starts the delay: what remained at boot, or the whole of it. With the door open it is held, and after a brown-out; in passage
    /// mode there is none.
    ///
    /// What remained at boot of a plan that the settings made is nothing where the settings in force plan none: power may have
    /// failed between the record of a setting and that of its effect.
    pub(super) fn start_relock(&mut self, plan: Plan, effects: &mut Effects) {
        let setting = plan.delay.map(Seconds::as_millis);
        let (delay, plan) = match self.relock {
            Relock::AtBoot { remaining_ms: Some(remaining), stands: true } => {
                let remaining = u64::from(remaining);
                let delay = Some(Seconds::from_millis_ceiling(remaining));
                (Some(remaining), Plan { delay, stands: true, ..plan })
            }
            Relock::AtBoot { remaining_ms: Some(remaining), stands: false } if plan != Plan::NEVER => {
                let remaining = u64::from(remaining);
                (Some(setting.map_or(remaining, |setting| setting.min(remaining))), plan)
            }
            Relock::AtBoot { .. }
            | Relock::Idle
            | Relock::Running { .. }
            | Relock::Waiting { .. }
            | Relock::Held { .. } => (setting, plan),
        };
        let is_free = self.facts.mode.value() == lock_proto::Mode::Passage;
        match delay {
            _ if is_free => return self.stop_relock(effects),
            None if plan == Plan::NEVER => return self.stop_relock(effects),
            _ if self.facts.door.value().is_open() || self.is_held() => self.relock = Relock::Held { plan },
            Some(delay) => {
                self.relock = Relock::Running { due: self.now.plus_millis(delay), plan };
            }
            None => self.relock = Relock::Waiting { plan },
        }
        self.facts.count_change();
        effects.save = true;
    }

    /// Forgets the delay.
    pub(super) fn stop_relock(&mut self, effects: &mut Effects) {
        if !matches!(self.relock, Relock::Idle) {
            self.relock = Relock::Idle;
            self.facts.count_change();
            effects.save = true;
        }
    }

    /// The delay waits for the door.
    pub(super) fn hold_relock(&mut self, effects: &mut Effects) {
        if let Relock::Running { plan, .. } | Relock::Waiting { plan } = self.relock {
            self.relock = Relock::Held { plan };
            self.facts.count_change();
            effects.save = true;
        }
    }

    /// What held the delay has ended: the whole of it starts.
    pub(super) fn resume_relock(&mut self, effects: &mut Effects) {
        if let Relock::Held { plan } = self.relock {
            let plan = Plan { delay: plan.after_closing(), ..plan };
            self.relock = Relock::Idle;
            self.start_relock(plan, effects);
        }
    }

    /// Throws the bolt, or holds the relock until what forbids it ends.
    pub(super) fn relock_due(&mut self, effects: &mut Effects) {
        let ask = Ask { action: ActionKind::Lock, source: Source::AutoRelock };
        match self.preview(&ask, self.now) {
            Decision::Allow => {
                self.do_deed(Deed::Lock, lock_proto::Cause::AutoRelock, None, effects);
            }
            Decision::Deny(_) => self.hold_relock(effects),
        }
    }

    /// The delay of the settings changed: it starts anew for a bolt that waits to be thrown. One that stands is none of the
    /// settings' business.
    pub(super) fn relock_setting_changed(&mut self, effects: &mut Effects) {
        let is_planned = match self.relock {
            _ if self.relock.stands() => return,
            Relock::Running { .. } | Relock::Waiting { .. } | Relock::Held { .. } => true,
            Relock::AtBoot { .. } => return,
            Relock::Idle => {
                self.motor.run().is_none() && self.facts.bolt.value() == lock_proto::BoltPosition::Retracted
            }
        };
        if is_planned {
            self.relock = Relock::Idle;
            self.start_relock(self.plan(Afterwards::Settings), effects);
            if matches!(self.relock, Relock::Idle) {
                self.facts.count_change();
                effects.save = true;
            }
        }
    }
}
