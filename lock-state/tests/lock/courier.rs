//! Those who come with an offline code, right or wrong, and what may become of it: for the random histories.

use std::collections::BTreeSet;
use std::fmt;

use lock_crypto::{Key, RustCrypto};
use lock_proto::{CodeClass, CodeSeries, CodesSwitch, OfflineCode, QuarterHours, Reason, UnixMillis};
use lock_state::{Barrier, Effects, Indication, offline_code_digits};

#[derive(Debug, Default)]
pub(crate) struct Courier {
    /// Every series that was ever set, and some that never were.
    series: Vec<CodeSeries>,
    /// What was entered last: it is often tried again.
    last: Option<(Vec<u8>, OfflineCode, CodeSeries)>,
    /// Of the code that opens once and whose use is being stored.
    redeeming: Option<(u32, OfflineCode)>,
    /// Codes that opened once.
    opened: BTreeSet<(u32, OfflineCode)>,
    entered: u64,
    let_in: u64,
    refused_used: u64,
    refused_time: u64,
}

impl Courier {
    /// The series to set next: the epoch stays, grows, or, to be refused, falls or begins elsewhere.
    pub(crate) fn next_series(&mut self, now: CodeSeries, time: UnixMillis, choice: u64) -> CodeSeries {
        let since = (time.0 / 3_600_000) as u32 - 100;
        let series = match choice {
            0 => CodeSeries { switch: CodesSwitch::Off, ..now },
            1 if now.epoch > 0 => {
                CodeSeries { switch: CodesSwitch::On, epoch: now.epoch.saturating_sub(1), since }
            }
            2 => CodeSeries { switch: CodesSwitch::On, since: since + 1, ..now },
            3..=5 => CodeSeries { switch: CodesSwitch::On, ..now },
            _ => CodeSeries { switch: CodesSwitch::On, epoch: now.epoch + 1, since },
        };
        self.series.push(series);
        series
    }

    /// Digits, and the code that they are in the series in force; half of the time around now and of that series.
    pub(crate) fn enters(
        &mut self,
        series: CodeSeries,
        now: UnixMillis,
        leaf: &Key,
        mut below: impl FnMut(u64) -> u64,
    ) -> (Vec<u8>, Option<OfflineCode>) {
        self.entered += 1;
        if let Some((digits, code, of)) = self.last.take()
            && below(3) == 0
        {
            let is_of_the_series = (of.epoch, of.since) == (series.epoch, series.since);
            return (digits, is_of_the_series.then_some(code));
        }
        let class = CodeClass::ALL[below(3) as usize];
        let near = QuarterHours::of(now).0;
        let offset = [0, 0, 0, 0, 4, 40, 96, 2_000][below(8) as usize];
        let start = if below(2) == 0 { near.saturating_sub(offset) } else { near + offset };
        let unit = class.unit().0;
        let start = QuarterHours(start / unit * unit);
        let code = OfflineCode { class, start, serial: below(class.serials().into()) as u8 };
        let of = match below(4) {
            0 if !self.series.is_empty() => self.series[below(self.series.len() as u64) as usize],
            _ => series,
        };
        let digits = offline_code_digits::<RustCrypto>(leaf, of, code).map(|digits| digits.to_ascii());
        let is_of_the_series = (of.epoch, of.since) == (series.epoch, series.since);
        match digits {
            Some(digits) => {
                self.last = Some((digits.to_vec(), code, of));
                (digits.to_vec(), is_of_the_series.then_some(code))
            }
            None => (format!("{:09}", below(1_000_000_000)).into_bytes(), None),
        }
    }

    /// Judges what came of it. `floor` is the earliest time that it may be.
    pub(crate) fn judge(
        &mut self,
        effects: &Effects,
        code: Option<OfflineCode>,
        series: CodeSeries,
        floor: UnixMillis,
        knows_time: bool,
    ) {
        let is_once = effects.barrier == Some(Barrier::CodeUse);
        let opens = is_once || effects.motor.is_some() || effects.indicate == Some(Indication::Accepted);
        if opens {
            let code = code.expect("digits that are no code of this series were taken");
            assert!(series.switch == CodesSwitch::On && knows_time, "{code:?} of {series:?}");
            assert!(code.begin() <= floor && floor < code.end(), "{code:?} at {floor:?}");
            self.redeeming = is_once.then_some((series.epoch, code));
            self.let_in += u64::from(!is_once);
        } else if let (Some(code), true, true) = (code, knows_time, series.switch == CodesSwitch::On) {
            self.refused_time += u64::from(floor < code.begin() || code.end() <= floor);
            self.refused_used += u64::from(self.opened.contains(&(series.epoch, code)));
        }
        if let Some(Indication::Refused(reason)) = effects.indicate {
            let hidden = [Reason::OutsideValidity, Reason::AlreadyUsed];
            assert!(!hidden.contains(&reason), "the door tells a guesser that the digits are a code");
        }
    }

    /// The use is stored, and the door opens.
    pub(crate) fn was_let_in(&mut self) {
        let redeemed = self.redeeming.take().expect("a code that opens once waited");
        assert!(self.opened.insert(redeemed), "{redeemed:?} opened twice");
        self.let_in += 1;
    }

    pub(crate) fn came_often(&self, steps: u64) -> bool {
        let (often, rarely) = (steps / 500, steps / 12_500);
        let once = self.opened.len() as u64;
        self.let_in > often && once > rarely && self.refused_used > rarely && self.refused_time > often
    }
}

impl fmt::Display for Courier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (once, Self { entered, let_in, refused_used, refused_time, .. }) = (self.opened.len(), self);
        write!(
            f,
            "{entered} codes, let in {let_in}, once {once}, refused as used {refused_used}, for the time {refused_time}"
        )
    }
}
