//! Packets on streams and on links that carry little at a time, against plain readings of section 2.

use lock_proto::frame::{self, Deframer, MAX_ENCODED};
use lock_proto::{Fragmenter, MAX_FRAGMENT, MAX_PACKET, MIN_FRAGMENT, Reassembler, Uptime};

/// A link of small packets takes this long for a packet, in milliseconds.
const REASSEMBLY: u64 = 2_000;
const FIRST: u8 = 0x80;
const LAST: u8 = 0x40;

/// The first byte says what the others are.
pub(crate) fn take(bytes: &[u8]) {
    match bytes {
        // A stream that arrives in pieces of these lengths.
        [0, a, b, c, stream_of @ ..] => stream(&[*a, *b, *c], stream_of),
        // A packet that is sent over links of this size.
        [1, high, low, packet @ ..] => sent(u16::from_be_bytes([*high, *low]), packet),
        // Fragments: how long each came behind the one before, in 16 milliseconds, how long it is, and what it holds.
        [_, rest @ ..] => {
            let (mut fragments, mut rest) = (Vec::new(), rest);
            while let [later, length, behind @ ..] = rest {
                let (fragment, behind) = behind.split_at(behind.len().min(usize::from(*length)));
                fragments.push((u64::from(*later) * 16, fragment));
                rest = behind;
            }
            reassembled(&fragments);
        }
        [] => {}
    }
}

/// However a stream is cut, the packets are those that a plain decoder finds between the zeros.
fn stream(pieces: &[u8], bytes: &[u8]) {
    let mut by_byte = Deframer::new();
    let one_by_one: Vec<_> =
        bytes.iter().filter_map(|byte| by_byte.push(*byte).map(|packet| packet.to_vec())).collect();
    let (mut deframer, mut in_pieces, mut rest) = (Deframer::new(), Vec::new(), bytes);
    let mut lengths = pieces.iter().map(|length| usize::from(*length) + 1).cycle();
    while !rest.is_empty() {
        let piece = &rest[..lengths.next().unwrap_or(1).min(rest.len())];
        let (taken, packet) = deframer.push_slice(piece);
        in_pieces.extend(packet.map(|packet| packet.to_vec()));
        rest = &rest[taken..];
    }
    assert_eq!(in_pieces, one_by_one, "pieces change nothing");
    let whole = bytes.split_inclusive(|byte| *byte == 0).filter_map(|frame| frame.strip_suffix(&[0]));
    assert_eq!(one_by_one, whole.filter_map(plain).collect::<Vec<_>>(), "as a plain decoder reads it");
}

/// The packet in a frame without its zero, by the crate `cobs`.
fn plain(frame: &[u8]) -> Option<Vec<u8>> {
    let mut packet = [0; MAX_ENCODED];
    let length = (frame.len() < MAX_ENCODED)
        .then(|| cobs::decode(frame, &mut packet).ok().map(|report| report.frame_size()))
        .flatten()?;
    (1..=MAX_PACKET).contains(&length).then(|| packet[..length].to_vec())
}

/// What is sent arrives, in frames and in fragments.
fn sent(payload: u16, packet: &[u8]) {
    let is_packet = (1..=MAX_PACKET).contains(&packet.len());
    let mut framed = [0; MAX_ENCODED];
    let encoded = frame::encode(packet, &mut framed);
    assert_eq!(encoded.is_ok(), is_packet);
    if let Ok(framed) = encoded {
        assert_eq!(framed.iter().filter(|byte| **byte == 0).count(), 1);
        assert_eq!(Deframer::new().push_slice(framed).1.as_deref(), Some(packet));
    }
    let payload = usize::from(payload);
    let fragmenter = Fragmenter::new(packet, payload);
    assert_eq!(fragmenter.is_ok(), is_packet && (MIN_FRAGMENT..=MAX_FRAGMENT).contains(&payload));
    let Ok(mut fragmenter) = fragmenter else { return };
    let (mut reassembler, mut out, mut arrived) = (Reassembler::new(), [0; MAX_FRAGMENT], None);
    while let Some(fragment) = fragmenter.next_into(&mut out) {
        assert!(fragment.len() <= payload && arrived.is_none());
        let taken = reassembler.push(fragment, Uptime::from_millis(9)).expect("fragments in order");
        arrived = taken.map(|packet| packet.to_vec());
    }
    assert_eq!(arrived.as_deref(), Some(packet));
}

/// The fragments of the packet that is being put together, as a plain list.
#[derive(Default)]
struct Plain {
    parts: Vec<Vec<u8>>,
    since: u64,
}

/// A fragment is refused, and what came before it is dropped.
#[derive(Debug, PartialEq, Eq)]
struct Refused;

impl Plain {
    /// The packet that this fragment ends.
    fn push(&mut self, fragment: &[u8], now: u64) -> Result<Option<Vec<u8>>, Refused> {
        let before = std::mem::take(&mut self.parts);
        let (header, content) = fragment.split_first().ok_or(Refused)?;
        let is_first = header & FIRST != 0;
        if is_first {
            self.since = now;
        }
        let mut parts = if is_first { Vec::new() } else { before };
        let is_next = usize::from(header & !(FIRST | LAST)) == parts.len() && (is_first || !parts.is_empty());
        let is_last = header & LAST != 0;
        let whole = parts.first().map_or(content.len(), Vec::len);
        let is_even = content.len() == whole || (is_last && content.len() < whole);
        let length = parts.iter().map(Vec::len).sum::<usize>() + content.len();
        let is_late = now - self.since >= REASSEMBLY;
        if !is_next || content.is_empty() || !is_even || length > MAX_PACKET || is_late {
            return Err(Refused);
        }
        parts.push(content.to_vec());
        if is_last {
            return Ok(Some(parts.concat()));
        }
        self.parts = parts;
        Ok(None)
    }
}

fn reassembled(fragments: &[(u64, &[u8])]) {
    let (mut reassembler, mut plain, mut now) = (Reassembler::new(), Plain::default(), 1_000);
    for (later, fragment) in fragments {
        now += later;
        let taken = reassembler.push(fragment, Uptime::from_millis(now));
        let taken = taken.map(|packet| packet.map(|packet| packet.to_vec())).map_err(|_| Refused);
        assert_eq!(taken, plain.push(fragment, now), "fragment {fragment:?}");
    }
}
