//! At the door: one handshake with the key, one request, and the session until its end.

use std::time::Duration;

use lock_core::cloud::{Connecting, Monotonic, Session, SessionError};
use lock_core::crypto::{Delivery, InitiatorHedge};
use lock_core::proto::{Kind, MAX_PACKET, Packet, Reply};
use lock_core::virtual_key::{VirtualKey, VirtualKeyError};
use lock_link::{HELLO_EVERY, HELLO_WITHIN, LockLink};
use tokio::time::{Instant, timeout, timeout_at};

use crate::arguments::{Visit, Wish};
use crate::failure::Failure;
use crate::said::{Progress, Said};
use crate::{attempts, holder, key};

/// A lock answers a key that it takes at once; what it does not take it meets with silence (section 10.3).
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// Reads the key, reserves the attempt, and has the lock do it. Stopped by hand, it says so.
pub(crate) async fn visit(wish: Wish, at: &Visit) -> Result<Said, Failure> {
    let key = key::usable(&at.key, at.holder.as_deref())?;
    let place = attempts::place(&at.key, at.state.as_deref())?;
    let hedge = InitiatorHedge { attempt: attempts::reserve(&place)?, entropy: holder::random()? };
    tokio::select! {
        said = at_the_door(wish, at, &key, hedge) => said,
        _ = tokio::signal::ctrl_c() => Err(Failure::Interrupted),
    }
}

async fn at_the_door(
    wish: Wish,
    at: &Visit,
    key: &VirtualKey,
    hedge: InitiatorHedge,
) -> Result<Said, Failure> {
    let started = Instant::now();
    let until = started + Duration::from_secs(at.wait);
    let mut link = LockLink::connect(at.lock)
        .await
        .map_err(|unreachable| Failure::LockUnreachable(at.lock, unreachable.0))?;
    let hello = timeout(HELLO_WITHIN, greeting(&mut link)).await;
    let hello = hello.map_err(|_| Failure::NoHello(at.lock))??;
    let mut packet = [0; MAX_PACKET];
    let (length, connecting) =
        key.connect(&hello, wish.request(), &hedge, &mut packet).map_err(|error| refused(error, at))?;
    link.send(packet.get(..length).unwrap_or_default()).await?;
    let (reply, mut session) = answer(&mut link, connecting, until, started).await?;
    let mut progress = Progress::of_reply(&reply);
    let has_begun = progress == Progress::Begun;
    loop {
        if let Progress::Ended(said) = progress {
            return Ok(said);
        }
        let late = if has_begun { Failure::NoEndSeen(at.wait) } else { Failure::TimedOut(at.wait) };
        let mut packet = timeout_at(until, link.receive()).await.map_err(|_| late)??;
        progress = match session.open(&mut packet, since(started)) {
            Ok(report) => Progress::of_report(&report.get().body),
            Err(SessionError::Ended) => return Err(Failure::NotTheLock),
            // Whoever is on the way may send anything: the session ends at the eighth.
            Err(_) => Progress::GoesOn,
        };
    }
}

/// The lock's Hello. A lock greets when a link comes up: it is asked only when it does not.
async fn greeting(link: &mut LockLink) -> Result<Vec<u8>, Failure> {
    loop {
        match timeout(HELLO_EVERY, next(link, Kind::Hello)).await {
            Ok(hello) => return hello,
            Err(_) => link.send(&Packet::HELLO_REQUEST).await?,
        }
    }
}

/// The Message2: the answer to the request, and the session.
async fn answer(
    link: &mut LockLink,
    connecting: Connecting,
    until: Instant,
    started: Instant,
) -> Result<(Reply, Session), Failure> {
    let silent_at = until.min(Instant::now() + ANSWER_WITHIN);
    let message2 = timeout_at(silent_at, next(link, Kind::Message2)).await;
    let mut message2 = message2.map_err(|_| Failure::Silent)??;
    let (answer, _, session) = connecting
        .finish(&mut message2, Delivery::Ordered, since(started))
        .map_err(|_| Failure::NotTheLock)?;
    Ok((answer.into_inner().reply, session))
}

/// The next packet of a kind; others have no business here.
async fn next(link: &mut LockLink, kind: Kind) -> Result<Vec<u8>, Failure> {
    loop {
        let packet = link.receive().await?;
        if Packet::parse(&packet).is_ok_and(|parsed| parsed.kind() == kind) {
            return Ok(packet);
        }
    }
}

/// Why nothing is sent to what greeted.
fn refused(error: VirtualKeyError, at: &Visit) -> Failure {
    let VirtualKeyError::Session(error) = error else { return Failure::HolderNeeded };
    if error == SessionError::AnotherProfile {
        Failure::AnotherProfile(at.lock)
    } else if error == SessionError::NoCommonVersion {
        Failure::NoCommonVersion
    } else {
        Failure::AnotherLock(at.lock)
    }
}

fn since(started: Instant) -> Monotonic {
    Monotonic(u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX))
}
