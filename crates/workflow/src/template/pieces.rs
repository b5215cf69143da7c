//! A template taken apart: plain text, tokens, and blocks that only the engine can run.

use super::block::Block;
use super::error::BadTemplate;
use super::expression::Expression;
use super::lexer::parse_until;
use super::reads;
use super::reference::Reference;
use super::rewrite::Dialect;
use crate::limits::TEMPLATE_BYTES_MAX;

/// One part of a template, in the order of the text.
#[derive(Debug)]
pub(super) enum Piece {
    Text(String),
    Token(Expression),
    /// The whole text, when any `{% block %}` stands in it.
    Block(Box<Block>),
}

/// All parts of a template.
#[derive(Debug)]
pub(super) struct Pieces(Vec<Piece>);

impl Pieces {
    pub(super) fn new(source: &str) -> Result<Self, BadTemplate> {
        if source.len() > TEMPLATE_BYTES_MAX {
            let message = format!("has {} bytes; {TEMPLATE_BYTES_MAX} are the most", source.len());
            return Err(BadTemplate::new(0, message));
        }
        let mut pieces = Vec::new();
        let (mut at, mut trims) = (0, false);
        while at < source.len() {
            let start = mark(source, at);
            let mut plain = &source[at..start];
            if trims {
                plain = plain.trim_start();
            }
            if source[start..].starts_with("{{-") {
                plain = plain.trim_end();
            }
            if !plain.is_empty() {
                pieces.push(Piece::Text(plain.to_owned()));
            }
            let rest = &source[start..];
            if rest.is_empty() {
                break;
            }
            if rest.starts_with("{%") {
                return Ok(Self(vec![Piece::Block(Box::new(Block::new(source)?))]));
            }
            if rest.starts_with("{#") {
                let Some(end) = rest.find("#}") else {
                    return Err(BadTemplate::new(start, "this comment is never closed"));
                };
                (at, trims) = (start + end + 2, false);
                continue;
            }
            let inside = start + if rest.starts_with("{{-") { 3 } else { 2 };
            let (nodes, end) = parse_until(source, inside, Some("}}"))?;
            pieces.push(Piece::Token(Expression::new(&source[inside..end], inside, &nodes, Dialect::Token)?));
            trims = source[end..].starts_with('-');
            at = end + if trims { 3 } else { 2 };
        }
        Ok(Self(pieces))
    }

    pub(super) fn all(&self) -> &[Piece] {
        &self.0
    }

    /// Returns the token that the whole template consists of.
    pub(super) fn single(&self) -> Option<&Expression> {
        match &self.0[..] {
            [Piece::Token(expression)] => Some(expression),
            [Piece::Token(expression), Piece::Text(blank)] if blank.trim().is_empty() => Some(expression),
            [Piece::Text(blank), Piece::Token(expression)] if blank.trim().is_empty() => Some(expression),
            [Piece::Text(a), Piece::Token(expression), Piece::Text(b)]
                if a.trim().is_empty() && b.trim().is_empty() =>
            {
                Some(expression)
            }
            _ => None,
        }
    }

    pub(super) fn references(&self) -> Vec<Reference> {
        let found = self.0.iter().flat_map(|piece| match piece {
            Piece::Text(_) => &[],
            Piece::Token(expression) => expression.references(),
            Piece::Block(block) => block.references(),
        });
        reads::keep_shortest(found.cloned().collect())
    }
}

/// Returns where the next `{{`, `{%` or `{#` stands, or the end of the text.
fn mark(source: &str, from: usize) -> usize {
    let marks = source[from..].match_indices('{').map(|(at, _)| from + at);
    let mut marks = marks.filter(|at| matches!(source.as_bytes().get(at + 1), Some(b'{' | b'%' | b'#')));
    marks.next().unwrap_or(source.len())
}
