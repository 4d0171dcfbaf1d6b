//! Bodies of messages, of the log and of backups: each value has one encoding, which is no longer than is promised.

use lock_proto::{
    Answer, Backup, BackupHead, BackupItem, Chunk, DecodeError, Down, HolderAnswer, HolderBody, HolderEvent,
    HolderReply, HolderReport, Live, LogEntry, NewOwner, Opening, Reply, Report, ReportBody, Sealed,
    SealedReport,
};

/// For a body: where it is taken, it is written the same, and what was promised of its length is so.
macro_rules! one_encoding {
    ($($body:ty),* $(,)?) => {
        &[$(|bytes| {
            if let Ok(body) = <$body>::decode(bytes) {
                let mut again = [0; <$body>::MAX_BYTES];
                assert_eq!(body.encode(&mut again).as_deref(), Ok(bytes), concat!("a second encoding of ", stringify!($body)));
            }
        }),*]
    };
}

const BODIES: &[fn(&[u8])] =
    one_encoding![Down<Opening>, Down<Live>, Down<Sealed>, Answer, Report, SealedReport, LogEntry, NewOwner,];

pub(crate) fn take(bytes: &[u8]) {
    BODIES.iter().for_each(|body| body(bytes));
    chunk(bytes);
    backup(bytes);
    unknown_actions(bytes);
    holder_answer(bytes);
    holder_report(bytes);
}

fn chunk(bytes: &[u8]) {
    let Ok((header, chunk)) = Chunk::decode(bytes) else { return };
    let mut again = [0; Chunk::MAX_BYTES];
    assert_eq!(chunk.encode(header, &mut again).as_deref(), Ok(bytes));
    assert!(Down::<Live>::decode(bytes).is_err(), "a chunk is no request");
}

fn backup(bytes: &[u8]) {
    let Ok(backup) = Backup::decode(bytes) else { return };
    let mut again = backup.head.encode(&mut [0; BackupHead::MAX_BYTES]).expect("the longest head").to_vec();
    let items: Vec<_> = backup.items().collect();
    assert_eq!(items.len(), usize::from(backup.head.items));
    for item in items {
        again.extend_from_slice(item.encode(&mut [0; BackupItem::MAX_BYTES]).expect("the longest item"));
    }
    assert_eq!(again, bytes);
}

/// Who names the command of an unknown action has read as much of it: the body is no message for all others.
fn unknown_actions(bytes: &[u8]) {
    if let Err(DecodeError::UnknownAction { .. }) = Down::<Live>::decode(bytes) {
        assert!(Chunk::decode(bytes).is_err());
    }
}

/// A holder reads what a cloud reads, as far as it is told anything.
fn holder_answer(bytes: &[u8]) {
    let (holder, cloud) = (HolderAnswer::decode(bytes), Answer::decode(bytes));
    let is_told = cloud.as_ref().is_ok_and(|answer| is_for_holders(&answer.reply));
    assert_eq!(holder.is_ok(), is_told, "{holder:?}, {cloud:?}");
    if let (Ok(holder), Ok(cloud)) = (holder, cloud) {
        assert_eq!((holder.uptime, holder.boot, holder.marks), (cloud.uptime, cloud.boot, cloud.marks));
        same_reply(&holder.reply, &cloud.reply);
    }
}

fn holder_report(bytes: &[u8]) {
    let (holder, cloud) = (HolderReport::decode(bytes), Report::decode(bytes));
    let Ok(holder) = holder else { return };
    let cloud = cloud.expect("what a holder reads a cloud reads");
    assert_eq!(holder.uptime, cloud.uptime);
    match (&holder.body, &cloud.body) {
        (HolderBody::Reply(held), ReportBody::Reply(told)) => same_reply(held, told),
        (HolderBody::Event(held), ReportBody::Event(told)) => {
            assert_eq!(format!("{held:?}"), format!("{told:?}"));
            let (HolderEvent::Changed(_) | HolderEvent::Finished { .. } | HolderEvent::Alarm(_)) = held;
        }
        (held, told) => panic!("{held:?} is read as {told:?}"),
    }
}

const fn is_for_holders(reply: &Reply) -> bool {
    matches!(
        reply,
        Reply::Nothing
            | Reply::Command { .. }
            | Reply::Status(_)
            | Reply::Marks { .. }
            | Reply::NotUnderstood
    )
}

/// Both are printed alike, field by field.
fn same_reply(held: &HolderReply, told: &Reply) {
    assert_eq!(format!("{held:?}"), format!("{told:?}"));
}
