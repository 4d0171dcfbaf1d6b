//! An offline code at the keypad: a code of nobody in particular that opens like a PIN of nobody, within its window.
//!
//! ```text
//!  check ── a code that opens now ─┬─ decide denies ──────────────────────────────────> Refused(reason)
//!                                  ├─ opens once ──> Barrier::CodeUse ─ persisted ─> admit ─> motor
//!                                  └─ otherwise ──────────────────────────────────────> motor
//! ```
//!
//! It counts for no user: it is none of two or three credentials that a user must show, raises no alarm of duress, and forgives no wrong
//! code.

use lock_proto::{Cause, CodeClass, CodesSwitch, CredentialKind, OfflineCode, Reason};

use super::Lock;
use super::presented::Entry;
use crate::codes::still_opens;
use crate::effects::Barrier;
use crate::{
    ActionKind, Ask, Decision, Deed, Effects, Indication, RecordError, Source, Tables, UsedCodes, Wish,
};

/// To the decision it is a PIN.
const SOURCE: Source = Source::Credential(CredentialKind::Pin);

pub(super) const fn cause(code: OfflineCode) -> Cause {
    Cause::OfflineCode { class: code.class, start: code.start }
}

impl<T: Tables> Lock<T> {
    pub(super) fn offline_code(&mut self, code: OfflineCode, wish: Wish, effects: &mut Effects) {
        effects.save = true;
        self.facts.count_change();
        // Never those before it, whatever it opens: strangers have such codes, and most are right any number of times.
        self.lockout.take_back();
        let deed = self.deed_of(wish);
        let ask = Ask { action: ActionKind::from(deed), source: SOURCE };
        let is_allowed = matches!(self.preview(&ask, self.now), Decision::Allow);
        if is_allowed && ask.action.opens() && code.class == CodeClass::Once {
            let epoch = self.configuration.settings().offline_codes.epoch;
            self.entry = Entry::Redeeming { deed, code, epoch };
            effects.barrier = Some(Barrier::CodeUse);
        } else {
            let _ = self.ask_here(deed, SOURCE, cause(code), None, effects);
        }
    }

    /// The use is stored: from now on it counts, whether or not the door may still be opened.
    pub(super) fn redeem(&mut self, deed: Deed, code: OfflineCode, epoch: u32, effects: &mut Effects) {
        let series = self.configuration.settings().offline_codes;
        let still = if series.switch == CodesSwitch::On && series.epoch == epoch {
            still_opens(code, series, &self.used_codes, self.clock.reading(self.now))
        } else {
            Err(Reason::WrongCode)
        };
        self.used_codes = self.used_codes.with(epoch, code);
        match still {
            Ok(()) => {
                let _ = self.ask_here(deed, SOURCE, cause(code), None, effects);
            }
            Err(reason) => {
                self.refuse(reason, cause(code), effects);
                effects.indicate = Some(Indication::Refused(reason));
            }
        }
    }

    /// Which offline codes that open once were used.
    #[must_use]
    pub const fn used_codes(&self) -> &UsedCodes {
        &self.used_codes
    }

    /// Writes the record of used codes, with the one that is waiting to be let in, and returns its length in bytes.
    ///
    /// # Errors
    /// [`RecordError::BufferTooShort`]; [`UsedCodes::BYTES`] suffice.
    pub fn codes_record(&self, out: &mut [u8]) -> Result<usize, RecordError> {
        match self.entry {
            Entry::Redeeming { code, epoch, .. } => self.used_codes.with(epoch, code).encode(out),
            Entry::None | Entry::Counted | Entry::Admitting { .. } => self.used_codes.encode(out),
        }
    }
}
