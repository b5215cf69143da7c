//! A template with `{% blocks %}`: the engine runs it as a whole, after its expressions were rewritten.

use std::fmt;

use minijinja::Environment;

use super::engine;
use super::error::{BadTemplate, TemplateError};
use super::expression::context;
use super::lexer::{Node, TokenKind, is, parse_until};
use super::names::{FUNCTIONS, OURS};
use super::reads;
use super::reference::{Key, Reference};
use super::rewrite::{self, Dialect};
use super::scope::Scope;
use crate::limits::{RENDERED_BYTES_MAX, TEMPLATE_BLOCKS_MAX};

/// Tags that a template may use, each with whether an expression follows.
const TAGS: &[(&str, Follows)] = &[
    ("if", Follows::Expression),
    ("elif", Follows::Expression),
    ("else", Follows::Nothing),
    ("endif", Follows::Nothing),
    ("for", Follows::Loop),
    ("endfor", Follows::Nothing),
    ("set", Follows::Assignment),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Follows {
    Nothing,
    Expression,
    Loop,
    Assignment,
}

/// The name that the one template of an environment has.
const NAME: &str = "template";

/// A compiled template.
pub(super) struct Block {
    source: Box<str>,
    environment: Environment<'static>,
    references: Vec<Reference>,
}

impl Block {
    pub(super) fn new(source: &str) -> Result<Self, BadTemplate> {
        let rewritten = rewritten(source)?;
        let mut environment = engine::environment();
        environment.add_template_owned(NAME, rewritten).map_err(|error| BadTemplate::new(0, engine::reason(&error)))?;
        let template = environment.get_template(NAME).expect("it was just added");
        let mut names: Vec<String> = template.undeclared_variables(true).into_iter().collect();
        names.sort();
        let references = names.iter().map(|name| reference(source, name)).filter(|read| !is_function(read)).collect();
        Ok(Self { source: source.into(), references: reads::keep_shortest(references), environment })
    }

    pub(super) fn references(&self) -> &[Reference] {
        &self.references
    }

    pub(super) fn render(&self, scope: &Scope<'_>) -> Result<String, TemplateError> {
        let template = self.environment.get_template(NAME).expect("it was added when it was parsed");
        let text = template
            .render(context(&self.references, scope))
            .map_err(|error| engine::engine_failed(&self.source, &error))?;
        if text.len() > RENDERED_BYTES_MAX {
            return Err(engine::too_large(&self.source));
        }
        Ok(text)
    }
}

fn reference(source: &str, dotted: &str) -> Reference {
    let mut names = dotted.split('.');
    let root = names.next().expect("splitting gives at least one part");
    let path = names.map(|name| Key::Name(name.into())).collect();
    Reference { root: root.into(), path, offset: source.find(dotted).unwrap_or(0) }
}

fn is_function(read: &Reference) -> bool {
    read.path.is_empty() && FUNCTIONS.iter().chain(OURS).any(|name| *name == read.root.as_ref())
}

/// Rewrites every expression of the text and copies the rest.
fn rewritten(source: &str) -> Result<String, BadTemplate> {
    let (mut written, mut at, mut blocks) = (String::new(), 0, 0);
    while let Some(found) = source[at..].find('{') {
        let start = at + found;
        written.push_str(&source[at..start]);
        let rest = &source[start..];
        let (mark, close) = match rest.as_bytes().get(1) {
            Some(b'{') => ("{{", "}}"),
            Some(b'%') => ("{%", "%}"),
            Some(b'#') => {
                let Some(end) = rest.find("#}") else {
                    return Err(BadTemplate::new(start, "this comment is never closed"));
                };
                at = start + end + 2;
                continue;
            }
            _ => {
                written.push('{');
                at = start + 1;
                continue;
            }
        };
        let trims = rest[2..].starts_with('-');
        let inside = start + 2 + usize::from(trims);
        let (nodes, end) = parse_until(source, inside, Some(close))?;
        written.push_str(mark);
        written.push_str(if trims { "- " } else { " " });
        match mark {
            "{{" => {
                reads::of(&nodes, Dialect::Token)?;
                written.push_str(&rewrite::expression(&nodes, Dialect::Token)?);
            }
            _ => {
                blocks += 1;
                if blocks > TEMPLATE_BLOCKS_MAX {
                    return Err(BadTemplate::new(start, format!("has more than {TEMPLATE_BLOCKS_MAX} blocks")));
                }
                written.push_str(&tag(&nodes, inside)?);
            }
        }
        let trims = source[end..].starts_with('-');
        written.push_str(if trims { " -" } else { " " });
        written.push_str(close);
        at = end + 2 + usize::from(trims);
    }
    written.push_str(&source[at..]);
    Ok(written)
}

fn tag(nodes: &[Node<'_>], offset: usize) -> Result<String, BadTemplate> {
    let known = || TAGS.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
    let Some(Node::Token(word)) =
        nodes.first().filter(|node| matches!(node, Node::Token(word) if word.kind == TokenKind::Name))
    else {
        return Err(BadTemplate::new(offset, format!("a block begins with one of {}", known())));
    };
    let Some((_, follows)) = TAGS.iter().find(|(tag, _)| *tag == word.text) else {
        let message = format!("there is no block `{}`; there are {}", word.text, known());
        return Err(BadTemplate::new(word.offset, message));
    };
    let words = &nodes[1..];
    // What is assigned to is copied; what stands after the mark is an expression.
    let copied = match follows {
        Follows::Nothing | Follows::Expression => 0,
        Follows::Loop => 1 + words.iter().position(|node| is(Some(node), "in")).unwrap_or(0),
        Follows::Assignment => 1 + words.iter().position(|node| is(Some(node), "=")).unwrap_or(0),
    };
    let (target, expression) = words.split_at(copied.min(words.len()));
    reads::of(expression, Dialect::Token)?;
    let mut written = word.text.to_owned();
    for node in target {
        match node {
            Node::Token(token) => written.push_str(&format!(" {}", token.text)),
            Node::Group { .. } => return Err(BadTemplate::new(offset, "only plain names can be assigned to")),
        }
    }
    if *follows == Follows::Assignment && !is(target.last(), "=") {
        return Err(BadTemplate::new(offset, "`set` is written `{% set name = expression %}`"));
    }
    written.push(' ');
    written.push_str(&rewrite::expression(expression, Dialect::Token)?);
    Ok(written)
}

impl fmt::Debug for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Block({:?})", self.source)
    }
}
