//! Codes, tokens and fingers that are presented at the lock.
//!
//! ```text
//!  count_attempt ─ persisted ─> check ── unknown ──────────────> Refused, and the count stays
//!                                 │       └─ nine digits: an offline code that opens now? ── as if known, of nobody
//!                                 │ known
//!                                 │        its own count is taken back; those before it, if it opens now and is no offline code
//!                                 ├─ more credentials asked ────> OneMore
//!                                 ├─ decide denies ─────────────> Refused(reason)
//!                                 ├─ a use must be marked ──────> Barrier::Admission ─ persisted ─> admit ─> motor
//!                                 └─ otherwise ─────────────────> motor
//! ```

use lock_crypto::{SecretHash, Suite};
use lock_proto::{
    Alarm, Cause, CredentialKind, CredentialRule, Mode, OfflineCode, Reason, Seconds, Secret, Uptime,
    UserKind,
};

use super::Lock;
use crate::access::Credential;
use crate::codes::{Offered, offered};
use crate::decide::Refusal;
use crate::effects::Barrier;
use crate::{ActionKind, Ask, Decision, Deed, DoorKeys, Effects, Happened, Indication, Source, Tables};

/// How long the next credential of the same user is awaited, in milliseconds.
pub const NEXT_CREDENTIAL_MS: u64 = 30_000;

/// What somebody wants who presents a credential.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Wish {
    /// Withdraw the bolt; with a latch that the motor reaches, pull it too.
    #[default]
    Open,
    /// Withdraw the bolt.
    Unlock,
    /// Throw the bolt.
    Lock,
    /// Withdraw the bolt for somebody who leaves.
    LockNGo,
    /// Put a mode in force; for programming users.
    SetMode(Mode),
}

/// Whether an attempt was counted and not yet compared, or waits for its record.
#[derive(Debug)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub(super) enum Entry {
    None,
    Counted,
    Admitting {
        deed: Deed,
        source: Source,
        cause: Cause,
        user: u8,
    },
    /// An offline code that opens once, whose use waits for its record.
    Redeeming {
        deed: Deed,
        code: OfflineCode,
        epoch: u32,
    },
}

/// The credentials of a user who must show more than one.
#[derive(Debug)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub(super) enum Partial {
    None,
    Waiting { user: u8, first: u8, second: Option<u8>, until: Uptime },
}

impl Partial {
    pub(super) const fn due(&self) -> Option<Uptime> {
        match self {
            Self::None => None,
            Self::Waiting { until, .. } => Some(*until),
        }
    }
}

/// What a further credential of a user is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    Enough,
    NotYet,
}

impl<T: Tables> Lock<T> {
    /// First half of an attempt: counts it as wrong, before anything is compared. The caller then persists
    /// [`saved`](Self::saved), and only then calls [`check`](Self::check): a power cut in between costs the guess. Where it could
    /// not be persisted, nothing is checked and the count stays.
    ///
    /// # Errors
    /// `LockedOut` with the time to wait; then nothing was counted and nothing may be compared. `StorageBusy` while another attempt
    /// waits for its record.
    pub fn count_attempt(&mut self, now: Uptime) -> Result<(), Refusal> {
        self.now = self.now.max(now);
        if matches!(self.entry, Entry::Admitting { .. } | Entry::Redeeming { .. }) {
            return Err(Reason::StorageBusy.into());
        }
        let remaining = self.lockout.remaining(self.now);
        if remaining > Seconds(0) {
            self.count_refusal(Reason::LockedOut);
            return Err(Refusal { reason: Reason::LockedOut, retry_after: Some(remaining), next_at: None });
        }
        self.lockout.count(self.configuration.settings().policy.wrong_codes, self.now);
        self.facts.count_change();
        self.entry = Entry::Counted;
        Ok(())
    }

    /// Second half: compares what was counted with every slot, and does what is wished where the rules allow it.
    ///
    /// `kind` is the reader's: a keypad's digits fit both kinds of PIN, and nine of them an offline code, which gives way to a PIN of
    /// the same digits. One count pays for one comparison: without it nothing is compared and the attempt is refused.
    pub fn check<S: Suite>(
        &mut self,
        keys: &DoorKeys<'_>,
        kind: CredentialKind,
        secret: &Secret,
        wish: Wish,
        now: Uptime,
    ) -> Effects {
        let hash = match secret {
            Secret::Pin(digits) => SecretHash::of_pin::<S>(keys.k_pin, digits.as_ascii()),
            Secret::Token(id) => SecretHash::of_token::<S>(keys.k_pin, kind.number(), id.as_bytes()),
        };
        // Read before the comparison, so that the work for nine digits is the same whether or not they are a PIN.
        let clock = self.clock.reading(now.max(self.now));
        let offered = offered::<S>(
            keys.code,
            self.configuration.settings().offline_codes,
            &self.used_codes,
            secret,
            clock,
        );
        self.step(now, |lock, effects| {
            if !matches!(lock.entry, Entry::Counted) {
                effects.indicate = Some(Indication::Refused(Reason::NotPermitted));
                return;
            }
            lock.entry = Entry::None;
            let found = lock.configuration.find(&hash).map(|(slot, known)| (slot, known.user, known.kind));
            match (found, offered) {
                (Some((slot, user, kind)), _) => lock.recognised(slot, user, kind, wish, effects),
                (None, Offered::Code(code)) => lock.offline_code(code, wish, effects),
                (None, Offered::Refused(reason)) => lock.not_recognised(reason, effects),
                (None, Offered::Nothing) => lock.not_recognised(Reason::WrongCode, effects),
            }
        })
    }

    /// The attempt stays counted. The cloud learns the reason; at the door an offline code that does not open now looks like a wrong
    /// one, or a guesser would learn which will open some other day. Without the time all of nine digits look alike, and the door
    /// says why.
    fn not_recognised(&mut self, reason: Reason, effects: &mut Effects) {
        self.refuse(reason, Cause::Unknown, effects);
        self.partial = Partial::None;
        if self.lockout.remaining_ms(self.now) > 0 {
            effects.indicate = Some(Indication::LockedOut);
            effects.alarms.raise(Alarm::WrongCodeLimit);
        } else {
            let is_of_the_clock = reason == Reason::ClockNotTrusted;
            let shown = if is_of_the_clock { reason } else { Reason::WrongCode };
            effects.indicate = Some(Indication::Refused(shown));
        }
    }

    fn recognised(
        &mut self,
        slot: u8,
        user: Option<u8>,
        kind: CredentialKind,
        wish: Wish,
        effects: &mut Effects,
    ) {
        effects.save = true;
        self.facts.count_change();
        self.lockout.take_back();
        if let Some(user) = user
            && self.show(user, slot) == Shown::NotYet
        {
            effects.indicate = Some(Indication::OneMore);
            return;
        }
        let source = Source::Credential(kind);
        if self.opens_now(user, source) {
            self.lockout.reset();
        }
        let cause = Cause::Credential { kind, slot, user };
        let deed = self.deed_of(wish);
        let Some(user) = user else {
            let _ = self.ask_here(deed, source, cause, None, effects);
            return;
        };
        if let Err(reason) = self.mark_use(user, deed, source) {
            self.refuse(reason, cause, effects);
            effects.indicate = Some(Indication::Refused(reason));
        } else if self.staged_is_use() {
            self.entry = Entry::Admitting { deed, source, cause, user };
            effects.barrier = Some(Barrier::Admission);
        } else {
            self.let_in(deed, source, cause, user, effects);
        }
    }

    /// Whether the door opens to the credential at this moment: only then are the wrong codes before it forgotten.
    fn opens_now(&self, user: Option<u8>, source: Source) -> bool {
        let ask = Ask { action: ActionKind::Unlock, source };
        let decision = match user {
            Some(user) => self.preview_user(&ask, user, self.now),
            None => self.preview(&ask, self.now),
        };
        matches!(decision, Decision::Allow)
    }

    /// Stages the mark of a use where the rules allow the deed and the user's kind needs one.
    fn mark_use(&mut self, user: u8, deed: Deed, source: Source) -> Result<(), Reason> {
        let ask = Ask { action: ActionKind::from(deed), source };
        let is_allowed = matches!(self.preview_user(&ask, user, self.now), Decision::Allow);
        if !is_allowed || !ask.action.opens() {
            return Ok(());
        }
        let Some(rules) = self.configuration.user_rules(user) else { return Ok(()) };
        let must_mark = rules.user.kind == UserKind::Disposable
            || (matches!(rules.user.kind, UserKind::Expiring { .. }) && !rules.is_used());
        if !must_mark {
            return Ok(());
        }
        if self.staged.is_some() {
            return Err(Reason::StorageBusy);
        }
        self.staged = self.configuration.spend(user, self.earliest_time());
        if self.staged.is_some() { Ok(()) } else { Err(Reason::NoSuchUser) }
    }

    fn staged_is_use(&self) -> bool {
        self.staged.as_ref().is_some_and(crate::configuration::Staged::is_use)
    }

    /// The mark of the use is stored: the door opens for its user.
    pub fn admit(&mut self, now: Uptime) -> Effects {
        self.step(now, |lock, effects| {
            let (deed, source, cause, user) = match core::mem::replace(&mut lock.entry, Entry::None) {
                Entry::Admitting { deed, source, cause, user } => (deed, source, cause, user),
                Entry::Redeeming { deed, code, epoch } => return lock.redeem(deed, code, epoch, effects),
                Entry::None | Entry::Counted => return,
            };
            let action = ActionKind::from(deed);
            // What was allowed before the mark is asked again, but for the mark itself.
            match lock.preview_user(&Ask { action, source }, user, lock.now) {
                Decision::Allow => {}
                Decision::Deny(refusal) => {
                    lock.staged = None;
                    lock.refuse(refusal.reason, cause, effects);
                    effects.indicate = Some(Indication::Refused(refusal.reason));
                    return;
                }
            }
            if let Some(staged) = lock.staged.take() {
                lock.configuration.apply(staged);
            }
            lock.raise_duress(user, effects);
            effects.indicate = Some(Indication::Accepted);
            lock.do_deed(deed, cause, None, effects);
        })
    }

    /// The mark could not be stored: nobody is let in. It may be stored all the same; then it is found used.
    pub fn dismiss(&mut self, reason: Reason, now: Uptime) -> Effects {
        self.step(now, |lock, effects| {
            let cause = match core::mem::replace(&mut lock.entry, Entry::None) {
                Entry::Admitting { cause, .. } => cause,
                Entry::Redeeming { code, .. } => super::offline::cause(code),
                kept @ (Entry::None | Entry::Counted) => {
                    lock.entry = kept;
                    return;
                }
            };
            lock.staged = None;
            lock.refuse(reason, cause, effects);
            effects.indicate = Some(Indication::Refused(reason));
        })
    }

    fn let_in(&mut self, deed: Deed, source: Source, cause: Cause, user: u8, effects: &mut Effects) {
        if self.ask_here(deed, source, cause, Some(user), effects).is_ok() {
            self.raise_duress(user, effects);
        }
    }

    /// Silent: whoever stands beside the user sees what they always see.
    fn raise_duress(&self, user: u8, effects: &mut Effects) {
        let is_forced =
            self.configuration.user_rules(user).is_some_and(|rules| rules.user.kind == UserKind::Forced);
        if is_forced {
            effects.alarms.raise(Alarm::Duress);
        }
    }

    pub(super) fn deed_of(&self, wish: Wish) -> Deed {
        let has_latch = self.configuration.settings().mechanics.latch != lock_proto::Latch::None;
        match wish {
            Wish::Open if has_latch => Deed::Unlatch,
            Wish::Open | Wish::Unlock => Deed::Unlock,
            Wish::Lock => Deed::Lock,
            Wish::LockNGo => Deed::LockNGo,
            Wish::SetMode(mode) => Deed::SetMode(mode),
        }
    }

    /// Takes one more credential of `user`. Each counts once; one of somebody else begins anew.
    fn show(&mut self, user: u8, slot: u8) -> Shown {
        let rule =
            self.configuration.user_rules(user).map_or(CredentialRule::Single, |rules| rules.user.rule);
        let until = self.now.plus_millis(NEXT_CREDENTIAL_MS);
        let waiting = core::mem::replace(&mut self.partial, Partial::None);
        let begin = Partial::Waiting { user, first: slot, second: None, until };
        let (shown, partial) = match (rule, waiting) {
            (CredentialRule::Single, _) => (Shown::Enough, Partial::None),
            (_, Partial::Waiting { user: before, first, second, until })
                if before == user && self.now <= until =>
            {
                let again = Partial::Waiting { user, first, second, until };
                match (rule, second) {
                    _ if first == slot || second == Some(slot) => (Shown::NotYet, again),
                    (CredentialRule::Tri, None) => {
                        (Shown::NotYet, Partial::Waiting { user, first, second: Some(slot), until })
                    }
                    _ => (Shown::Enough, Partial::None),
                }
            }
            (_, Partial::None | Partial::Waiting { .. }) => (Shown::NotYet, begin),
        };
        self.partial = partial;
        shown
    }

    pub(super) fn partial_due(&mut self, effects: &mut Effects) {
        let first = match core::mem::replace(&mut self.partial, Partial::None) {
            Partial::Waiting { user, first, .. } => {
                self.configuration.credential(first).map(|known| (user, first, known.kind))
            }
            Partial::None => None,
        };
        let cause = first.map_or(Cause::Unknown, |(user, slot, kind)| Cause::Credential {
            kind,
            slot,
            user: Some(user),
        });
        effects.happened.add(Happened::Refused(Reason::MoreCredentials), cause);
        effects.indicate = Some(Indication::Refused(Reason::MoreCredentials));
    }

    /// The credential in a slot, for a preview at the lock.
    pub fn credential(&self, slot: u8) -> Option<Credential> {
        self.configuration.credential(slot)
    }
}
