//! A short soak, with all checks of a debug build on.

use std::time::Duration;

use soak::{Attack, Cut, Outcome, Plan, soak};

const SHORT: Plan = Plan {
    seed: 11,
    hostile: 3_000,
    each_attack: 50,
    executed: 100,
    each_route: 10,
    reboots: 30,
    each_cut: 5,
    limit: Duration::from_secs(120),
};

#[test]
fn a_short_run_passes_and_comes_to_what_it_promises() {
    let report = soak(&SHORT, &mut std::io::sink());
    assert!(report.has_passed(), "{report}");
    assert!(Attack::ALL.into_iter().all(|attack| report.tally().of(attack) >= SHORT.each_attack));
    assert!(Cut::ALL.into_iter().all(|cut| report.reboots().after(cut) >= SHORT.each_cut));
    let altered =
        [Attack::Splice, Attack::Truncate, Attack::FlipBit, Attack::DowngradedHello, Attack::Reflect];
    for attack in altered {
        for outcome in [Outcome::Answered, Outcome::InTime, Outcome::CloudAccepted] {
            assert_eq!(report.tally().cell(attack, outcome), 0, "{attack}, {outcome}");
        }
    }
}

#[test]
fn the_same_seed_is_the_same_run_and_another_is_not() {
    let [first, again, other] = [SHORT, SHORT, Plan { seed: 12, ..SHORT }].map(|plan| {
        let report = soak(&plan, &mut std::io::sink());
        (report.tally().clone(), report.executed(), report.reboots())
    });
    assert_eq!(first, again);
    assert_ne!(first, other);
}

#[test]
fn a_run_that_misses_a_quota_has_failed() {
    let report = soak(&Plan { limit: Duration::ZERO, ..SHORT }, &mut std::io::sink());
    assert!(!report.has_passed());
    assert!(report.to_string().lines().last().is_some_and(|line| !line.ends_with(" 0 failed")), "{report}");
}
