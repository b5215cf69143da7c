//! What a person can type in the chat: a prompt, or a command that starts with a slash.

use serde_json::Value;
use tenure_model::chat::PromptMode;
use tenure_protocol::execution::Verdict;

use crate::nearest::nearest;

/// The commands, with their arguments and what they do, in the order in which `/help` lists them.
pub const COMMANDS: &[(&str, &str)] = &[
    ("/queue", "list the prompts that wait"),
    ("/edit N [TEXT]", "change prompt N of the queue"),
    ("/move N M|end", "put prompt N before prompt M, or at the end"),
    ("/withdraw N", "take prompt N back"),
    ("/promote N", "let prompt N end the running turn and go first"),
    ("/steer TEXT", "end the running turn and say this"),
    ("/say TEXT", "say this although a question is open"),
    ("/abort", "end the running turn"),
    ("/retry", "ask again what failed or was interrupted"),
    ("/mode followup|steer|collect", "what happens to prompts while the agent is busy"),
    ("/thread new TITLE|list|N", "open a thread, list them, go to one"),
    ("/runs", "list the runs that work here, and what they ask"),
    ("/approve N [REASON]", "approve what a run asks, or a call that waits"),
    ("/deny N [REASON]", "deny what a run asks, or a call that waits"),
    ("/event NAME [JSON]", "tell a run that something has happened"),
    ("/title TEXT", "name the session"),
    ("/status", "what is going on here"),
    ("/help", "this list"),
    ("/quit", "leave; the session goes on"),
];

/// One line of a person, understood.
#[derive(Clone, PartialEq, Debug)]
pub enum Input {
    /// A prompt, or the answer to an open question.
    Text(String),
    Say(String),
    Steer(String),
    Queue,
    Edit(usize, Option<String>),
    /// Before the second one, or at the end.
    Move(usize, Option<usize>),
    Withdraw(usize),
    Promote(usize),
    Abort,
    Retry,
    Mode(PromptMode),
    ThreadNew(String),
    ThreadList,
    ThreadGo(usize),
    Runs,
    Decide(usize, Verdict, Option<String>),
    Event(String, Value),
    Title(String),
    Status,
    Help,
    Quit,
}

/// Reads a line; none when it is empty. Two slashes begin a prompt that starts with one.
pub fn parse(line: &str) -> Result<Option<Input>, String> {
    let line = line.trim();
    if line.is_empty() {
        return Ok(None);
    }
    let Some(command) = line.strip_prefix('/') else {
        return Ok(Some(Input::Text(line.to_owned())));
    };
    if command.starts_with('/') {
        return Ok(Some(Input::Text(command.to_owned())));
    }
    let (word, rest) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
    parse_command(word, rest.trim()).map(Some)
}

fn parse_command(word: &str, rest: &str) -> Result<Input, String> {
    Ok(match word {
        "queue" => Input::Queue,
        "edit" => {
            let (n, text) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
            Input::Edit(number(word, n)?, Some(text.trim().to_owned()).filter(|text| !text.is_empty()))
        }
        "move" => match rest.split_once(char::is_whitespace) {
            Some((n, "end")) => Input::Move(number(word, n)?, None),
            Some((n, before)) => Input::Move(number(word, n)?, Some(number(word, before)?)),
            None => return Err(usage(word)),
        },
        "withdraw" => Input::Withdraw(number(word, rest)?),
        "promote" => Input::Promote(number(word, rest)?),
        "say" => Input::Say(text(word, rest)?),
        "steer" => Input::Steer(text(word, rest)?),
        "abort" => Input::Abort,
        "retry" => Input::Retry,
        "mode" => Input::Mode(mode(rest).ok_or_else(|| usage(word))?),
        "thread" => match rest.split_once(char::is_whitespace).unwrap_or((rest, "")) {
            ("new", title) => Input::ThreadNew(text(word, title.trim())?),
            ("" | "list", _) => Input::ThreadList,
            (n, _) => Input::ThreadGo(number(word, n)?),
        },
        "runs" => Input::Runs,
        "approve" => decide(word, rest, Verdict::Approved)?,
        "deny" => decide(word, rest, Verdict::Denied)?,
        "event" => event(word, rest)?,
        "title" => Input::Title(text(word, rest)?),
        "status" => Input::Status,
        "help" => Input::Help,
        "quit" | "exit" => Input::Quit,
        other => {
            let known = COMMANDS.iter().map(|(usage, _)| name(usage));
            let meant = nearest(other, known).map(|near| format!("; did you mean /{near}?")).unwrap_or_default();
            return Err(format!("there is no command /{other}{meant} (/help lists them)"));
        }
    })
}

fn name(usage: &str) -> &str {
    usage.trim_start_matches('/').split(' ').next().unwrap_or_default()
}

fn mode(word: &str) -> Option<PromptMode> {
    match word {
        "followup" => Some(PromptMode::Followup),
        "steer" => Some(PromptMode::Steer),
        "collect" => Some(PromptMode::Collect),
        _ => None,
    }
}

fn decide(command: &str, rest: &str, decision: Verdict) -> Result<Input, String> {
    let (n, reason) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let reason = Some(reason.trim().to_owned()).filter(|reason| !reason.is_empty());
    Ok(Input::Decide(number(command, n)?, decision, reason))
}

fn event(command: &str, rest: &str) -> Result<Input, String> {
    let (event, payload) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let payload = match payload.trim() {
        "" => Value::Null,
        json => serde_json::from_str(json).map_err(|error| format!("this is no JSON: {error}"))?,
    };
    Ok(Input::Event(text(command, event)?, payload))
}

fn number(command: &str, text: &str) -> Result<usize, String> {
    text.trim().parse().ok().filter(|n| *n > 0).ok_or_else(|| usage(command))
}

fn text(command: &str, text: &str) -> Result<String, String> {
    if text.is_empty() { Err(usage(command)) } else { Ok(text.to_owned()) }
}

fn usage(command: &str) -> String {
    let usage = COMMANDS.iter().map(|(usage, _)| *usage).find(|usage| name(usage) == command);
    format!("write {}", usage.unwrap_or(command))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_understood() {
        for (line, input) in [
            ("fix it", Input::Text("fix it".to_owned())),
            ("//etc", Input::Text("/etc".to_owned())),
            ("/edit 2 new words", Input::Edit(2, Some("new words".to_owned()))),
            ("/edit 2", Input::Edit(2, None)),
            ("/move 3 1", Input::Move(3, Some(1))),
            ("/move 3 end", Input::Move(3, None)),
            ("/thread", Input::ThreadList),
            ("/thread new a review", Input::ThreadNew("a review".to_owned())),
            ("/thread 2", Input::ThreadGo(2)),
            ("/mode steer", Input::Mode(PromptMode::Steer)),
            ("/approve 2", Input::Decide(2, Verdict::Approved, None)),
            ("/deny 1 not today", Input::Decide(1, Verdict::Denied, Some("not today".to_owned()))),
            ("/event built {\"id\": 7}", Input::Event("built".to_owned(), serde_json::json!({"id": 7}))),
            ("/event built", Input::Event("built".to_owned(), Value::Null)),
            ("/quit", Input::Quit),
        ] {
            assert_eq!(parse(line), Ok(Some(input)), "{line}");
        }
        assert_eq!(parse("  "), Ok(None));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_form() {
        assert_eq!(parse("/edit").unwrap_err(), "write /edit N [TEXT]");
        assert_eq!(parse("/withdraw 0").unwrap_err(), "write /withdraw N");
        assert_eq!(parse("/mode fast").unwrap_err(), "write /mode followup|steer|collect");
        assert_eq!(parse("/approve yes").unwrap_err(), "write /approve N [REASON]");
        assert!(parse("/event built {").unwrap_err().starts_with("this is no JSON"));
        assert!(parse("/abrot").unwrap_err().contains("did you mean /abort?"));
    }

    #[test]
    fn every_listed_command_is_known() {
        for (usage, _) in COMMANDS {
            let tried = parse_command(name(usage), "");
            assert!(!tried.is_err_and(|error| error.starts_with("there is no")), "{usage}");
        }
    }
}
