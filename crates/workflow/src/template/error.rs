//! What can be wrong with a template: its text when it is parsed, its values when it is evaluated.

/// Why a text is no template or condition.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct BadTemplate {
    pub message: String,
    /// Where in the text, in bytes.
    pub offset: usize,
}

impl BadTemplate {
    pub(super) fn new(offset: usize, message: impl Into<String>) -> Self {
        Self { message: message.into(), offset }
    }
}

/// Why a template gave nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    #[error("`{source_text}` failed: {message}")]
    Failed { source_text: String, message: String },
    #[error("`{source_text}` takes more than {max} instructions")]
    Endless { source_text: String, max: u64 },
    #[error("`{source_text}` gives more than {max} bytes")]
    TooLarge { source_text: String, max: usize },
}

impl TemplateError {
    /// Returns the stable code that a failed step carries.
    pub fn code(&self) -> &'static str {
        match self {
            TemplateError::Failed { .. } => "template_failed",
            TemplateError::Endless { .. } => "template_endless",
            TemplateError::TooLarge { .. } => "template_too_large",
        }
    }
}

/// Cuts a source to what fits into a message.
pub(super) fn excerpt(source: &str) -> String {
    const CHARS_MAX: usize = 120;
    match source.char_indices().nth(CHARS_MAX) {
        Some((end, _)) => format!("{}…", &source[..end]),
        None => source.to_owned(),
    }
}
