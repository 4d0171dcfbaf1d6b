//! Numbers, truth values, what may be absent, and rows of these.

use super::{Malformed, Reader, Wire, Writer};

impl Wire for u8 {
    fn write(&self, out: &mut Writer<'_>) {
        out.byte(*self);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        input.byte()
    }

    fn write_all(values: &[Self], out: &mut Writer<'_>) {
        out.bytes(values);
    }

    fn read_all(values: &mut [Self], input: &mut Reader<'_>) -> Result<(), Malformed> {
        let bytes = input.bytes(values.len())?;
        values.iter_mut().zip(bytes).for_each(|(value, byte)| *value = *byte);
        Ok(())
    }
}

impl Wire for i8 {
    fn write(&self, out: &mut Writer<'_>) {
        out.byte(self.cast_unsigned());
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        input.byte().map(u8::cast_signed)
    }
}

impl Wire for u16 {
    fn write(&self, out: &mut Writer<'_>) {
        out.small_number(u32::from(*self));
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        input.number_up_to(u32::from(Self::MAX)).map(|number| number as Self)
    }
}

impl Wire for i16 {
    fn write(&self, out: &mut Writer<'_>) {
        ((self.wrapping_shl(1)) ^ (self.wrapping_shr(15))).cast_unsigned().write(out);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        let number = u16::read(input)?;
        let sign = (number & 1).wrapping_neg();
        Ok(((number >> 1) ^ sign).cast_signed())
    }
}

impl Wire for u32 {
    fn write(&self, out: &mut Writer<'_>) {
        out.small_number(*self);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        input.number_up_to(Self::MAX)
    }
}

impl Wire for u64 {
    fn write(&self, out: &mut Writer<'_>) {
        out.number(*self);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        input.number()
    }
}

impl Wire for bool {
    fn write(&self, out: &mut Writer<'_>) {
        out.byte(u8::from(*self));
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        match input.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Malformed),
        }
    }
}

impl<T: Wire> Wire for Option<T> {
    fn write(&self, out: &mut Writer<'_>) {
        self.is_some().write(out);
        if let Some(value) = self {
            value.write(out);
        }
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        if bool::read(input)? { T::read(input).map(Some) } else { Ok(None) }
    }
}

impl<T: Wire + Default, const N: usize> Wire for [T; N] {
    fn write(&self, out: &mut Writer<'_>) {
        T::write_all(self, out);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        let mut values = core::array::from_fn(|_| T::default());
        T::read_all(&mut values, input)?;
        Ok(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{read, write};
    use std::vec::Vec;

    fn bytes_of<T: Wire>(value: &T) -> Vec<u8> {
        write(value, &mut [0; 64]).unwrap().to_vec()
    }

    #[test]
    fn numbers_at_their_edges_have_the_bytes_of_the_specification() {
        for (number, bytes) in [
            (0, &[0][..]),
            (127, &[0x7f]),
            (128, &[0x80, 1]),
            (16_383, &[0xff, 0x7f]),
            (16_384, &[0x80, 0x80, 1]),
            (u64::from(u32::MAX), &[0xff, 0xff, 0xff, 0xff, 0x0f]),
            (u64::MAX, &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]),
        ] {
            assert_eq!(bytes_of(&number), bytes);
            assert_eq!(read(bytes), Ok(number));
            assert_eq!(read::<u32>(bytes), u32::try_from(number).map_err(|_| Malformed));
            assert_eq!(read::<u16>(bytes), u16::try_from(number).map_err(|_| Malformed));
        }
    }

    #[test]
    fn a_number_is_refused_with_a_needless_byte_a_bit_too_many_or_its_end_cut() {
        for bytes in [
            &[0x80, 0][..],
            &[0xff, 0x80, 0],
            &[0x80],
            &[0xff; 9],
            &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2],
            &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x81, 0],
            &[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1],
            &[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0],
        ] {
            assert_eq!(read::<u64>(bytes), Err(Malformed), "{bytes:x?}");
            assert_eq!(read::<u32>(bytes), Err(Malformed), "{bytes:x?}");
        }
        assert_eq!(read::<u32>(&[0xff, 0xff, 0xff, 0xff, 0x1f]), Err(Malformed));
        assert_eq!(read::<u32>(&[0x80, 0x80, 0x80, 0x80, 0x80, 1]), Err(Malformed));
        assert_eq!(read::<u16>(&[0x80, 0x80, 4]), Err(Malformed));
    }

    #[test]
    fn signs_go_to_the_lowest_bit_of_a_longer_number_and_stay_in_a_byte() {
        for (number, bytes) in [
            (0_i16, &[0][..]),
            (-1, &[1]),
            (1, &[2]),
            (i16::MAX, &[0xfe, 0xff, 3]),
            (i16::MIN, &[0xff, 0xff, 3]),
        ] {
            assert_eq!(bytes_of(&number), bytes);
            assert_eq!(read(bytes), Ok(number));
        }
        for number in [0, 1, -1, i8::MIN, i8::MAX] {
            assert_eq!(bytes_of(&number), number.to_le_bytes());
            assert_eq!(read(&number.to_le_bytes()), Ok(number));
        }
    }

    #[test]
    fn what_is_neither_0_nor_1_is_neither_true_nor_there() {
        assert_eq!((read(&[0]), read(&[1])), (Ok(false), Ok(true)));
        assert_eq!((read(&[0]), read(&[1, 7])), (Ok(None::<u8>), Ok(Some(7_u8))));
        for other in 2..=u8::MAX {
            assert_eq!(read::<bool>(&[other]), Err(Malformed));
            assert_eq!(read::<Option<u8>>(&[other, 7]), Err(Malformed));
        }
    }

    #[test]
    fn a_byte_string_longer_than_what_follows_is_refused() {
        let mut input = Reader::of(&[2, 5, 6, 3, 7, 8]);
        assert_eq!(input.byte_string(), Ok(&[5, 6][..]));
        assert_eq!(input.byte_string(), Err(Malformed));
        assert_eq!(Reader::of(&[0xff, 0xff, 0xff, 0xff, 0x0f, 1]).byte_string(), Err(Malformed));
    }

    #[test]
    fn a_buffer_takes_what_fits_exactly_and_tells_of_one_byte_more() {
        let value = [Some(300_u16), None];
        assert_eq!(write(&value, &mut [0; 4]), Some(&mut [1, 0xac, 2, 0][..]));
        let mut short = [9; 3];
        assert_eq!(write(&value, &mut short), None);
        let mut out = Writer::of(&mut short);
        out.bytes(&[1, 2]);
        out.bytes(&[3, 4]);
        out.byte(5);
        assert_eq!(out.written(), None);
    }

    #[test]
    fn nothing_may_follow_a_whole_value() {
        assert_eq!(read::<[u8; 2]>(&[1, 2]), Ok([1, 2]));
        assert_eq!(read::<[u8; 2]>(&[1, 2, 3]), Err(Malformed));
        assert_eq!(read::<[u8; 2]>(&[1]), Err(Malformed));
        assert_eq!(read::<[u16; 2]>(&[1, 0x80]), Err(Malformed));
    }
}
