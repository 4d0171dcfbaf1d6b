//! Section 2.1: packets on a byte stream.

use anyhow::ensure;
use lock_core::proto::frame::{self, Deframer, FrameError, MAX_ENCODED};

use crate::case::{Case, Fields, File, refusal};
use crate::world::counted;

pub(crate) fn file() -> anyhow::Result<File> {
    let mut cases = Vec::new();
    for (name, description, packet) in packets() {
        cases.push(encoded(name, description, &packet)?);
    }
    for (name, description, packet) in refused() {
        let error = refusal(encode(&packet))?;
        let fields = Fields::new().hex("packet", packet).text("error", error);
        cases.push(Case::new(name, description).with(fields));
    }
    for (name, description, stream) in streams()? {
        let packets = deframed(&stream);
        let fields = Fields::new().hex("stream", stream).hexes("packets", &packets);
        cases.push(Case::new(name, description).with(fields));
    }
    File::new(
        "framing.json",
        "2.1",
        "COBS on stream links. `packet` and `frame`: what is sent, and what it is read as. `packet` and `error`: not to be sent. `stream` \
         and `packets`: what a receiver finds in these bytes.",
        cases,
    )
}

/// `count` bytes, none of them zero.
fn full(count: usize) -> Vec<u8> {
    (0..count).map(|place| (place % 255) as u8 + 1).collect()
}

fn packets() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    vec![
        ("one_byte", "The shortest packet without a zero.", vec![0x7f]),
        ("one_zero", "A single zero byte becomes two codes.", vec![0]),
        ("hello_request", "The shortest packet of the protocol.", vec![1, 1]),
        ("zero_at_the_start", "A zero in front.", vec![0, 1, 2]),
        ("zero_at_the_end", "A zero at the end needs a last code of its own.", vec![1, 2, 0]),
        ("zeros_in_a_row", "Zeros only.", vec![0; 5]),
        ("253_bytes", "One byte before a block is full.", full(253)),
        ("254_bytes", "A full block at the end of a packet is followed by no further code.", full(254)),
        ("255_bytes", "One byte after a full block.", full(255)),
        ("254_bytes_and_a_zero", "A full block, then a zero.", [full(254), vec![0]].concat()),
        ("508_bytes", "Two full blocks.", full(508)),
        (
            "512_bytes",
            "The longest packet without a zero makes the longest frame: 515 bytes and the zero.",
            full(512),
        ),
        ("512_zeros", "The longest packet of zeros.", vec![0; 512]),
        ("512_counted_bytes", "The longest packet with a zero now and then.", counted(0, 512)),
    ]
}

fn refused() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    vec![
        ("nothing", "An empty packet is not sent.", vec![]),
        ("513_bytes", "A packet of 513 bytes is not sent.", full(513)),
    ]
}

fn streams() -> anyhow::Result<Vec<(&'static str, &'static str, Vec<u8>)>> {
    let (one, two) = (encode(&[1, 1])?, encode(&[2, 0, 2])?);
    let after = |noise: Vec<u8>| [noise, one.clone()].concat();
    let full_block = [vec![0xff], full(254)].concat();
    Ok(vec![
        ("two_packets", "Two frames one after the other.", [one.clone(), two.clone()].concat()),
        ("leading_zero", "A sender may start with a zero.", after(vec![0])),
        ("empty_frames", "Zeros in a row are empty frames, to be ignored.", after(vec![0, 0, 0, 0])),
        ("frame_of_an_empty_packet", "A frame that holds no byte is no packet.", after(vec![1, 0])),
        ("code_beyond_the_end", "A code that points past its frame drops that frame.", after(vec![5, 1, 0])),
        (
            "code_at_the_end",
            "A code that wants bytes at the end of the frame drops it.",
            after(vec![2, 9, 3, 0]),
        ),
        ("unfinished", "A frame without its zero yields nothing yet.", [two, vec![3, 1, 1]].concat()),
        ("frame_of_515_bytes", "The longest frame is taken.", encode(&full(512))?),
        (
            "frame_of_516_bytes",
            "A longer frame is dropped up to its zero.",
            after([vec![9; 516], vec![0]].concat()),
        ),
        ("frame_of_2000_bytes", "Noise is dropped up to its zero.", after([vec![9; 2000], vec![0]].concat())),
        (
            "frame_of_a_packet_of_513_bytes",
            "A frame within the bound whose packet is beyond it is dropped.",
            after([vec![1; 514], vec![0]].concat()),
        ),
        (
            "full_block_with_a_last_code",
            "Some senders close a full last block with a code of its own; it is read the same.",
            after([full_block, vec![1, 0]].concat()),
        ),
    ])
}

fn encode(packet: &[u8]) -> Result<Vec<u8>, FrameError> {
    frame::encode(packet, &mut [0; MAX_ENCODED]).map(|frame| frame.to_vec())
}

fn encoded(name: &str, description: &str, packet: &[u8]) -> anyhow::Result<Case> {
    let frame = encode(packet)?;
    ensure!(deframed(&frame) == [packet], "{name}: the frame is not read as its packet");
    Ok(Case::new(name, description).with(Fields::new().hex("packet", packet).hex("frame", frame)))
}

fn deframed(stream: &[u8]) -> Vec<Vec<u8>> {
    let mut deframer = Deframer::new();
    stream.iter().filter_map(|byte| deframer.push(*byte).map(|packet| packet.to_vec())).collect()
}
