//! A key for a guest, by text message, while nobody can reach anybody.

use anyhow::{Context, Result};
use cloud::messages::{KeyConditions, KeyStage};
use lock_proto::{Packet, UnixMillis};

use super::Scenario;
use crate::narrator::Narrator;
use crate::stage::{PATIENCE, Person, Stage, Visit, hours_from_now};

pub(super) const BY_LINK: Scenario = Scenario {
    name: "guest key by link",
    story: "The owner sends a guest a key as a text. The guest narrows it for a friend, the friend for a neighbour, and asks nobody; the lock,\n\
            which was told nothing, reads from the neighbour's key what all three allow. Then the owner revokes the first key.",
    play: by_link,
};

pub(super) const STOLEN: Scenario = Scenario {
    name: "stolen link",
    story: "A link is bound to the phone that it is for. Whoever copies it on its way opens nothing with it.",
    play: stolen,
};

fn by_link(narrator: &mut Narrator, stage: &mut Stage) -> Result<()> {
    // What the lock needs for keys that end: the time, from a session in this boot.
    stage.send(Person::Owner, "status", None, 10)?;
    let end = hours_from_now(72)?;
    let conditions = KeyConditions { not_after: Some(end), depth: Some(2), ..KeyConditions::default() };
    let (key, guest) = stage.virtual_key("guest", conditions, None)?;
    let link = std::fs::read_to_string(&guest)?;
    narrator.tell(
        "owner",
        &format!("sends a link of {} letters: {}…", link.len(), link.get(..24).unwrap_or_default()),
    );

    stage.stop_cloud()?;
    let friend = stage.narrow(&guest, "friend", &["--rights", "unlock,status", "--for", "2h"])?;
    let neighbour = stage.narrow(&friend, "neighbour", &["--once"])?;
    narrator.tell("cloud", "is off, and so is every phone of the owner");

    let mark = stage.attacker.mark();
    let visit = stage.visit("unlock", &neighbour, None)?;
    let truth = stage.lock()?.bench.wait_for_bolt("retracted", PATIENCE)?;
    let crossed = stage.attacker.since(mark);
    let tickets = crossed.iter().filter_map(|recorded| match Packet::parse(&recorded.packet) {
        Ok(Packet::Message1(message)) => Some(message.ticket.len()),
        Ok(_) | Err(_) => None,
    });
    let ticket = tickets.max().context("no handshake with a ticket crossed the line")?;
    narrator.judge(
        "a key that was narrowed twice opens the door while the cloud is off, within one round trip and 384 bytes of ticket",
        visit.executed && truth.bolt == "retracted" && ticket <= 384,
        &format!("{}; ticket of {ticket} bytes", visit.sentence),
    );
    stage.lock_by_hand()?;
    refused(narrator, stage, (&neighbour, "unlock"), "AlreadyUsed", "a key for one use opens once")?;
    refused(
        narrator,
        stage,
        (&friend, "lock"),
        "NotPermitted",
        "the right to lock was taken away, and nothing brings it back",
    )?;
    let UnixMillis(in_an_hour) = hours_from_now(1)?;
    let later = stage.narrow(&guest, "later", &["--not-before", &in_an_hour.to_string()])?;
    refused(
        narrator,
        stage,
        (&later, "unlock"),
        "OutsideValidity",
        "outside its window a key opens nothing",
    )?;

    stage.start_cloud()?;
    let revoked = stage.revoke_key(key.serial, "revoke-guest")?;
    narrator.judge(
        "the cloud says when the revocation is in force at the latest, whatever becomes of it on the way",
        revoked.stage == KeyStage::Revoking && revoked.effective_by == Some(end.plus_millis(60_000)),
        &revoked.sentence,
    );
    stage.send(Person::Courier, "deliver", None, 10)?;
    let confirmed = stage.key(key.serial)?;
    narrator.judge(
        "and since when, once the lock has it",
        confirmed.stage == KeyStage::Revoked,
        &confirmed.sentence,
    );
    refused(narrator, stage, (&guest, "unlock"), "TicketRevoked", "the revoked key opens nothing")?;
    refused(narrator, stage, (&friend, "unlock"), "TicketRevoked", "nor does what was narrowed from it")
}

fn stolen(narrator: &mut Narrator, stage: &mut Stage) -> Result<()> {
    let (phone, registered) = stage.holder_secret("guests-phone")?;
    let (_, link) = stage.virtual_key("bound", KeyConditions::default(), Some(registered))?;
    let (thief, _) = stage.holder_secret("thiefs-phone")?;
    let before = stage.truth()?;
    for (holder, claim) in [
        (None, "a link that is bound to a phone is no key without that phone"),
        (Some(thief.as_path()), "nor with another phone: the lock is silent"),
    ] {
        let visit = stage.visit("unlock", &link, holder)?;
        let is_same = stage.truth()? == before;
        let was_silent = !visit.executed && visit.outcome.is_empty();
        narrator.judge(claim, was_silent && is_same, &visit.sentence);
    }
    let visit = stage.visit("unlock", &link, Some(&phone))?;
    let truth = stage.lock()?.bench.wait_for_bolt("retracted", PATIENCE)?;
    narrator.judge(
        "the guest's own phone opens",
        visit.executed && truth.bolt == "retracted",
        &visit.sentence,
    );
    Ok(())
}

/// The lock says why, and the motor does not run.
fn refused(
    narrator: &mut Narrator,
    stage: &mut Stage,
    (key, wish): (&std::path::Path, &str),
    reason: &str,
    claim: &str,
) -> Result<()> {
    let before = stage.truth()?;
    let visit: Visit = stage.visit(wish, key, None)?;
    let is_same = stage.truth()? == before;
    narrator.judge(claim, visit.was_refused_for(reason) && is_same, &visit.sentence);
    Ok(())
}
