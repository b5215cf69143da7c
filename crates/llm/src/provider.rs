//! Whose protocol a model server speaks.

use std::fmt;
use std::str::FromStr;

use genai::adapter::AdapterKind;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A protocol, by the name of who made it: `openai` (chat completions, which most servers offer), `anthropic`, `gemini`,
/// `ollama`, and every other that the crate behind this one speaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Provider(pub(crate) AdapterKind);

/// Why a word is no provider.
#[derive(Debug, PartialEq, Eq)]
pub struct UnknownProvider(String);

impl Provider {
    pub const OPENAI: Self = Self(AdapterKind::OpenAI);
    pub const OLLAMA: Self = Self(AdapterKind::Ollama);
}

impl FromStr for Provider {
    type Err = UnknownProvider;

    fn from_str(word: &str) -> Result<Self, UnknownProvider> {
        match AdapterKind::from_lower_str(word) {
            // Numbered ones read their address from the environment by names of their own; here a setting says it.
            None | Some(AdapterKind::Custom(_)) => Err(UnknownProvider(word.to_owned())),
            Some(kind) => Ok(Self(kind)),
        }
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_lower_str())
    }
}

impl fmt::Display for UnknownProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no provider \"{}\"; openai fits most servers, others are anthropic, gemini, ollama", self.0)
    }
}

impl std::error::Error for UnknownProvider {}

impl Serialize for Provider {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Provider {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn providers_are_known_by_their_names() {
        for name in ["openai", "anthropic", "gemini", "ollama", "groq", "mistral", "open_router"] {
            assert_eq!(name.parse::<Provider>().expect(name).to_string(), name);
        }
        for wrong in ["", "OpenAI", "nobody", "genai_1"] {
            assert!(wrong.parse::<Provider>().is_err(), "{wrong}");
        }
    }
}
