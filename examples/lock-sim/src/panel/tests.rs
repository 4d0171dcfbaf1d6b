use lock_core::proto::BoltPosition;

use super::terminal::play_lines;
use super::*;

/// Thursday, 15 January 2026, 10:00 UTC.
const THURSDAY: u64 = 1_768_471_200_000;

fn panel() -> Panel {
    Panel::new(|| Ok(std::array::from_fn(|i| 5 * i as u8 + 3)), THURSDAY).expect("a lock")
}

/// What is seen after the last of these lines.
fn played(lines: &str) -> String {
    let mut out = Vec::new();
    play_lines(&mut panel(), lines.as_bytes(), &mut out).expect("it plays");
    let text = String::from_utf8(out).expect("text");
    text.rsplit("\n> ").next().expect("a frame").to_owned()
}

/// Plays the lines, and looks whether all of these are seen then.
#[track_caller]
fn shows(lines: &str, all: &[&str]) {
    let seen = played(lines);
    for one in all {
        assert!(seen.contains(one), "no {one:?} after {lines:?} in\n{seen}");
    }
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
    let refused =
        play_lines(&mut panel(), "t\nwait long".as_bytes(), &mut Vec::new()).expect_err("no number");
    assert!(matches!(refused, PanelError::Line(2)), "{refused}");
}

#[test]
fn an_hour_and_a_day_pass_at_a_key_for_the_cloud_and_for_the_lock() {
    shows("t\n.", &["15 Jan 2026, Thu 11:00:0", "Extended, by hand, 60 min ago", "clock     known to"]);
    shows("t\n>", &["16 Jan 2026, Fri 10:00:0", "Extended, by hand, 24 h ago"]);
}

#[test]
fn a_guest_of_weekdays_is_refused_in_the_evening_and_on_the_weekend() {
    shows("t\n.......\n7301 ", &["\nUNLOCKED", "Thu 17:00"]);
    shows("t\n........\n7301 ", &["\nLOCKED", "may not open at this time"]);
    shows("t\n>\n7301 ", &["\nUNLOCKED", "Fri 10:00"]);
    shows("t\n>>\n7301 ", &["\nLOCKED", "may not open at this time", "Sat 10:00"]);
}

#[test]
fn what_falls_due_within_a_day_happens_on_the_way_and_at_its_time() {
    shows("a\n>", &["\nLOCKED", "Thu 10:00:10 motor: Extend", "Thu 10:00:10 bolt sensor: Extended"]);
    shows("t\n1111 1112 1113 1114 1115 \n.\n2580 ", &["\nUNLOCKED", "lockout no", "lockout: over"]);
    shows(">>>>>>>", &["ALARM: ClockLost", "clock     lost"]);
}

#[test]
fn a_cloud_that_lost_its_clock_cannot_tell_the_lock() {
    shows("t\nk\nC\ny\n7301 ", &["does not know the time either", "\nLOCKED", "cloud clock lost"]);
    let asleep = "bbbbbbbbbbbbbbb\n>>>>>>>>\nn\ny";
    shows(asleep, &["the lock wants it once more", "clock     lost"]);
    shows(&format!("{asleep}\ny"), &["clock     known to"]);
    shows("t\nk\nC\nC\ny\n7301 ", &["\nUNLOCKED", "faults    none"]);
}

#[test]
fn a_latch_is_fitted_pulled_by_the_owner_held_and_let_go() {
    shows("U", &["cannot pull the latch", "no latch", "latch     not sensed"]);
    shows("t\nL\nU", &["motor     HoldingLatch", "latch     Held, by RemoteLive", "latch in"]);
    shows("t\nL\nU\nwait 3000", &["\nUNLOCKED", "motor     Still", "latch     Engaged", "latch out"]);
    shows("t\nL\n2580 ", &["latch     Held, by Pin 0"]);
    shows("L\nL\nU", &["cannot pull the latch", "no latch"]);
}

#[test]
fn a_fob_and_a_finger_of_the_family_open_and_another_fob_counts_as_a_wrong_code() {
    shows("t\nR", &["\nUNLOCKED", "by Rfid 5"]);
    shows("t\nF", &["\nUNLOCKED", "by Fingerprint 6"]);
    shows("t\nX", &["\nLOCKED", "refused"]);
    shows("t\nX\nX\nX\nX\nX", &["\nLOCKED", "ALARM: WrongCodeLimit", "lockout for"]);
}

#[test]
fn a_guard_needs_code_and_fob_within_half_a_minute() {
    shows("t\n6060 ", &["\nLOCKED", "OneMore"]);
    shows("t\n6060 \nG", &["\nUNLOCKED", "by Rfid 7"]);
    shows("t\nG\n6060 ", &["\nUNLOCKED", "by Pin 4"]);
    shows("t\n6060 \nwait 31000\nG", &["\nLOCKED"]);
}

#[test]
fn a_duress_code_opens_and_the_owner_hears_of_it_until_the_alarms_are_read() {
    shows("t\n9911 ", &["\nUNLOCKED", "ALARM: Duress", "alarms    Duress 2 s ago", "light Green"]);
    shows("t\n9911 \nz", &["alarms    none"]);
}

#[test]
fn a_code_for_one_time_opens_once() {
    shows("t\n4114 ", &["\nUNLOCKED"]);
    shows("t\n4114 \nt\n4114 ", &["\nLOCKED", "for one time and is used"]);
}

#[test]
fn a_holiday_changes_the_mode_until_midnight_or_until_it_is_cleared() {
    shows("t\nH\n2580 ", &["\nLOCKED", "mode      Vacation, holiday to Fri 00:00", "vacation mode"]);
    shows("t\nH\nH\n2580 ", &["\nUNLOCKED", "mode      Normal, no holiday"]);
    shows("t\nH\n>", &["mode      Normal, no holiday", "Thu 10:00:02 mode: Vacation", "Fri 00:00:0"]);
    shows("t\nH\n>\n2580 ", &["\nUNLOCKED"]);
    shows("H\n>\nH", &["mode      Vacation, holiday to Sat 00:00"]);
    shows("C\nH", &["which day is it", "no holiday"]);
}

#[test]
fn a_cover_stays_off_until_it_is_put_on_and_is_found_off_after_a_boot() {
    shows("v", &["cover off", "ALARM: Tamper", "light Red x20"]);
    shows("v\nv", &["cover on"]);
    assert_eq!(played("v\nwait 1000\nk").matches("ALARM: Tamper").count(), 2);
}

#[test]
fn cells_of_another_kind_than_was_set_are_noticed_and_setting_it_helps() {
    shows("N\nwait 120000", &["cells     Lithium", "? %, 7160 mV", "Alkaline"]);
    shows("N\nB\nwait 120000", &["100 %, 7160 mV, Good; Lithium"]);
    shows("N\nN\nB\nB\nwait 61000", &["cells     NiMh", "5400 mV, Good; NiMh"]);
    shows("B\nB\nB", &["set as Mains"]);
    shows("B\nB\nB\nB\nwait 61000", &["Good; Alkaline"]);
}

#[test]
fn a_weak_battery_under_a_jam_restarts_the_lock_which_says_so() {
    shows("bbbbbbb\nj\nt", &["brown-out under the motor", "motor     rests", "boot      2 by BrownOut"]);
}

/// The relock meets the jam on cells that do not carry it: it is not tried again at each boot, and the cells are called what they are.
#[test]
fn weak_cells_and_a_jam_make_no_loop_of_drives_and_boots() {
    let weak = "a\nbbbbbbb\nj\nt";
    let later = "\nwait 20000".repeat(6);
    shows(&format!("{weak}{later}"), &["boot      2 by BrownOut", "Critical"]);
    shows(&format!("{weak}\nwait 1000"), &["ALARM: BatteryCritical"]);
}

#[test]
fn an_empty_battery_kills_the_lock_and_new_cells_bring_it_up_again() {
    let dead = "t\nbbbbbbbbbbbbbbb";
    shows(dead, &["\nNO POWER", "no power", "the lock is dead until it gets new cells"]);
    shows(
        &format!("{dead}\n2580 "),
        &["\nNO POWER", "the keypad is dead", "typed                 light off"],
    );
    shows(&format!("{dead}\nt"), &["the lock does not react"]);
    shows(&format!("{dead}\nk"), &["\nNO POWER", "there is no power to cut"]);
    shows(&format!("{dead}\nu"), &["the lock did not answer"]);
    shows(&format!("{dead}\nh\nd"), &["\nNO POWER", "+---._"]);
    shows(&format!("{dead}\n>"), &["\nNO POWER", "Fri 10:00"]);
    shows(&format!("{dead}\nn"), &["\nLOCKED", "power is back", "6300 mV", "boot      2 by PowerOn"]);
    shows(&format!("{dead}\nn\n2580 "), &["\nUNLOCKED"]);
}

#[test]
fn a_door_is_broken_open_or_left_ajar_and_both_are_told() {
    shows("t\nD", &["\nNOT LOCKED", "ALARM: Forced", "door      Forced"]);
    shows("t\nD\nd", &["the bolt sticks out"]);
    shows("t\nD\nh\nd", &["door      Closed"]);
    shows("d\nwait 31000", &["ALARM: DoorAjar", "door      Ajar"]);
    shows("d\nD", &["the door is open already"]);
}

#[test]
fn a_cut_wire_leaves_its_sensor_unknown_and_a_whole_one_tells_again() {
    shows("t\nw", &["bolt wire cut", "bolt      position unknown"]);
    shows("W", &["door wire cut", "door      Unknown"]);
    shows("W\nd\nW", &["door      Open", "faults    none"]);
}

#[test]
fn the_panel_fits_its_terminal_and_the_keys_are_all_seen() {
    let mut panel = panel();
    for key in "tLHjcwWv1111 1112 1113 1114 1115 xC".chars() {
        panel.key(if key == ' ' { '\n' } else { key }).expect("it plays");
    }
    for rows in [24, 30, 40] {
        let lines = panel.lines(rows);
        assert!(lines.len() <= rows, "{} lines in {rows} rows", lines.len());
        let help: Vec<_> = lines.iter().filter(|line| line.look == view::Look::Faint).collect();
        assert_eq!(help.len(), keys::HELP.len() + 1);
        let widest = lines.iter().map(|line| line.text.trim_end().chars().count()).max();
        assert!(widest <= Some(100), "{widest:?} in {lines:#?}");
        let longest = help.iter().map(|line| line.text.chars().count()).max();
        assert!(longest <= Some(80), "{longest:?} in {help:?}");
    }
}

#[test]
fn a_mode_that_a_holiday_overrules_is_not_shown_as_in_force() {
    let seen = played("H\nm");
    assert!(seen.contains("mode      Vacation") && !seen.contains("light: Mode(NoRemote)"), "{seen}");
}

#[test]
fn one_long_wait_is_as_many_short_ones_also_over_restarts() {
    let begin = "a\nbbbbbbb\nj\n2580 \n";
    let short = "wait 1000\n".repeat(40);
    assert_eq!(
        played(&format!("{begin}wait 40000")).split_once('\n').map(|(_, frame)| frame.to_owned()),
        played(&format!("{begin}{}", short.trim_end())).split_once('\n').map(|(_, frame)| frame.to_owned()),
    );
}

#[test]
fn whatever_is_pressed_the_panel_goes_on_and_locked_means_a_thrown_bolt() {
    const KEYS: &[u8] = b"0123456789tRFGXiogepfdDhvnNjcwWbbb[]k.>CuUlmHarLBzyx";
    let mut state: u32 = 1;
    let mut pick = |from: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as usize % from
    };
    for _ in 0..20 {
        let mut panel = panel();
        let mut now = Moment(10);
        for _ in 0..60 {
            let pressed = match pick(8) {
                0 => "2580\n".to_owned(),
                1 => "\n".to_owned(),
                _ => char::from(KEYS[pick(KEYS.len())]).to_string(),
            };
            pressed.chars().for_each(|key| assert_eq!(panel.key(key).expect("it goes on"), Wanted::More));
            now = now.plus([0, 300, 3_000, 31_000][pick(4)]);
            panel.step(now).expect("it goes on");
            if let Some(lock) = panel.power.lock() {
                let is_thrown = lock.world().truth().bolt == BoltPosition::Extended;
                assert!(is_thrown || !lock.status().is_locked(), "locked without a thrown bolt");
            }
            let lines = panel.lines(40);
            let widest = lines.iter().max_by_key(|line| line.text.trim_end().chars().count()).expect("lines");
            assert!(widest.text.trim_end().chars().count() <= 100, "{}", widest.text);
        }
    }
}
