//! Writes a source anew, with switches.

use std::ops::Range as Bytes;

use crate::find::Place;
use crate::request::Range;

impl Place {
    /// The bytes of the source that it stands for, and its rank among those that begin and end together: what goes outside comes first.
    const fn key(&self) -> (usize, std::cmp::Reverse<usize>, u8) {
        let (start, end, rank) = match self {
            Self::Body { at, .. } => (*at, usize::MAX, 0),
            Self::Guard { whole, .. } => (whole.start, whole.end, 1),
            Self::Expression { whole, .. } => (whole.start, whole.end, 2),
        };
        (start, std::cmp::Reverse(end), rank)
    }

    const fn bytes(&self) -> Bytes<usize> {
        match self {
            Self::Body { at, .. } => *at..*at,
            Self::Expression { whole, .. } | Self::Guard { whole, .. } => whole.start..whole.end,
        }
    }
}

/// The source with switches, and where the mutants are in it.
pub fn rewrite(text: &str, places: &[Place]) -> (String, Vec<Range>) {
    let mut sorted: Vec<&Place> = places.iter().collect();
    sorted.sort_by_key(|place| place.key());
    let mut writer = Writer { text, places: &sorted, next: 0, out: String::new(), ranges: Vec::new() };
    writer.copy(0..text.len());
    (writer.out, writer.ranges)
}

struct Writer<'a> {
    text: &'a str,
    places: &'a [&'a Place],
    next: usize,
    out: String,
    ranges: Vec<Range>,
}

impl Writer<'_> {
    /// Copies these bytes, with the switches of all places in them.
    fn copy(&mut self, bytes: Bytes<usize>) {
        let mut at = bytes.start;
        while let Some(place) = self.places.get(self.next).filter(|place| place.bytes().start < bytes.end) {
            let inner = place.bytes();
            self.out.push_str(&self.text[at..inner.start]);
            self.next += 1;
            self.place(place);
            at = inner.end;
        }
        self.out.push_str(&self.text[at..bytes.end]);
    }

    fn place(&mut self, place: &Place) {
        let start = self.out.len();
        match place {
            Place::Body { results, .. } => {
                for (id, result) in results {
                    self.out.push_str(&format!("if crate::__mutant({id}) {{ return "));
                    self.mutated(*id, result);
                    self.out.push_str("; } ");
                }
            }
            Place::Expression { whole, mutants } => {
                self.out.push('(');
                for (id, part, replacement) in mutants {
                    self.out.push_str(&format!("if crate::__mutant({id}) {{ ("));
                    let text =
                        [&self.text[whole.start..part.start], replacement, &self.text[part.end..whole.end]]
                            .concat();
                    self.mutated(*id, &text);
                    self.out.push_str(") } else ");
                }
                self.out.push_str("{ (");
                self.copy(whole.clone());
                self.out.push_str(") })");
                self.whole(mutants.iter().map(|mutant| mutant.0), start);
            }
            Place::Guard { whole, is_there, deleted, always, never } => {
                if !is_there {
                    self.out.push_str(" if ");
                }
                let mut ends = String::new();
                for (prefix, id) in [("!", deleted), ("", always), ("!", never)] {
                    let Some(id) = id else { continue };
                    self.out.push_str(&format!("{prefix}crate::__mutant({id})"));
                    if *is_there {
                        self.out.push_str(if prefix.is_empty() { " || (" } else { " && (" });
                        ends.push(')');
                    }
                }
                self.copy(whole.clone());
                self.out.push_str(&ends);
                self.whole([deleted, always, never].into_iter().flatten().copied(), start);
            }
        }
    }

    fn mutated(&mut self, id: u32, text: &str) {
        let start = self.out.len();
        self.out.push_str(text);
        self.ranges.push(Range { id, start, end: self.out.len(), is_mutated: true });
    }

    fn whole(&mut self, ids: impl Iterator<Item = u32>, start: usize) {
        let end = self.out.len();
        self.ranges.extend(ids.map(|id| Range { id, start, end, is_mutated: false }));
    }
}

#[cfg(test)]
mod tests {
    use super::rewrite;
    use crate::find::places;
    use crate::request::Mutant;

    /// The source with switches for mutants of the text between two places, told as cargo-mutants tells them.
    fn switched(text: &str, mutants: &[(&str, &str, &str)]) -> (String, usize) {
        let told: Vec<Mutant> = (1..)
            .zip(mutants)
            .map(|(id, (genre, part, replacement))| {
                let at = text.find(part).unwrap();
                let column = |at: usize| serde_json::json!({ "line": 1, "column": 1 + text[..at].chars().count() });
                let span = serde_json::json!({ "start": column(at), "end": column(at + part.len()) });
                let told = serde_json::json!({ "id": id, "file": "a.rs", "genre": genre, "package": "a", "replacement": replacement, "span": span });
                serde_json::from_value(told).unwrap()
            })
            .collect();
        let found = places(text, &told.iter().collect::<Vec<_>>()).unwrap();
        (rewrite(text, &found.places).0, found.ids.len())
    }

    #[test]
    fn a_result_is_returned_at_the_start_and_an_operator_is_chosen_where_it_stands() {
        let text = "fn f(é: u8) -> u8 { é + 2 * 3 }";
        let mutants =
            [("FnValue", "é + 2 * 3", "0"), ("BinaryOperator", "+", "-"), ("BinaryOperator", "*", "/")];
        let expected = "fn f(é: u8) -> u8 { if crate::__mutant(1) { return 0; } (if crate::__mutant(2) { (é - 2 * 3) } else \
                        { (é + (if crate::__mutant(3) { (2 / 3) } else { (2 * 3) })) }) }";
        assert_eq!(switched(text, &mutants), (expected.to_owned(), 3));
    }

    #[test]
    fn an_arm_is_left_out_by_its_guard_and_a_guard_is_replaced() {
        let text = "fn f() { match 1 { 1 => a(), x if x > 2 => b(), _ => c() } }";
        let mutants = [
            ("MatchArm", "1 => a(),", ""),
            ("MatchArmGuard", "x > 2", "true"),
            ("MatchArmGuard", "x > 2", "false"),
        ];
        let expected = "fn f() { match 1 { 1 if !crate::__mutant(1) => a(), x if crate::__mutant(2) || (!crate::__mutant(3) && (x > 2)) => b(), \
                        _ => c() } }";
        assert_eq!(switched(text, &mutants), (expected.to_owned(), 3));
    }

    #[test]
    fn a_field_or_an_operator_is_left_out() {
        let text = "fn f() { g(S { a: 1, ..s }, !b) }";
        let mutants = [("StructField", "a: 1,", ""), ("UnaryOperator", "!", "")];
        let expected = "fn f() { g((if crate::__mutant(1) { (S {  ..s }) } else { (S { a: 1, ..s }) }), (if crate::__mutant(2) { (b) } else { (!b) })) }";
        assert_eq!(switched(text, &mutants), (expected.to_owned(), 2));
    }

    #[test]
    fn a_constant_a_length_and_a_chain_with_let_get_no_switch() {
        for text in
            ["const A: u8 = 1 + 2;", "fn f(a: [u8; 1 + 2]) {}", "fn f() { if let Some(1) = a + b && c {} }"]
        {
            let operator = if text.contains("let") { "&&" } else { "+" };
            assert_eq!(switched(text, &[("BinaryOperator", operator, "-")]), (text.to_owned(), 0));
        }
    }
}
