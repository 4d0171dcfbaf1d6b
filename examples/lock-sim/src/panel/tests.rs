use super::terminal::play_lines;
use super::*;

/// Thursday, 15 January 2026, 10:00 UTC.
const THURSDAY: u64 = 1_768_471_200_000;

fn played(lines: &str) -> String {
    let mut panel = Panel::new(|| Ok(std::array::from_fn(|i| 5 * i as u8 + 3)), THURSDAY).expect("a lock");
    let mut out = Vec::new();
    play_lines(&mut panel, lines.as_bytes(), &mut out).expect("it plays");
    let text = String::from_utf8(out).expect("text");
    // What is seen last.
    text.rsplit("\n> ").next().expect("a frame").to_owned()
}

#[test]
fn a_lock_is_locked_and_opened_by_the_family_and_by_a_guest_within_the_hours() {
    assert!(played("t").contains("\nLOCKED"));
    assert!(played("t\n2580 ").contains("\nUNLOCKED"));
    assert!(played("t\n7301 ").contains("\nUNLOCKED"));
}

#[test]
fn a_guest_is_refused_after_a_power_cut_until_the_owner_tells_the_time() {
    let cut = played("t\nk\n7301 ");
    assert!(cut.contains("\nLOCKED") && cut.contains("does not know the time"), "{cut}");
    assert!(played("t\nk\ny\n7301 ").contains("\nUNLOCKED"));
}

#[test]
fn a_jam_is_never_called_locked_and_its_cause_is_found() {
    let jammed = played("j\nt\nwait 20000\nx");
    assert!(jammed.contains("\nNOT LOCKED") && jammed.contains("ALARM: Jammed"), "{jammed}");
    assert!(jammed.contains("The bolt meets the strike plate"), "{jammed}");
}

#[test]
fn five_wrong_codes_lock_out_and_a_power_cut_does_not_help() {
    let out = played("t\n1111 \n1112 \n1113 \n1114 \n1115 \nk\n2580 ");
    assert!(out.contains("\nLOCKED") && out.contains("ALARM: WrongCodeLimit"), "{out}");
    assert!(played("t\n1111 \n1112 \n1113 \n1114 \n1115 \nr\n2580 ").contains("\nUNLOCKED"));
}

#[test]
fn the_reset_button_held_for_eleven_seconds_forgets_the_codes() {
    let reset = played("t\nf\nwait 9000\nf\n2580 ");
    assert!(reset.contains("the code is wrong"), "{reset}");
}

#[test]
fn modes_relock_battery_and_cold_are_at_hand() {
    assert!(played("m").contains("mode      Vacation"));
    assert!(played("t\na\n2580 \nwait 12000").contains("\nLOCKED"));
    assert!(played("bbbbbbb\nwait 61000").contains("ALARM: BatteryLow"));
    assert!(played("[[[[[[[").contains("-15 degrees"));
}

#[test]
fn a_line_that_makes_no_sense_is_named() {
    let mut panel = Panel::new(|| Ok(std::array::from_fn(|i| 5 * i as u8 + 3)), THURSDAY).expect("a lock");
    let refused = play_lines(&mut panel, "t\nwait long".as_bytes(), &mut Vec::new()).expect_err("no number");
    assert!(matches!(refused, PanelError::Line(2)), "{refused}");
}
