//! The vectors as questions to a program that computes: any part of the protocol, in any language, also those of clouds and holders.
//!
//! One line of JSON is asked and one is answered: see docs/conformance.md. What is asked is what a case of the committed vectors gives, and what
//! must be answered is the rest of it.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::check::{Seen, Stop};
use crate::vectors::{FILES, cases, text};

mod question;

use question::{Question, questions};

/// How long one answer may take.
const ANSWER: Duration = Duration::from_secs(20);

/// The program under test.
pub(crate) struct Codec {
    child: Child,
    input: ChildStdin,
    lines: Receiver<String>,
}

impl Drop for Codec {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Codec {
    pub(crate) fn start(command: &str) -> Result<Self, String> {
        let mut child = Command::new("sh")
            .args(["-c", &format!("exec {command}")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("the program that computes does not start: {error}"))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("the program that computes has no pipes".to_owned());
        };
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Ok(Self { child, input, lines })
    }

    fn ask(&mut self, question: &Value) -> Result<Value, String> {
        self.input
            .write_all(format!("{question}\n").as_bytes())
            .and_then(|()| self.input.flush())
            .map_err(|error| format!("the program that computes takes no question any more: {error}"))?;
        let line = self
            .lines
            .recv_timeout(ANSWER)
            .map_err(|_| "no answer came, or the program has ended".to_owned())?;
        serde_json::from_str(&line).map_err(|error| format!("the answer is no JSON ({error}): {line}"))
    }

    /// Asks all questions of one kind.
    pub(crate) fn check(&mut self, file: &str, ask: &str) -> Seen {
        let (mut asked, mut wrong) = (0, Vec::new());
        for case in &cases(file).1 {
            for Question { given, expected, .. } in
                questions(file, case).into_iter().filter(|question| question.ask == ask)
            {
                let mut line = Map::new();
                line.insert("ask".to_owned(), json!(ask));
                line.extend(given);
                let answer = self.ask(&Value::Object(line)).map_err(Stop::Broken)?;
                if answer["unsupported"] == json!(true) {
                    return Err(Stop::NotApplicable(
                        "the program says that it does not have this".to_owned(),
                    ));
                }
                asked += 1;
                if let Some(difference) = difference(&expected, &answer) {
                    wrong.push(format!("'{}': {difference}", text(case, "name")));
                }
            }
        }
        match wrong.first() {
            None => Ok(format!("{asked} answers as the vectors have them")),
            Some(first) => {
                Err(Stop::Failed(format!("{} of {asked} answers are wrong; {first}", wrong.len())))
            }
        }
    }
}

/// What is wrong with an answer. Why something is refused is in nobody's interest: that it is refused is what counts.
fn difference(expected: &Map<String, Value>, answer: &Value) -> Option<String> {
    if let Some(reason) = expected.get("error") {
        return match (answer.get("error"), expected.get("id")) {
            (None, _) => Some(format!("it is to be refused ({reason}), the answer is {answer}")),
            (Some(_), Some(id)) if answer.get("id") != Some(id) => {
                Some(format!("it is to be refused by the id {id}, the answer is {answer}"))
            }
            (Some(_), _) => None,
        };
    }
    expected.iter().find(|(name, value)| answer.get(*name) != Some(*value)).map(|(name, value)| {
        let came = answer.get(name).map_or_else(|| answer.to_string(), Value::to_string);
        format!("{name} is to be {value}, and is {came}")
    })
}

/// A kind of question, as a check.
pub(crate) struct Kind {
    pub(crate) name: String,
    pub(crate) section: String,
    pub(crate) file: &'static str,
    pub(crate) ask: &'static str,
}

/// All kinds of questions.
pub(crate) fn kinds() -> Vec<Kind> {
    let mut kinds: Vec<Kind> = Vec::new();
    for (file, _) in FILES {
        let (section, cases) = cases(file);
        for question in cases.iter().flat_map(|case| questions(file, case)) {
            if !kinds.iter().any(|kind| kind.file == *file && kind.ask == question.ask) {
                let name = format!("codec/{file}/{}", question.ask);
                kinds.push(Kind { name, section: section.clone(), file, ask: question.ask });
            }
        }
    }
    kinds
}
