#![forbid(unsafe_code)]
//! Cloud storage and custody of many smart locks: nothing is lost and no number is given twice, whatever crashes.
//!
//! ```text
//!   service ── provision, queue, withdraw ──────────┐          ┌── Vault: root keys and PIN digits are stored wrapped
//!           ── begin_live, finish_live, open_live ──┤  Fleet ──┤
//!   relay   ── sealed_for, ingest ──────────────────┘          └── Store: one row a lock, atomic batches, burned numbers
//!                                                                    └── SqliteStore (WAL, synchronous=FULL, one owner)
//! ```
//!
//! [`Fleet`] is the whole interface: it has no socket and no clock, and no word of a relay is believed in it. It blocks while it
//! writes; a service calls it under a mutex, from threads that may block. Section numbers are those of `docs/protocol.md`.
//!
//! ```
//! use lock_fleet::{ClientToken, CommandState, Fleet, HostClock, KeyEncryptionKey, QueueOptions, SqliteStore, Task};
//! use lock_fleet::proto::{Seconds, Setting};
//!
//! let folder = tempfile::tempdir()?;
//! let kek = KeyEncryptionKey::create(&folder.path().join("kek"))?;
//! let store = SqliteStore::create(&folder.path().join("fleet.db"))?;
//! let (mut fleet, clock) = (Fleet::open(store, kek)?, HostClock::start());
//!
//! let lock = lock_fleet::LockId([0x2a; 16]);
//! let root = *b"32 bytes from a random source...";
//! fleet.provision(lock, root, "front door", "the factory", clock.now())?;
//!
//! let setting = Task::AutoRelock(Seconds(30));
//! let options = QueueOptions::new(ClientToken::new("6f1c")?, "anna");
//! let id = fleet.queue(lock, setting, options, clock.now())?;
//! assert_eq!(fleet.command(lock, id)?.state, CommandState::Queued);
//!
//! let packets = fleet.sealed_for(lock, clock.now())?;
//! assert!(packets.iter().any(|outgoing| outgoing.command == Some(id)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod audit;
mod clock;
mod custody;
mod fleet;
mod sqlite;
pub mod store;
pub mod testing;

pub use audit::{AuditEntry, AuditRow};
pub use clock::{HostClock, Moment};
pub use custody::{CustodyError, KeyEncryptionKey, KeyId};
pub use fleet::{
    Account, BackingUp, BackupInfo, Caught, ClaimAttempt, ClaimHandOver, ClaimProof, ClaimWish, ClientToken,
    ClientTokenError, CodesInfo, CodesWish, Command, Discarded, ExportKey, Fetched, Fleet, FleetError,
    ForeignItems, Heard, HeardBy, HistoryEnd, Ingested, IssuedCode, IssuedKey, Item, KeptEntry, KeptFault,
    KeyInfo, KeyStanding, KeyWish, LiveAnswer, LiveAttempt, LiveEvent, LiveFinish, LiveRequest, LiveSend,
    LiveSession, LiveStart, LockInfo, LogExport, LogKeyExport, LogStanding, LostCodes, MakerSecretStanding,
    OutgoingPacket, QueueOptions, ReportFact, Restored, RotationInfo, RotationProgress, RotationStage,
    RotationUnderWay, Task, Unverifiable, Unverified, gap_of,
};
pub use lock_core::cloud::{
    Comparison, Conditions, ImageSender, Monotonic, Sending, SessionError, Uses, WeeklyWindow,
};
pub use lock_core::crypto::{KeyEpoch, LockId, LogFault, RustCrypto};
pub use lock_core::label::{ClaimCode, LabelError};
/// The vocabulary of messages: actions, outcomes, states, packets.
pub use lock_core::proto;
pub use lock_core::state::TRIAL;
pub use lock_core::virtual_key::{Binding, LINK_LETTERS, VirtualKey};
pub use sqlite::SqliteStore;
pub use store::{CommandKind, CommandState, ItemStanding, Path, SingleSetting, Standing, Store, StoreError};
