//! Requests and answers, translated between actix's types and those of the `http` crate, which rmcp speaks.

use actix_web::http::StatusCode;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use http_body_util::{BodyDataStream, Full};

use crate::problem::{Rejection, problem};

/// Translates a request whose body was read. The credential stays behind: it was looked at, and nobody else needs it.
pub fn request(request: &HttpRequest, body: Bytes) -> Result<http::Request<Full<Bytes>>, Rejection> {
    let mut translated = http::Request::builder().method(request.method().as_str()).uri(request.uri().to_string());
    for (name, value) in request.headers() {
        if name != actix_web::http::header::AUTHORIZATION {
            translated = translated.header(name.as_str(), value.as_bytes());
        }
    }
    let odd = |error: http::Error| problem(400, "body_unreadable", format!("the request cannot be read: {error}"));
    translated.body(Full::new(body)).map_err(odd)
}

/// Translates an answer.
pub fn response<B>(answer: http::Response<B>) -> HttpResponse
where
    B: http_body::Body<Data = Bytes> + 'static,
    B::Error: std::error::Error + 'static,
{
    let (head, body) = answer.into_parts();
    let status = StatusCode::from_u16(head.status.as_u16()).expect("a status is a status in both");
    let mut response = HttpResponse::build(status);
    for (name, value) in &head.headers {
        response.append_header((name.as_str(), value.as_bytes()));
    }
    response.streaming(BodyDataStream::new(body))
}
