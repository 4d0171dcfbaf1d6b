//! The memory of many live sessions in one process.

use std::collections::HashMap;

use benches::pair::{LINK, PacketBuffer, Pair, lock_id};
use lock_core::cloud::{LockKeys, Session};
use lock_core::crypto::{LockId, RustCrypto};
use lock_core::device::Input;
use lock_core::proto::{Query, Reply, ReportBody, Request, Uptime};

use crate::{ALLOCATOR, Verdict, tell};

const SESSIONS: u64 = 100_000;
/// Bytes of live allocations for one session.
const LIMIT: usize = 512;
/// Every so many sessions one is used, to see that it lives.
const SAMPLE: u64 = 1_000;

/// Connects 100,000 locks, each with keys of its own, and keeps every session of the cloud under its lock's id in a hash map.
///
/// Counted is every byte that is allocated while they live and was not before: the map with its unused places, the sessions and their
/// keys in it. Not counted are the allocator's own books, sockets and the leaf keys, which a service fetches from its vault
/// for the handshake only; a service that keeps them adds what the last line says.
pub(crate) fn sessions() -> Verdict {
    let before = ALLOCATOR.current_usage();
    let mut sessions = HashMap::new();
    for number in 0..SESSIONS {
        connect(&mut sessions, number);
    }
    let used = ALLOCATOR.current_usage() - before;
    let live = sessions.values().filter(|session| !session.has_ended()).count();
    tell("live sessions of the cloud, each of another lock", live, "sessions");
    tell("one session in place, keys included", size_of::<Session>(), "bytes");
    let each = used.div_ceil(sessions.len());
    let verdict =
        Verdict::of("live allocations for each session, keys and hash map included", each, LIMIT, "bytes");
    tell(
        "leaf keys of a lock, where a service keeps them beside its session",
        size_of::<LockKeys>(),
        "bytes",
    );
    if live as u64 == SESSIONS { verdict } else { Verdict::Exceeded }
}

fn connect(sessions: &mut HashMap<LockId, Session>, number: u64) {
    let mut pair = Pair::<RustCrypto>::new(number, Uptime::from_millis(1_000));
    let (_, session) = pair.session(Request::Nothing);
    let session = sessions.entry(lock_id(number)).insert_entry(session).into_mut();
    if number.is_multiple_of(SAMPLE) {
        assert!(answers(&mut pair, session), "a session that was just made does not carry a query");
    }
}

/// Asks the lock for its status through the session.
fn answers(pair: &mut Pair, session: &mut Session) -> bool {
    let now = pair.cloud_now();
    let mut record = PacketBuffer::filled(|bytes| {
        session.request(Request::Query(Query::Status), now, bytes).unwrap_or_default()
    });
    let answer = pair.input(Input::Packet { link: LINK, packet: record.bytes_mut() }).packet;
    answer.is_some_and(|mut packet| {
        session
            .open(packet.bytes_mut(), now)
            .is_ok_and(|report| matches!(report.get().body, ReportBody::Reply(Reply::Status(_))))
    })
}
