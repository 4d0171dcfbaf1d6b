//! Power that lasts for a given number of bytes.

use std::vec::Vec;

/// Bytes erased with the power that programs one byte: every place of an erase is alike, so cuts may be coarser there.
pub(super) const ERASED_FOR_ONE: usize = 16;

/// What an erase leaves behind when the power fails in its middle. All are seen on real chips.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum EraseDamage {
    /// Each byte is old, erased or anything between, without order.
    #[default]
    Scattered,
    /// Erased up to the cut, old behind it.
    FromStart,
    /// Erased from the end of the sector, for as many bytes as there was power.
    FromEnd,
    /// Every byte reads as erased, though none is safe to program.
    LooksErased,
}

/// What becomes of the byte in which the power fails while programming.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ProgramDamage {
    /// Some of its bits are programmed.
    #[default]
    SomeBits,
    /// It stays erased: the cut falls between two bytes.
    NotBegun,
}

/// How much of an operation there is power for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Share {
    /// All of it.
    Whole,
    /// This many bytes, and then a part of the next one.
    Cut(usize),
}

/// The supply: bytes programmed or erased use it up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Power {
    /// Never fails.
    Steady,
    /// Fails in the byte after this many.
    Lasting(u64),
    /// Failed: every call is refused.
    Off,
}

impl Power {
    /// Uses up `length` bytes' worth, or what is left; turns off in the byte that exceeds it.
    pub(super) fn draw(&mut self, length: usize) -> Share {
        match self {
            Power::Steady => Share::Whole,
            Power::Off => Share::Cut(0),
            Power::Lasting(left) => match left.checked_sub(length as u64) {
                Some(rest) => {
                    *left = rest;
                    Share::Whole
                }
                None => {
                    let done = *left as usize;
                    *self = Power::Off;
                    Share::Cut(done)
                }
            },
        }
    }
}

/// What programming leaves when it is cut after `done` bytes: those whole, the next with some of its bits or none.
pub(super) fn cut_program(target: &[u8], done: usize, offset: usize, damage: ProgramDamage) -> Vec<u8> {
    let crossing = target.get(done).map(|byte| match damage {
        ProgramDamage::SomeBits => byte | noise(offset.wrapping_add(done)),
        ProgramDamage::NotBegun => 0xFF,
    });
    target.iter().take(done).copied().chain(crossing).collect()
}

/// What an erase of `old` leaves when it is cut after `done` bytes.
pub(super) fn cut_erase(old: &[u8], done: usize, damage: EraseDamage) -> Vec<u8> {
    let left = old.len().saturating_sub(done);
    let each = old.iter().copied().enumerate();
    each.map(|(place, byte)| match damage {
        EraseDamage::Scattered => match noise(place.wrapping_add(done.wrapping_mul(31))) % 3 {
            0 => byte,
            1 => 0xFF,
            _ => byte | noise(place.wrapping_mul(7).wrapping_add(done)),
        },
        EraseDamage::FromStart => {
            if place < done {
                0xFF
            } else {
                byte
            }
        }
        EraseDamage::FromEnd => {
            if place >= left {
                0xFF
            } else {
                byte
            }
        }
        EraseDamage::LooksErased => 0xFF,
    })
    .collect()
}

/// A byte that depends on `seed` alone: the same cut always leaves the same bits.
fn noise(seed: usize) -> u8 {
    let mixed = (seed as u64).wrapping_add(0x9E37_79B9_7F4A_7C15).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0x94D0_49BB_1331_11EB);
    let [.., byte] = mixed.to_le_bytes();
    byte
}
