//! Why something did not come to its end.

/// What came between.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Broken {
    /// The power went, as it was to.
    #[error("the power went")]
    Power,
    /// The lock is not as it must be.
    #[error("{0}")]
    Wrong(String),
    /// This machine does not play along.
    #[error("{0}; nothing is known of the lock")]
    Host(String),
}

pub(crate) type Held<T = ()> = Result<T, Broken>;

impl Broken {
    pub(crate) fn host(error: impl std::fmt::Display) -> Self {
        Self::Host(error.to_string())
    }

    pub(crate) fn wrong(error: impl std::fmt::Display) -> Self {
        Self::Wrong(error.to_string())
    }
}

/// Something must be so.
pub(crate) fn hold(is_so: bool, otherwise: impl FnOnce() -> String) -> Held {
    if is_so { Ok(()) } else { Err(Broken::Wrong(otherwise())) }
}

/// How what a lock did ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The power went, as it was to.
    Cut,
    /// It was over before.
    Own,
}

/// An operation that the power cut short, or that came to its end.
pub(crate) fn unless_cut(held: Held) -> Held {
    match held {
        Err(Broken::Power) => Ok(()),
        other => other,
    }
}
