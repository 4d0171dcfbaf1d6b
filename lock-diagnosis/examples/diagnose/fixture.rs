//! A case in a file: what a lock reported, what an app knew, what people said and tried, and what is wrong in truth.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail, ensure};
use lock_diagnosis::texts::ENGLISH;
use lock_diagnosis::{
    Answer, Cause, Confidence, Dialogue, Helper, Origin, Outcome, Question, Seen, Sign, Signs, Step,
};
use lock_proto::{Health, RefusalKind, TestStep};
use serde::Deserialize;
use serde_json::{Map, Value};

/// A case.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fixture {
    /// Where it comes from: "by hand", or how it was made.
    #[serde(default)]
    pub(crate) source: String,
    /// Model, maker and so on.
    #[serde(default)]
    pub(crate) about: About,
    /// What the lock reported: the fields that differ from a lock that knows nothing; absent where nobody could ask it.
    report: Option<Value>,
    /// What the app knew by itself.
    #[serde(default)]
    app: BTreeMap<Sign, Seen>,
    /// What people said: the English text of the answer.
    #[serde(default)]
    answers: BTreeMap<Question, String>,
    /// What they tried, in order.
    #[serde(default)]
    tried: Vec<(Step, Outcome)>,
    /// What is wrong, where somebody knows.
    pub(crate) expect: Option<Expected>,
}

/// The label of the lock, and what else nobody can measure.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct About {
    pub(crate) model: Option<String>,
    pub(crate) maker: Option<String>,
    pub(crate) firmware: Option<String>,
    pub(crate) app: Option<String>,
    pub(crate) battery: Option<String>,
    pub(crate) battery_replaced: Option<String>,
}

impl About {
    /// As the library takes it.
    pub(crate) fn named(&self) -> lock_diagnosis::About<'_> {
        lock_diagnosis::About {
            model: self.model.as_deref(),
            maker: self.maker.as_deref(),
            firmware: self.firmware.as_deref(),
            app: self.app.as_deref(),
            battery: self.battery.as_deref(),
            battery_replaced: self.battery_replaced.as_deref(),
        }
    }
}

/// What the first finding has to say.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expected {
    /// The cause; absent where nothing is wrong.
    pub(crate) cause: Option<Cause>,
    /// How sure it has to be at least.
    pub(crate) confidence: Option<Confidence>,
    /// How sure it may be at most, where the case leaves room for more than one cause.
    pub(crate) at_most: Option<Confidence>,
    /// What has to be done next.
    pub(crate) step: Option<Step>,
    /// Who has to be called where the step does not help.
    pub(crate) helper: Option<Helper>,
    /// How many other findings may be as sure as the first; none where it is not said.
    #[serde(default)]
    pub(crate) rivals: usize,
    /// What must not be found at all.
    #[serde(default)]
    pub(crate) not_found: Vec<Cause>,
}

impl Fixture {
    /// Reads a case, or a bare report: what `phone --json health` prints under `report`.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("{} cannot be read; give the path of a fixture", path.display()))?;
        Self::parse(&text)
            .with_context(|| format!("{} is neither a fixture nor a health report", path.display()))
    }

    pub(crate) fn parse(text: &str) -> Result<Self> {
        let value: Value = serde_json::from_str(text)?;
        let is_report = value.get("status").is_some();
        Ok(serde_json::from_value(if is_report { serde_json::json!({ "report": value }) } else { value })?)
    }

    /// What the lock reported.
    pub(crate) fn report(&self) -> Result<Option<Health>> {
        self.report.as_ref().map(report_of).transpose()
    }

    /// The talk so far.
    pub(crate) fn dialogue(&self) -> Result<Dialogue> {
        let mut signs = self.report()?.map_or_else(Signs::default, |report| Signs::from_report(&report));
        for (sign, seen) in &self.app {
            signs.note(*sign, *seen, Origin::App);
        }
        let mut dialogue = Dialogue::new(signs);
        for (question, said) in &self.answers {
            dialogue.answer(*question, answer_of(*question, said)?)?;
        }
        for (step, outcome) in &self.tried {
            dialogue.tried(*step, *outcome);
        }
        Ok(dialogue)
    }
}

fn answer_of(question: Question, said: &str) -> Result<Answer> {
    if said == ENGLISH.do_not_know {
        return Ok(Answer::Unknown);
    }
    let text = (ENGLISH.question)(question);
    let number = text.answers.iter().position(|answer| *answer == said);
    let number = number.with_context(|| {
        format!(
            "\"{said}\" is no answer to {question:?}; say one of {:?} or \"{}\"",
            text.answers, ENGLISH.do_not_know
        )
    })?;
    Ok(Answer::Number(u8::try_from(number)?))
}

/// A whole report from the fields that are given. Lists by number may be given by name.
fn report_of(given: &Value) -> Result<Health> {
    let mut given = given.clone();
    let fields =
        given.as_object_mut().context("a report is an object with the fields of `lock_proto::Health`")?;
    by_name(fields, "refusals", &RefusalKind::ALL.map(|kind| format!("{kind:?}")), &Value::from(0))?;
    by_name(fields, "self_test", &TestStep::ALL.map(|step| format!("{step:?}")), &Value::from("NotRun"))?;
    if let Some(drives) = given.pointer_mut("/motor/last").and_then(Value::as_array_mut) {
        ensure!(drives.len() <= 4, "a report has four drives at most");
        drives.resize(4, Value::Null);
    }
    let mut whole = serde_json::to_value(Health::default())?;
    merge(&mut whole, given, "report")?;
    serde_json::from_value(whole).context("the report does not read as `lock_proto::Health`")
}

/// Turns an object by name into the list by number that the report has.
fn by_name(fields: &mut Map<String, Value>, field: &str, names: &[String], rest: &Value) -> Result<()> {
    let Some(Value::Object(given)) = fields.get(field) else { return Ok(()) };
    if let Some(unknown) = given.keys().find(|key| !names.contains(key)) {
        bail!("{field} has no {unknown}; it has {names:?}");
    }
    let list = names.iter().map(|name| given.get(name).unwrap_or(rest).clone()).collect();
    fields.insert(field.to_owned(), Value::Array(list));
    Ok(())
}

fn merge(into: &mut Value, given: Value, path: &str) -> Result<()> {
    match (into, given) {
        (Value::Object(into), Value::Object(given)) => {
            for (key, value) in given {
                let place = into.get_mut(&key).ok_or_else(|| anyhow!("{path} has no field {key}"))?;
                merge(place, value, &format!("{path}.{key}"))?;
            }
        }
        (place, given) => *place = given,
    }
    Ok(())
}
