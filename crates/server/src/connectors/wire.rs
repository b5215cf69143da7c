//! The HTTP under a connection: rmcp's client, with what it leaves open closed.
//!
//! rmcp bounds each piece of an answer, but not their number; and it would listen for news as long as the connection stands, which nobody
//! here needs. Redirects are not followed, because they would take the credentials along, and proxies of the environment are not used,
//! because they would resolve names elsewhere.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use http::{HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use rmcp::model::ClientJsonRpcMessage;
use rmcp::transport::streamable_http_client::{
    SseError, StreamableHttpClient, StreamableHttpError, StreamableHttpPostResponse, StreamableHttpResponseLimits,
};
use sse_stream::Sse;
use tenure_model::Span;

use super::address::Reach;

/// Pieces that one answer may come in: progress is told in them, too.
const PIECES_MAX: usize = 10_000;

/// Answers that HTTP gives.
type Answer<T> = Result<T, StreamableHttpError<reqwest::Error>>;
type Headers = HashMap<HeaderName, HeaderValue>;
type Pieces = BoxStream<'static, Result<Sse, SseError>>;

/// A client of connectors.
#[derive(Clone)]
pub struct Wire {
    client: reqwest::Client,
    bytes_max: usize,
}

impl Wire {
    pub fn new(reach: Reach, connect_within: Span, bytes_max: usize) -> Result<Self, reqwest::Error> {
        // The client wants to know with what it does TLS; another part of the process may have said so already.
        let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
        let builder = reqwest::Client::builder().dns_resolver(Arc::new(reach)).redirect(Policy::none()).no_proxy();
        let builder = builder.referer(false).connect_timeout(connect_within.duration());
        Ok(Self { client: builder.build()?, bytes_max })
    }

    /// Ends an answer that comes in too many pieces, or too many bytes.
    fn bounded(&self, pieces: Pieces) -> Pieces {
        let (mut left, mut bytes_left) = (PIECES_MAX, self.bytes_max);
        let counted = pieces.map(move |piece| {
            let piece = piece?;
            let size = piece.data.as_ref().map_or(0, String::len);
            if left == 0 || size > bytes_left {
                return Err(SseError::Body("it answers with more than is read".into()));
            }
            (left, bytes_left) = (left - 1, bytes_left - size);
            Ok(piece)
        });
        let mut over = false;
        // Nothing is read behind the first error.
        Box::pin(counted.take_while(move |piece| std::future::ready(!std::mem::replace(&mut over, piece.is_err()))))
    }
}

impl StreamableHttpClient for Wire {
    type Error = reqwest::Error;

    async fn post_message(
        &self,
        uri: Arc<str>,
        message: ClientJsonRpcMessage,
        session_id: Option<Arc<str>>,
        auth_header: Option<String>,
        custom_headers: Headers,
    ) -> Answer<StreamableHttpPostResponse> {
        let limits = StreamableHttpResponseLimits::default();
        self.post_message_with_response_limits(uri, message, session_id, auth_header, custom_headers, limits).await
    }

    async fn post_message_with_response_limits(
        &self,
        uri: Arc<str>,
        message: ClientJsonRpcMessage,
        session_id: Option<Arc<str>>,
        auth_header: Option<String>,
        custom_headers: Headers,
        limits: StreamableHttpResponseLimits,
    ) -> Answer<StreamableHttpPostResponse> {
        let answer = self.client.post_message_with_response_limits(
            uri,
            message,
            session_id,
            auth_header,
            custom_headers,
            limits,
        );
        Ok(match answer.await? {
            StreamableHttpPostResponse::Sse(pieces, session) => {
                StreamableHttpPostResponse::Sse(self.bounded(pieces), session)
            }
            whole => whole,
        })
    }

    fn delete_session(
        &self,
        uri: Arc<str>,
        session_id: Arc<str>,
        auth_header: Option<String>,
        custom_headers: Headers,
    ) -> impl Future<Output = Answer<()>> + Send + '_ {
        self.client.delete_session(uri, session_id, auth_header, custom_headers)
    }

    async fn get_stream(
        &self,
        uri: Arc<str>,
        session_id: Option<Arc<str>>,
        last_event_id: Option<String>,
        auth_header: Option<String>,
        custom_headers: Headers,
    ) -> Answer<Pieces> {
        let max = self.bytes_max;
        self.get_stream_with_max_sse_event_size(uri, session_id, last_event_id, auth_header, custom_headers, max).await
    }

    /// Goes on with an answer that broke off; there is no listening for anything else.
    async fn get_stream_with_max_sse_event_size(
        &self,
        uri: Arc<str>,
        session_id: Option<Arc<str>>,
        last_event_id: Option<String>,
        auth_header: Option<String>,
        custom_headers: Headers,
        max: usize,
    ) -> Answer<Pieces> {
        if last_event_id.is_none() {
            return Err(StreamableHttpError::ServerDoesNotSupportSse);
        }
        let client = &self.client;
        let rest =
            client.get_stream_with_max_sse_event_size(uri, session_id, last_event_id, auth_header, custom_headers, max);
        Ok(self.bounded(rest.await?))
    }
}
