//! A lock that was made for forward secrecy.

use anyhow::{Context, Result};
use lock_proto::{Kind, Packet, Profile};

use super::Scenario;
use crate::attacker::{Plan, Recorded};
use crate::narrator::Narrator;
use crate::stage::{PATIENCE, Person, Stage};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "profile-x",
    story: "Another lock is manufactured for profile X, with processes of its own: each session has secrets that both ends forget. The\n\
            relay tells the cloud that the lock speaks profile S, to read the session once the keys are stolen. The profile was fixed\n\
            at manufacture, so the cloud says nothing at all.",
    play,
};

fn play(narrator: &mut Narrator, stage: &mut Stage) -> Result<()> {
    let mark = stage.attacker.mark();
    stage.send(Person::Owner, "status", None, 10)?;
    let said = profile_in_hello(&stage.attacker.since(mark))?;
    narrator.judge(
        "the lock of the other scenarios speaks profile S",
        said == Profile::S,
        &format!("{said:?}"),
    );

    let mut own = Stage::set_up_as("x")?;
    let outcome = unlock_then_downgrade(narrator, &mut own);
    let (count, repeats) = own.attacker.nonces();
    narrator.judge(
        "no nonce and no ephemeral key was seen twice",
        count > 0 && repeats.is_empty(),
        &format!("{count} looked at, repeated: {repeats:?}"),
    );
    outcome
}

/// What the first Hello that crossed the line says.
fn profile_in_hello(packets: &[Recorded]) -> Result<Profile> {
    let hello = packets.iter().find_map(|recorded| match Packet::parse(&recorded.packet) {
        Ok(Packet::Hello(hello)) => Some(hello),
        Ok(_) | Err(_) => None,
    });
    Ok(hello.context("no Hello crossed the line")?.profile)
}

fn unlock_then_downgrade(narrator: &mut Narrator, stage: &mut Stage) -> Result<()> {
    let mark = stage.attacker.mark();
    let unlocked = stage.send(Person::Owner, "unlock", None, 10)?;
    let truth = stage.lock()?.bench.wait_for_bolt("retracted", PATIENCE)?;
    let packets = stage.attacker.since(mark);
    packets.iter().for_each(|packet| narrator.tell("link", &packet.described()));
    let said = profile_in_hello(&packets)?;
    narrator.judge(
        "the lock greets with profile X, and the unlock takes one round trip as before",
        unlocked.executed && said == Profile::X,
        &format!("bolt {}, phone: {}", truth.bolt, unlocked.sentence),
    );

    let (before, mark) = (stage.truth()?, stage.attacker.mark());
    stage.attacker.plan(Plan::Downgrade);
    let refused = stage.send(Person::Owner, "lock", None, 5)?;
    stage.attacker.plan(Plan::Listen);
    let (after, packets) = (stage.truth()?, stage.attacker.since(mark));
    let answered = packets.iter().filter(|packet| packet.kind() == Some(Kind::Message1)).count();
    narrator.judge(
        "a Hello that the relay made one of profile S gets no first message",
        !packets.is_empty() && answered == 0 && before == after && !refused.executed,
        &format!("{answered} first messages, bolt {}, phone: {}", after.bolt, refused.sentence),
    );

    let locked = stage.send(Person::Owner, "lock", None, 10)?;
    let truth = stage.lock()?.bench.wait_for_bolt("extended", PATIENCE)?;
    narrator.judge(
        "left alone, the next wish goes through",
        locked.executed,
        &format!("bolt {}, phone: {}", truth.bolt, locked.sentence),
    );
    Ok(())
}
