//! Fills `{{name}}` in the texts of a script; an unknown name is an error, never an empty text.

use std::collections::BTreeMap;

/// What texts may refer to: `prompt`, `exit`, `last_line`, `answer.<name>`.
#[derive(Default)]
pub struct Values(BTreeMap<String, String>);

impl Values {
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.insert(name.into(), value.into());
    }

    /// Returns `text` with every `{{name}}` replaced.
    pub fn fill(&self, text: &str) -> Result<String, String> {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            let (name, after) = after.split_once("}}").ok_or("a `{{` has no `}}`")?;
            let name = name.trim();
            let value = self.0.get(name).ok_or_else(|| format!("nothing is known as `{name}`"))?;
            filled.push_str(before);
            filled.push_str(value);
            rest = after;
        }
        filled.push_str(rest);
        Ok(filled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_filled_and_unknown_ones_refused() {
        let mut values = Values::default();
        values.set("prompt", "{{exit}}");
        assert_eq!(values.fill("you said {{ prompt }}!").unwrap(), "you said {{exit}}!");
        assert_eq!(values.fill("plain").unwrap(), "plain");
        assert!(values.fill("{{exit}}").unwrap_err().contains("`exit`"));
        assert!(values.fill("{{exit").is_err());
    }
}
