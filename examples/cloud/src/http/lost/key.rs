//! A virtual key of a phone that is lost: revoked by itself, or with all keys of its lock.

use lock_fleet::proto::{Outcome, UnixMillis};
use lock_fleet::{
    ClientToken, CommandState, Fleet, FleetError, KeyInfo, KeyStanding, LockId, Moment, QueueOptions,
    SqliteStore,
};

use crate::access::TokenId;

/// Whether all keys of a lock are revoked where one cannot be.
#[derive(Clone, Copy)]
pub(super) enum All {
    WhereNeeded,
    NotWished,
    NotAllowed,
}

impl All {
    /// What the caller is told of a key that was not revoked.
    pub(super) fn advice(self, error: &FleetError) -> String {
        let would_help = matches!(error, FleetError::DeniedFull | FleetError::NoSuchKey(_));
        match self {
            Self::NotWished if would_help => {
                format!("{error}; or ask again with `revoke_all_where_needed`")
            }
            Self::NotAllowed if would_help => format!(
                "{error}; to revoke all keys of this lock takes the right `configure` on it: have its owner or the admin ask"
            ),
            Self::WhereNeeded | Self::NotWished | Self::NotAllowed => error.to_string(),
        }
    }
}

/// What has become of a key.
pub(super) enum Fate {
    Known(Box<KeyInfo>),
    /// The database has forgotten it, and it dies with all others.
    DiesWithAll {
        /// When the lock confirmed that; `None` as long as it has not.
        since: Option<UnixMillis>,
    },
}

/// A key of the phone that is lost.
pub(super) struct Key<'a> {
    pub(super) by: &'a str,
    pub(super) token: TokenId,
    pub(super) lock: LockId,
    pub(super) serial: u64,
}

impl Key<'_> {
    /// Revokes it by itself, or with all others of its lock where that is needed and allowed. One that is dead stays as it is.
    pub(super) fn revoke(
        &self,
        fleet: &mut Fleet<SqliteStore>,
        all: All,
        now: Moment,
    ) -> Result<Fate, FleetError> {
        // One wish however often it is asked, but for one that failed: that is wished anew.
        let failed = self.find(fleet, now)?.map_or(0, |key| match key.standing {
            KeyStanding::NotRevoked { command, .. } => command.0,
            KeyStanding::Given
            | KeyStanding::Awaiting { .. }
            | KeyStanding::Over
            | KeyStanding::Outdated
            | KeyStanding::Revoking { .. }
            | KeyStanding::Revoked { .. } => 0,
        });
        let by_itself = QueueOptions::new(self.name("lost", failed)?, self.by);
        match (fleet.revoke_key(self.lock, self.serial, by_itself, now), all) {
            (Err(FleetError::DeniedFull), All::WhereNeeded) => {
                let with_all = QueueOptions::new(self.name("lost-all", failed)?, self.by);
                fleet.revoke_all_keys(self.lock, with_all, now)?;
                let key = self.find(fleet, now)?.ok_or(FleetError::NoSuchKey(self.serial))?;
                Ok(Fate::Known(Box::new(key)))
            }
            (Err(FleetError::NoSuchKey(_)), all) => self.revoke_forgotten(fleet, all, now),
            (revoked, _) => Ok(Fate::Known(Box::new(revoked?))),
        }
    }

    /// That it dies with all others is known by the name of that command.
    fn revoke_forgotten(
        &self,
        fleet: &mut Fleet<SqliteStore>,
        all: All,
        now: Moment,
    ) -> Result<Fate, FleetError> {
        let mut failed = 0;
        while let Some(command) = fleet.command_named(self.lock, &self.name("lost-all", failed)?)? {
            if command.state == CommandState::Settled(Outcome::Done) {
                return Ok(Fate::DiesWithAll { since: Some(command.changed_at) });
            }
            // One that failed has a lower number than the one that was wished in its place: this ends.
            if command.state.is_open() || command.id.0 <= failed {
                return Ok(Fate::DiesWithAll { since: None });
            }
            failed = command.id.0;
        }
        match all {
            All::WhereNeeded => {
                let with_all = QueueOptions::new(self.name("lost-all", failed)?, self.by);
                fleet.revoke_all_keys(self.lock, with_all, now)?;
                Ok(Fate::DiesWithAll { since: None })
            }
            All::NotWished | All::NotAllowed => Err(FleetError::NoSuchKey(self.serial)),
        }
    }

    fn find(&self, fleet: &mut Fleet<SqliteStore>, now: Moment) -> Result<Option<KeyInfo>, FleetError> {
        Ok(fleet.virtual_keys(self.lock, now)?.into_iter().find(|key| key.serial == self.serial))
    }

    fn name(&self, what: &str, failed: u64) -> Result<ClientToken, FleetError> {
        let name = format!("{what}/{}/{}/{failed}", self.token.0, self.serial);
        ClientToken::new(name).map_err(|_| FleetError::BadName)
    }
}
