//! The words of an expression, and the brackets that group them.

use super::error::BadTemplate;
use crate::limits::{EXPRESSION_DEPTH_MAX, EXPRESSION_WORDS_MAX};

/// One word of an expression, with its place in the source.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Token<'a> {
    pub kind: TokenKind,
    pub text: &'a str,
    pub offset: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    Name,
    Number,
    /// A text with its quotes.
    Quoted,
    Operator,
}

/// A word, or a bracket with everything in it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node<'a> {
    Token(Token<'a>),
    Group { open: Token<'a>, inner: Vec<Node<'a>> },
}

/// Longer ones first, so that `===` is not read as `==` and `=`.
const OPERATORS: &[&str] = &[
    "===", "!==", "==", "!=", "<=", ">=", "&&", "||", "//", "**", "+", "-", "*", "/", "%", "~", "|", ".", ",", ":",
    "<", ">", "!", "=", "(", ")", "[", "]", "{", "}",
];

/// Reads a whole text as one expression.
pub(super) fn parse(source: &str) -> Result<Vec<Node<'_>>, BadTemplate> {
    let (nodes, end) = parse_until(source, 0, None)?;
    debug_assert_eq!(end, source.len(), "without an end mark everything is read");
    Ok(nodes)
}

/// Reads an expression from `start` up to `end`, which must stand outside of brackets and quotes; returns where it stands.
pub(super) fn parse_until<'a>(
    source: &'a str,
    start: usize,
    end: Option<&str>,
) -> Result<(Vec<Node<'a>>, usize), BadTemplate> {
    let mut open: Vec<(Token<'a>, Vec<Node<'a>>)> = Vec::new();
    let mut nodes = Vec::new();
    let (mut at, mut words) = (start, 0);
    loop {
        let rest = &source[at..];
        at += rest.len() - rest.trim_start().len();
        let rest = &source[at..];
        if open.is_empty() && end.is_some_and(|end| rest.starts_with(end) || rest.starts_with(&format!("-{end}"))) {
            return Ok((nodes, at));
        }
        if rest.is_empty() {
            break;
        }
        let before = nodes.last();
        let token = token(source, at, before)?;
        at += token.text.len();
        words += 1;
        if words > EXPRESSION_WORDS_MAX {
            let message = format!("has more than {EXPRESSION_WORDS_MAX} words");
            return Err(BadTemplate::new(start, message));
        }
        match token.text {
            "(" | "[" | "{" if token.kind == TokenKind::Operator => {
                if open.len() == EXPRESSION_DEPTH_MAX {
                    let message = format!("brackets stand more than {EXPRESSION_DEPTH_MAX} deep in each other");
                    return Err(BadTemplate::new(token.offset, message));
                }
                open.push((token, std::mem::take(&mut nodes)));
            }
            ")" | "]" | "}" if token.kind == TokenKind::Operator => {
                let Some((bracket, outer)) = open.pop() else {
                    return Err(BadTemplate::new(token.offset, format!("`{}` closes nothing", token.text)));
                };
                if !closes(bracket.text, token.text) {
                    return Err(BadTemplate::new(bracket.offset, format!("`{}` is never closed", bracket.text)));
                }
                let inner = std::mem::replace(&mut nodes, outer);
                nodes.push(Node::Group { open: bracket, inner });
            }
            _ => nodes.push(Node::Token(token)),
        }
    }
    if let Some((bracket, _)) = open.last() {
        return Err(BadTemplate::new(bracket.offset, format!("`{}` is never closed", bracket.text)));
    }
    match end {
        Some(end) => Err(BadTemplate::new(start.saturating_sub(2), format!("`{end}` is missing"))),
        None => Ok((nodes, at)),
    }
}

fn closes(open: &str, close: &str) -> bool {
    matches!((open, close), ("(", ")") | ("[", "]") | ("{", "}"))
}

fn token<'a>(source: &'a str, at: usize, before: Option<&Node<'_>>) -> Result<Token<'a>, BadTemplate> {
    let rest = &source[at..];
    let first = rest.chars().next().expect("the caller saw that something is left");
    let (kind, length) = match first {
        'a'..='z' | 'A'..='Z' | '_' => (TokenKind::Name, run(rest, |c| c.is_ascii_alphanumeric() || c == '_')),
        '0'..='9' => (TokenKind::Number, number(rest, is(before, "."))),
        '"' | '\'' => match quoted(rest, first) {
            Some(length) => (TokenKind::Quoted, length),
            None => return Err(BadTemplate::new(at, "this text is never closed")),
        },
        _ => match OPERATORS.iter().find(|operator| rest.starts_with(**operator)) {
            Some(operator) => (TokenKind::Operator, operator.len()),
            None => return Err(BadTemplate::new(at, format!("{first:?} means nothing in an expression"))),
        },
    };
    Ok(Token { kind, text: &rest[..length], offset: at })
}

fn run(rest: &str, belongs: impl Fn(char) -> bool) -> usize {
    rest.find(|c| !belongs(c)).unwrap_or(rest.len())
}

fn number(rest: &str, is_key: bool) -> usize {
    let whole = run(rest, |c| c.is_ascii_digit());
    let fraction = rest[whole..].strip_prefix('.').map_or(0, |digits| run(digits, |c| c.is_ascii_digit()));
    if is_key || fraction == 0 { whole } else { whole + 1 + fraction }
}

fn quoted(rest: &str, quote: char) -> Option<usize> {
    let mut characters = rest.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => {
                characters.next();
            }
            _ if character == quote => return Some(at + quote.len_utf8()),
            _ => {}
        }
    }
    None
}

/// Tells whether a node is this very word.
pub(super) fn is(node: Option<&Node<'_>>, text: &str) -> bool {
    matches!(node, Some(Node::Token(token)) if token.kind != TokenKind::Quoted && token.text == text)
}
