//! Choices that are listed: each member knows its place, so that a table can be kept beside them.

/// Declares a choice without fields, with the list of its members. Its names are those of the JSON.
macro_rules! listed {
    (
        $(#[$meta:meta])*
        $visibility:vis enum $name:ident {
            $( $(#[$member_meta:meta])* $member:ident ),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        $visibility enum $name {
            $( $(#[$member_meta])* $member ),+
        }

        impl $name {
            /// All members, in their order.
            pub const ALL: [Self; [$(stringify!($member)),+].len()] = [$(Self::$member),+];

            /// The place in [`Self::ALL`].
            #[must_use]
            pub const fn index(self) -> usize {
                self as usize
            }

            /// The name, as in JSON.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $( Self::$member => stringify!($member) ),+
                }
            }

            /// The member of this name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|member| member.name() == name)
            }
        }
    };
}

pub(crate) use listed;
