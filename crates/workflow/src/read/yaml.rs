//! YAML into located values, with limits on size, depth and what aliases may grow to.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Span as TextSpan};
use serde_json::Number;

use super::mistake::Mistakes;
use super::node::{Content, Entry, Mark, Node};
use crate::limits::{NESTING_MAX, NODES_MAX};

/// Reads one document. JSON is YAML, too, apart from what only JSON can escape.
pub(super) fn parse(text: &str, mistakes: &mut Mistakes) -> Option<Node> {
    let mut builder =
        Builder { mistakes, open: Vec::new(), root: None, anchors: BTreeMap::new(), nodes: 0, failed: false };
    let mut parser = Parser::new_from_str(text);
    let mut documents = 0;
    while let Some(next) = parser.next_event() {
        let (event, span) = match next {
            Ok(next) => next,
            Err(error) => {
                let mark = Mark { line: error.marker().line(), column: error.marker().col() + 1 };
                builder.mistakes.add(
                    "workflow",
                    Some(mark),
                    "syntax",
                    format!("this is no YAML: {}", error.info()),
                    None,
                );
                return None;
            }
        };
        if matches!(event, Event::DocumentStart(_)) {
            documents += 1;
        }
        if documents > 1 {
            builder.fail(mark(span), "documents", "holds more than one document", "keep one workflow in one file");
        } else {
            builder.event(event, span);
        }
        if builder.failed {
            return None;
        }
    }
    builder.root
}

fn mark(span: TextSpan) -> Mark {
    Mark { line: span.start.line(), column: span.start.col() + 1 }
}

struct Builder<'m> {
    mistakes: &'m mut Mistakes,
    /// Lists and maps that are not closed yet, the outermost first.
    open: Vec<Open>,
    root: Option<Node>,
    anchors: BTreeMap<usize, Node>,
    nodes: usize,
    failed: bool,
}

struct Open {
    mark: Mark,
    anchor: usize,
    inside: Inside,
}

enum Inside {
    List(Vec<Node>),
    Map { entries: Vec<Entry>, lines: BTreeMap<String, usize>, name: Option<(String, Mark)> },
}

impl Builder<'_> {
    fn wrong(&mut self, mark: Mark, code: &'static str, message: &str, fix: &str) {
        self.mistakes.add("workflow", Some(mark), code, message, Some(fix.to_owned()));
    }

    fn fail(&mut self, mark: Mark, code: &'static str, message: &str, fix: &str) {
        self.wrong(mark, code, message, fix);
        self.failed = true;
    }

    fn event(&mut self, event: Event<'_>, span: TextSpan) {
        let at = mark(span);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let is_text = tag.is_some_and(|tag| tag.suffix == "str");
                let content = if is_text { Content::Text(text.into_owned()) } else { scalar(&text, style) };
                self.value(Node { mark: Some(at), content }, anchor, at, 1);
            }
            Event::SequenceStart(anchor, _) => self.open(at, anchor, Inside::List(Vec::new())),
            Event::MappingStart(anchor, _) => {
                self.open(at, anchor, Inside::Map { entries: Vec::new(), lines: BTreeMap::new(), name: None })
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            Event::Alias(anchor) => match self.anchors.get(&anchor).cloned() {
                Some(node) => {
                    let nodes = node.count().0;
                    self.value(node, 0, at, nodes);
                }
                None => self.fail(at, "alias", "an alias stands inside of what it names", "write the value out"),
            },
            _ => {}
        }
    }

    fn open(&mut self, mark: Mark, anchor: usize, inside: Inside) {
        if self.open.len() >= NESTING_MAX {
            let message = format!("values stand more than {NESTING_MAX} deep in each other");
            return self.fail(mark, "too_deep", &message, "flatten it");
        }
        if let Some(Open { inside: Inside::Map { name: None, .. }, .. }) = self.open.last() {
            return self.fail(mark, "name", "the name of a field is a list or an object", "name fields with texts");
        }
        self.open.push(Open { mark, anchor, inside });
    }

    fn close(&mut self) {
        let Some(Open { mark, anchor, inside }) = self.open.pop() else { return };
        let content = match inside {
            Inside::List(items) => Content::List(items),
            Inside::Map { entries, .. } => Content::Map(entries),
        };
        self.value(Node { mark: Some(mark), content }, anchor, mark, 1);
    }

    /// Puts a finished value where it belongs. What an alias repeats counts each time, so that a few lines cannot grow
    /// without bound.
    fn value(&mut self, node: Node, anchor: usize, at: Mark, nodes: usize) {
        self.nodes += nodes;
        let depth = if nodes > 1 { node.count().1 } else { 0 };
        if self.nodes > NODES_MAX || self.open.len() + depth > NESTING_MAX {
            let message = format!("holds more than {NODES_MAX} values or stands more than {NESTING_MAX} deep");
            return self.fail(at, "too_large", &message, "split the workflow, or repeat less by aliases");
        }
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut().map(|open| &mut open.inside) {
            None => self.root = Some(node),
            Some(Inside::List(items)) => items.push(node),
            Some(Inside::Map { entries, lines, name }) => match name.take() {
                Some((name, mark)) => entries.push(Entry { name, mark: Some(mark), value: node }),
                None => {
                    let Some(text) = plain_name(&node) else {
                        return self.fail(at, "name", "the name of a field is no text", "name fields with texts");
                    };
                    let before = lines.insert(text.clone(), at.line);
                    *name = Some((text.clone(), at));
                    if text == "<<" {
                        self.wrong(at, "merge_key", "`<<` is no field of YAML 1.2", "write the fields out");
                    } else if let Some(line) = before {
                        let message = format!("`{text}` stands here twice, first in line {line}");
                        self.wrong(at, "duplicate_field", &message, "remove one of them");
                    }
                }
            },
        }
    }
}

/// Returns how a scalar reads as the name of a field.
fn plain_name(node: &Node) -> Option<String> {
    match &node.content {
        Content::Text(text) => Some(text.clone()),
        Content::Number(number) => Some(number.to_string()),
        Content::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}

/// Resolves a scalar by YAML 1.2's core schema: `yes` is a text, `true` is not.
fn scalar(text: &str, style: ScalarStyle) -> Content {
    if style != ScalarStyle::Plain {
        return Content::Text(text.to_owned());
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Content::Null,
        "true" | "True" | "TRUE" => return Content::Bool(true),
        "false" | "False" | "FALSE" => return Content::Bool(false),
        _ => {}
    }
    match number(text) {
        Some(number) => Content::Number(number),
        None => Content::Text(text.to_owned()),
    }
}

fn number(text: &str) -> Option<Number> {
    if let Some(digits) = text.strip_prefix("0x") {
        return u64::from_str_radix(digits, 16).ok().map(Number::from);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return u64::from_str_radix(digits, 8).ok().map(Number::from);
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let starts = digits.starts_with(|c: char| c.is_ascii_digit()) || digits.starts_with('.') && digits.len() > 1;
    if !starts || !digits.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-')) {
        return None;
    }
    let plain = text.strip_prefix('+').unwrap_or(text);
    let whole = plain.parse::<i64>().map(Number::from).or_else(|_| plain.parse::<u64>().map(Number::from));
    whole.ok().or_else(|| plain.parse::<f64>().ok().and_then(Number::from_f64))
}
