//! What is given and what is asked, of each form of case.

use serde_json::{Map, Value, json};

use crate::vectors::{cases, text};

type Fields = Map<String, Value>;

/// One question.
pub(super) struct Question {
    pub(super) ask: &'static str,
    pub(super) given: Fields,
    pub(super) expected: Fields,
}

/// `answers` of a case are asked for, and what is in `hidden` is not told; all else is given.
fn split(case: &Value, ask: &'static str, answers: &[&str], hidden: &[&str]) -> Question {
    let fields = case.as_object().cloned().unwrap_or_default();
    let is_answer = |name: &str| answers.contains(&name) || ["error", "id"].contains(&name);
    let (mut given, mut expected) = (Fields::new(), Fields::new());
    for (name, value) in fields {
        if ["name", "description"].contains(&name.as_str()) || hidden.contains(&name.as_str()) {
            continue;
        }
        if is_answer(&name) {
            expected.insert(name, value);
        } else {
            given.insert(name, value);
        }
    }
    Question { ask, given, expected }
}

fn question(ask: &'static str, given: Value, expected: Value) -> Question {
    let fields = |value: Value| value.as_object().cloned().unwrap_or_default();
    Question { ask, given: fields(given), expected: fields(expected) }
}

/// The questions of a case.
pub(super) fn questions(file: &str, case: &Value) -> Vec<Question> {
    let has = |field: &str| !case[field].is_null();
    match file {
        "framing" if has("stream") => vec![split(case, "deframe", &["packets"], &[])],
        "framing" if has("error") => vec![split(case, "frame", &["frame"], &[])],
        "framing" => vec![
            split(case, "frame", &["frame"], &[]),
            question("deframe", json!({ "stream": case["frame"] }), json!({ "packets": [case["packet"]] })),
        ],
        "fragments" if has("arrivals") => vec![arrivals(case)],
        "fragments" => vec![split(case, "fragment", &["fragments"], &[])],
        "packets" => vec![split(case, "parse", &["kind", "fields"], &[])],
        "bodies" if has("error") => vec![split(case, "decode", &["fields"], &[])],
        "bodies" => vec![split(case, "decode", &["fields"], &[]), split(case, "encode", &["body"], &[])],
        "keys" if text(case, "function") == "label" => {
            vec![split(case, "label", &["code", "text"], &["function"])]
        }
        "keys" => vec![split(case, "derive", &["result"], &[])],
        "handshake" => handshake(case),
        "records" => vec![records(case)],
        "sealed" if has("verdict") => vec![split(case, "judge", &["verdict"], &[])],
        "sealed" if has("error") => vec![split(case, "open", &["body"], &[])],
        "sealed" => vec![
            split(case, "seal", &["packet"], &[]),
            split(case, "open", &["body"], &["counter", "random"]),
        ],
        "tickets" if has("error") => vec![split(case, "caveats", &[], &[])],
        "tickets" => vec![split(case, "issue", &["ticket", "tags", "psk", "use_ids", "link"], &[])],
        "offline_codes" => codes(case),
        "log" => vec![split(case, "verify", &["found"], &[])],
        "backups" if has("error") => vec![split(case, "open_backup", &["body"], &[])],
        "backups" => vec![
            split(case, "seal_backup", &["file"], &["fields"]),
            split(case, "open_backup", &["body"], &["nonce", "fields"]),
        ],
        _ => Vec::new(),
    }
}

/// Only whether a packet is there is asked for, and which; not why there is none.
fn arrivals(case: &Value) -> Question {
    let list = case["arrivals"].as_array().cloned().unwrap_or_default();
    let given: Vec<_> =
        list.iter().map(|one| json!({ "at": one["at"], "fragment": one["fragment"] })).collect();
    let packets: Vec<_> = list.iter().map(|one| one["packet"].clone()).collect();
    question("assemble", json!({ "arrivals": given }), json!({ "packets": packets }))
}

fn handshake(case: &Value) -> Vec<Question> {
    if !case["message2"].is_null() && !case["error"].is_null() {
        let mut given = inputs(text(case, "handshake"));
        given["message2"] = case["message2"].clone();
        return vec![question("finish", given, json!({ "error": case["error"] }))];
    }
    if !case["error"].is_null() {
        return vec![split(case, "take", &["payload"], &[])];
    }
    let given = inputs(text(case, "name"));
    let mut finish = given.clone();
    finish["message2"] = case["message2"].clone();
    let mut whole = given.clone();
    whole["lock"] = case["lock"].clone();
    let mut session = whole.clone();
    for body in ["down_body", "up_body"] {
        session[body] = case["session"][body].clone();
    }
    let records =
        json!({ "down_record": case["session"]["down_record"], "up_record": case["session"]["up_record"] });
    let mut take = json!({ "message1": case["message1"] });
    for name in ["lock_id", "key_epoch", "psk", "hello"] {
        take[name] = case[name].clone();
    }
    vec![
        question("start", given, json!({ "prologue": case["prologue"], "message1": case["message1"] })),
        question("take", take, json!({ "payload": case["initiator"]["payload"] })),
        question("answer", whole, json!({ "message2": case["message2"] })),
        question("finish", finish, json!({ "payload": case["lock"]["payload"] })),
        question("session", session, records),
    ]
}

/// What an initiator knows when it starts the handshake of this name.
fn inputs(name: &str) -> Value {
    let all = cases("handshake").1;
    let case = all.iter().find(|case| text(case, "name") == name).cloned().unwrap_or_default();
    let mut inputs = json!({});
    for field in ["lock_id", "key_epoch", "psk", "hello", "version", "selector", "ticket", "initiator"] {
        inputs[field] = case[field].clone();
    }
    inputs
}

fn records(case: &Value) -> Question {
    let mut given = inputs(text(case, "handshake"));
    let all = cases("handshake").1;
    let handshake =
        all.iter().find(|one| text(one, "name") == text(case, "handshake")).cloned().unwrap_or_default();
    given["lock"] = handshake["lock"].clone();
    for field in ["receiver", "delivery"] {
        given[field] = case[field].clone();
    }
    let list = case["arrivals"].as_array().cloned().unwrap_or_default();
    given["packets"] = list.iter().map(|one| one["packet"].clone()).collect();
    // A body, or null; and whether a command in it may be executed, or null.
    let bodies: Vec<_> = list.iter().map(|one| one["body"].clone()).collect();
    let commands: Vec<_> = list.iter().map(|one| one["command"].clone()).collect();
    question("receive", given, json!({ "bodies": bodies, "commands": commands }))
}

fn codes(case: &Value) -> Vec<Question> {
    let has = |field: &str| !case[field].is_null();
    if has("meaning") {
        return vec![split(case, "permute", &["digits"], &[]), split(case, "unpermute", &["meaning"], &[])];
    }
    if has("code") && has("error") {
        return vec![split(case, "code", &["digits"], &[])];
    }
    if has("error") {
        return vec![split(case, "read_code", &["code"], &[])];
    }
    vec![
        split(case, "code", &["slot", "digits", "begin", "end"], &[]),
        split(case, "read_code", &["code", "slot", "begin", "end"], &[]),
    ]
}
