//! The service's log: one line for each fact, `key=value`, for people at night and for machines. No secret has a way into it:
//! tokens, keys and PIN digits print as `..` and packets appear as their length.

use std::fmt::{Display, Write as _};
use std::io::Write;
use std::sync::{Mutex, PoisonError};

use lock_fleet::HostClock;
use lock_fleet::proto::UnixMillis;

/// One line being written.
#[derive(Debug)]
#[must_use]
pub struct Fact(String);

/// Starts a line about `what`, a word in the past tense such as `asked` or `executed`.
pub fn fact(what: &str) -> Fact {
    let UnixMillis(now) = HostClock::start().now().unix;
    Fact(format!("time_ms={now} fact={what}"))
}

impl Fact {
    /// Adds `key=value`. Values with anything but letters, digits and a few marks are quoted as in JSON, so that no name can
    /// forge a field or a line.
    pub fn with(mut self, key: &str, value: impl Display) -> Self {
        let value = value.to_string();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.,:/[]+".contains(&byte);
        let quoted = if !value.is_empty() && value.bytes().all(plain) {
            value
        } else {
            serde_json::Value::from(value).to_string()
        };
        let _ = write!(self.0, " {key}={quoted}");
        self
    }

    /// Adds `key=value` where there is a value.
    pub fn with_some(self, key: &str, value: Option<impl Display>) -> Self {
        match value {
            Some(value) => self.with(key, value),
            None => self,
        }
    }
}

/// Where the lines go. A log that cannot be written never stops the service.
pub struct Log(Mutex<Box<dyn Write + Send>>);

impl Log {
    /// Lines go to standard output, each flushed.
    #[must_use]
    pub fn standard_output() -> Self {
        Self::to(std::io::stdout())
    }

    /// Lines go to `sink`.
    #[must_use]
    pub fn to(sink: impl Write + Send + 'static) -> Self {
        Self(Mutex::new(Box::new(sink)))
    }

    /// Writes one line.
    pub fn write(&self, Fact(line): Fact) {
        self.plain(&line);
    }

    /// Writes a line for people, such as the address that the service listens on.
    pub fn plain(&self, line: &str) {
        let mut sink = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = writeln!(sink, "{line}").and_then(|()| sink.flush());
    }
}

impl std::fmt::Debug for Log {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Log(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_forge_a_field_or_a_line() {
        let Fact(line) = fact("asked").with("by", "eve\nfact=executed by=admin").with("bytes", 93);
        assert_eq!(line.lines().count(), 1);
        assert!(line.ends_with(r#"by="eve\nfact=executed by=admin" bytes=93"#), "{line}");
    }

    #[test]
    fn an_empty_value_is_visible_as_such() {
        let Fact(line) = fact("asked").with("by", "");
        assert!(line.ends_with("by=\"\""));
    }
}
