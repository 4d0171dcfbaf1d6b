//! Choices with numbers of their own on the wire.

/// Declares a choice without fields, with the list of its members in the order of their numbers.
///
/// The numbers are the wire's and storage's: new members go to the end, and none is ever reused.
macro_rules! numbered {
    (
        $(#[$meta:meta])*
        $visibility:vis enum $name:ident {
            $( $(#[$member_meta:meta])* $member:ident ),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        $visibility enum $name {
            $( $(#[$member_meta])* $member ),+
        }

        impl $name {
            /// All members, each at its number.
            pub const ALL: [Self; [$(stringify!($member)),+].len()] = [$(Self::$member),+];

            /// The number on the wire.
            #[must_use]
            pub const fn number(self) -> u8 {
                self as u8
            }

            /// The member with this number.
            #[must_use]
            pub fn from_number(number: u8) -> Option<Self> {
                Self::ALL.get(usize::from(number)).copied()
            }
        }

        impl $crate::wire::Wire for $name {
            fn write(&self, out: &mut $crate::wire::Writer<'_>) {
                out.byte(self.number());
            }

            fn read(input: &mut $crate::wire::Reader<'_>) -> Result<Self, $crate::wire::Malformed> {
                const { $crate::wire::one_byte(Self::ALL.len() as u8 - 1) };
                Self::from_number(input.byte()?).ok_or($crate::wire::Malformed)
            }
        }
    };
}

pub(crate) use numbered;
