//! Section 2.2: packets over links that carry little at a time.

use anyhow::ensure;
use lock_core::proto::{FragmentError, Fragmenter, MAX_FRAGMENT, Reassembler, ReassemblyError, Uptime};

use crate::case::{Case, Fields, File, refusal};
use crate::world::counted;

pub(crate) fn file() -> anyhow::Result<File> {
    let mut cases = Vec::new();
    for (name, description, length, payload) in cuts() {
        let packet = counted(1, length);
        let fragments = cut(&packet, payload)?;
        ensure!(whole(&fragments)? == packet, "{name}: the fragments are not assembled to their packet");
        let fields = Fields::new()
            .hex("packet", packet)
            .number("payload", payload as u64)
            .hexes("fragments", &fragments);
        cases.push(Case::new(name, description).with(fields));
    }
    for (name, description, length, payload) in refused_cuts() {
        let packet = counted(1, length);
        let error = refusal(cut(&packet, payload))?;
        let fields =
            Fields::new().hex("packet", packet).number("payload", payload as u64).text("error", error);
        cases.push(Case::new(name, description).with(fields));
    }
    for (name, description, arrivals) in sequences()? {
        let arrivals = assembled(&arrivals);
        cases.push(Case::new(name, description).with(Fields::new().groups("arrivals", arrivals)));
    }
    File::new(
        "fragments.json",
        "2.2",
        "Fragments. `packet`, `payload` and `fragments`: how a packet is cut for a link that carries so many bytes, and assembled again. \
         With `error`: not to be cut. `arrivals`: what one receiver makes of fragments that arrive at these times (ms), in order.",
        cases,
    )
}

fn cuts() -> [(&'static str, &'static str, usize, usize); 9] {
    [
        ("one_byte", "The shortest packet is one fragment.", 1, 20),
        ("full_fragment", "A packet that fills one fragment.", 19, 20),
        ("one_byte_over", "One byte more makes a second fragment.", 20, 20),
        ("hello", "A Hello over the smallest link.", 29, 20),
        ("two_full_fragments", "A last fragment may be of full length.", 38, 20),
        ("longest_over_the_smallest_link", "The longest packet makes 27 fragments at most.", 512, 20),
        ("longest_over_a_common_link", "The longest packet over an ATT MTU of 247.", 512, 244),
        (
            "longest_over_the_largest_link",
            "The header takes one byte, so the longest packet is two.",
            512,
            512,
        ),
        ("511_bytes_over_the_largest_link", "One byte less is one fragment.", 511, 512),
    ]
}

fn refused_cuts() -> [(&'static str, &'static str, usize, usize); 4] {
    [
        ("nothing", "An empty packet is not sent.", 0, 20),
        ("packet_of_513_bytes", "A packet of 513 bytes is not sent.", 513, 20),
        ("payload_of_19_bytes", "A link that carries fewer than 20 bytes carries no packets.", 29, 19),
        ("payload_of_513_bytes", "No more than 512 bytes at a time are made use of.", 29, 513),
    ]
}

/// What the fragments make, when they arrive at once.
fn whole(fragments: &[Vec<u8>]) -> Result<Vec<u8>, ReassemblyError> {
    let mut reassembler = Reassembler::new();
    let mut packet = Vec::new();
    for fragment in fragments {
        packet = reassembler
            .push(fragment, Uptime::from_millis(0))?
            .map(|whole| whole.to_vec())
            .unwrap_or_default();
    }
    Ok(packet)
}

/// Fragments with the time of their arrival in milliseconds.
type Arrivals = Vec<(u64, Vec<u8>)>;

fn sequences() -> anyhow::Result<Vec<(&'static str, &'static str, Arrivals)>> {
    let cut = cut(&counted(1, 50), 20)?;
    let pick = |places: &[usize]| places.iter().map(|place| (100, cut[*place].clone())).collect::<Arrivals>();
    let timed = |last| vec![(100, cut[0].clone()), (101, cut[1].clone()), (last, cut[2].clone())];
    let long = |header: u8, content: usize| (100, [vec![header], vec![7; content]].concat());
    let numbered =
        (0..=64).map(|number| (100, vec![if number == 0 { 0x80 } else { number & 0x3f }, 9])).collect();
    Ok(vec![
        ("in_order", "Three fragments make a packet.", pick(&[0, 1, 2])),
        ("lost", "After a lost fragment the packet is dropped.", pick(&[0, 2, 2])),
        ("repeated", "A repeated fragment drops the packet.", pick(&[0, 1, 1, 2])),
        ("swapped", "Fragments out of order drop the packet.", pick(&[0, 2, 1, 2])),
        ("without_a_first", "Without a first fragment nothing is assembled.", pick(&[1, 2])),
        ("afresh", "A first fragment starts afresh at any time.", pick(&[0, 1, 0, 1, 2])),
        ("after_a_failure", "A packet after a dropped one is assembled.", pick(&[0, 2, 0, 1, 2])),
        ("in_1999_ms", "A packet within the time is taken.", timed(2_099)),
        ("in_2000_ms", "At two seconds the packet is dropped.", timed(2_100)),
        ("in_2001_ms", "After two seconds the packet is dropped.", timed(2_101)),
        (
            "empty",
            "A fragment without content drops the packet.",
            vec![(100, cut[0].clone()), (100, vec![1])],
        ),
        ("no_bytes", "Nothing at all is not a fragment.", vec![(100, vec![])]),
        (
            "shorter_in_the_middle",
            "Only the last fragment may be shorter.",
            vec![(100, cut[0].clone()), (100, vec![1, 9, 9])],
        ),
        (
            "longer_at_the_end",
            "No fragment may be longer than the first.",
            vec![long(0x80, 19), long(0x41, 20)],
        ),
        ("first_with_another_number", "The first fragment has the number 0.", vec![long(0x81, 19)]),
        ("512_bytes", "The longest packet.", vec![long(0x80, 256), long(0x41, 256)]),
        ("513_bytes", "More than 512 bytes are dropped.", vec![long(0x80, 257), long(0x41, 256)]),
        ("65_fragments", "Numbers end at 63 and do not start over.", numbered),
    ])
}

fn cut(packet: &[u8], payload: usize) -> Result<Vec<Vec<u8>>, FragmentError> {
    let mut fragmenter = Fragmenter::new(packet, payload)?;
    let mut out = [0; MAX_FRAGMENT];
    let next = || fragmenter.next_into(&mut out).map(|fragment| fragment.to_vec());
    Ok(std::iter::from_fn(next).collect())
}

fn assembled(arrivals: &Arrivals) -> Vec<Fields> {
    let mut reassembler = Reassembler::new();
    let results = arrivals.iter().map(|(at, fragment)| {
        let fields = Fields::new().number("at", *at).hex("fragment", fragment);
        result(fields, reassembler.push(fragment, Uptime::from_millis(*at)))
    });
    results.collect()
}

fn result(fields: Fields, result: Result<Option<&mut [u8]>, ReassemblyError>) -> Fields {
    match result {
        Ok(None) => fields.text("result", "Incomplete"),
        Ok(Some(packet)) => fields.text("result", "Packet").hex("packet", packet),
        Err(error) => fields.word("result", &error),
    }
}
