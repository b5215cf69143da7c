//! Turns an expression of ours into one of minijinja: other spellings of operators, and comparisons that are strict.
//!
//! Comparing is not an operator of the engine that could be changed, so `a === b` becomes the call `_equal(a, b)`. The operands
//! are the words up to the next comparison or anything that binds looser; minijinja's grammar is followed exactly.

use super::error::BadTemplate;
use super::lexer::{Node, Token, TokenKind, is, parse_until};

/// Which words an expression may use beside minijinja's.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// Inside `{{ … }}`.
    Token,
    /// A bare condition, in which `{{ … }}` may stand around a value, also inside quotes.
    Condition,
}

/// Words that end an operand because they bind looser than a comparison, each with minijinja's spelling.
const LOOSE: &[(&str, &str)] = &[
    ("and", "and"),
    ("&&", "and"),
    ("or", "or"),
    ("||", "or"),
    ("not", "not"),
    ("if", "if"),
    ("else", "else"),
    (",", ","),
    (":", ":"),
    ("=", "="),
];

const COMPARISONS: &[(&str, &str)] = &[
    ("===", "_equal"),
    ("==", "_equal"),
    ("!==", "_unequal"),
    ("!=", "_unequal"),
    ("<", "_less"),
    ("<=", "_at_most"),
    (">", "_greater"),
    (">=", "_at_least"),
    ("in", "_contained"),
];

const ARITHMETIC: &[&str] = &["+", "-", "*", "/", "//", "%", "**", "~"];

/// Writes nodes as an expression of minijinja.
pub(super) fn expression(nodes: &[Node<'_>], dialect: Dialect) -> Result<String, BadTemplate> {
    let mut written = String::new();
    let mut compared = Compared::default();
    let mut start = 0;
    for at in 0..nodes.len() {
        if let Some((word, negated)) = comparison(nodes, at) {
            let operand_end = if negated { at - 1 } else { at };
            compared.operands.push(operand(&nodes[start..operand_end], dialect)?);
            compared.functions.push((word, negated));
            start = at + 1;
        } else if let Some(word) = loose(nodes, at) {
            compared.operands.push(operand(&nodes[start..at], dialect)?);
            compared.write(offset(nodes), &mut written)?;
            push(&mut written, word);
            start = at + 1;
        }
    }
    compared.operands.push(operand(&nodes[start..], dialect)?);
    compared.write(offset(nodes), &mut written)?;
    Ok(written)
}

/// Operands with the comparison between them.
#[derive(Default)]
struct Compared {
    operands: Vec<String>,
    functions: Vec<(&'static str, bool)>,
}

impl Compared {
    /// Writes one operand, or the comparison of two. `a < b < c` is refused: languages disagree on what it means.
    fn write(&mut self, offset: usize, written: &mut String) -> Result<(), BadTemplate> {
        let operands = std::mem::take(&mut self.operands);
        match (&std::mem::take(&mut self.functions)[..], &operands[..]) {
            ([], _) => operands.iter().for_each(|operand| push(written, operand)),
            ([(function, negated)], [left, right]) => {
                let not = if *negated { "not " } else { "" };
                push(written, &format!("({not}{function}({left}, {right}))"));
            }
            _ => return Err(BadTemplate::new(offset, "compare two values at a time, and join with `and`")),
        }
        Ok(())
    }
}

/// Returns the function for the comparison that ends at this node, and whether a `not` before it negates it.
fn comparison(nodes: &[Node<'_>], at: usize) -> Option<(&'static str, bool)> {
    let token = operator_like(nodes, at)?;
    let (_, function) = COMPARISONS.iter().find(|(word, _)| *word == token.text)?;
    Some((function, token.text == "in" && at > 0 && is(nodes.get(at - 1), "not")))
}

fn loose(nodes: &[Node<'_>], at: usize) -> Option<&'static str> {
    let token = operator_like(nodes, at)?;
    if token.text == "not" && is(nodes.get(at + 1), "in") {
        return None;
    }
    LOOSE.iter().find(|(word, _)| *word == token.text).map(|(_, written)| *written)
}

/// Returns the word at this place unless it is a key (`outputs.in`), the name of a filter, or part of a test (`is not in`).
fn operator_like<'a>(nodes: &[Node<'a>], at: usize) -> Option<Token<'a>> {
    let Node::Token(token) = &nodes[at] else { return None };
    let before = at.checked_sub(1).and_then(|before| nodes.get(before));
    let two_before = at.checked_sub(2).and_then(|before| nodes.get(before));
    let names_something = is(before, ".") || is(before, "|") || is(before, "is");
    let tests_something = is(before, "not") && is(two_before, "is");
    (token.kind != TokenKind::Quoted && !names_something && !tests_something).then_some(*token)
}

/// Writes what stands between two operators that bind looser than arithmetic.
fn operand(nodes: &[Node<'_>], dialect: Dialect) -> Result<String, BadTemplate> {
    let mut written = String::new();
    let mut at = 0;
    while at < nodes.len() {
        if is(Some(&nodes[at]), "!") {
            let first = (at..nodes.len()).find(|next| !is(nodes.get(*next), "!")).unwrap_or(nodes.len());
            let end =
                (first..nodes.len()).find(|end| *end > first && is_arithmetic(&nodes[*end])).unwrap_or(nodes.len());
            let negated = format!("_not({})", operand(&nodes[first..end], dialect)?);
            push(&mut written, &if (first - at) % 2 == 0 { format!("_not({negated})") } else { negated });
            at = end;
            continue;
        }
        let before = at.checked_sub(1).map(|before| &nodes[before]);
        word(&nodes[at], before, dialect, &mut written)?;
        at += 1;
    }
    Ok(written)
}

fn offset(nodes: &[Node<'_>]) -> usize {
    match nodes.first() {
        Some(Node::Token(token) | Node::Group { open: token, .. }) => token.offset,
        None => 0,
    }
}

fn is_arithmetic(node: &Node<'_>) -> bool {
    ARITHMETIC.iter().any(|operator| is(Some(node), operator))
}

fn word(node: &Node<'_>, before: Option<&Node<'_>>, dialect: Dialect, written: &mut String) -> Result<(), BadTemplate> {
    match node {
        Node::Token(token) if token.kind == TokenKind::Quoted && dialect == Dialect::Condition => {
            push(written, &quoted(*token)?);
        }
        Node::Token(token) => {
            let is_key = is(before, ".") || is(before, "|") || is(before, "is");
            push(written, if token.text == "null" && !is_key { "none" } else { token.text });
        }
        Node::Group { open, inner } => {
            if let (Dialect::Condition, "{", [Node::Group { open: second, inner }]) = (dialect, open.text, &inner[..])
                && second.text == "{"
            {
                push(written, &format!("({})", expression(inner, Dialect::Token)?));
                return Ok(());
            }
            let close = match open.text {
                "(" => ")",
                "[" => "]",
                _ => "}",
            };
            push(written, open.text);
            written.push_str(&expression(inner, dialect)?);
            written.push_str(close);
        }
    }
    Ok(())
}

/// Writes a quoted text of a condition; tokens in it become values that are joined with the rest.
fn quoted(token: Token<'_>) -> Result<String, BadTemplate> {
    let text = token.text;
    if !text.contains("{{") {
        return Ok(text.to_owned());
    }
    let (quote, mut rest) = (&text[..1], &text[1..text.len() - 1]);
    let mut parts = Vec::new();
    while let Some(start) = rest.find("{{") {
        let inside = |bad: BadTemplate| BadTemplate::new(token.offset, bad.message);
        let (nodes, end) = parse_until(rest, start + 2, Some("}}")).map_err(inside)?;
        parts.push(format!("{quote}{}{quote}", &rest[..start]));
        parts.push(format!("_text({})", expression(&nodes, Dialect::Token).map_err(inside)?));
        rest = &rest[end..];
        rest = rest.strip_prefix('-').unwrap_or(rest);
        rest = &rest["}}".len()..];
    }
    parts.push(format!("{quote}{rest}{quote}"));
    Ok(format!("({})", parts.join(" ~ ")))
}

fn push(written: &mut String, word: &str) {
    if !written.is_empty() && !word.is_empty() {
        written.push(' ');
    }
    written.push_str(word);
}
