//! The language inside a definition: templates that give text or values, and conditions. One grammar, evaluated on values.
//!
//! The grammar is minijinja's, and `=== !== && || ! null` are accepted as well. Comparing is strict: values of different kinds
//! are never equal, ordering needs two numbers or is false, and what does not exist is undefined, which is falsy and equal
//! only to itself. Nothing is ever pasted into an expression or a shell.

mod error;
mod scope;
mod text;
mod value;
mod condition;
mod shell;
mod pieces;
mod expression;
mod block;
mod lexer;
mod rewrite;
mod reads;
mod reference;
mod engine;
mod names;

pub(crate) use engine::size;

pub use condition::Condition;
pub use error::{BadTemplate, TemplateError};
pub use reference::{Key, Reference};
pub use scope::{ERROR_FIELDS, RUN_FIELDS, Scope};
pub use shell::{ShellCommand, ShellTemplate};
pub use text::Template;
pub use value::ValueTemplate;
