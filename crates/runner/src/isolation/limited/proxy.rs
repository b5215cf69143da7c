//! The proxy of one work: takes its connections and passes on what the allow list admits, by tunnel or request by request.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONNECTION, HOST, HeaderMap, HeaderName, HeaderValue};
use hyper::service::service_fn;
use hyper::upgrade::OnUpgrade;
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, copy_bidirectional, join};
use tokio::net::{TcpStream, UnixListener, UnixStream};
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_util::io::{InspectReader, InspectWriter};
use tracing::{debug, info};

use super::allow::AllowList;
use super::reach::{Refusal, connect};
use super::target::Target;

/// Connections of one work at once; further ones wait.
const CONNECTIONS_MAX: usize = 256;
/// The longest head of a request.
const HEAD_BYTES_MAX: usize = 16 * 1024;
/// After how long a connection is closed on which nothing moves. Models think for minutes before they say a word.
const IDLE_MAX: Duration = Duration::from_secs(15 * 60);
/// How long is waited when no connection can be taken, as when files are used up.
const PAUSE: Duration = Duration::from_millis(100);
/// The port of `http:`.
const HTTP_PORT: u16 = 80;

/// What concerns one connection only, in requests and answers alike.
const HOP_BY_HOP: [&str; 8] = [
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

type Body = BoxBody<Bytes, hyper::Error>;
/// A tunnel that begins once its answer was sent.
type Handover = Mutex<Option<(OnUpgrade, TcpStream)>>;

/// Passes on what one work asks for.
pub struct Proxy {
    pub allow: Arc<AllowList>,
    /// Whose connections these are, for the log.
    pub work: String,
}

impl Proxy {
    /// Takes connections until it is dropped, and they with it.
    pub async fn serve(self: Arc<Self>, listener: UnixListener) {
        let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        let mut open = JoinSet::new();
        loop {
            let place = Arc::clone(&places).acquire_owned().await.expect("nobody closes it");
            while open.try_join_next().is_some() {}
            match listener.accept().await {
                Ok((stream, _)) => {
                    let proxy = Arc::clone(&self);
                    open.spawn(async move {
                        proxy.attend(stream).await;
                        drop(place);
                    });
                }
                Err(error) => {
                    debug!(work.id = %self.work, "the proxy cannot take a connection: {error}");
                    sleep(PAUSE).await;
                }
            }
        }
    }

    /// Serves one connection until it ends, or nothing moves on it any more.
    async fn attend(&self, stream: UnixStream) {
        let moved = Arc::new(Notify::new());
        let (read, written) = (Arc::clone(&moved), Arc::clone(&moved));
        let (reader, writer) = stream.into_split();
        let reader = InspectReader::new(reader, move |_| read.notify_one());
        let writer = InspectWriter::new(writer, move |_| written.notify_one());
        tokio::select! {
            () = self.converse(join(reader, writer)) => {}
            () = stillness(&moved) => debug!(work.id = %self.work, "an idle connection was closed"),
        }
    }

    async fn converse(&self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let handover = Handover::default();
        let mut server = hyper::server::conn::http1::Builder::new();
        server.max_buf_size(HEAD_BYTES_MAX);
        let service = service_fn(|request| self.answer(request, &handover));
        let served = server.serve_connection(TokioIo::new(stream), service).with_upgrades().await;
        if let Err(error) = served {
            // The client went away, or does not speak HTTP; it was told.
            debug!(work.id = %self.work, "a connection to the proxy broke: {error}");
        }
        let handed = handover.lock().expect("no holder of this lock panics").take();
        if let Some((upgrade, mut upstream)) = handed
            && let Ok(upgraded) = upgrade.await
        {
            // However it ends, both sides hear of it.
            let _ = copy_bidirectional(&mut TokioIo::new(upgraded), &mut upstream).await;
        }
    }

    async fn answer(&self, request: Request<Incoming>, handover: &Handover) -> Result<Response<Body>, Infallible> {
        let answered = match *request.method() {
            Method::CONNECT => self.tunnel(request, handover).await,
            _ => self.forward(request).await,
        };
        Ok(answered.unwrap_or_else(|refusal| self.refused(refusal)))
    }

    async fn tunnel(&self, request: Request<Incoming>, handover: &Handover) -> Result<Response<Body>, Refusal> {
        let target = asked_for(request.uri(), None)?;
        let upstream = connect(&self.allow, &target).await?;
        *handover.lock().expect("no holder of this lock panics") = Some((hyper::upgrade::on(request), upstream));
        Ok(Response::new(text("")))
    }

    async fn forward(&self, request: Request<Incoming>) -> Result<Response<Body>, Refusal> {
        if request.uri().scheme_str().is_some_and(|scheme| scheme != "http") {
            return Err(Refusal::Malformed("this proxy passes on http: by itself; anything else goes through CONNECT"));
        }
        let target = asked_for(request.uri(), Some(HTTP_PORT))?;
        let upstream = connect(&self.allow, &target).await?;
        let broken = |error: hyper::Error| Refusal::Unreachable(format!("{target} broke off: {error}"));
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(upstream)).await.map_err(broken)?;
        // It ends when either the host or whoever hears the answer is gone.
        tokio::spawn(connection);
        let mut response = sender.send_request(passed_on(request, &target)).await.map_err(broken)?;
        strip(response.headers_mut());
        Ok(response.map(BodyExt::boxed))
    }

    fn refused(&self, refusal: Refusal) -> Response<Body> {
        let (status, why) = match refusal {
            Refusal::Malformed(why) => (StatusCode::BAD_REQUEST, why.to_owned()),
            Refusal::NotAllowed(why) => {
                info!(work.id = %self.work, "kept from the network: {why}");
                (StatusCode::FORBIDDEN, why)
            }
            Refusal::Unreachable(why) => (StatusCode::BAD_GATEWAY, why),
        };
        let mut response = Response::new(text(&format!("tenure: {why}\n")));
        *response.status_mut() = status;
        response
    }
}

/// Waits until nothing has moved for long.
async fn stillness(moved: &Notify) {
    while timeout(IDLE_MAX, moved.notified()).await.is_ok() {}
}

/// Reads whom a request is for, which stands in its first line.
fn asked_for(uri: &Uri, usual: Option<u16>) -> Result<Target, Refusal> {
    let authority = uri.authority().ok_or(Refusal::Malformed("this is a proxy: name the host in the first line"))?;
    if authority.as_str().contains('@') {
        return Err(Refusal::Malformed("a name and a password have no place before the host"));
    }
    Target::read(authority.as_str(), usual).map_err(Refusal::Malformed)
}

/// Makes the request one to the host itself. Whatever it says of its host, it is the one that was judged.
fn passed_on(request: Request<Incoming>, target: &Target) -> Request<Incoming> {
    let (mut head, body) = request.into_parts();
    strip(&mut head.headers);
    let host = if target.port == HTTP_PORT { target.host.to_string() } else { target.to_string() };
    head.headers.insert(HOST, HeaderValue::from_str(&host).expect("a host is plain text"));
    head.uri = head.uri.path_and_query().map_or_else(Uri::default, |path| path.clone().into());
    Request::from_parts(head, body)
}

/// Takes away what concerns one connection only, and what its sender says does.
fn strip(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named {
        headers.remove(name);
    }
    headers.remove(CONNECTION);
    for name in HOP_BY_HOP {
        headers.remove(name);
    }
}

fn text(text: &str) -> Body {
    Full::new(Bytes::copy_from_slice(text.as_bytes())).map_err(|never| match never {}).boxed()
}
