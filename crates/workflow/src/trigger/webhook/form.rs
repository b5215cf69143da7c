//! What a webhook trigger says: how it is called, and how it knows who calls.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tenure_model::time::Span;

use crate::read::draft::Draft;
use crate::read::form::{Field, Form, Shape, fill, no_rules};
use crate::trigger::definition::{self, MAPPING};
use crate::trigger::mapping::Mapped;

/// Unless a trigger says otherwise, and for GitHub's own inlet.
const DEDUP_WINDOW: Span = Span::mins(5);
/// GitHub's own inlet takes so many deliveries a minute.
pub(crate) const GITHUB_PER_MINUTE: u32 = 6_000;

/// How a trigger is called.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Inlet {
    pub verify: Verify,
    pub methods: Vec<Method>,
    /// The content types that are taken; all of them when there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub content_types: Vec<String>,
    /// Where a scheme signs neither an id nor a time, equal bytes within this time are one delivery.
    pub dedup_window_ms: Span,
    pub rate_per_minute: u32,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mapping: Vec<Mapped>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

/// How a sender proves who it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verify {
    pub scheme: Scheme,
    /// A signed time may differ so much from ours.
    pub tolerance_ms: Span,
    /// Where a plain HMAC stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// What stands before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    #[serde(default)]
    pub encoding: Encoding,
    /// A time in seconds since 1970, which is signed before the body, with a dot between them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp_header: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scheme {
    StandardWebhooks,
    Github,
    Slack,
    Stripe,
    /// HMAC-SHA256 over the body, with or without a time.
    Hmac,
    /// Whoever knows the address.
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    #[default]
    Hex,
    Base64,
}

impl Scheme {
    /// Says who is believed.
    pub fn words(self) -> &'static str {
        match self {
            Scheme::StandardWebhooks => "signed as standard webhooks are",
            Scheme::Github => "signed as GitHub does",
            Scheme::Slack => "signed as Slack does",
            Scheme::Stripe => "signed as Stripe does",
            Scheme::Hmac => "signed with HMAC-SHA256",
            Scheme::None => "by whoever knows it",
        }
    }
}

impl Method {
    /// Returns the word that a request says.
    pub fn word(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
        }
    }
}

impl Inlet {
    /// Returns how GitHub calls the one address of an owner.
    pub fn of_github() -> Self {
        Self {
            verify: Verify {
                scheme: Scheme::Github,
                tolerance_ms: DEDUP_WINDOW,
                header: None,
                prefix: None,
                encoding: Encoding::Hex,
                timestamp_header: None,
            },
            methods: vec![Method::Post],
            content_types: vec!["application/json".to_owned(), "application/x-www-form-urlencoded".to_owned()],
            dedup_window_ms: DEDUP_WINDOW,
            rate_per_minute: GITHUB_PER_MINUTE,
            mapping: vec![],
        }
    }
}

impl Verify {
    /// Returns the header in which a plain HMAC stands.
    pub fn header(&self) -> &str {
        self.header.as_deref().unwrap_or("x-webhook-signature")
    }
}

pub(crate) const FORM: Form = Form {
    word: "webhook",
    description: "Fires when its address is called. The address is made when the trigger is saved, and nobody can guess it.",
    fields: &[
        Field::new(
            "verify",
            Shape::Object { form: &VERIFY, short: Some("scheme") },
            "How the sender proves who it is; `none` believes whoever knows the address.",
        )
        .required(),
        Field::new("methods", Shape::Texts, "The methods that are taken: GET, POST, PUT, PATCH, DELETE.")
            .or(&["method"])
            .default("[\"POST\"]"),
        Field::new(
            "content_types",
            Shape::Texts,
            "The content types that are taken; all of them when this is left out.",
        )
        .or(&["content_type"]),
        Field::new(
            "dedup_window_ms",
            Shape::Window,
            "Where neither an id nor a time is signed, equal requests within this time are one; `0s` takes every one.",
        )
        .default("300000"),
        Field::new(
            "rate_per_minute",
            Shape::Integer { min: 1, max: 1_000_000 },
            "How many requests are taken in a minute; the sender is asked to wait with the rest.",
        )
        .default("600"),
        MAPPING,
    ],
    check,
};

const VERIFY: Form = Form {
    word: "",
    description: "How the sender proves who it is.",
    fields: &[
        Field::new(
            "scheme",
            Shape::OneOf(&["standard_webhooks", "github", "slack", "stripe", "hmac", "none"]),
            "Whose way of signing.",
        )
        .required(),
        Field::new("tolerance_ms", Shape::Duration, "How much a signed time may differ from ours.").default("300000"),
        Field::new("header", Shape::Text, "Where a plain HMAC stands; `x-webhook-signature` unless it is said."),
        Field::new("prefix", Shape::Text, "What stands before it, like `sha256=`, which is understood anyway."),
        Field::new("encoding", Shape::OneOf(&["hex", "base64"]), "How it is written.").default("\"hex\""),
        Field::new(
            "timestamp_header",
            Shape::Text,
            "Where a time in seconds since 1970 stands, which is signed before the body with a dot between them.",
        ),
    ],
    check: no_rules,
};

fn check(draft: &mut Draft<'_, '_>) {
    definition::check(draft);
    if let Some(verify) = draft.object.get_mut("verify").and_then(Value::as_object_mut) {
        fill(VERIFY.fields, verify);
        for header in ["header", "timestamp_header"] {
            if let Some(Value::String(name)) = verify.get_mut(header) {
                *name = name.trim().to_ascii_lowercase();
            }
        }
        let scheme = verify.get("scheme").and_then(Value::as_str);
        let odd = ["header", "prefix", "timestamp_header"].into_iter().find(|field| verify.contains_key(*field));
        if let (Some(field), true) = (odd, scheme != Some("hmac")) {
            let message = format!("`{field}` says something for the scheme `hmac` only");
            draft.wrong("verify", "never_used", message, "leave it out, or choose `hmac`");
        }
    }
    let texts = |draft: &Draft<'_, '_>, field: &str| -> Vec<String> {
        let list = draft.object.get(field).and_then(Value::as_array).into_iter().flatten();
        list.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let methods: Vec<String> = texts(draft, "methods").iter().map(|method| method.to_uppercase()).collect();
    if serde_json::from_value::<Vec<Method>>(methods.clone().into()).is_err() || methods.is_empty() {
        let written = if draft.node.entry("method").is_some() { "method" } else { "methods" };
        draft.wrong(written, "unknown_value", "this is no method", "there are GET, POST, PUT, PATCH, DELETE");
    }
    draft.object.insert("methods".to_owned(), methods.into());
    let types: Vec<String> = texts(draft, "content_types").iter().map(|one| one.trim().to_ascii_lowercase()).collect();
    if types.iter().any(|one| one.split('/').filter(|part| !part.is_empty()).count() != 2) {
        let written = if draft.node.entry("content_type").is_some() { "content_type" } else { "content_types" };
        draft.wrong(written, "bad_content_type", "this is no content type", "write it like `application/json`");
    }
    if draft.has("content_types") {
        draft.object.insert("content_types".to_owned(), types.into());
    }
}
