//! The panel in a terminal, in real time; or from lines, in virtual time.

use std::io::{BufRead, IsTerminal, Write};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};
use crossterm::style::{Attribute, Color, Print, ResetColor, SetAttribute, SetForegroundColor};
use crossterm::terminal::{self, Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen};
use crossterm::{cursor, execute, queue};
use lock_core::state::Colour;

use super::view::Look;
use super::{Panel, PanelError, Wanted};
use crate::hardware::Moment;

/// Between two pictures.
const FRAME: Duration = Duration::from_millis(50);
/// After each line of keys so much virtual time passes, in milliseconds: all that a key sets going is seen.
const AFTER_KEYS: u64 = 2_000;

/// Rows of the panel where it is printed.
const TALL: usize = 40;

/// Lets a person play until they quit; without a terminal, plays the lines of standard input.
pub(crate) fn run() -> Result<(), PanelError> {
    let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    let mut panel = Panel::new(random, u64::try_from(unix).unwrap_or(u64::MAX))?;
    if std::io::stdin().is_terminal() && std::io::stdout().is_terminal() {
        let screen = Screen::open()?;
        let played = play(&mut panel);
        drop(screen);
        played
    } else {
        play_lines(&mut panel, std::io::stdin().lock(), &mut std::io::stdout().lock())
    }
}

fn random() -> Result<[u8; 32], PanelError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(PanelError::Entropy)?;
    Ok(bytes)
}

/// The terminal while the panel has it; dropped, it is as it was.
struct Screen;

impl Screen {
    fn open() -> Result<Self, PanelError> {
        terminal::enable_raw_mode()?;
        execute!(std::io::stdout(), EnterAlternateScreen, cursor::Hide)?;
        Ok(Self)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // Nothing more can be done about a terminal that is gone.
        let _ = execute!(std::io::stdout(), cursor::Show, LeaveAlternateScreen);
        let _ = terminal::disable_raw_mode();
    }
}

fn play(panel: &mut Panel) -> Result<(), PanelError> {
    let started = Instant::now();
    loop {
        panel.step(Moment(u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX)))?;
        draw(panel)?;
        if event::poll(FRAME)?
            && let Event::Key(key) = event::read()?
            && key.kind == KeyEventKind::Press
        {
            let is_interrupt =
                key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
            let pressed = [(KeyCode::Enter, '\n'), (KeyCode::Backspace, '\u{8}')]
                .into_iter()
                .find_map(|(code, letter)| (code == key.code).then_some(letter))
                .or_else(|| key.code.as_char());
            let Some(pressed) = pressed else { continue };
            if is_interrupt || panel.key(pressed)? == Wanted::Quit {
                return Ok(());
            }
        }
    }
}

fn draw(panel: &Panel) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    let (columns, rows) = terminal::size()?;
    for (row, line) in (0..rows).zip(&panel.lines(rows.into())) {
        let text: String = line.text.chars().take(columns.into()).collect();
        queue!(out, cursor::MoveTo(0, row))?;
        match line.look {
            Look::Plain => {}
            Look::Title => queue!(out, SetAttribute(Attribute::Bold), SetAttribute(Attribute::Reverse))?,
            Look::Light(colour) => queue!(out, SetForegroundColor(in_terminal(colour)))?,
            Look::Alarm => queue!(out, SetForegroundColor(Color::Red), SetAttribute(Attribute::Bold))?,
            Look::Faint => queue!(out, SetForegroundColor(Color::DarkGrey))?,
        }
        queue!(out, Print(text), ResetColor, SetAttribute(Attribute::Reset), Clear(ClearType::UntilNewLine))?;
    }
    queue!(out, Clear(ClearType::FromCursorDown))?;
    out.flush()
}

const fn in_terminal(colour: Colour) -> Color {
    match colour {
        Colour::Green => Color::Green,
        Colour::Red => Color::Red,
        Colour::Amber => Color::Yellow,
        Colour::Blue => Color::Blue,
    }
}

/// Each line is keys, where a blank is Enter, or `wait MILLISECONDS`; after each the panel is printed.
pub(super) fn play_lines(
    panel: &mut Panel,
    input: impl BufRead,
    out: &mut impl Write,
) -> Result<(), PanelError> {
    let mut now = Moment(10);
    for (number, line) in (1..).zip(input.lines()) {
        let line = line?;
        let waited = match line.strip_prefix("wait") {
            Some(millis) => millis.trim().parse().map_err(|_| PanelError::Line(number))?,
            None => {
                for key in line.chars() {
                    if panel.key(if key == ' ' { '\n' } else { key })? == Wanted::Quit {
                        return Ok(());
                    }
                }
                AFTER_KEYS
            }
        };
        now = now.plus(waited);
        panel.step(now)?;
        writeln!(out, "> {line}")?;
        for line in panel.lines(TALL) {
            writeln!(out, "{}", line.text.trim_end())?;
        }
        writeln!(out)?;
    }
    Ok(())
}
