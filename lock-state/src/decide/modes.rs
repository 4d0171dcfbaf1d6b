//! Which source may do what in which mode.

use lock_proto::{Mode, Reason};

use crate::{ActionKind, Ask, Source};

/// Why the mode forbids it; `None` where it does not.
///
/// | mode | remote | virtual key, code, token, finger, fob | programming code or user | inside | the lock's own timers |
/// | --- | --- | --- | --- | --- | --- |
/// | Normal | yes | yes | yes | yes | yes |
/// | Vacation | yes | lock only | yes | yes | yes |
/// | Privacy | lock and settings | lock only | yes, for an emergency | yes | yes |
/// | NoRemote | settings and mode | yes | yes | yes | yes |
/// | Passage | all but to lock | all but to lock | all but to lock | all but to lock | none that locks |
///
/// Settings are the cloud's in every mode: a mode closes ways to operate the lock, and must not keep it from being looked after.
#[must_use]
pub const fn mode_forbids(mode: Mode, ask: &Ask, is_programming: bool) -> Option<Reason> {
    let changes_operation = matches!(
        ask.action,
        ActionKind::Unlock | ActionKind::Unlatch | ActionKind::SetMode(_) | ActionKind::Exercise
    );
    match (mode, ask.source) {
        (Mode::Normal, _) => None,
        (Mode::Passage, _) if matches!(ask.action, ActionKind::Lock | ActionKind::Exercise) => {
            Some(Reason::PassageMode)
        }
        (Mode::Passage, _) => None,
        (
            _,
            Source::Button | Source::OutsideButton | Source::AutoRelock | Source::Schedule | Source::Battery,
        ) => None,
        (Mode::Vacation, Source::VirtualKey | Source::Credential(_))
            if changes_operation && !is_programming =>
        {
            Some(Reason::VacationMode)
        }
        (Mode::Privacy, Source::VirtualKey | Source::Credential(_))
            if changes_operation && !is_programming =>
        {
            Some(Reason::PrivacyMode)
        }
        (Mode::Privacy, Source::RemoteLive | Source::RemoteSealed { .. }) if changes_operation => {
            Some(Reason::PrivacyMode)
        }
        (Mode::NoRemote, Source::RemoteLive | Source::RemoteSealed { .. })
            if !matches!(ask.action, ActionKind::SetMode(_))
                && (changes_operation || matches!(ask.action, ActionKind::Lock)) =>
        {
            Some(Reason::NoRemoteMode)
        }
        (
            Mode::Vacation | Mode::Privacy | Mode::NoRemote,
            Source::RemoteLive | Source::RemoteSealed { .. } | Source::VirtualKey | Source::Credential(_),
        ) => None,
    }
}
