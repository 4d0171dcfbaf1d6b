//! What a hostile relay does, and what came of it.

use std::fmt;

/// The ten attacks of a relay that cannot break the cryptography.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Attack {
    /// A packet is delivered again, in the boot that saw it first.
    Replay,
    /// A packet is delivered again after the lock lost power.
    ReplayAfterReboot,
    /// A packet is withheld, and delivered for the first time later.
    Delay,
    /// A packet is never delivered.
    Drop,
    /// Two packets are delivered in the other order.
    Reorder,
    /// A packet goes back to whoever sent it, or to the other end in the wrong direction.
    Reflect,
    /// Parts of two packets are joined.
    Splice,
    /// A packet loses its end.
    Truncate,
    /// One bit of a packet is flipped.
    FlipBit,
    /// The lock's Hello is altered on its way to the cloud.
    DowngradedHello,
}

impl Attack {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Replay,
        Self::ReplayAfterReboot,
        Self::Delay,
        Self::Drop,
        Self::Reorder,
        Self::Reflect,
        Self::Splice,
        Self::Truncate,
        Self::FlipBit,
        Self::DowngradedHello,
    ];
}

impl fmt::Display for Attack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Replay => "replay",
            Self::ReplayAfterReboot => "replay after reboot",
            Self::Delay => "delay",
            Self::Drop => "drop",
            Self::Reorder => "reorder",
            Self::Reflect => "reflect",
            Self::Splice => "splice",
            Self::Truncate => "truncate",
            Self::FlipBit => "flip a bit",
            Self::DowngradedHello => "downgraded Hello",
        })
    }
}

/// What came of one hostile packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// The lock did and said nothing.
    Silence,
    /// The lock answered and moved nothing.
    Answered,
    /// It came late and yet in time: the lock did what was asked, once.
    InTime,
    /// The cloud did not believe it.
    CloudRefused,
    /// The cloud took it for what it is: genuine, and the first of its kind.
    CloudAccepted,
    /// It was never delivered.
    Lost,
    /// The power failed while the lock worked on it.
    PowerCut,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Silence,
        Self::Answered,
        Self::InTime,
        Self::CloudRefused,
        Self::CloudAccepted,
        Self::Lost,
        Self::PowerCut,
    ];
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Silence => "silence",
            Self::Answered => "answered",
            Self::InTime => "in time",
            Self::CloudRefused => "refused",
            Self::CloudAccepted => "accepted",
            Self::Lost => "lost",
            Self::PowerCut => "power cut",
        })
    }
}

/// Attacks by outcome.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally([[u64; Outcome::ALL.len()]; Attack::ALL.len()]);

impl Tally {
    pub(crate) fn count(&mut self, attack: Attack, outcome: Outcome) {
        self.0[attack as usize][outcome as usize] += 1;
    }

    /// How often an attack ended so.
    #[must_use]
    pub fn cell(&self, attack: Attack, outcome: Outcome) -> u64 {
        self.0[attack as usize][outcome as usize]
    }

    /// How often an attack was made.
    #[must_use]
    pub fn of(&self, attack: Attack) -> u64 {
        self.0[attack as usize].iter().sum()
    }

    /// All hostile packets.
    #[must_use]
    pub fn total(&self) -> u64 {
        Attack::ALL.into_iter().map(|attack| self.of(attack)).sum()
    }

    /// The attack that was made least often.
    pub(crate) fn rarest(&self) -> Attack {
        Attack::ALL.into_iter().min_by_key(|attack| self.of(*attack)).unwrap_or(Attack::Replay)
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<20}", "attack")?;
        Outcome::ALL.into_iter().try_for_each(|outcome| write!(f, "{outcome:>11}"))?;
        writeln!(f, "{:>11}", "total")?;
        for attack in Attack::ALL {
            write!(f, "{attack:<20}")?;
            Outcome::ALL
                .into_iter()
                .try_for_each(|outcome| write!(f, "{:>11}", self.cell(attack, outcome)))?;
            writeln!(f, "{:>11}", self.of(attack))?;
        }
        write!(f, "{:<20}", "all")?;
        for outcome in Outcome::ALL {
            let sum: u64 = Attack::ALL.into_iter().map(|attack| self.cell(attack, outcome)).sum();
            write!(f, "{sum:>11}")?;
        }
        write!(f, "{:>11}", self.total())
    }
}
