//! A small client of the REST interface: blocking, plain HTTP, for loopback and the inside of a TLS proxy.

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use crate::Rights;
use crate::messages::{
    AuditEntry, BackupView, CodeMade, CommandView, ErrorBody, ImageName, ImageView, InstallWish, ItemView,
    KeyMade, KeyView, LockSummary, LockView, LogKeyWish, LogView, LostPhone, LostPhoneView, NewCode,
    NewCommand, NewKey, NewLock, NewRights, NewSeries, NewUpdate, NewUser, Restore, RestoreMade, Revoke,
    RotationView, SeriesView, TokenMade, UpdateView, UserMade,
};

/// The longest answer that is read, in bytes.
const MAX_ANSWER: u64 = 1 << 20;

/// The longest export of a log: a million entries of some 250 bytes.
const MAX_EXPORT: u64 = 1 << 28;

/// How long a call may take.
const CALL: Duration = Duration::from_secs(10);

/// How long an upload or an export may take.
const LONG_CALL: Duration = Duration::from_secs(300);

/// Why a call did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The service answered that it will not.
    #[error("the cloud refused ({status}): {sentence}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// What the service said.
        sentence: String,
    },
    /// No answer came.
    #[error("the cloud at {url} cannot be reached ({cause}); check its address and that it runs")]
    Unreachable {
        /// Where.
        url: String,
        /// What the system says.
        cause: String,
    },
    /// What came is no answer of this service.
    #[error("what answers at {url} is not this cloud service; check the address")]
    NotUnderstood {
        /// Where.
        url: String,
    },
}

impl ClientError {
    /// The HTTP status of a refusal.
    #[must_use]
    pub const fn status(&self) -> Option<u16> {
        match self {
            Self::Refused { status, .. } => Some(*status),
            Self::Unreachable { .. } | Self::NotUnderstood { .. } => None,
        }
    }
}

/// A caller with its token.
pub struct Client {
    agent: ureq::Agent,
    base: String,
    token: Zeroizing<String>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("base", &self.base).finish_non_exhaustive()
    }
}

impl Client {
    /// A client of the service at `base`, such as `http://127.0.0.1:8080`. Each call ends within ten seconds, one that
    /// brings an image or fetches an export within five minutes.
    #[must_use]
    pub fn new(base: &str, token: &str) -> Self {
        let configuration =
            ureq::Agent::config_builder().timeout_global(Some(CALL)).http_status_as_error(false).build();
        Self {
            agent: configuration.into(),
            base: base.trim_end_matches('/').to_owned(),
            token: Zeroizing::new(token.to_owned()),
        }
    }

    /// Whether the service is there; needs no token.
    ///
    /// # Errors
    /// [`ClientError`], as for all calls.
    pub fn health(&self) -> Result<(), ClientError> {
        self.call::<serde_json::Value>("GET", "health", None::<&()>).map(drop)
    }

    /// Registers a lock (admin).
    ///
    /// # Errors
    /// [`ClientError::Refused`] with 409 when it is registered already.
    pub fn register_lock(&self, lock: &NewLock) -> Result<LockSummary, ClientError> {
        self.call("POST", "locks", Some(lock))
    }

    /// The locks that the caller may see.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn locks(&self) -> Result<Vec<LockSummary>, ClientError> {
        self.call("GET", "locks", None::<&()>)
    }

    /// What is known of a lock.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn lock(&self, lock_id: &str) -> Result<LockView, ClientError> {
        self.call("GET", &format!("locks/{lock_id}"), None::<&()>)
    }

    /// Makes a user (admin).
    ///
    /// # Errors
    /// [`ClientError::Refused`] with 409 when the name is taken.
    pub fn add_user(&self, name: &str) -> Result<UserMade, ClientError> {
        self.call("POST", "users", Some(&NewUser { name: name.to_owned() }))
    }

    /// Makes a token for a user (admin).
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn issue_token(&self, user_id: i64) -> Result<TokenMade, ClientError> {
        self.call("POST", &format!("users/{user_id}/tokens"), None::<&()>)
    }

    /// Ends a token, also on relays that are open (admin).
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn revoke_token(&self, user_id: i64, token_id: i64) -> Result<(), ClientError> {
        self.call::<serde_json::Value>("DELETE", &format!("users/{user_id}/tokens/{token_id}"), None::<&()>)
            .map(drop)
    }

    /// Ends the token of a phone that is lost, and the virtual keys that were issued by it or for it (admin, or its user). Asked again it
    /// goes on where it was.
    ///
    /// # Errors
    /// [`ClientError::Refused`] with 404 for a token that the user never had.
    pub fn lost_phone(
        &self,
        user_id: i64,
        token_id: i64,
        lost: LostPhone,
    ) -> Result<LostPhoneView, ClientError> {
        self.call("POST", &format!("users/{user_id}/tokens/{token_id}/lost"), Some(&lost))
    }

    /// Replaces the rights of a user on a lock (admin).
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn grant(&self, lock_id: &str, user_id: i64, rights: Rights) -> Result<(), ClientError> {
        let body = NewRights { rights };
        self.call::<serde_json::Value>("PUT", &format!("locks/{lock_id}/rights/{user_id}"), Some(&body))
            .map(drop)
    }

    /// Queues a command for a lock that is not reached now.
    ///
    /// # Errors
    /// [`ClientError::Refused`] with 409 when the client token was used for something else.
    pub fn queue(&self, lock_id: &str, command: &NewCommand) -> Result<CommandView, ClientError> {
        self.call("POST", &format!("locks/{lock_id}/commands"), Some(command))
    }

    /// What became of a command.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn command(&self, lock_id: &str, command_id: u64) -> Result<CommandView, ClientError> {
        self.call("GET", &format!("locks/{lock_id}/commands/{command_id}"), None::<&()>)
    }

    /// The configuration as items.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn items(&self, lock_id: &str) -> Result<Vec<ItemView>, ClientError> {
        self.call("GET", &format!("locks/{lock_id}/items"), None::<&()>)
    }

    /// Queues what the lock has lost, and nothing else.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn restore(&self, lock_id: &str, restore: Restore) -> Result<RestoreMade, ClientError> {
        self.call("POST", &format!("locks/{lock_id}/items/restore"), Some(&restore))
    }

    /// Asks for a rotation of a lock's keys; a phone at the lock brings it to its end.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn rotate(&self, lock_id: &str) -> Result<RotationView, ClientError> {
        self.call("POST", &format!("locks/{lock_id}/rotation"), None::<&()>)
    }

    /// How it stands with the keys of a lock.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn rotation(&self, lock_id: &str) -> Result<RotationView, ClientError> {
        self.call("GET", &format!("locks/{lock_id}/rotation"), None::<&()>)
    }

    /// The backups of a lock that are kept, the newest first.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn backups(&self, lock_id: &str) -> Result<Vec<BackupView>, ClientError> {
        self.call("GET", &format!("locks/{lock_id}/backups"), None::<&()>)
    }

    /// The newest backup as a file, sealed for this service alone.
    ///
    /// # Errors
    /// [`ClientError::Refused`] with 404 where none is kept.
    pub fn backup_file(&self, lock_id: &str) -> Result<Vec<u8>, ClientError> {
        self.fetch("GET", &format!("locks/{lock_id}/backup"), None::<&()>)
    }

    /// Uploads a firmware image (admin).
    ///
    /// # Errors
    /// [`ClientError::Refused`] with 422 for one that is empty or too long.
    pub fn upload_firmware(&self, name: &ImageName, image: Vec<u8>) -> Result<ImageView, ClientError> {
        let ImageName { model, version, rollback_index } = name;
        let path = format!("firmware?model={model}&version={version}&rollback_index={rollback_index}");
        self.understood(&path, &self.exchange("POST", &path, image, (LONG_CALL, MAX_ANSWER))?)
    }

    /// The firmware images that are kept (admin).
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn firmware(&self) -> Result<Vec<ImageView>, ClientError> {
        self.call("GET", "firmware", None::<&()>)
    }

    /// Wants a firmware of a lock; a phone at the lock brings it there.
    ///
    /// # Errors
    /// [`ClientError::Refused`] with 404 where no image has that version.
    pub fn want_update(&self, lock_id: &str, update: &NewUpdate) -> Result<UpdateView, ClientError> {
        self.call("POST", &format!("locks/{lock_id}/update"), Some(update))
    }

    /// Confirms the install of this version, which waits for it.
    ///
    /// # Errors
    /// [`ClientError::Refused`] with 404 where none is wanted, 409 where another one is.
    pub fn confirm_install(&self, lock_id: &str, version: u32) -> Result<UpdateView, ClientError> {
        self.call("POST", &format!("locks/{lock_id}/update/install"), Some(&InstallWish { version }))
    }

    /// How it stands with the firmware of a lock.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn update(&self, lock_id: &str) -> Result<UpdateView, ClientError> {
        self.call("GET", &format!("locks/{lock_id}/update"), None::<&()>)
    }

    /// A page of a lock's log as it was fetched and verified, from an index on.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn log(&self, lock_id: &str, from: u64) -> Result<LogView, ClientError> {
        self.call("GET", &format!("locks/{lock_id}/log?from={from}"), None::<&()>)
    }

    /// The log as a file for somebody else (section 6.3 of the protocol), from an index on.
    ///
    /// # Errors
    /// [`ClientError::Refused`] with 404 where it was not fetched.
    pub fn log_file(&self, lock_id: &str, from: u64) -> Result<Vec<u8>, ClientError> {
        self.exchange(
            "GET",
            &format!("locks/{lock_id}/log/export?from={from}"),
            Vec::new(),
            (LONG_CALL, MAX_EXPORT),
        )
    }

    /// The key for such a file: whoever has it can verify the log from that entry on, and write one.
    ///
    /// # Errors
    /// As [`Self::log_file`].
    pub fn log_key(&self, lock_id: &str, from: u64) -> Result<Vec<u8>, ClientError> {
        self.fetch("POST", &format!("locks/{lock_id}/log/key"), Some(&LogKeyWish { from }))
    }

    /// Gives out an offline code, whether or not the lock can be reached.
    ///
    /// # Errors
    /// [`ClientError::Refused`] with 409 where the lock takes none, or none with this start is left; 422 for a window that no code has.
    pub fn offline_code(&self, lock_id: &str, code: &NewCode) -> Result<CodeMade, ClientError> {
        self.call("POST", &format!("locks/{lock_id}/offline-codes"), Some(code))
    }

    /// Queues what is wanted of the offline codes: that they are allowed, forbidden or revoked.
    ///
    /// # Errors
    /// [`ClientError::Refused`] with 409 when the client token was used for something else.
    pub fn code_series(&self, lock_id: &str, series: &NewSeries) -> Result<SeriesView, ClientError> {
        self.call("POST", &format!("locks/{lock_id}/offline-codes/series"), Some(series))
    }

    /// How it stands with the offline codes.
    ///
    /// # Errors
    /// [`ClientError::Refused`] with 404 where they were never allowed.
    pub fn offline_codes(&self, lock_id: &str) -> Result<SeriesView, ClientError> {
        self.call("GET", &format!("locks/{lock_id}/offline-codes"), None::<&()>)
    }

    /// Issues a virtual key, whether or not the lock can be reached.
    ///
    /// # Errors
    /// [`ClientError::Refused`] with 422 for conditions that no key can have.
    pub fn issue_key(&self, lock_id: &str, key: &NewKey) -> Result<KeyMade, ClientError> {
        self.call("POST", &format!("locks/{lock_id}/virtual-keys"), Some(key))
    }

    /// All virtual keys of a lock.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn virtual_keys(&self, lock_id: &str) -> Result<Vec<KeyView>, ClientError> {
        self.call("GET", &format!("locks/{lock_id}/virtual-keys"), None::<&()>)
    }

    /// Revokes one virtual key, and with it what was narrowed from it.
    ///
    /// # Errors
    /// [`ClientError::Refused`] with 404 for an unknown number, 409 where the lock's list is full: revoke all then.
    pub fn revoke_key(&self, lock_id: &str, serial: u64, revoke: &Revoke) -> Result<KeyView, ClientError> {
        self.call("POST", &format!("locks/{lock_id}/virtual-keys/{serial}/revoke"), Some(revoke))
    }

    /// Revokes all virtual keys that were issued until now.
    ///
    /// # Errors
    /// [`ClientError::Refused`] with 409 when the client token was used for something else.
    pub fn revoke_all_keys(&self, lock_id: &str, revoke: &Revoke) -> Result<Vec<KeyView>, ClientError> {
        self.call("POST", &format!("locks/{lock_id}/virtual-keys/revoke"), Some(revoke))
    }

    /// At most 100 entries of the audit trail after the one numbered `after`.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn audit(&self, lock_id: &str, after: u64) -> Result<Vec<AuditEntry>, ClientError> {
        self.call("GET", &format!("locks/{lock_id}/audit?after={after}"), None::<&()>)
    }

    fn call<A: DeserializeOwned>(
        &self,
        method: &str,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<A, ClientError> {
        self.understood(path, &self.fetch(method, path, body)?)
    }

    fn understood<A: DeserializeOwned>(&self, path: &str, answer: &[u8]) -> Result<A, ClientError> {
        let url = format!("{}/v1/{path}", self.base);
        serde_json::from_slice(answer).map_err(|_| ClientError::NotUnderstood { url })
    }

    fn fetch(&self, method: &str, path: &str, body: Option<&impl Serialize>) -> Result<Vec<u8>, ClientError> {
        let url = format!("{}/v1/{path}", self.base);
        let body = body.map(serde_json::to_vec).transpose();
        let body = body.map_err(|error| ClientError::Unreachable { url, cause: error.to_string() })?;
        self.exchange(method, path, body.unwrap_or_default(), (CALL, MAX_ANSWER))
    }

    /// The answer within `time`, of at most `limit` bytes.
    fn exchange(
        &self,
        method: &str,
        path: &str,
        body: Vec<u8>,
        (time, limit): (Duration, u64),
    ) -> Result<Vec<u8>, ClientError> {
        let url = format!("{}/v1/{path}", self.base);
        let unreachable = |cause: String| ClientError::Unreachable { url: url.clone(), cause };
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(&url)
            .header("authorization", format!("Bearer {}", *self.token))
            .header("content-type", "application/json")
            .body(body)
            .map_err(|error| unreachable(error.to_string()))?;
        let request = self.agent.configure_request(request).timeout_global(Some(time)).build();
        let mut answer = self.agent.run(request).map_err(|error| unreachable(error.to_string()))?;
        let status = answer.status();
        let bytes = answer
            .body_mut()
            .with_config()
            .limit(limit)
            .read_to_vec()
            .map_err(|error| unreachable(error.to_string()))?;
        if status.is_success() {
            return Ok(bytes);
        }
        let foreign = |_| ClientError::NotUnderstood { url: url.clone() };
        let said: ErrorBody = serde_json::from_slice(&bytes).map_err(foreign)?;
        Err(ClientError::Refused { status: status.as_u16(), sentence: said.error })
    }
}
