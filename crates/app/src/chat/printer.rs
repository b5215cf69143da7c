//! Turns news into text for people: who said what, tool calls with their output, questions, ends.

use std::collections::BTreeSet;

use tenure_model::chat::{FinishReason, TextKind, ToolCall, ToolStatus, Usage};
use tenure_model::id::{ThreadId, TurnId};
use tenure_model::view::QuestionView;

use super::act::brief;
use super::clean::Cleaner;
use super::ink::{Ink, Tone};
use super::run_lines;
use super::view::{RunNews, Shown, is_over};
use crate::failure::ending;

/// Stands before every line of a tool's output.
const OUTPUT: &str = "  │ ";
/// Stands before every line of the agent's thinking.
const THINKING: &str = "  ";

/// Where the text goes on.
type Place = (TurnId, u32, TextKind);

/// Prints the news of one thread; of the others only what people must know.
#[derive(Default)]
pub struct Printer {
    /// The thread that is shown; all of them when there is none.
    thread: Option<ThreadId>,
    place: Option<Place>,
    mid_line: bool,
    /// The tool calls whose title was printed.
    titled: BTreeSet<(TurnId, u32)>,
    /// The turns of steps: they stand below their steps, whatever thread they are in.
    of_steps: BTreeSet<TurnId>,
    cleaner: Cleaner,
    /// Notices that came in the middle of a line; they wait for its end.
    held: Vec<String>,
    ink: Vec<Ink>,
}

impl Printer {
    /// Turns to a thread.
    pub fn turn_to(&mut self, thread: ThreadId) {
        self.thread = Some(thread);
        self.place = None;
        self.titled.clear();
    }

    /// Returns the text that tells `shown`.
    pub fn show(&mut self, shown: &Shown) -> Vec<Ink> {
        let elsewhere = matches!((shown.thread(), self.thread), (Some(of), Some(here)) if of != here)
            && shown.turn().is_none_or(|turn| !self.of_steps.contains(&turn));
        match shown {
            Shown::Notice(text) => self.notice(text),
            Shown::Run(news) => self.run(news),
            Shown::Ended { reason, .. } if elsewhere => {
                self.notice(&format!("a turn in another thread {} (/thread list)", ending(*reason)));
            }
            Shown::Asked(question) if elsewhere => {
                self.notice(&format!("another thread asks: {} (/thread list)", brief(&question.text)));
            }
            _ if elsewhere => {}
            Shown::Said { author, text, attachments, .. } => self.person(author, text, attachments),
            Shown::Text { turn, part, kind, text, anew, .. } => self.text((*turn, *part, *kind), text, *anew),
            Shown::Tool { turn, part, call, .. } => self.tool(*turn, *part, call),
            Shown::Ended { turn, reason, error, usage, .. } => {
                self.ended(*turn, *reason, error.as_deref(), usage.as_ref());
            }
            Shown::Asked(question) => self.asked(question),
            Shown::Resolved { text, answer, by, .. } => self.resolved(text, answer.as_deref(), by.as_deref()),
        }
        std::mem::take(&mut self.ink)
    }

    /// Returns the text of a remark.
    pub fn remark(&mut self, tone: Tone, text: &str) -> Vec<Ink> {
        self.line(tone, text);
        std::mem::take(&mut self.ink)
    }

    fn notice(&mut self, text: &str) {
        self.held.push(Cleaner::default().clean(&format!("— {text}\n")));
        if !self.mid_line {
            self.tell_held();
        }
    }

    fn tell_held(&mut self) {
        self.ink.extend(self.held.drain(..).map(|notice| Ink::new(Tone::Dim, notice)));
    }

    fn person(&mut self, author: &str, text: &str, attachments: &[String]) {
        let files = if attachments.is_empty() { String::new() } else { format!(" [{}]", attachments.join(", ")) };
        self.line(Tone::Person, &format!("{author} › {}{files}", text.trim_end().replace('\n', "\n    ")));
    }

    fn text(&mut self, place: Place, text: &str, anew: bool) {
        let (tone, prefix) = match place.2 {
            TextKind::Text => (Tone::Plain, ""),
            TextKind::Reasoning => (Tone::Dim, THINKING),
            TextKind::Output => (Tone::Dim, OUTPUT),
        };
        if self.place != Some(place) || anew {
            self.end_line();
            self.cleaner = Cleaner::default();
            self.place = Some(place);
        }
        for line in self.cleaner.clean(text).split_inclusive('\n') {
            let start = if self.mid_line { "" } else { prefix };
            self.ink.push(Ink::new(tone, format!("{start}{line}")));
            self.mid_line = !line.ends_with('\n');
            if !self.mid_line {
                self.tell_held();
            }
        }
    }

    fn tool(&mut self, turn: TurnId, part: u32, call: &ToolCall) {
        if call.status != ToolStatus::Pending && self.titled.insert((turn, part)) {
            let title = call.title.as_deref().filter(|title| !title.is_empty()).unwrap_or(&call.tool);
            self.line(Tone::Accent, &format!("▸ {}", brief_title(title)));
        }
        if !is_over(call.status) {
            return;
        }
        let error = call.error.as_deref().map(|error| format!(": {}", error.trim_end())).unwrap_or_default();
        match call.status {
            ToolStatus::Completed => self.line(Tone::Good, &format!("  ✓ {}", outcome(call))),
            ToolStatus::Interrupted => self.line(Tone::Dim, &format!("  – interrupted{error}")),
            _ => self.line(Tone::Bad, &format!("  ✗ failed{error}")),
        }
    }

    fn ended(&mut self, turn: TurnId, reason: FinishReason, error: Option<&str>, usage: Option<&Usage>) {
        self.titled.retain(|(of, _)| *of != turn);
        self.of_steps.remove(&turn);
        if reason != FinishReason::EndTurn {
            let why = error.map(|error| format!(": {error}")).unwrap_or_default();
            self.line(Tone::Bad, &format!("✗ the turn {}{why}", ending(reason)));
        }
        if let Some(usage) = usage.filter(|usage| usage.input_tokens + usage.output_tokens > 0) {
            let model = usage.model.as_deref().map(|model| format!(" · {model}")).unwrap_or_default();
            let (taken, given) = (usage.input_tokens, usage.output_tokens);
            self.line(Tone::Dim, &format!("· {taken} tokens in, {given} out{model}"));
        }
        self.end_line();
    }

    fn run(&mut self, news: &RunNews) {
        if let RunNews::Step(step) = news {
            self.of_steps.extend(step.turn);
        }
        run_lines::lines(news).iter().for_each(|(tone, line)| self.line(*tone, line));
    }

    fn asked(&mut self, question: &QuestionView) {
        self.line(Tone::Accent, &format!("? {}", question.text.trim_end()));
        for (at, option) in question.options.iter().enumerate() {
            self.line(Tone::Accent, &format!("  {}. {option}", at + 1));
        }
        let how =
            if question.options.is_empty() { "answer in your own words" } else { "answer with a number or in words" };
        self.line(Tone::Dim, &format!("  {how}"));
    }

    fn resolved(&mut self, text: &str, answer: Option<&str>, by: Option<&str>) {
        let by = by.map(|by| format!(" ({by})")).unwrap_or_default();
        match answer {
            Some(answer) => self.line(Tone::Dim, &format!("  → {answer}{by}")),
            None => self.notice(&format!("no longer asked: {}", brief(text))),
        }
    }

    /// Puts whole lines on the screen.
    fn line(&mut self, tone: Tone, text: &str) {
        self.end_line();
        let clean = Cleaner::default().clean(text);
        self.ink.push(Ink::new(tone, format!("{clean}\n")));
    }

    fn end_line(&mut self) {
        self.place = None;
        if std::mem::take(&mut self.mid_line) {
            self.ink.push(Ink::new(Tone::Plain, "\n"));
        }
        self.tell_held();
    }
}

/// Says in a few words what came of a call.
fn outcome(call: &ToolCall) -> String {
    let result = call.result.as_ref();
    let exit =
        result.and_then(|result| result.get("exit_code").or_else(|| result.get("exit"))).and_then(|n| n.as_i64());
    match (exit, result.and_then(|result| result.as_str())) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(text)) if !text.trim().is_empty() => brief(text.trim()),
        _ => "done".to_owned(),
    }
}

fn brief_title(title: &str) -> String {
    let line = title.lines().next().unwrap_or_default();
    let cut: String = line.chars().take(200).collect();
    if cut.len() < title.trim_end().len() { format!("{cut}…") } else { cut }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use uuid::Uuid;

    use super::*;
    use crate::chat::ink::said;

    const HERE: u128 = 1;

    fn text(part: u32, kind: TextKind, text: &str) -> Shown {
        let (thread, turn) = (ThreadId(Uuid::from_u128(HERE)), TurnId::default());
        Shown::Text { thread, turn, part, kind, text: text.to_owned(), anew: false }
    }

    #[test]
    fn a_notice_waits_for_the_end_of_the_line() {
        let mut printer = Printer::default();
        let mut all = printer.show(&text(0, TextKind::Text, "The ta"));
        all.extend(printer.show(&Shown::Notice("title: x".to_owned())));
        all.extend(printer.show(&text(0, TextKind::Text, "sk\nnext")));
        assert_eq!(said(&all), "The task\n— title: x\nnext");
    }

    fn tool(status: ToolStatus) -> Shown {
        let call = ToolCall {
            call: "c".to_owned(),
            tool: "shell".to_owned(),
            title: Some("cargo test".to_owned()),
            status,
            arguments: Value::Null,
            result: (status == ToolStatus::Completed).then(|| serde_json::json!({"exit_code": 0})),
            error: None,
        };
        Shown::Tool { thread: ThreadId(Uuid::from_u128(HERE)), turn: TurnId::default(), part: 1, call }
    }

    fn all(printer: &mut Printer, shown: &[Shown]) -> String {
        shown.iter().map(|shown| said(&printer.show(shown))).collect()
    }

    #[test]
    fn a_tool_call_reads_as_one_block() {
        let shown = [
            text(0, TextKind::Text, "I run "),
            text(0, TextKind::Text, "the test."),
            tool(ToolStatus::Pending),
            tool(ToolStatus::Running),
            text(1, TextKind::Output, "one\ntw"),
            text(1, TextKind::Output, "o\n"),
            tool(ToolStatus::Completed),
            text(2, TextKind::Text, "It passes."),
        ];
        let printed = all(&mut Printer::default(), &shown);
        assert_eq!(printed, "I run the test.\n▸ cargo test\n  │ one\n  │ two\n  ✓ exit code 0\nIt passes.");
    }

    #[test]
    fn other_threads_are_told_in_one_line() {
        let mut printer = Printer::default();
        printer.turn_to(ThreadId(Uuid::from_u128(2)));
        let thread = ThreadId(Uuid::from_u128(HERE));
        let reason = FinishReason::EndTurn;
        let ended = Shown::Ended { thread, turn: TurnId::default(), reason, error: None, usage: None };
        let printed = all(&mut printer, &[text(0, TextKind::Text, "elsewhere"), ended]);
        assert_eq!(printed, "— a turn in another thread is done (/thread list)\n");
    }

    #[test]
    fn what_steers_a_terminal_is_not_printed() {
        let printed =
            all(&mut Printer::default(), &[text(0, TextKind::Text, "a\u{1b}[2"), text(0, TextKind::Text, "Jb")]);
        assert_eq!(printed, "ab");
    }
}
