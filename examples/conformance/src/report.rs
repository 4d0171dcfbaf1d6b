//! What came of a run: for the terminal, for programs and for people.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::json;

use crate::check::{Seen, Stop};

/// What came of one check.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) section: String,
    pub(crate) rule: String,
    pub(crate) look_at: String,
    pub(crate) seen: Seen,
    pub(crate) took: Duration,
}

/// The verdict of a check, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Passed,
    Failed,
    NotApplicable,
}

impl Entry {
    pub(crate) fn verdict(&self) -> Verdict {
        match self.seen {
            Ok(_) => Verdict::Passed,
            Err(Stop::NotApplicable(_)) => Verdict::NotApplicable,
            Err(Stop::Failed(_) | Stop::Broken(_)) => Verdict::Failed,
        }
    }

    /// What was seen, in a sentence.
    pub(crate) fn sentence(&self) -> String {
        match &self.seen {
            Ok(seen) | Err(Stop::Failed(seen)) => seen.clone(),
            Err(Stop::NotApplicable(why)) => why.clone(),
            Err(Stop::Broken(why)) => format!("it could not be looked at: {why}"),
        }
    }
}

impl Verdict {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::NotApplicable => "not applicable",
        }
    }
}

/// A whole run.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    pub(crate) target: String,
    pub(crate) seed: u64,
    pub(crate) entries: Vec<Entry>,
}

impl Report {
    fn count(&self, verdict: Verdict) -> usize {
        self.entries.iter().filter(|entry| entry.verdict() == verdict).count()
    }

    /// A run in which nothing was looked at has shown nothing.
    pub(crate) fn has_passed(&self) -> bool {
        self.count(Verdict::Failed) == 0 && self.count(Verdict::Passed) > 0
    }

    pub(crate) fn last_line(&self) -> String {
        let (passed, failed) = (self.count(Verdict::Passed), self.count(Verdict::Failed));
        format!("{passed} passed, {failed} failed, {} not applicable", self.count(Verdict::NotApplicable))
    }

    /// Writes it in the form that the name of the file asks for.
    pub(crate) fn write(&self, path: &Path) -> Result<(), String> {
        let text = match path.extension().and_then(|ending| ending.to_str()) {
            Some("json") => self.json(),
            Some("md") => self.markdown(),
            Some("html") => self.page(),
            _ => return Err(format!("{}: a report ends in .json, .md or .html", path.display())),
        };
        fs::write(path, text).map_err(|error| format!("{}: {error}; check the path", path.display()))
    }

    fn json(&self) -> String {
        let checks: Vec<_> = self
            .entries
            .iter()
            .map(|entry| {
                json!({
                    "name": entry.name,
                    "section": entry.section,
                    "verdict": entry.verdict().word(),
                    "expected": entry.rule,
                    "seen": entry.sentence(),
                    "look_at": entry.look_at,
                    "milliseconds": u64::try_from(entry.took.as_millis()).unwrap_or(u64::MAX),
                })
            })
            .collect();
        let report = json!({
            "specification": "docs/protocol.md, version 1",
            "kit": env!("CARGO_PKG_VERSION"),
            "target": self.target,
            "seed": self.seed,
            "passed": self.count(Verdict::Passed),
            "failed": self.count(Verdict::Failed),
            "not_applicable": self.count(Verdict::NotApplicable),
            "checks": checks,
        });
        format!("{report:#}\n")
    }

    /// What failed first and in full, and then everything in one line each.
    fn markdown(&self) -> String {
        let mut text = format!(
            "# Conformance to protocol version 1\n\n**{}** of `{}`, with seed {} and version {} of the kit.\n",
            self.last_line(),
            self.target,
            self.seed,
            env!("CARGO_PKG_VERSION")
        );
        let failed = self.entries.iter().filter(|entry| entry.verdict() == Verdict::Failed);
        for entry in failed {
            let _ = write!(
                text,
                "\n## Failed: `{}` (section {})\n\n- **Expected:** {}\n- **Seen:** {}\n- **Look at:** {}\n",
                entry.name,
                entry.section,
                entry.rule,
                entry.sentence(),
                entry.look_at
            );
        }
        text.push_str("\n## All checks\n\n| check | section | verdict | seen |\n| --- | --- | --- | --- |\n");
        for entry in &self.entries {
            let seen = entry.sentence().replace('|', "\\|");
            let _ = writeln!(
                text,
                "| `{}` | {} | {} | {seen} |",
                entry.name,
                entry.section,
                entry.verdict().word()
            );
        }
        text
    }

    fn page(&self) -> String {
        let mut rows = String::new();
        for entry in &self.entries {
            let (verdict, class) = match entry.verdict() {
                Verdict::Passed => ("passed", "passed"),
                Verdict::Failed => ("failed", "failed"),
                Verdict::NotApplicable => ("not applicable", "none"),
            };
            let _ = writeln!(
                rows,
                "<details class=\"{class}\"{}><summary><b>{verdict}</b> <code>{}</code> <i>section {}</i></summary>\
                 <p><b>Expected:</b> {}</p><p><b>Seen:</b> {}</p><p><b>Look at:</b> {}</p></details>",
                if class == "failed" { " open" } else { "" },
                escaped(&entry.name),
                escaped(&entry.section),
                escaped(&entry.rule),
                escaped(&entry.sentence()),
                escaped(&entry.look_at)
            );
        }
        format!(
            "<!doctype html>\n<meta charset=\"utf-8\"><title>Conformance: {}</title>\n<style>\
             body{{font:16px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em}}\
             details{{border-left:.4em solid;padding:.3em .8em;margin:.3em 0}}\
             .passed{{border-color:#2a7}}.failed{{border-color:#c22}}.none{{border-color:#aaa}}i{{color:#666}}p{{margin:.3em 0}}\
             </style>\n<h1>Conformance to protocol version 1</h1>\n\
             <p><b>{}</b> of <code>{}</code>, with seed {} and version {} of the kit.</p>\n{rows}",
            escaped(&self.last_line()),
            escaped(&self.last_line()),
            escaped(&self.target),
            self.seed,
            env!("CARGO_PKG_VERSION")
        )
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(seen: Seen) -> Entry {
        Entry {
            name: "a/b".to_owned(),
            section: "1".to_owned(),
            rule: "It holds.".to_owned(),
            look_at: "there".to_owned(),
            seen,
            took: Duration::ZERO,
        }
    }

    fn report(seen: &[Seen]) -> Report {
        Report { target: "t".to_owned(), seed: 1, entries: seen.iter().cloned().map(entry).collect() }
    }

    #[test]
    fn a_run_in_which_nothing_was_looked_at_has_not_passed() {
        let nothing = || Err(Stop::NotApplicable("no bench".to_owned()));
        assert!(!report(&[]).has_passed());
        assert!(!report(&[nothing()]).has_passed());
        assert!(report(&[nothing(), Ok("so".to_owned())]).has_passed());
        assert!(!report(&[Ok("so".to_owned()), Err(Stop::Broken("gone".to_owned()))]).has_passed());
        assert!(!report(&[Ok("so".to_owned()), Err(Stop::Failed("not so".to_owned()))]).has_passed());
    }

    #[test]
    fn a_page_shows_what_a_lock_said_as_text() {
        let page = report(&[Err(Stop::Failed("<script>".to_owned()))]).page();
        assert!(page.contains("&lt;script&gt;") && !page.contains("<script>"));
    }
}
