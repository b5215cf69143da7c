//! A shell command with values in it: each value travels as an environment variable that the command reads quoted.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::engine;
use super::error::{BadTemplate, TemplateError};
use super::pieces::Piece;
use super::reference::Reference;
use super::scope::Scope;
use super::text::Template;
use crate::limits::RENDERED_BYTES_MAX;

/// A template for a shell. It may hold `{{ tokens }}` and no `{% blocks %}`.
#[derive(Clone, Debug, PartialEq)]
pub struct ShellTemplate(Template);

/// What a runner hands to its shell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShellCommand {
    pub command: String,
    pub env: BTreeMap<String, String>,
}

/// Where the shell is in quoting, at the place of a token.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quoting {
    None,
    Single,
    Double,
}

/// What the shell has read so far: its quoting, inside each `$( … )` that is still open.
struct Reading {
    levels: Vec<Quoting>,
}

impl ShellTemplate {
    /// Parses a command.
    pub fn new(source: &str) -> Result<Self, BadTemplate> {
        let template = Template::new(source)?;
        if template.pieces().iter().any(|piece| matches!(piece, Piece::Block(_))) {
            let offset = source.find("{%").unwrap_or(0);
            return Err(BadTemplate::new(offset, "a shell command may hold `{{ … }}` and no `{% … %}`"));
        }
        Ok(Self(template))
    }

    /// Returns the text as it was written.
    pub fn source(&self) -> &str {
        self.0.source()
    }

    /// Lists what the command reads.
    pub fn references(&self) -> Vec<Reference> {
        self.0.references()
    }

    /// Evaluates the values and puts a quoted variable where each of them stood, also inside quotes of the author.
    pub fn render<'a>(&self, scope: impl Into<Scope<'a>>) -> Result<ShellCommand, TemplateError> {
        let scope = scope.into();
        let (mut command, mut env) = (String::new(), BTreeMap::new());
        let mut reading = Reading { levels: vec![Quoting::None] };
        let mut bytes = 0;
        for piece in self.0.pieces() {
            match piece {
                Piece::Text(plain) => {
                    reading.read(plain);
                    command.push_str(plain);
                }
                Piece::Token(expression) => {
                    let mut text = String::new();
                    engine::push_text(&mut text, &expression.evaluate(&scope)?);
                    // An environment variable cannot hold a zero byte; a shell would drop it, too.
                    text.retain(|character| character != '\0');
                    bytes += text.len();
                    if bytes > RENDERED_BYTES_MAX {
                        return Err(engine::too_large(self.source()));
                    }
                    let name = format!("TENURE_VALUE_{}", env.len());
                    command.push_str(&reading.quoting().variable(&name));
                    env.insert(name, text);
                }
                Piece::Block(_) => unreachable!("a command with blocks was refused when it was parsed"),
            }
        }
        Ok(ShellCommand { command, env })
    }
}

impl Quoting {
    /// Returns how a variable is read here, so that its value stays one word whatever it holds.
    fn variable(self, name: &str) -> String {
        match self {
            Quoting::None => format!("\"${{{name}}}\""),
            Quoting::Double => format!("${{{name}}}"),
            Quoting::Single => format!("'\"${{{name}}}\"'"),
        }
    }
}

impl Reading {
    fn quoting(&self) -> Quoting {
        self.levels.last().copied().unwrap_or(Quoting::None)
    }

    fn read(&mut self, plain: &str) {
        let mut characters = plain.chars().peekable();
        let mut before = ' ';
        while let Some(character) = characters.next() {
            match (self.quoting(), character) {
                (Quoting::None | Quoting::Double, '\\') => drop(characters.next()),
                (Quoting::None | Quoting::Double, '$') if characters.peek() == Some(&'(') => {
                    characters.next();
                    self.levels.push(Quoting::None);
                }
                (Quoting::None, '(') => self.levels.push(Quoting::None),
                (Quoting::None, ')') if self.levels.len() > 1 => drop(self.levels.pop()),
                (Quoting::None, '#') if before.is_whitespace() => {
                    while characters.peek().is_some_and(|next| *next != '\n') {
                        characters.next();
                    }
                }
                (Quoting::None, '\'') => self.set(Quoting::Single),
                (Quoting::None, '"') => self.set(Quoting::Double),
                (Quoting::Single, '\'') | (Quoting::Double, '"') => self.set(Quoting::None),
                _ => {}
            }
            before = character;
        }
    }

    fn set(&mut self, quoting: Quoting) {
        if let Some(level) = self.levels.last_mut() {
            *level = quoting;
        }
    }
}

impl FromStr for ShellTemplate {
    type Err = BadTemplate;
    fn from_str(source: &str) -> Result<Self, BadTemplate> {
        Self::new(source)
    }
}

impl Serialize for ShellTemplate {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(to)
    }
}

impl<'de> Deserialize<'de> for ShellTemplate {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::new(&String::deserialize(from)?).map_err(serde::de::Error::custom)
    }
}
