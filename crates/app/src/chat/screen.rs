//! Where text goes: a terminal with a line for typing below the stream, plain lines, or nowhere.

use std::io::{self, IsTerminal, Write};

use crossterm::cursor::{MoveToColumn, MoveUp};
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::terminal::{Clear, ClearType, disable_raw_mode, enable_raw_mode, size};
use crossterm::{execute, queue};
use unicode_width::UnicodeWidthChar;

use super::editor::Editor;
use super::ink::{Ink, Tone};
use crate::out;

/// Stands before what is being typed.
const CARET: &str = "› ";

/// Where the text of a chat goes.
pub enum Screen {
    Terminal(Terminal),
    Plain {
        coloured: bool,
    },
    /// Events are printed as they came, and nothing else.
    Silent,
}

impl Screen {
    /// Returns plain lines on the standard output, coloured when a person looks at them.
    pub fn plain() -> Self {
        let coloured = io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        Self::Plain { coloured }
    }

    /// Puts `ink` behind everything that was printed.
    pub fn print(&mut self, ink: &[Ink]) -> io::Result<()> {
        match self {
            Self::Terminal(terminal) => terminal.print(ink),
            Self::Plain { coloured } => {
                let text = |piece: &Ink| if *coloured { piece.coloured() } else { piece.text.clone() };
                out::text(ink.iter().map(text).collect::<String>())
            }
            Self::Silent => Ok(()),
        }
    }

    /// Shows the line being typed and the line above it.
    pub fn refresh(&mut self, status: &str, editor: &Editor) -> io::Result<()> {
        match self {
            Self::Terminal(terminal) => terminal.refresh(status, editor),
            Self::Plain { .. } | Self::Silent => Ok(()),
        }
    }
}

/// A terminal in raw mode. Its last rows are redrawn: the line that still streams, a status, and what is being typed.
pub struct Terminal {
    /// The last line of the stream, as long as it is not complete.
    open: Vec<Ink>,
    status: String,
    typed: String,
    typed_column: usize,
    /// How many of the redrawn rows stand above the cursor.
    above: u16,
}

impl Terminal {
    /// Takes the terminal over until this is dropped.
    pub fn take() -> io::Result<Self> {
        enable_raw_mode()?;
        execute!(io::stdout(), EnableBracketedPaste)?;
        Ok(Self { open: vec![], status: String::new(), typed: String::new(), typed_column: 0, above: 0 })
    }

    /// Puts whole lines above the line that still streams.
    pub fn print_above(&mut self, tone: Tone, text: &str) -> io::Result<()> {
        let lines: Vec<_> = text.lines().map(|line| vec![Ink::new(tone, line)]).collect();
        self.draw(&lines)
    }

    fn print(&mut self, ink: &[Ink]) -> io::Result<()> {
        let mut done = Vec::new();
        for piece in ink {
            let mut rest = piece.text.as_str();
            while let Some((line, behind)) = rest.split_once('\n') {
                self.open.push(Ink::new(piece.tone, line));
                done.push(std::mem::take(&mut self.open));
                rest = behind;
            }
            if !rest.is_empty() {
                self.open.push(Ink::new(piece.tone, rest));
            }
        }
        self.draw(&done)
    }

    fn refresh(&mut self, status: &str, editor: &Editor) -> io::Result<()> {
        status.clone_into(&mut self.status);
        let room = columns().saturating_sub(CARET.chars().count());
        (self.typed, self.typed_column) = editor.window(room);
        self.draw(&[])
    }

    /// Prints finished lines where the redrawn rows stood, and those rows below them.
    fn draw(&mut self, done: &[Vec<Ink>]) -> io::Result<()> {
        let mut out = io::stdout().lock();
        erase(&mut out, self.above)?;
        for line in done {
            write!(out, "{}\r\n", paint(line))?;
        }
        let (width, height) = (columns(), rows());
        let mut wrapped = wrap(&self.open, width);
        // What has scrolled out of reach cannot be redrawn: such rows are final.
        let kept = height.saturating_sub(3).max(1);
        if wrapped.len() > kept {
            for row in wrapped.drain(..wrapped.len() - kept) {
                write!(out, "{}\r\n", paint(&row))?;
            }
            self.open = wrapped.concat();
        }
        for row in &wrapped {
            write!(out, "{}\r\n", paint(row))?;
        }
        let status: String = self.status.chars().take(width.saturating_sub(1)).collect();
        write!(out, "{}\r\n{CARET}{}", Ink::new(Tone::Dim, status).coloured(), self.typed)?;
        let column = CARET.chars().count() + self.typed_column;
        queue!(out, MoveToColumn(u16::try_from(column).unwrap_or(u16::MAX)))?;
        self.above = u16::try_from(wrapped.len() + 1).unwrap_or(u16::MAX);
        out.flush()
    }
}

impl Drop for Terminal {
    /// Gives the terminal back as it was. Nothing can be done about a terminal that is gone.
    fn drop(&mut self) {
        let mut out = io::stdout().lock();
        let _ = erase(&mut out, self.above);
        if !self.open.is_empty() {
            let _ = write!(out, "{}\r\n", paint(&self.open));
        }
        let _ = execute!(out, DisableBracketedPaste);
        let _ = disable_raw_mode();
    }
}

fn erase(out: &mut impl Write, above: u16) -> io::Result<()> {
    if above > 0 {
        queue!(out, MoveUp(above))?;
    }
    queue!(out, MoveToColumn(0), Clear(ClearType::FromCursorDown))
}

fn paint(line: &[Ink]) -> String {
    line.iter().map(Ink::coloured).collect()
}

/// Breaks a line into rows of at most `width` columns.
fn wrap(line: &[Ink], width: usize) -> Vec<Vec<Ink>> {
    if line.is_empty() {
        return vec![];
    }
    let mut rows: Vec<Vec<Ink>> = vec![vec![]];
    let mut taken = 0;
    for piece in line {
        let mut text = String::new();
        for c in piece.text.chars() {
            let wide = if c == '\t' { 8 - taken % 8 } else { c.width().unwrap_or(0) };
            if taken + wide > width && taken > 0 {
                let row = rows.last_mut().expect("there is always a row");
                row.push(Ink::new(piece.tone, std::mem::take(&mut text)));
                rows.push(vec![]);
                taken = 0;
            }
            text.push(c);
            taken += wide;
        }
        rows.last_mut().expect("there is always a row").push(Ink::new(piece.tone, text));
    }
    rows
}

fn columns() -> usize {
    size().map_or(80, |(columns, _)| usize::from(columns).max(10))
}

fn rows() -> usize {
    size().map_or(24, |(_, rows)| usize::from(rows))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::ink::said;

    #[test]
    fn long_lines_wrap_at_the_width() {
        let line = [Ink::new(Tone::Plain, "abc"), Ink::new(Tone::Dim, "def日本")];
        let rows: Vec<_> = wrap(&line, 4).iter().map(|row| said(row)).collect();
        assert_eq!(rows, ["abcd", "ef日", "本"]);
        assert!(wrap(&[], 4).is_empty());
    }
}
