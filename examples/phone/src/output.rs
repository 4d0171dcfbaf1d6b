//! What the phone prints: for people, or one JSON object a line.

use std::cell::RefCell;
use std::io::{Stdout, Write};

use cloud::messages::relay::ToPhone;
use lock_core::holder::{RelayError, Sight};
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};

use crate::failure::Failure;

/// How it prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    People,
    JsonLines,
}

/// Where a packet comes from; it goes to the other one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum From {
    Lock,
    Cloud,
    /// The phone itself: it may ask for a Hello.
    Phone,
}

impl From {
    const fn ends(self) -> (&'static str, &'static str) {
        match self {
            Self::Lock => ("lock", "cloud"),
            Self::Cloud => ("cloud", "lock"),
            Self::Phone => ("phone", "lock"),
        }
    }
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    Executed,
    NotExecuted,
}

/// Standard output. A reader that has gone away stops nothing.
pub(crate) struct Output {
    form: Form,
    sink: RefCell<Stdout>,
}

impl Output {
    pub(crate) fn new(form: Form) -> Self {
        Self { form, sink: RefCell::new(std::io::stdout()) }
    }

    /// A connection is up.
    pub(crate) fn connected(&self, to: &str) {
        self.line(json!({ "event": "connected", "to": to }), || format!("connected to the {to}"));
    }

    /// A packet crosses. Its header says what kind it is; nothing else of it can be read here.
    pub(crate) fn packet(&self, from: From, packet: &[u8]) {
        let kind = Sight::of(packet).map_or("unknown".to_owned(), |sight| format!("{:?}", sight.kind));
        let ((from, to), bytes) = (from.ends(), packet.len());
        self.line(json!({ "event": "packet", "from": from, "to": to, "kind": kind, "bytes": bytes }), || {
            format!("{from:>5} -> {to:<5}  {kind:<12} {bytes:>3} bytes")
        });
    }

    /// A packet that has no business here goes no further.
    pub(crate) fn dropped(&self, from: From, bytes: usize, why: &RelayError) {
        let ((from, _), sentence) = (from.ends(), why.to_string());
        self.line(json!({ "event": "dropped", "from": from, "bytes": bytes, "sentence": sentence }), || {
            format!("{from:>5} -> nobody {bytes:>14} bytes: {sentence}")
        });
    }

    /// A connection broke, and is made again.
    pub(crate) fn again(&self, why: &Failure) {
        let sentence = why.to_string();
        self.line(json!({ "event": "again", "sentence": sentence }), || {
            format!("connecting again: {sentence}")
        });
    }

    /// The wish was sent.
    pub(crate) fn asked(&self, action: &str) {
        self.line(json!({ "event": "asked", "action": action }), || format!("asked the cloud: {action}"));
    }

    /// The cloud said something.
    pub(crate) fn said(&self, message: &ToPhone) {
        let value = serde_json::to_value(message).unwrap_or_default();
        let sentence = value.get("sentence").and_then(Value::as_str).map(str::to_owned);
        self.line(json!({ "event": "said", "message": value }), || match (message, sentence) {
            (ToPhone::NeedHello, _) => "the cloud needs a new Hello of the lock".to_owned(),
            (ToPhone::Delivering { count }, _) => {
                format!("queued commands on their way to the lock: {count}")
            }
            (ToPhone::Result { repeat: true, .. }, Some(sentence)) => {
                format!("{sentence} (this wish was sent before; nothing moved again)")
            }
            (_, sentence) => sentence.unwrap_or_default(),
        });
    }

    /// The end.
    pub(crate) fn ended(&self, ended: Ended, sentence: &str) {
        let executed = ended == Ended::Executed;
        self.line(json!({ "event": "ended", "executed": executed, "sentence": sentence }), || match ended {
            Ended::Executed => sentence.to_owned(),
            Ended::NotExecuted => format!("not executed: {sentence}"),
        });
    }

    fn line(&self, mut object: Value, people: impl FnOnce() -> String) {
        let text = match self.form {
            Form::People => people(),
            Form::JsonLines => {
                object["at_us"] = json!(monotonic_micros());
                object.to_string()
            }
        };
        let mut sink = self.sink.borrow_mut();
        let _ = writeln!(sink, "{text}").and_then(|()| sink.flush());
    }
}

/// Microseconds of the machine's monotonic clock: comparable between processes of one machine.
fn monotonic_micros() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    let seconds = u64::try_from(now.tv_sec).unwrap_or_default();
    seconds.saturating_mul(1_000_000).saturating_add(u64::try_from(now.tv_nsec).unwrap_or_default() / 1_000)
}
