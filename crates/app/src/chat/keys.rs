//! What a person does at the terminal, or a script on the standard input, as messages.

use std::io::BufRead;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, read};
use tokio::sync::mpsc;

use super::editor::Stroke;

/// How many keys wait while the screen is busy.
const KEYS_MAX: usize = 256;

/// Something a person did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Key {
    Stroke(Stroke),
    Paste(String),
    /// The line is complete.
    Enter,
    /// Ctrl-C.
    Interrupt,
    /// Ctrl-D, or the end of the standard input.
    End,
    /// The window has another size.
    Resized,
    /// A whole line of a script.
    Line(String),
}

/// Reads keys of a terminal in raw mode.
pub fn of_terminal() -> mpsc::Receiver<Key> {
    spawn(|send| {
        while let Ok(event) = read() {
            if key_of(&event).is_some_and(|key| send.blocking_send(key).is_err()) {
                return;
            }
        }
    })
}

/// Reads lines of the standard input.
pub fn of_lines() -> mpsc::Receiver<Key> {
    spawn(|send| {
        for line in std::io::stdin().lock().lines() {
            let Ok(line) = line else { break };
            if send.blocking_send(Key::Line(line)).is_err() {
                return;
            }
        }
        // Nobody listens any more when this fails.
        let _ = send.blocking_send(Key::End);
    })
}

/// Runs `work` on a thread of its own: reading blocks, and ends only with the process.
fn spawn(work: impl FnOnce(mpsc::Sender<Key>) + Send + 'static) -> mpsc::Receiver<Key> {
    let (send, keys) = mpsc::channel(KEYS_MAX);
    std::thread::spawn(move || work(send));
    keys
}

fn key_of(event: &Event) -> Option<Key> {
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => pressed(key),
        Event::Paste(text) => Some(Key::Paste(text.clone())),
        Event::Resize(..) => Some(Key::Resized),
        _ => None,
    }
}

fn pressed(key: &KeyEvent) -> Option<Key> {
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    let alt = key.modifiers.contains(KeyModifiers::ALT);
    let stroke = match key.code {
        KeyCode::Enter if alt => Stroke::Insert('\n'),
        KeyCode::Enter => return Some(Key::Enter),
        KeyCode::Char('c') if control => return Some(Key::Interrupt),
        KeyCode::Char('d') if control => return Some(Key::End),
        KeyCode::Char('j') if control => Stroke::Insert('\n'),
        KeyCode::Char('a') if control => Stroke::Home,
        KeyCode::Char('e') if control => Stroke::End,
        KeyCode::Char('w') if control => Stroke::EraseWord,
        KeyCode::Char('u') if control => Stroke::EraseBefore,
        KeyCode::Char('k') if control => Stroke::EraseBehind,
        KeyCode::Char('p') if control => Stroke::Earlier,
        KeyCode::Char('n') if control => Stroke::Later,
        KeyCode::Char(c) if !control => Stroke::Insert(c),
        KeyCode::Backspace if alt => Stroke::EraseWord,
        KeyCode::Backspace => Stroke::Backspace,
        KeyCode::Delete => Stroke::Delete,
        KeyCode::Left => Stroke::Left,
        KeyCode::Right => Stroke::Right,
        KeyCode::Home => Stroke::Home,
        KeyCode::End => Stroke::End,
        KeyCode::Up => Stroke::Earlier,
        KeyCode::Down => Stroke::Later,
        _ => return None,
    };
    Some(Key::Stroke(stroke))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_do_what_they_do_in_a_shell() {
        let press = |code, modifiers| key_of(&Event::Key(KeyEvent::new(code, modifiers)));
        let none = KeyModifiers::NONE;
        assert_eq!(press(KeyCode::Char('x'), none), Some(Key::Stroke(Stroke::Insert('x'))));
        assert_eq!(press(KeyCode::Char('c'), KeyModifiers::CONTROL), Some(Key::Interrupt));
        assert_eq!(press(KeyCode::Enter, KeyModifiers::ALT), Some(Key::Stroke(Stroke::Insert('\n'))));
        assert_eq!(press(KeyCode::Char('x'), KeyModifiers::CONTROL), None);
        assert_eq!(press(KeyCode::Up, none), Some(Key::Stroke(Stroke::Earlier)));
    }
}
