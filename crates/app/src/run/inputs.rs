//! Inputs of a run from the command line, each read as what the workflow declares it to be.

use std::fs;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use serde_json::{Map, Value};
use tenure_workflow::definition::Input;

use crate::failure::{Failure, Outcome};

/// The flags that give inputs.
#[derive(Args, Debug, Default)]
pub struct InputArgs {
    /// An input; what is declared as a number, boolean, array or object is read as JSON, everything else as text
    #[arg(long = "input", value_name = "NAME=VALUE", value_parser = pair)]
    input: Vec<(String, String)>,
    /// A JSON file with an object of inputs; --input goes before it
    #[arg(long, value_name = "FILE")]
    inputs: Option<PathBuf>,
}

impl InputArgs {
    /// Tells whether what was given cannot be understood without the declarations.
    pub fn need_types(&self) -> bool {
        !self.input.is_empty()
    }

    /// Returns the inputs, of the types that `declared` says.
    pub fn read(&self, declared: &[Input]) -> Outcome<Map<String, Value>> {
        let mut inputs = match &self.inputs {
            Some(path) => {
                let text = fs::read_to_string(path).with_context(|| format!("failed to read {}", path.display()))?;
                serde_json::from_str(&text)
                    .map_err(|error| Failure::Usage(format!("{} holds no JSON object: {error}", path.display())))?
            }
            None => Map::new(),
        };
        for (name, text) in &self.input {
            let input = declared.iter().find(|input| input.name.as_str() == name);
            // A name that nobody declared goes on as it is: the check says which names there are.
            let value = input.map_or_else(|| Value::from(text.as_str()), |input| input.typed(text));
            inputs.insert(name.clone(), value);
        }
        Ok(inputs)
    }
}

/// Returns the inputs that a definition declares, in its canonical form.
pub fn declared(definition: &Value) -> Vec<Input> {
    serde_json::from_value(definition["inputs"].clone()).unwrap_or_default()
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("an input is written NAME=VALUE")?;
    Ok((name.trim().to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_read_as_they_are_declared() {
        let declared = declared(&json!({"inputs": [
            {"name": "version", "type": "string"}, {"name": "rounds", "type": "integer"},
            {"name": "tag", "type": "boolean"}, {"name": "names", "type": "array"}, {"name": "free", "type": "any"}
        ]}));
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("inputs.json");
        fs::write(&file, r#"{"rounds": 1, "kept": null}"#).unwrap();
        let input = ["version=1.0", "rounds=3", "tag=true", "names=[\"a=b\"]", "free=word", "other=1"];
        let args = InputArgs { input: input.map(|text| pair(text).unwrap()).to_vec(), inputs: Some(file) };
        let read = args.read(&declared).unwrap();
        let expected = json!({"version": "1.0", "rounds": 3, "tag": true, "names": ["a=b"], "free": "word",
                              "other": "1", "kept": null});
        assert_eq!(Value::Object(read), expected);
    }

    #[test]
    fn what_is_not_a_pair_or_an_object_is_refused() {
        assert!(pair("version").is_err());
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("inputs.json");
        fs::write(&file, "[1]").unwrap();
        let args = InputArgs { input: vec![], inputs: Some(file) };
        assert!(matches!(args.read(&[]), Err(Failure::Usage(_))));
    }
}
