//! The form of a script, and reading it from YAML with every mistake named.

use serde::Deserialize;
use serde_json::Value;

/// One script: which prompts it is for, and what it does.
#[derive(Clone, PartialEq, Debug)]
pub struct Script {
    pub name: String,
    /// Played when the prompt holds one of these, in any case; for every prompt when empty.
    pub matches: Vec<String>,
    /// Only for this repair round of a workflow step's reply; for every round when absent. 0 is the prompt itself.
    pub round: Option<u32>,
    pub steps: Vec<Step>,
}

/// One step of a script.
#[derive(Clone, PartialEq, Deserialize, Debug)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Says text.
    Say(Speech),
    /// Thinks aloud.
    Think(Speech),
    /// Reads a file.
    Read { path: String },
    /// Lists a folder.
    List { path: String },
    /// Replaces the one occurrence of `find` in a file.
    Edit { path: String, find: String, replace: String },
    /// Writes a whole file.
    Write { path: String, content: String },
    /// Adds to the end of a file: a side effect that can be counted.
    Append { path: String, text: String },
    /// Runs a command.
    Shell(ShellStep),
    /// Asks people, and keeps the answer as `{{answer.<save>}}`.
    Ask(AskStep),
    /// Reports tokens, so that accounting can be seen.
    Usage { input_tokens: u64, output_tokens: u64 },
    /// Gives the session a title.
    Title(String),
    /// Ends the turn with an error.
    Fail { message: String },
    /// Does steps several times.
    Repeat { times: u32, steps: Vec<Step> },
    /// Waits.
    WaitMs(u64),
    /// Says a long text that the seed decides.
    Emit(EmitStep),
}

/// Text, and how it is streamed.
#[derive(Clone, PartialEq, Deserialize, Debug)]
#[serde(from = "SpeechForm")]
pub struct Speech {
    pub text: String,
    /// Characters in one piece.
    pub chunk: usize,
    /// The pause after each piece.
    pub pace_ms: u64,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum SpeechForm {
    Plain(String),
    Full(FullSpeech),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FullSpeech {
    text: String,
    chunk: Option<usize>,
    pace_ms: Option<u64>,
}

impl From<SpeechForm> for Speech {
    fn from(form: SpeechForm) -> Self {
        let (text, chunk, pace_ms) = match form {
            SpeechForm::Plain(text) => (text, None, None),
            SpeechForm::Full(full) => (full.text, full.chunk, full.pace_ms),
        };
        Self { text, chunk: chunk.unwrap_or(6).max(1), pace_ms: pace_ms.unwrap_or(15) }
    }
}

#[derive(Clone, PartialEq, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct ShellStep {
    pub command: String,
    /// Relative to the workspace.
    #[serde(default)]
    pub cwd: Option<String>,
    #[serde(default)]
    pub timeout_ms: Option<u64>,
    #[serde(default)]
    pub expect: Expect,
}

/// What a command must do; anything else ends the turn with an error, so that the narration stays true.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, Debug, Default)]
#[serde(rename_all = "snake_case")]
pub enum Expect {
    Pass,
    Fail,
    #[default]
    Any,
}

impl Expect {
    pub fn in_words(self) -> &'static str {
        match self {
            Expect::Pass => "pass",
            Expect::Fail => "fail",
            Expect::Any => "end",
        }
    }
}

#[derive(Clone, PartialEq, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct AskStep {
    pub question: String,
    #[serde(default)]
    pub options: Vec<String>,
    #[serde(default)]
    pub save: Option<String>,
    #[serde(default)]
    pub timeout_ms: Option<u64>,
}

#[derive(Clone, Copy, PartialEq, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct EmitStep {
    pub bytes: usize,
    pub seed: u64,
    /// Bytes in one piece.
    #[serde(default = "EmitStep::usual_chunk")]
    pub chunk: usize,
    #[serde(default)]
    pub pace_ms: u64,
}

impl EmitStep {
    fn usual_chunk() -> usize {
        64
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScriptForm {
    name: String,
    #[serde(default, rename = "match")]
    matches: OneOrMany,
    #[serde(default)]
    round: Option<u32>,
    steps: Vec<Value>,
}

#[derive(Deserialize, Default)]
#[serde(untagged)]
enum OneOrMany {
    #[default]
    None,
    One(String),
    Many(Vec<String>),
}

impl Script {
    /// Reads a script; the error names the step.
    pub fn parse(yaml: &str) -> Result<Self, String> {
        let form: ScriptForm = serde_norway::from_str(yaml).map_err(|error| error.to_string())?;
        let matches = match form.matches {
            OneOrMany::None => Vec::new(),
            OneOrMany::One(text) => vec![text],
            OneOrMany::Many(texts) => texts,
        };
        let steps = form
            .steps
            .into_iter()
            .enumerate()
            .map(|(at, step)| serde_json::from_value(step).map_err(|error| format!("step {}: {error}", at + 1)))
            .collect::<Result<_, _>>()?;
        Ok(Self { name: form.name, matches, round: form.round, steps })
    }

    /// Says whether this script is for the prompt in this repair round.
    pub fn is_for(&self, prompt: &str, round: u32) -> bool {
        if self.round.is_some_and(|wanted| wanted != round) {
            return false;
        }
        let prompt = prompt.to_lowercase();
        self.matches.is_empty() || self.matches.iter().any(|text| prompt.contains(&text.to_lowercase()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_reads_as_it_is_written() {
        let script = Script::parse(
            "name: x\nmatch: [Fix, mend]\nsteps:\n- say: hi\n- say: {text: slow, chunk: 1, pace_ms: 3}\n\
             - shell: {command: ls, expect: pass}\n- repeat: {times: 2, steps: [{wait_ms: 5}]}\n- title: T\n",
        )
        .unwrap();
        assert_eq!(script.steps.len(), 5);
        assert_eq!(script.steps[0], Step::Say(Speech { text: "hi".into(), chunk: 6, pace_ms: 15 }));
        assert!(script.is_for("please FIX it", 0) && !script.is_for("hello", 0));
    }

    #[test]
    fn a_script_may_be_for_one_repair_round_only() {
        let script =
            Script::parse("name: x\nmatch: rate\nround: 1\nsteps:\n- say: '{\"score\": {\"of\": 3}}'\n").unwrap();
        assert!(script.is_for("rate it", 1) && !script.is_for("rate it", 0) && !script.is_for("other", 1));
    }

    #[test]
    fn mistakes_name_their_step() {
        let error = Script::parse("name: x\nsteps:\n- say: hi\n- sing: loud\n").unwrap_err();
        assert!(error.starts_with("step 2: unknown variant `sing`"), "{error}");
        let error = Script::parse("name: x\nsteps:\n- shell: {command: ls, when: now}\n").unwrap_err();
        assert!(error.contains("unknown field `when`"), "{error}");
        assert!(Script::parse("name: x\nstep: []\n").is_err());
    }
}
