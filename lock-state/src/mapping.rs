//! What our facts are called elsewhere: Matter, Home Assistant, Z-Wave.
//!
//! Every function is total, names each of our values, and takes no state: a bridge calls it with a [`Status`](lock_proto::Status) or
//! an event and sends the number on. Where the other side has no word, the answer is `None`, never the nearest word. "Locked" is said
//! elsewhere exactly where [`Status::is_locked`](lock_proto::Status::is_locked) says it here.
//!
//! `docs/mapping.md` has the tables, made from this code, and what cannot be mapped.

pub mod home_assistant;
pub mod matter;
pub mod zwave;

/// Declares a choice with the numbers of somebody else's specification.
macro_rules! coded {
    (
        $(#[$meta:meta])*
        $visibility:vis enum $name:ident: $number:ty {
            $( $(#[$member_meta:meta])* $member:ident = $value:literal ),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr($number)]
        $visibility enum $name {
            $( $(#[$member_meta])* $member = $value ),+
        }

        impl $name {
            /// All members.
            pub const ALL: [Self; [$(stringify!($member)),+].len()] = [$(Self::$member),+];

            /// The number in the specification.
            #[must_use]
            pub const fn number(self) -> $number {
                self as $number
            }

            /// The member with this number.
            #[must_use]
            pub const fn from_number(number: $number) -> Option<Self> {
                match number {
                    $( $value => Some(Self::$member), )+
                    _ => None,
                }
            }
        }
    };
}

pub(crate) use coded;
