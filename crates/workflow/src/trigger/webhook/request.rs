//! A request to a webhook as it came, and the rules that need no secret.

use std::collections::BTreeMap;

use super::form::Inlet;

/// A request as it came.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    pub method: &'a str,
    /// Names in lower case.
    pub headers: &'a BTreeMap<String, String>,
    /// What stands after the `?` of the address.
    pub query: &'a str,
    pub body: &'a [u8],
}

/// Why a request is not looked at any further.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    #[error("the method {method} is not taken here; there are {allowed}")]
    Method { method: String, allowed: String },
    #[error("the content type `{given}` is not taken here; there are {allowed}")]
    ContentType { given: String, allowed: String },
}

impl Request<'_> {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.trim())
    }

    /// Returns the content type without its parameters, in lower case.
    pub fn content_type(&self) -> String {
        let whole = self.header("content-type").unwrap_or_default();
        whole.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// Checks the method and the content type.
    pub fn check(&self, inlet: &Inlet) -> Result<(), Unfit> {
        if !inlet.methods.iter().any(|method| method.word() == self.method) {
            let allowed = inlet.methods.iter().map(|method| method.word()).collect::<Vec<_>>().join(", ");
            return Err(Unfit::Method { method: self.method.to_owned(), allowed });
        }
        let given = self.content_type();
        if !inlet.content_types.is_empty() && !inlet.content_types.contains(&given) {
            return Err(Unfit::ContentType { given, allowed: inlet.content_types.join(", ") });
        }
        Ok(())
    }
}
