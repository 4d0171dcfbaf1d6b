//! What the guest prints: for people, or one JSON object.

use std::io::Write;

use serde_json::{Value, json};

use crate::Failure;
use crate::said::{self, Said};
use crate::show::View;

/// How it prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    People,
    Json,
}

impl Form {
    pub(crate) const fn of(json: bool) -> Self {
        if json { Self::Json } else { Self::People }
    }
}

/// One line on standard output. A reader that has gone away stops nothing.
pub(crate) fn line(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// What is read of a key.
pub(crate) fn view(form: Form, view: &View) {
    match form {
        Form::People => line(&view.for_people()),
        Form::Json => line(&json!(view).to_string()),
    }
}

/// What the lock said.
pub(crate) fn said(form: Form, said: &Said) {
    let sentence = said.sentence();
    match (form, said.is_done()) {
        (Form::People, true) => line(&sentence),
        (Form::People, false) => complain(&sentence),
        (Form::Json, executed) => {
            let mut object = json!({ "executed": executed, "sentence": sentence });
            match said {
                Said::Outcome(outcome) => object["outcome"] = json!(said::view(*outcome)),
                Said::Status(status) => object["status"] = json!(status),
                Said::NotShown => {}
            }
            line(&object.to_string());
        }
    }
}

/// Why there is nothing to say.
pub(crate) fn failure(form: Form, failure: &Failure) {
    let sentence = failure.to_string();
    match form {
        Form::People if failure.leaves_it_open() => note(&format!("not known: {sentence}")),
        Form::People => complain(&sentence),
        Form::Json => {
            let executed = if failure.leaves_it_open() { Value::Null } else { Value::Bool(false) };
            let object: Value = json!({ "executed": executed, "sentence": sentence });
            line(&object.to_string());
        }
    }
}

/// Something to know, that is no part of the result.
pub(crate) fn note(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

fn complain(sentence: &str) {
    note(&format!("not executed: {sentence}"));
}
