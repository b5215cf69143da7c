//! What an expression reads and calls, told from its words alone.

use super::error::BadTemplate;
use super::lexer::{Node, Token, TokenKind, is, parse_until};
use super::names::{FILTERS, FUNCTIONS, TESTS};
use super::reference::{Key, Reference};
use super::rewrite::Dialect;
use crate::nearest::nearest;

/// The references of one expression, none of which another one covers.
pub(super) struct Reads {
    pub references: Vec<Reference>,
    /// The expression is exactly its one reference.
    pub whole: bool,
}

const LITERALS: &[&str] = &["true", "True", "false", "False", "none", "None", "null"];
const WORDS: &[&str] = &["and", "or", "not", "in", "is", "if", "else"];

/// Lists what the expression reads, and refuses filters, tests, functions and methods that do not exist.
pub(super) fn of(nodes: &[Node<'_>], dialect: Dialect) -> Result<Reads, BadTemplate> {
    let mut found = Vec::new();
    let whole = matches!(walk(nodes, dialect, &mut found)?, Some(length) if length == nodes.len());
    let shortest = keep_shortest(found);
    Ok(Reads { whole: whole && shortest.len() == 1, references: shortest })
}

/// Leaves out what another reference covers.
pub(super) fn keep_shortest(found: Vec<Reference>) -> Vec<Reference> {
    let mut kept: Vec<Reference> = Vec::new();
    for reference in found {
        if kept.iter().any(|other| other.covers(&reference)) {
            continue;
        }
        kept.retain(|other| !reference.covers(other));
        kept.push(reference);
    }
    kept
}

/// Collects the references of one level; returns how many nodes the reference at its very beginning takes.
fn walk(nodes: &[Node<'_>], dialect: Dialect, found: &mut Vec<Reference>) -> Result<Option<usize>, BadTemplate> {
    let mut first = None;
    let mut at = 0;
    while at < nodes.len() {
        let before = at.checked_sub(1).map(|before| &nodes[before]);
        let two_before = at.checked_sub(2).map(|before| &nodes[before]);
        match &nodes[at] {
            Node::Group { inner, .. } => {
                walk(inner, dialect, found)?;
            }
            Node::Token(token) if token.kind == TokenKind::Name => {
                let calls = !WORDS.contains(&token.text)
                    && matches!(nodes.get(at + 1), Some(Node::Group { open, .. }) if open.text == "(");
                if is(before, "|") {
                    known(*token, "filter", FILTERS)?;
                } else if is(before, "is") && token.text != "not" || is(before, "not") && is(two_before, "is") {
                    known(*token, "test", TESTS)?;
                } else if is(before, ".") {
                    if calls {
                        return Err(no_methods(*token));
                    }
                } else if calls {
                    known(*token, "function", FUNCTIONS)?;
                } else if !WORDS.contains(&token.text) && !LITERALS.contains(&token.text) && !is(nodes.get(at + 1), "=")
                {
                    let (reference, length) = chain(*token, &nodes[at..]);
                    found.push(reference);
                    first = first.or((at == 0).then_some(length));
                }
            }
            Node::Token(token) if token.kind == TokenKind::Quoted && dialect == Dialect::Condition => {
                quoted(*token, found)?;
            }
            Node::Token(_) => {}
        }
        at += 1;
    }
    Ok(first)
}

/// Follows `.name`, `["name"]` and `[0]` from a root as far as they are written out.
fn chain(root: Token<'_>, nodes: &[Node<'_>]) -> (Reference, usize) {
    let mut path = Vec::new();
    let mut length = 1;
    loop {
        let key = match &nodes[length..] {
            [dot, Node::Token(token), ..] if is(Some(dot), ".") => match token.kind {
                TokenKind::Name => Some((Key::Name(token.text.into()), 2)),
                _ => token.text.parse().ok().map(|index| (Key::Index(index), 2)),
            },
            [Node::Group { open, inner }, ..] if open.text == "[" => written_key(inner).map(|key| (key, 1)),
            _ => None,
        };
        let Some((key, nodes_taken)) = key else { break };
        path.push(key);
        length += nodes_taken;
    }
    (Reference { root: root.text.into(), path, offset: root.offset }, length)
}

fn written_key(inner: &[Node<'_>]) -> Option<Key> {
    let [Node::Token(token)] = inner else { return None };
    match token.kind {
        TokenKind::Quoted if !token.text.contains('\\') => Some(Key::Name(token.text[1..token.text.len() - 1].into())),
        TokenKind::Number => token.text.parse().ok().map(Key::Index),
        _ => None,
    }
}

/// Collects what the tokens in a quoted text of a condition read.
fn quoted(token: Token<'_>, found: &mut Vec<Reference>) -> Result<(), BadTemplate> {
    let mut rest = &token.text[1..token.text.len() - 1];
    while let Some(start) = rest.find("{{") {
        let inside = |bad: BadTemplate| BadTemplate::new(token.offset, bad.message);
        let (nodes, end) = parse_until(rest, start + 2, Some("}}")).map_err(inside)?;
        let from = found.len();
        walk(&nodes, Dialect::Token, found).map_err(inside)?;
        found[from..].iter_mut().for_each(|reference| reference.offset = token.offset);
        rest = &rest[end..];
        rest = &rest[rest.find("}}").map_or(rest.len(), |mark| mark + 2)..];
    }
    Ok(())
}

fn known(token: Token<'_>, what: &str, names: &[&str]) -> Result<(), BadTemplate> {
    if names.contains(&token.text) {
        return Ok(());
    }
    let hint = match nearest(token.text, names.iter().copied()) {
        Some(name) => format!("; did you mean `{name}`?"),
        None => format!("; there are {}", names.join(", ")),
    };
    Err(BadTemplate::new(token.offset, format!("there is no {what} `{}`{hint}", token.text)))
}

fn no_methods(token: Token<'_>) -> BadTemplate {
    let hint = if FILTERS.contains(&token.text) { format!("; write `| {}`", token.text) } else { String::new() };
    BadTemplate::new(token.offset, format!("values have no methods, so `.{}()` means nothing{hint}", token.text))
}
