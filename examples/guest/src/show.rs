//! What can be read of a key without its lock: the root is sealed, the blocks that narrow it are in clear (section 10.1).

use std::fmt::Write as _;
use std::path::Path;

use lock_core::cloud::WeeklyWindow;
use lock_core::proto::{Caveat, Caveats, Ticket, TicketRights};
use lock_core::virtual_key::{Binding, LINK_LETTERS, VirtualKey};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::arguments::RIGHTS;
use crate::{Failure, key, weekly, when};

const SEALED: &str = "what its owner allows is sealed for the lock and cannot be read here";

/// A key, as far as it can be read.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct View {
    /// 32 hex digits.
    lock_id: String,
    needs_holder: bool,
    link_letters: usize,
    ticket_bytes: usize,
    /// For people.
    root: &'static str,
    /// The first narrowing first.
    blocks: Vec<Block>,
}

/// What one narrowing says.
#[derive(Clone, Debug, Serialize)]
struct Block {
    /// For people.
    sentence: String,
    /// Condition by condition, by the names of the protocol.
    conditions: Vec<Caveat>,
}

/// Reads a key.
pub(crate) fn run(path: &Path) -> Result<View, Failure> {
    let key = key::read(path)?;
    let mut text = Zeroizing::new([0; LINK_LETTERS]);
    let link_letters = key.to_link(text.as_mut_slice())?.len();
    Ok(View::of(&key, link_letters))
}

impl View {
    fn of(key: &VirtualKey, link_letters: usize) -> Self {
        let ticket = key.ticket();
        let blocks = Ticket::parse(ticket).map(|ticket| ticket.blocks().map(Block::of).collect());
        Self {
            lock_id: hex::encode(key.lock_id().0),
            needs_holder: key.binding() == Binding::Needed,
            link_letters,
            ticket_bytes: ticket.len(),
            root: SEALED,
            blocks: blocks.unwrap_or_default(),
        }
    }

    /// Lines of text.
    pub(crate) fn for_people(&self) -> String {
        let holder = if self.needs_holder {
            "it is bound to one holder: it opens with that holder's secret only"
        } else {
            "whoever has it can use it"
        };
        let (lock, letters, bytes) = (&self.lock_id, self.link_letters, self.ticket_bytes);
        let times = match self.blocks.len() {
            0 => "it was not narrowed".to_owned(),
            1 => "it was narrowed once".to_owned(),
            more => format!("it was narrowed {more} times, and all of that holds"),
        };
        let mut text = format!(
            "a virtual key of lock {lock}\n{holder}\n{letters} letters; {bytes} bytes of it go to the lock\n{}\n{times}",
            self.root
        );
        for (number, block) in (1..).zip(&self.blocks) {
            // Writing to a string does not fail.
            let _ = write!(text, "\n  {number}. {}", block.sentence);
        }
        text
    }
}

impl Block {
    fn of(bytes: &[u8]) -> Self {
        let (mut sentences, mut conditions) = (Vec::new(), Vec::new());
        for caveat in Caveats::of(bytes) {
            match caveat {
                Ok(caveat) => {
                    sentences.push(words(&caveat));
                    conditions.push(caveat);
                }
                Err(error) => sentences.push(error.to_string()),
            }
        }
        Self { sentence: sentences.join("; "), conditions }
    }
}

fn words(caveat: &Caveat) -> String {
    match *caveat {
        Caveat::Rights(rights) => allowed(rights),
        Caveat::NotBefore(moment) => format!("not before {}", when::words(moment)),
        Caveat::NotAfter(moment) => format!("not after {}", when::words(moment)),
        Caveat::Weekly { days, from, until } => weekly::words(WeeklyWindow { days, from, until }),
        Caveat::SingleUse => "it opens once, for all who were given it".to_owned(),
        Caveat::Depth(0) => "it may not be passed on".to_owned(),
        Caveat::Depth(1) => "it may be passed on once more".to_owned(),
        Caveat::Depth(depth) => format!("it may be passed on {depth} times more"),
        Caveat::Staleness(time) => format!("the lock has heard its cloud within the last {} s", time.0),
        Caveat::Serial(_) | Caveat::Issued(_) | Caveat::Epoch(_) | Caveat::Holder(_) => {
            "a condition that only the owner may set: the lock refuses this key".to_owned()
        }
    }
}

fn allowed(rights: TicketRights) -> String {
    let names: Vec<_> =
        RIGHTS.iter().filter(|(_, right)| rights.contain(*right)).map(|(name, _)| *name).collect();
    if names.is_empty() {
        "it allows nothing".to_owned()
    } else {
        format!("it allows at most {}", names.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use lock_core::proto::{UnixMillis, encode_caveats};

    use super::*;

    #[test]
    fn a_block_is_said_in_plain_words() {
        let mut bytes = [0; Ticket::MAX_BLOCK];
        let caveats = [
            Caveat::Rights(TicketRights::UNLOCK.or(TicketRights::STATUS)),
            Caveat::NotAfter(UnixMillis(1_767_225_600_000)),
            Caveat::SingleUse,
            Caveat::Depth(1),
        ];
        let block = Block::of(encode_caveats(caveats, &mut bytes).unwrap());
        assert_eq!(
            block.sentence,
            "it allows at most unlock, status; not after 2026-01-01T00:00:00Z; it opens once, for all who were given it; it may be passed \
             on once more"
        );
        assert_eq!(block.conditions, caveats);
    }

    #[test]
    fn what_is_not_understood_is_said() {
        assert!(Block::of(&[0x7f]).sentence.contains("not understood here"));
    }
}
