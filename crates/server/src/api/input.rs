//! What callers hand in, read into types that cannot be wrong; what cannot be read is answered by its field and rule.

use std::future::Future;
use std::pin::Pin;
use std::str::FromStr;

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::{Stream, StreamExt};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tenure_model::Timestamp;
use tenure_session::RequestId;
use uuid::Uuid;

use crate::desk::Desk;
use crate::problem::{Rejection, problem};

/// A JSON body. An empty one reads as `{}`.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = Rejection;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Rejection>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let reading = json_text(request, payload);
        Box::pin(async move {
            let body = reading.await?;
            json(if body.is_empty() { b"{}" } else { &body }).map(Body)
        })
    }
}

/// Any JSON value. An empty body reads as null.
pub struct Anything(pub Value);

impl FromRequest for Anything {
    type Error = Rejection;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Rejection>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let reading = json_text(request, payload);
        Box::pin(async move {
            let body = reading.await?;
            json(if body.is_empty() { b"null" } else { &body }).map(Anything)
        })
    }
}

/// Reads a body that says that it is JSON, or nothing else.
fn json_text(
    request: &HttpRequest,
    payload: &mut Payload,
) -> impl Future<Output = Result<web::BytesMut, Rejection>> + use<> {
    let desk = request.app_data::<web::Data<Desk>>().expect("every route has the desk").clone();
    let media = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let mut payload = payload.take();
    async move {
        let body = whole(&desk, &mut payload).await?;
        match media.as_deref().map(bare) {
            Some(media) if !body.is_empty() && !media.eq_ignore_ascii_case("application/json") => {
                let detail = format!("send JSON with the content type application/json, not {media}");
                Err(problem(415, "media_type_unsupported", detail))
            }
            _ => Ok(body),
        }
    }
}

/// A definition of a workflow as it was written, YAML or JSON.
pub struct Written(pub web::Bytes);

impl Written {
    /// What YAML and JSON are sent as; a body without a content type is taken, too.
    const MEDIA: [&str; 5] = ["application/yaml", "application/json", "application/x-yaml", "text/yaml", "text/x-yaml"];
}

impl FromRequest for Written {
    type Error = Rejection;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Rejection>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let desk = request.app_data::<web::Data<Desk>>().expect("every route has the desk").clone();
        let media = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let mut payload = payload.take();
        Box::pin(async move {
            if let Some(media) = media.as_deref().map(bare)
                && !Self::MEDIA.iter().any(|known| media.eq_ignore_ascii_case(known))
            {
                let detail = format!("send a definition as application/yaml or application/json, not {media}");
                return Err(problem(415, "media_type_unsupported", detail));
            }
            Ok(Self(whole(&desk, &mut payload).await?.freeze()))
        })
    }
}

/// Reads a body to its end, which is bounded.
pub async fn whole<P: Stream<Item = Result<web::Bytes, PayloadError>> + Unpin>(
    desk: &Desk,
    payload: &mut P,
) -> Result<web::BytesMut, Rejection> {
    let max = desk.options.body_bytes_max;
    let mut body = web::BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| problem(400, "body_unreadable", error.to_string()))?;
        let size = body.len() + chunk.len();
        if size > max {
            let detail = format!("the body has more than {max} bytes, the limit body_bytes_max");
            return Err(problem(413, "body_too_large", detail).limit(max as u64, size as u64));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Returns a media type without its parameters.
fn bare(media: &str) -> &str {
    media.split(';').next().unwrap_or_default().trim()
}

fn json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Rejection> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let field = error.path().to_string();
        match error.inner().is_data() {
            true if field == "." => problem(422, "json_invalid", format!("the body: {}", error.inner())),
            true => problem(422, "json_invalid", format!("{field}: {}", error.inner())).field(&field),
            false => problem(400, "json_malformed", format!("the body is no JSON: {}", error.inner())),
        }
    })?;
    reader.end().map_err(|error| problem(400, "json_malformed", format!("the body is no JSON: {error}")))?;
    Ok(value)
}

/// Reads the parameters behind the question mark; unknown ones are refused by name.
pub fn query<T: DeserializeOwned>(request: &HttpRequest) -> Result<T, Rejection> {
    web::Query::<T>::from_query(request.query_string())
        .map(web::Query::into_inner)
        .map_err(|error| problem(400, "query_invalid", format!("the query cannot be read: {error}")))
}

/// Reads an id out of the path.
pub fn id<I: From<Uuid>>(request: &HttpRequest, name: &'static str) -> Result<I, Rejection> {
    let text = request.match_info().get(name).unwrap_or_default();
    let id = Uuid::from_str(text)
        .map_err(|_| problem(400, "path_invalid", format!("\"{text}\" is no id; ids are UUIDs")).field(name))?;
    Ok(I::from(id))
}

/// Reads the `Idempotency-Key`: the request id of a command over HTTP.
pub fn idempotency_key(request: &HttpRequest) -> Result<Option<RequestId>, Rejection> {
    let Some(key) = request.headers().get("idempotency-key") else {
        return Ok(None);
    };
    let readable = key.to_str().ok().filter(|key| key.bytes().all(|byte| byte.is_ascii_graphic()));
    let parsed = readable.and_then(|key| RequestId::parse(key).ok());
    parsed.map(Some).ok_or_else(|| {
        let detail = format!("an Idempotency-Key has 1 to {} visible characters", RequestId::BYTES_MAX);
        problem(400, "idempotency_key_invalid", detail).field("Idempotency-Key")
    })
}

/// Reads a page size.
pub fn limit(desk: &Desk, asked: Option<u64>) -> Result<usize, Rejection> {
    let max = desk.options.page_max as u64;
    match asked {
        None => Ok(desk.options.page_default.min(desk.options.page_max)),
        Some(limit) if (1..=max).contains(&limit) => Ok(limit as usize),
        Some(limit) => {
            let detail = format!("limit is 1 to {max}, the limit page_max; go on with the cursor");
            Err(problem(400, "limit_invalid", detail).field("limit").limit(max, limit))
        }
    }
}

/// Where a list goes on: after the row of this rank and id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub rank: Timestamp,
    pub id: Uuid,
}

impl Cursor {
    pub fn read(text: Option<&str>) -> Result<Option<Self>, Rejection> {
        let Some(text) = text else { return Ok(None) };
        let read = text
            .split_once('.')
            .and_then(|(rank, id)| Some(Self { rank: Timestamp(rank.parse().ok()?), id: Uuid::parse_str(id).ok()? }));
        let detail = "the cursor is none of this server's; take it from the page before";
        read.map(Some).ok_or_else(|| problem(400, "cursor_invalid", detail).field("cursor"))
    }

    pub fn write(self) -> String {
        format!("{}.{}", self.rank.0, self.id)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Thing {
        name: String,
        sizes: Vec<u32>,
    }

    fn refused(body: &str) -> (String, Option<String>) {
        let problem: tenure_protocol::Problem = json::<Thing>(body.as_bytes()).expect_err(body).into();
        (problem.code, problem.field)
    }

    #[test]
    fn bad_bodies_are_answered_by_their_field() {
        assert!(json::<Thing>(br#"{"name":"a","sizes":[1,2]}"#).is_ok());
        assert_eq!(refused(r#"{"name":"#), ("json_malformed".into(), None));
        assert_eq!(refused(r#"{"name":"a","sizes":[]} x"#), ("json_malformed".into(), None));
        assert_eq!(refused(r#"{"name":"a","sizes":[1,"2"]}"#), ("json_invalid".into(), Some("sizes[1]".into())));
        assert_eq!(refused(r#"{"name":"a","sizes":[],"colour":1}"#), ("json_invalid".into(), Some("colour".into())));
        assert_eq!(refused(r#"[]"#).0, "json_invalid");
    }

    #[test]
    fn a_cursor_survives_its_text() {
        let cursor = Cursor { rank: Timestamp(7), id: Uuid::from_u128(9) };
        assert_eq!(Cursor::read(Some(&cursor.write())).expect("it was just written"), Some(cursor));
        for bad in ["", "7", "7.x", "x.00000000-0000-0000-0000-000000000009"] {
            assert_eq!(Cursor::read(Some(bad)).expect_err(bad).0.code, "cursor_invalid");
        }
    }
}
