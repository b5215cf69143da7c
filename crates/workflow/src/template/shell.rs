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
        let (mut command, mut env, mut quoting) = (String::new(), BTreeMap::new(), Quoting::None);
        let mut bytes = 0;
        for piece in self.0.pieces() {
            match piece {
                Piece::Text(plain) => {
                    quoting = quoting.after(plain);
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
                    command.push_str(&quoting.read(&name));
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
    fn read(self, name: &str) -> String {
        match self {
            Quoting::None => format!("\"${{{name}}}\""),
            Quoting::Double => format!("${{{name}}}"),
            Quoting::Single => format!("'\"${{{name}}}\"'"),
        }
    }

    fn after(self, plain: &str) -> Self {
        let mut state = self;
        let mut characters = plain.chars();
        while let Some(character) = characters.next() {
            state = match (state, character) {
                (Quoting::None | Quoting::Double, '\\') => {
                    characters.next();
                    state
                }
                (Quoting::None, '\'') => Quoting::Single,
                (Quoting::Single, '\'') | (Quoting::Double, '"') => Quoting::None,
                (Quoting::None, '"') => Quoting::Double,
                _ => state,
            };
        }
        state
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
