//! The seven types with a body behind one interface, so that each rule of section 7 is tested once for all of them.

use lock_proto::{
    Answer, DecodeError, Down, EncodeError, Live, LogEntry, Opening, Report, Sealed, SealedReport,
};

pub(crate) trait Message: Sized + PartialEq + core::fmt::Debug {
    const LONGEST: usize;
    fn write<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b mut [u8], EncodeError>;
    fn read(bytes: &[u8]) -> Result<Self, DecodeError>;

    fn bytes(&self) -> Vec<u8> {
        self.write(&mut [0; 512]).unwrap().to_vec()
    }
}

macro_rules! message {
    ($($name:ty),*) => {$(
        impl Message for $name {
            const LONGEST: usize = <$name>::MAX_BYTES;
            fn write<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b mut [u8], EncodeError> {
                self.encode(buffer)
            }
            fn read(bytes: &[u8]) -> Result<Self, DecodeError> {
                <$name>::decode(bytes)
            }
        }
    )*};
}
message!(Down<Opening>, Down<Live>, Down<Sealed>, Answer, Report, SealedReport, LogEntry);
