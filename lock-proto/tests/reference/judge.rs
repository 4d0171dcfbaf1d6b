//! Bytes before our encoding and before postcard, which section 7 was taken from: of all of them both must say the same.

use std::vec::Vec;

use lock_proto::wire::{Reader, Wire, Writer};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Longer than any value.
const ROOM: usize = 640;

/// Looks at `values` values of a type that are as random as its form allows, and at what leads to them and away from them.
pub(crate) fn agree<T: Wire + Serialize + DeserializeOwned>(values: u32) {
    let name = core::any::type_name::<T>();
    let mut random =
        Random(name.bytes().fold(1, |seed: u64, byte| seed.wrapping_mul(31).wrapping_add(byte.into())));
    let mut met = 0;
    for _ in 0..values {
        let mut bytes: [u8; ROOM] = core::array::from_fn(|_| random.byte());
        // Until it is a value, another byte is tried where our reader gave up, or a little before.
        for _ in 0..1_000 {
            match verdict::<T>(&bytes) {
                Ok(length) => {
                    met += 1;
                    disturb::<T>(&bytes[..length], &mut random);
                    break;
                }
                Err(read) => {
                    let farthest = [1, 1, 1, 1, 1, 1, 12, read.max(1)][random.below(8)];
                    let place = read.saturating_sub(1 + random.below(farthest));
                    bytes[place] = random.byte();
                }
            }
        }
    }
    assert!(met * 4 > values, "{name}: only {met} of {values} became a value");
}

/// The neighbours of an encoding: cut, a byte changed, one more, one less, and a longer number.
fn disturb<T: Wire + Serialize + DeserializeOwned>(bytes: &[u8], random: &mut Random) {
    if bytes.is_empty() {
        return;
    }
    for _ in 0..8 {
        let place = random.below(bytes.len());
        let mut altered = bytes.to_vec();
        let _ = verdict::<T>(&bytes[..place]);
        altered[place] = random.byte();
        let _ = verdict::<T>(&altered);
        altered[place] = bytes[place] ^ 1 << random.below(8);
        let _ = verdict::<T>(&altered);
        altered[place] = bytes[place] | 0x80;
        altered.insert(place + 1, if random.below(2) == 0 { 0 } else { random.byte() });
        let _ = verdict::<T>(&altered);
        altered.remove(place);
        let _ = verdict::<T>(&altered);
    }
}

/// How long the value is with which `bytes` begin; where there is none, how many bytes ours read until it said so.
pub(crate) fn verdict<T: Wire + Serialize + DeserializeOwned>(bytes: &[u8]) -> Result<usize, usize> {
    let name = core::any::type_name::<T>();
    let mut input = Reader::of(bytes);
    let ours = T::read(&mut input);
    let read = bytes.len() - input.rest().len();
    match (ours, reference::<T>(bytes)) {
        (Ok(ours), Some((theirs, length))) => {
            assert_eq!(read, length, "{name}: another length of {bytes:02x?}");
            let of_theirs = written(&theirs);
            assert_eq!(of_theirs, bytes[..length], "{name}: what is written is not what was read");
            let of_ours = encoded(&ours);
            assert_eq!(of_ours, bytes[..length], "{name}: the values of {bytes:02x?} differ");
            Ok(read)
        }
        (Err(_), None) => Err(read),
        (Ok(_), None) => panic!("{name}: ours alone takes {bytes:02x?}"),
        (Err(_), Some(_)) => panic!("{name}: ours alone refuses {bytes:02x?}"),
    }
}

/// What postcard reads, and how many bytes it took, where those are the ones that it writes.
fn reference<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> Option<(T, usize)> {
    let (value, rest) = postcard::take_from_bytes::<T>(bytes).ok()?;
    let length = bytes.len() - rest.len();
    (encoded(&value) == bytes[..length]).then_some((value, length))
}

fn encoded<T: Serialize>(value: &T) -> Vec<u8> {
    postcard::to_slice(value, &mut [0; 2 * ROOM]).unwrap().to_vec()
}

fn written<T: Wire>(value: &T) -> Vec<u8> {
    let mut buffer = [0; 2 * ROOM];
    let mut out = Writer::of(&mut buffer);
    value.write(&mut out);
    out.written().unwrap().to_vec()
}

/// Numbers by SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// Mostly what is a choice, a digit, or an edge of a number.
    fn byte(&mut self) -> u8 {
        match self.below(8) {
            0..=2 => self.below(3) as u8,
            3 => self.below(24) as u8,
            4 => b'0' + self.below(10) as u8,
            5 => [0x7e, 0x7f, 0x80, 0x81, 0xfe, 0xff][self.below(6)],
            _ => self.next() as u8,
        }
    }
}
