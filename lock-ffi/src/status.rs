//! The result of every function that can fail.
#![allow(unsafe_code)]

use core::ffi::{CStr, c_char};

/// The result of a function: 0 is success and nothing else is 0. Numbers are never reused.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Done.
    Ok = 0,
    /// A pointer is null.
    NullPointer = -1,
    /// An object is not aligned as its type demands.
    Misaligned = -2,
    /// Header and library disagree about the size of an object.
    SizeMismatch = -3,
    /// An object was not started with its `init`, or its storage was overwritten.
    NotInitialised = -4,
    /// An output is too short.
    BufferTooShort = -5,
    /// An input is empty where it must not be, or longer than allowed.
    BadLength = -6,
    /// A number stands for nothing of its kind.
    BadValue = -7,
    /// A packet is shorter than its kind allows.
    PacketTooShort = -16,
    /// A packet is longer than its kind allows.
    PacketTooLong = -17,
    /// A packet starts with a format that this version does not read.
    PacketUnknownFormat = -18,
    /// A packet is of a kind that this version does not know.
    PacketUnknownKind = -19,
    /// A header field of a packet has a value that the protocol does not allow.
    PacketBadField = -20,
    /// The lock has no keys.
    NotProvisioned = -32,
    /// A stored record cannot be read.
    RecordDamaged = -33,
    /// A stored record that must be there is gone.
    RecordMissing = -34,
    /// The boot counter is at its end.
    BootsExhausted = -35,
    /// The lock speaks profile X, and this library was built without it.
    ProfileNotInBuild = -36,
    /// Too many outputs wait.
    Backlog = -37,
    /// A link number that the device does not have.
    NoSuchLink = -38,
    /// Nothing waits for this answer.
    NotPending = -39,
    /// A root key that is blank or follows from the lock's id.
    RootRefused = -40,
    /// This library was built without a part that is asked for, or that storage holds a record of; or it has less room.
    PartNotInBuild = -41,
    /// The flash is of another geometry than the library was built for, or too small.
    FlashUnsuited = -48,
    /// The flash was never formatted, or its format was cut: nothing was ever stored there.
    FlashBlank = -49,
    /// What was committed to the flash does not read back.
    FlashDamaged = -50,
    /// The flash driver failed, or the flash does not hold what was written.
    FlashFault = -51,
    /// No erased sector is at hand.
    FlashBusy = -52,
    /// The newest records of all tags do not fit in a sector together.
    FlashFull = -53,
    /// The record or entry is not there.
    NotFound = -54,
    /// An entry of the log that is not held, or begins otherwise.
    Mismatch = -55,
    /// A text is not the link of a virtual key.
    NotALink = -64,
    /// A virtual key is cut, mistyped or altered.
    KeyDamaged = -65,
    /// A virtual key is of a version that this one does not read.
    KeyNewer = -66,
    /// A virtual key is bound to a holder, whose secret was not given.
    HolderNeeded = -67,
    /// A virtual key was passed on as often as a lock follows.
    TooDeep = -68,
    /// A virtual key is to be passed on without a condition.
    NothingNarrowed = -69,
    /// A hello is of another lock, or of another key epoch.
    AnotherLock = -70,
    /// A hello has another profile than the lock is known to speak.
    AnotherProfile = -71,
    /// No protocol version in common.
    NoCommonVersion = -72,
    /// A packet of another kind than the call takes, or from the wrong side.
    UnexpectedPacket = -73,
    /// No number is reserved for this.
    NotReserved = -74,
    /// No number is left.
    NumbersExhausted = -75,
    /// There is no session, or it has ended.
    NoSession = -76,
    /// A configuration is no first message of profile X, which has no forward secrecy.
    OpenSessionFirst = -77,
}

impl Status {
    /// All of them, success first.
    const ALL: [Self; 45] = [
        Self::Ok,
        Self::NullPointer,
        Self::Misaligned,
        Self::SizeMismatch,
        Self::NotInitialised,
        Self::BufferTooShort,
        Self::BadLength,
        Self::BadValue,
        Self::PacketTooShort,
        Self::PacketTooLong,
        Self::PacketUnknownFormat,
        Self::PacketUnknownKind,
        Self::PacketBadField,
        Self::NotProvisioned,
        Self::RecordDamaged,
        Self::RecordMissing,
        Self::BootsExhausted,
        Self::ProfileNotInBuild,
        Self::Backlog,
        Self::NoSuchLink,
        Self::NotPending,
        Self::RootRefused,
        Self::PartNotInBuild,
        Self::FlashUnsuited,
        Self::FlashBlank,
        Self::FlashDamaged,
        Self::FlashFault,
        Self::FlashBusy,
        Self::FlashFull,
        Self::NotFound,
        Self::Mismatch,
        Self::NotALink,
        Self::KeyDamaged,
        Self::KeyNewer,
        Self::HolderNeeded,
        Self::TooDeep,
        Self::NothingNarrowed,
        Self::AnotherLock,
        Self::AnotherProfile,
        Self::NoCommonVersion,
        Self::UnexpectedPacket,
        Self::NotReserved,
        Self::NumbersExhausted,
        Self::NoSession,
        Self::OpenSessionFirst,
    ];

    /// One plain sentence, with what to do.
    const fn text(self) -> &'static CStr {
        match self {
            Self::Ok => c"done",
            Self::NullPointer => c"a pointer is null; give each argument storage, also where its length is 0",
            Self::Misaligned => c"the object is not aligned; declare it with its own type",
            Self::SizeMismatch => {
                c"header and library are of different versions; build against the library's own header"
            }
            Self::NotInitialised => {
                c"the object is not initialised, or was overwritten; call its init function first"
            }
            Self::BufferTooShort => {
                c"an output buffer is too short; give it the maximum that the header names"
            }
            Self::BadLength => c"a length is outside what the header allows; check the input",
            Self::BadValue => c"a number stands for nothing of its kind; use the names of the header",
            Self::PacketTooShort => c"the packet is shorter than its kind allows; drop it",
            Self::PacketTooLong => c"the packet is longer than its kind allows; drop it",
            Self::PacketUnknownFormat => c"the packet has a format that this version does not read; drop it",
            Self::PacketUnknownKind => c"the packet is of a kind that this version does not know; drop it",
            Self::PacketBadField => {
                c"a header field has a value that the protocol does not allow; drop the packet"
            }
            Self::NotProvisioned => c"the lock has no keys; provision it first",
            Self::RecordDamaged => {
                c"a stored record is damaged or of another version; keep all of them untouched and call for service"
            }
            Self::RecordMissing => {
                c"a record that the lock has written is gone; keep the others untouched and call for service"
            }
            Self::BootsExhausted => c"the boot counter is used up; replace the lock",
            Self::PartNotInBuild => {
                c"this library was built without a part that this needs, or that storage holds a record of; link one with the features of the lock"
            }
            Self::ProfileNotInBuild => c"this needs profile X; link a library with the feature x25519",
            Self::Backlog => {
                c"too many outputs wait; poll them all, answer the pending record, then give this input again"
            }
            Self::NoSuchLink => c"the link number is not below LK_DEVICE_LINKS; count links from 0",
            Self::NotPending => c"nothing waits for this answer; answer each output once",
            Self::RootRefused => {
                c"the root key is blank or follows from the lock's id; draw 32 random bytes"
            }
            Self::FlashUnsuited => {
                c"the flash does not suit: compare it with lk_flash_sector and lk_flash_unit, and give 2 to 32 sectors"
            }
            Self::FlashBlank => c"the flash is blank; format it, at manufacture only",
            Self::FlashDamaged => {
                c"what was committed to the flash does not read back; keep it as it is and call for service"
            }
            Self::FlashFault => {
                c"the flash driver failed, or the flash does not hold what was written; try again, and report the chip if it repeats"
            }
            Self::FlashBusy => c"no erased sector is at hand; do idle work, then try again",
            Self::FlashFull => {
                c"the newest records do not fit in one sector together; give larger sectors"
            }
            Self::NotFound => c"it is not there",
            Self::Mismatch => c"the entry is not held, or begins otherwise; answer with LK_FAILURE_MISMATCH",
            Self::NotALink => c"this is not the link of a virtual key; it begins with LKT1",
            Self::KeyDamaged => c"the virtual key is not complete or was altered; copy all of it again",
            Self::KeyNewer => c"the virtual key is of a newer version; update this program",
            Self::HolderNeeded => c"the virtual key belongs to one holder; give that holder's secret",
            Self::TooDeep => c"the virtual key was passed on four times; ask its first holder for another one",
            Self::NothingNarrowed => c"a key that is passed on has at least one condition; set one",
            Self::AnotherLock => c"the lock that greets is another one, or was given new keys; check the address",
            Self::AnotherProfile => c"the lock greets with another profile: somebody on the way changed it, or the lock was made anew; go to the door",
            Self::NoCommonVersion => c"this program and the lock have no protocol version in common; update the older one",
            Self::UnexpectedPacket => c"the packet is of another kind than this call takes, or came from the wrong side; drop it",
            Self::NotReserved => c"no number is reserved for this; reserve some, store what you are given, and say so",
            Self::NumbersExhausted => c"no number is left; take another key",
            Self::NoSession => c"there is no session, or it has ended; connect again with a new hello",
            Self::OpenSessionFirst => c"this is not sent in the first message; open the session first, then ask in it",
        }
    }
}

/// One plain English sentence about a status, with what to do: static, ends with a zero, never null. A number that is
/// no status of this version gets a sentence too.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub extern "C" fn lk_status_text(status: i32) -> *const c_char {
    // A number, not a Status: C may pass any, and an enum with an unknown value would be undefined behaviour.
    let known = Status::ALL.into_iter().find(|known| *known as i32 == status);
    known
        .map_or(
            c"this number is no status of this library; compare the versions of header and library",
            Status::text,
        )
        .as_ptr()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(status: i32) -> &'static str {
        // SAFETY: the function promises a static text that ends with a zero.
        unsafe { CStr::from_ptr(lk_status_text(status)) }.to_str().unwrap()
    }

    #[test]
    fn the_numbers_are_as_published() {
        let numbers = Status::ALL.map(|status| status as i32);
        let of_device = [-32, -33, -34, -35, -36, -37, -38, -39, -40, -41];
        let of_flash = [-48, -49, -50, -51, -52, -53, -54, -55];
        let of_key = [-64, -65, -66, -67, -68, -69, -70, -71, -72, -73, -74, -75, -76, -77];
        let all =
            [&[0, -1, -2, -3, -4, -5, -6, -7, -16, -17, -18, -19, -20][..], &of_device, &of_flash, &of_key]
                .concat();
        assert_eq!(numbers, &all[..]);
    }

    #[test]
    fn success_is_zero_and_every_failure_is_negative() {
        assert!(Status::ALL.iter().all(|status| (*status as i32 == 0) == (*status == Status::Ok)));
        assert!(Status::ALL.iter().all(|status| *status as i32 <= 0));
    }

    #[test]
    fn every_status_has_a_sentence_of_its_own() {
        let texts = Status::ALL.map(|status| text(status as i32));
        for (index, one) in texts.iter().enumerate() {
            assert!(texts.iter().skip(index + 1).all(|other| other != one), "{one}");
        }
    }

    #[test]
    fn a_number_that_is_no_status_is_called_so() {
        for number in [1, -8, -21, -42, -56, -63, -78, i32::MIN, i32::MAX] {
            assert!(text(number).starts_with("this number is no status"), "{number}");
        }
    }
}
