//! The key schedule of a lock: one root and eleven leaves for each key epoch (section 3.1).

use crate::kdf::expand_key;
use crate::key::{Key, RootKey, is_blank};
use crate::suite::Suite;
use core::fmt;
use core::num::NonZeroU32;
use subtle::ConstantTimeEq;

/// The public number of a lock: 16 bytes, fixed at manufacture.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LockId(pub [u8; 16]);

impl LockId {
    /// The 16 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Debug for LockId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("LockId(")?;
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))?;
        formatter.write_str(")")
    }
}

/// The number of a lock's root key. It starts at 1 and only grows (section 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyEpoch(NonZeroU32);

impl KeyEpoch {
    /// The epoch of the key that a lock is made with.
    pub const FIRST: Self = Self(NonZeroU32::MIN);

    /// The epoch with this number; `None` for 0, which is no epoch.
    #[must_use]
    pub const fn new(number: u32) -> Option<Self> {
        match NonZeroU32::new(number) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }

    /// The number, from 1.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0.get()
    }

    /// The epoch after this one; `None` after the last.
    #[must_use]
    pub const fn next(self) -> Option<Self> {
        match self.0.checked_add(1) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }

    /// Big-endian, as in headers and key derivation.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 4] {
        self.0.get().to_be_bytes()
    }
}

/// The purpose of a leaf key (table in section 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Label {
    /// Pre-shared key of live sessions with the cloud.
    Session,
    /// Sealed messages towards the lock.
    CommandDown,
    /// Sealed messages away from the lock.
    EventUp,
    /// Proof chain of virtual keys.
    Ticket,
    /// Encryption of the root caveats of virtual keys.
    TicketEncryption,
    /// First key of the log chain of the epoch.
    Log,
    /// The lock's own nonces.
    Hedge,
    /// Recognising a lock by its Hello or advertisement.
    Handle,
    /// Sealed backups.
    Backup,
    /// Offline codes.
    Code,
    /// The next root.
    Rotate,
}

impl Label {
    /// All labels, in the order in which leaves are stored.
    pub const ALL: [Self; 11] = [
        Self::Session,
        Self::CommandDown,
        Self::EventUp,
        Self::Ticket,
        Self::TicketEncryption,
        Self::Log,
        Self::Hedge,
        Self::Handle,
        Self::Backup,
        Self::Code,
        Self::Rotate,
    ];

    /// The label's text in key derivation, ASCII.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::CommandDown => "command-down",
            Self::EventUp => "event-up",
            Self::Ticket => "ticket",
            Self::TicketEncryption => "ticket-enc",
            Self::Log => "log",
            Self::Hedge => "hedge",
            Self::Handle => "handle",
            Self::Backup => "backup",
            Self::Code => "code",
            Self::Rotate => "rotate",
        }
    }
}

/// What stands in the place of the log's first key once that was taken.
const SPENT: [u8; Key::BYTES] = [0; Key::BYTES];

/// Stored leaves that are not keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("a stored leaf key is blank, so this epoch was erased or never written; use another epoch or rotate")]
pub struct BlankLeaves;

/// The eleven leaf keys of one lock and key epoch: what a lock stores in place of its root.
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub struct LeafKeys([Key; 11]);

impl LeafKeys {
    /// Length of all leaves in storage, in bytes.
    pub const BYTES: usize = 11 * Key::BYTES;

    /// Expands all leaves of `root` (section 3.1):
    /// `HKDF-Expand(K_root, "lk1/" ‖ label ‖ 0x00 ‖ lock_id ‖ key_epoch, 32)`.
    #[must_use]
    pub fn expand<S: Suite>(root: &RootKey, lock_id: LockId, key_epoch: KeyEpoch) -> Self {
        let (id, epoch) = (lock_id.as_bytes(), key_epoch.to_bytes());
        Self::each(|label| {
            expand_key::<S, 5>(root.key(), [b"lk1/", label.name().as_bytes(), &[0], id, &epoch])
        })
    }

    pub(crate) fn each(leaf: impl FnMut(Label) -> Key) -> Self {
        let mut leaves = Self::blank();
        leaves.fill(leaf);
        leaves
    }

    /// Leaves that are erased: of no lock.
    #[must_use]
    pub const fn blank() -> Self {
        Self([const { Key::from_bytes(SPENT) }; 11])
    }

    /// Makes each leaf where it stays.
    pub(crate) fn fill(&mut self, mut leaf: impl FnMut(Label) -> Key) {
        self.0.iter_mut().zip(Label::ALL).for_each(|(place, label)| *place = leaf(label));
    }

    /// The leaf for one purpose.
    #[must_use]
    pub const fn leaf(&self, label: Label) -> &Key {
        let [session, command, event, ticket, ticket_encryption, log, hedge, handle, backup, code, rotate] =
            &self.0;
        match label {
            Label::Session => session,
            Label::CommandDown => command,
            Label::EventUp => event,
            Label::Ticket => ticket,
            Label::TicketEncryption => ticket_encryption,
            Label::Log => log,
            Label::Hedge => hedge,
            Label::Handle => handle,
            Label::Backup => backup,
            Label::Code => code,
            Label::Rotate => rotate,
        }
    }

    /// Moves the first key of the log out, for [`LogChain::begin`](crate::LogChain::begin): what a lock stores of its leaves must
    /// not hold it, or who reads that writes the whole log anew. Zero bytes are left in its place.
    #[must_use]
    pub fn take_log(&mut self) -> Key {
        let [_, _, _, _, _, log, _, _, _, _, _] = &mut self.0;
        core::mem::replace(log, Key::from_bytes(SPENT))
    }

    /// Erases all of them where they are. Zero bytes are left, which are no key.
    pub fn wipe(&mut self) {
        for leaf in &mut self.0 {
            *leaf = Key::from_bytes(SPENT);
        }
    }

    /// The leaves in the order of [`Label::ALL`], for the device's storage. The caller erases the bytes when they are written.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        let leaves = self.0.iter().flat_map(Key::expose);
        bytes.iter_mut().zip(leaves).for_each(|(to, from)| *to = *from);
        bytes
    }

    /// Reads what [`LeafKeys::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`BlankLeaves`] when the bytes of any leaf are all equal: erased or zero-programmed flash never becomes a key.
    pub fn from_bytes(bytes: &[u8; Self::BYTES]) -> Result<Self, BlankLeaves> {
        let mut leaves = Self::blank();
        leaves.load(bytes, |_, _| false)?;
        Ok(leaves)
    }

    /// Reads the leaves of a lock, from which the log's first key may have been [taken](Self::take_log), where they stay. What fails is wiped.
    ///
    /// # Errors
    /// [`BlankLeaves`] as above; that of the log may be zero bytes, and nothing else that is blank.
    pub fn load_without_log(&mut self, bytes: &[u8; Self::BYTES]) -> Result<(), BlankLeaves> {
        self.load(bytes, |label, leaf| label == Label::Log && leaf.expose().ct_eq(&SPENT).into())
    }

    fn load(
        &mut self,
        bytes: &[u8; Self::BYTES],
        may_be_blank: impl Fn(Label, &Key) -> bool,
    ) -> Result<(), BlankLeaves> {
        let mut rest = bytes.as_chunks().0.iter();
        self.fill(|_| Key::from_bytes(rest.next().copied().unwrap_or(SPENT)));
        let is_missing = |(label, leaf): (Label, &Key)| is_blank(leaf.expose()) && !may_be_blank(label, leaf);
        if Label::ALL.into_iter().zip(&self.0).any(is_missing) {
            self.wipe();
            return Err(BlankLeaves);
        }
        Ok(())
    }
}

impl fmt::Debug for LeafKeys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("LeafKeys(..)")
    }
}
