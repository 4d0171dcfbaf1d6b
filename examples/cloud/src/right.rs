//! What a user may do with a lock.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

/// One thing that a user may do with one lock. There is no right that implies another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// See where bolt and door are, the battery and what became of commands.
    Status,
    /// Throw the bolt.
    Lock,
    /// Withdraw the bolt.
    Unlock,
    /// Change settings and PIN codes, and read the audit trail.
    Configure,
    /// Carry sealed messages to the lock and back.
    Relay,
    /// End the ownership of the lock. Whoever claims a lock gets it with all others.
    Own,
}

impl Right {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Status, Self::Lock, Self::Unlock, Self::Configure, Self::Relay, Self::Own];

    /// The name in JSON, on the command line and in storage.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Lock => "lock",
            Self::Unlock => "unlock",
            Self::Configure => "configure",
            Self::Relay => "relay",
            Self::Own => "own",
        }
    }

    /// The right of that name; `None` for any other text.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|right| right.name() == name)
    }
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The rights of one user on one lock; empty by default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rights(BTreeSet<Right>);

impl Rights {
    /// Whether `right` is among them.
    #[must_use]
    pub fn allow(&self, right: Right) -> bool {
        self.0.contains(&right)
    }

    /// Whether there are none.
    #[must_use]
    pub fn are_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each of them once, in the order of [`Right::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = Right> + '_ {
        self.0.iter().copied()
    }
}

impl FromIterator<Right> for Rights {
    fn from_iter<T: IntoIterator<Item = Right>>(rights: T) -> Self {
        Self(rights.into_iter().collect())
    }
}

impl fmt::Display for Rights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.iter().map(Right::name).collect();
        f.write_str(&names.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_right_has_one_name_everywhere() {
        for right in Right::ALL {
            assert_eq!(Right::from_name(right.name()), Some(right));
            assert_eq!(serde_json::to_string(&right).unwrap(), format!("\"{right}\""));
        }
        assert_eq!(Right::from_name("everything"), None);
    }

    #[test]
    fn no_right_implies_another() {
        let rights: Rights = [Right::Configure, Right::Relay].into_iter().collect();
        assert!(!rights.allow(Right::Unlock) && !rights.allow(Right::Status));
        assert_eq!(rights.to_string(), "configure,relay");
    }
}
