//! Text with a tone, and how tones look on a terminal.

/// What a piece of text is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tone {
    Plain,
    /// Thinking, tool output, remarks.
    Dim,
    /// What people said.
    Person,
    /// The title of a tool call, a question.
    Accent,
    Good,
    Bad,
}

/// A piece of text in one tone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ink {
    pub tone: Tone,
    pub text: String,
}

impl Ink {
    pub fn new(tone: Tone, text: impl Into<String>) -> Self {
        Self { tone, text: text.into() }
    }

    /// Returns the text with the codes that colour it.
    pub fn coloured(&self) -> String {
        let code = match self.tone {
            Tone::Plain => return self.text.clone(),
            Tone::Dim => "2",
            Tone::Person => "1",
            Tone::Accent => "36",
            Tone::Good => "32",
            Tone::Bad => "31",
        };
        // Every line is coloured for itself, so that a pager or a log shows it rightly.
        let lines: Vec<_> = self.text.split('\n').collect();
        let paint = |line: &&str| {
            if line.is_empty() { String::new() } else { format!("\u{1b}[{code}m{line}\u{1b}[0m") }
        };
        lines.iter().map(paint).collect::<Vec<_>>().join("\n")
    }
}

/// Returns what a list of pieces says, without tones.
#[cfg(test)]
pub fn said(ink: &[Ink]) -> String {
    ink.iter().map(|piece| piece.text.as_str()).collect()
}
