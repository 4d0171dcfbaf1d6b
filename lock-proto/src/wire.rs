//! The one encoding of each value (section 7), and how a type says which one it is.
//!
//! ```text
//! u8, i8        the byte                            a structure   its fields, in order
//! u16 to u64    seven bits a byte, lowest first     a choice      its number, one byte, and its fields
//! i16           0, −1, 1, −2 .. as 0, 1, 2, 3 ..    an array      its elements; how many is not said
//! bool          0 or 1                              a byte string its length as a number, and its bytes
//! Option        0, or 1 and the value
//! ```
//!
//! What [`Reader`] takes, [`Writer`] writes in the same bytes: a number with a needless byte or too many bits is refused, and so is whatever
//! is neither 0 nor 1 where only those are. No bytes make either panic, and neither goes on behind the end of a buffer.
//!
//! A type says how it is encoded once, with [`wire!`](crate::wire!): a table beside it that names each field, so that one that is
//! forgotten does not compile.

mod reader;
mod values;
mod writer;

pub use reader::Reader;
pub use writer::Writer;

/// The bits of a number in one byte.
const LOW: u8 = 0x7f;
/// Set while more bytes of a number follow.
const MORE: u8 = 0x80;

/// Bytes that are not the one encoding of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "these bytes are not the encoding of such a value in this version; compare the versions of both sides"
)]
pub struct Malformed;

/// A value with one encoding.
pub trait Wire: Sized {
    /// Writes it.
    fn write(&self, out: &mut Writer<'_>);

    /// Reads it.
    ///
    /// # Errors
    /// [`Malformed`] for bytes that do not begin with what [`write`](Self::write) writes of a value.
    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed>;

    /// Writes values one behind the other.
    fn write_all(values: &[Self], out: &mut Writer<'_>) {
        for value in values {
            value.write(out);
        }
    }

    /// Reads as many values as there are.
    ///
    /// # Errors
    /// [`Malformed`] as [`read`](Self::read).
    fn read_all(values: &mut [Self], input: &mut Reader<'_>) -> Result<(), Malformed> {
        for value in values {
            *value = Self::read(input)?;
        }
        Ok(())
    }
}

/// Reads a value that is all of `bytes`.
///
/// # Errors
/// [`Malformed`] for anything but its one encoding.
pub fn read<T: Wire>(bytes: &[u8]) -> Result<T, Malformed> {
    let mut input = Reader::of(bytes);
    let value = T::read(&mut input)?;
    input.end()?;
    Ok(value)
}

/// Writes a value, and returns the part of `buffer` that holds it; `None` where it is too short.
pub fn write<'b, T: Wire>(value: &T, buffer: &'b mut [u8]) -> Option<&'b mut [u8]> {
    let mut out = Writer::of(buffer);
    value.write(&mut out);
    out.written()
}

/// Says how types are encoded: a structure by its fields in their order, a choice by the number of each member and its fields.
///
/// ```
/// use lock_proto::wire;
///
/// struct Reading {
///     millivolts: u16,
///     place: Place,
/// }
/// enum Place {
///     Keypad,
///     Cell(u8),
/// }
/// wire! {
///     struct Reading { millivolts, place }
///     enum Place {
///         0 => Keypad,
///         1 => Cell(cell),
///     }
/// }
///
/// let reading = Reading { millivolts: 1_500, place: Place::Cell(3) };
/// assert_eq!(wire::write(&reading, &mut [0; 8]), Some(&mut [0xdc, 0x0b, 1, 3][..]));
/// ```
///
/// The number of a member is one byte, below 128.
#[macro_export]
macro_rules! wire {
    () => {};
    (struct $name:ident $(<$part:ident>)? { $($field:ident),* $(,)? } $($more:tt)*) => {
        impl $(<$part: $crate::wire::Wire>)? $crate::wire::Wire for $name $(<$part>)? {
            fn write(&self, out: &mut $crate::wire::Writer<'_>) {
                let Self { $($field),* } = self;
                $( $crate::wire::Wire::write($field, out); )*
            }

            fn read(
                input: &mut $crate::wire::Reader<'_>,
            ) -> ::core::result::Result<Self, $crate::wire::Malformed> {
                $( let $field = $crate::wire::Wire::read(input)?; )*
                ::core::result::Result::Ok(Self { $($field),* })
            }
        }
        $crate::wire! { $($more)* }
    };
    (struct $name:ident($field:ident); $($more:tt)*) => {
        impl $crate::wire::Wire for $name {
            fn write(&self, out: &mut $crate::wire::Writer<'_>) {
                let Self($field) = self;
                $crate::wire::Wire::write($field, out);
            }

            fn read(
                input: &mut $crate::wire::Reader<'_>,
            ) -> ::core::result::Result<Self, $crate::wire::Malformed> {
                let $field = $crate::wire::Wire::read(input)?;
                ::core::result::Result::Ok(Self($field))
            }
        }
        $crate::wire! { $($more)* }
    };
    (
        enum $name:ident {
            $( $number:literal => $member:ident $({ $($field:ident),* $(,)? })? $(($item:ident))? ),+ $(,)?
        }
        $($more:tt)*
    ) => {
        impl $crate::wire::Wire for $name {
            fn write(&self, out: &mut $crate::wire::Writer<'_>) {
                match self {
                    $(
                        Self::$member $({ $($field),* })? $(($item))? => {
                            out.byte(const { $crate::wire::one_byte($number) });
                            $( $( $crate::wire::Wire::write($field, out); )* )?
                            $( $crate::wire::Wire::write($item, out); )?
                        }
                    )+
                }
            }

            fn read(
                input: &mut $crate::wire::Reader<'_>,
            ) -> ::core::result::Result<Self, $crate::wire::Malformed> {
                match input.byte()? {
                    $(
                        $number => {
                            $( $( let $field = $crate::wire::Wire::read(input)?; )* )?
                            $( let $item = $crate::wire::Wire::read(input)?; )?
                            ::core::result::Result::Ok(Self::$member $({ $($field),* })? $(($item))?)
                        }
                    )+
                    _ => ::core::result::Result::Err($crate::wire::Malformed),
                }
            }
        }
        $crate::wire! { $($more)* }
    };
}

/// The number of a member of a choice, which takes one byte.
#[doc(hidden)]
#[must_use]
pub const fn one_byte(number: u8) -> u8 {
    assert!(number <= LOW, "a number from 128 on takes two bytes: give the member a lower one");
    number
}
