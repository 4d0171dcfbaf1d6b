//! The settings of a lock, under one version number, and a change to them that waits for its record.

use lock_crypto::{Key, PinHash, Suite};
use lock_proto::{Reason, Seconds, Setting};

use crate::RecordError;
use crate::relock::MAX_AUTO_RELOCK;

/// The first byte of the record.
const FORMAT: u8 = 1;
const VACANT: u8 = 0;
const TAKEN: u8 = 1;
/// Format, number of slots, version, auto-relock.
const HEAD: usize = 1 + 1 + 4 + 4;

/// The settings in force.
///
/// As a record: format 1, the number of slots, `version` and `auto_relock` in 4 bytes big-endian each, and for each slot a 0, or
/// a 1 and the 16 bytes of the hash. Every configuration has one encoding.
#[derive(Debug)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub struct Configuration<const PINS: usize = 16> {
    version: u32,
    auto_relock: Seconds,
    pins: [Option<PinHash>; PINS],
}

/// A change of one setting, as it came out of an authenticated message.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Change {
    /// The number of the resulting configuration; must exceed the one in force.
    pub version: u32,
    /// The setting, as an absolute value.
    pub setting: Setting,
}

/// A checked change: what is not in the configuration yet, and nothing else.
#[derive(Debug)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub(crate) struct Staged {
    version: u32,
    delta: Delta,
}

#[derive(Debug)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
enum Delta {
    AutoRelock(Seconds),
    Pin { slot: usize, hash: Option<PinHash> },
}

impl<const PINS: usize> Default for Configuration<PINS> {
    fn default() -> Self {
        Self { version: 0, auto_relock: Seconds(0), pins: [const { None }; PINS] }
    }
}

impl<const PINS: usize> Configuration<PINS> {
    /// The longest encoding, in bytes.
    pub const MAX_BYTES: usize = {
        assert!(PINS <= u8::MAX as usize, "slots are numbered by one byte");
        HEAD + PINS * (1 + PinHash::BYTES)
    };

    /// The number of this configuration; 0 as made.
    #[must_use]
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// The delay after which the bolt is thrown by itself; 0 means never.
    #[must_use]
    pub const fn auto_relock(&self) -> Seconds {
        self.auto_relock
    }

    /// The PIN codes, by slot.
    #[must_use]
    pub const fn pins(&self) -> &[Option<PinHash>; PINS] {
        &self.pins
    }

    /// Writes the record and returns its length in bytes.
    ///
    /// # Errors
    /// [`RecordError::BufferTooShort`]; [`Configuration::MAX_BYTES`] suffice.
    pub fn encode(&self, out: &mut [u8]) -> Result<usize, RecordError> {
        self.encode_with(None, out)
    }

    /// Reads a whole record of a lock with as many slots.
    ///
    /// # Errors
    /// [`RecordError::Malformed`] for anything that [`encode`](Self::encode) does not write.
    pub fn decode(bytes: &[u8]) -> Result<Self, RecordError> {
        let mut record = Reader(bytes);
        let [format, slots] = record.take()?;
        if format != FORMAT || usize::from(slots) != PINS {
            return Err(RecordError::Malformed);
        }
        let mut configuration = Self {
            version: u32::from_be_bytes(record.take()?),
            auto_relock: Seconds(u32::from_be_bytes(record.take()?)),
            ..Self::default()
        };
        for pin in &mut configuration.pins {
            *pin = match record.take()? {
                [VACANT] => None,
                [TAKEN] => Some(PinHash::from_bytes(record.take()?)),
                [_] => return Err(RecordError::Malformed),
            };
        }
        let is_whole = record.0.is_empty() && configuration.auto_relock <= MAX_AUTO_RELOCK;
        if is_whole { Ok(configuration) } else { Err(RecordError::Malformed) }
    }

    /// Writes the record that the configuration will have once `staged` is applied.
    pub(crate) fn encode_with(&self, staged: Option<&Staged>, out: &mut [u8]) -> Result<usize, RecordError> {
        let version = staged.map_or(self.version, |staged| staged.version);
        let auto_relock = match staged.map(|staged| &staged.delta) {
            Some(Delta::AutoRelock(delay)) => *delay,
            Some(Delta::Pin { .. }) | None => self.auto_relock,
        };
        let mut record = Writer { out, length: 0 };
        record.put(&[FORMAT, u8::try_from(PINS).map_err(|_| RecordError::BufferTooShort)?])?;
        record.put(&version.to_be_bytes())?;
        record.put(&auto_relock.0.to_be_bytes())?;
        for (number, pin) in self.pins.iter().enumerate() {
            let pin = match staged.map(|staged| &staged.delta) {
                Some(Delta::Pin { slot, hash }) if *slot == number => hash,
                Some(Delta::Pin { .. } | Delta::AutoRelock(_)) | None => pin,
            };
            match pin {
                None => record.put(&[VACANT])?,
                Some(hash) => {
                    record.put(&[TAKEN])?;
                    record.put(hash.expose())?;
                }
            }
        }
        Ok(record.length)
    }

    /// Checks a change and hashes its code, without touching the configuration.
    pub(crate) fn check<S: Suite>(&self, change: &Change, k_pin: &Key) -> Result<Staged, Reason> {
        if change.version <= self.version {
            return Err(Reason::StaleConfiguration);
        }
        let delta = match &change.setting {
            Setting::AutoRelock(delay) if *delay <= MAX_AUTO_RELOCK => Delta::AutoRelock(*delay),
            Setting::AutoRelock(_) => return Err(Reason::InvalidArgument),
            Setting::SetPin { slot, digits } => Delta::Pin {
                slot: Self::slot(*slot)?,
                hash: Some(PinHash::of::<S>(k_pin, digits.as_ascii())),
            },
            Setting::ClearPin { slot } => Delta::Pin { slot: Self::slot(*slot)?, hash: None },
        };
        Ok(Staged { version: change.version, delta })
    }

    /// Applies a checked change.
    pub(crate) fn apply(&mut self, staged: Staged) {
        self.version = staged.version;
        match staged.delta {
            Delta::AutoRelock(delay) => self.auto_relock = delay,
            Delta::Pin { slot, hash } => {
                if let Some(pin) = self.pins.get_mut(slot) {
                    *pin = hash;
                }
            }
        }
    }

    fn slot(number: u8) -> Result<usize, Reason> {
        let slot = usize::from(number);
        if slot < PINS { Ok(slot) } else { Err(Reason::InvalidArgument) }
    }
}

struct Reader<'b>(&'b [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], RecordError> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(RecordError::Malformed)?;
        self.0 = rest;
        Ok(*taken)
    }
}

struct Writer<'b> {
    out: &'b mut [u8],
    length: usize,
}

impl Writer<'_> {
    fn put(&mut self, bytes: &[u8]) -> Result<(), RecordError> {
        let rest = self.out.get_mut(self.length..).ok_or(RecordError::BufferTooShort)?;
        let room = rest.get_mut(..bytes.len()).ok_or(RecordError::BufferTooShort)?;
        room.copy_from_slice(bytes);
        self.length = self.length.saturating_add(bytes.len());
        Ok(())
    }
}
