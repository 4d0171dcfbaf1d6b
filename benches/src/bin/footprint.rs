//! What a lock needs of RAM and of flash, for the two rooms that come ready made. Sizes of types are those of this machine; on a
//! 32-bit chip they are a little smaller.

use lock_core::crypto::RustCrypto;
use lock_core::device::{Device, RecordTag, record_lengths};
use lock_core::proto::frame::Deframer;
use lock_core::proto::{MAX_PACKET, Reassembler};
use lock_core::state::{CodesOnly, House, Lock, Tables};
use lock_store::{Journal, LogRing};

/// What the journal adds to a record: its mark and its header, in bytes, with units of up to 8.
const OVERHEAD: usize = 16;
/// Five marks of a sector, in bytes, with units of up to 8.
const MARKS: usize = 40;

fn main() {
    println!("| bytes | `House` | `CodesOnly` |");
    println!("| --- | --- | --- |");
    row("the lock alone, `Lock<T>`", size_of::<Lock<House>>(), size_of::<Lock<CodesOnly>>());
    row("`Device<RustCrypto, 1, T>`: one link", device::<1, House>(), device::<1, CodesOnly>());
    row("`Device<RustCrypto, 2, T>`: two", device::<2, House>(), device::<2, CodesOnly>());
    row("`Device<RustCrypto, 3, T>`: three", device::<3, House>(), device::<3, CodesOnly>());
    row("the record before the motor moves, at its longest", memory::<House>(), memory::<CodesOnly>());
    row("its records, for a boot that is given all at once", buffers::<House>(), buffers::<CodesOnly>());
    row("smallest sector that holds all records", sector::<House>(), sector::<CodesOnly>());
    println!("\n| type | bytes |");
    println!("| --- | --- |");
    println!("| `Journal<F>`, beside the flash driver | {} |", size_of::<Journal<()>>());
    println!("| `LogRing<F>`, beside the flash driver | {} |", size_of::<LogRing<()>>());
    println!("| `frame::Deframer`, one a stream link | {} |", size_of::<Deframer>());
    println!("| `Reassembler`, one a radio link | {} |", size_of::<Reassembler>());
    println!("| buffer for `poll_output` | {MAX_PACKET} |");
}

fn row(what: &str, house: usize, codes: usize) {
    println!("| {what} | {house} | {codes} |");
}

const fn device<const LINKS: usize, T: Tables>() -> usize {
    size_of::<Device<RustCrypto, LINKS, T>>()
}

fn memory<T: Tables>() -> usize {
    record_lengths::<T>().nth(RecordTag::Memory.number().into()).unwrap_or_default()
}

fn buffers<T: Tables>() -> usize {
    record_lengths::<T>().count() * RecordTag::MAX_BYTES
}

fn sector<T: Tables>() -> usize {
    MARKS + record_lengths::<T>().map(|length| (length + OVERHEAD).next_multiple_of(8)).sum::<usize>()
}
