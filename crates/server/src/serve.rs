//! Starting and stopping the server.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::sync::Arc;

use actix_web::body::MessageBody;
use actix_web::dev::{ServerHandle, ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{App, HttpServer, web};
use tenure_protocol::sign_in::sign_in_address;
use tenure_runtime::Runtime;
use tokio::sync::watch;
use tracing::{debug, info};

use crate::auth::secret;
use crate::auth::secret_keys::SecretKeys;
use crate::auth::signing_key::SigningKey;
use crate::connectors::{Hub, StepTools};
use crate::desk::Desk;
use crate::draft::{DraftOptions, Drafting};
use crate::link::guard::{self, Guard};
use crate::options::ServerOptions;
use crate::routes::routes;

/// Why the server did not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error("failed to listen on {address}")]
    Listen {
        address: String,
        #[source]
        source: std::io::Error,
    },
    #[error("failed to prepare drafting: {0}")]
    Draft(String),
    #[error("failed to start serving")]
    Start(#[source] std::io::Error),
    #[error("failed to prepare the connections to connectors")]
    Connectors(#[source] reqwest::Error),
}

/// A server that runs until it is stopped or dropped with its system.
pub struct Serving {
    /// Where it listens; tells the port when a free one was asked for.
    pub address: SocketAddr,
    handle: ServerHandle,
    stopping: watch::Sender<bool>,
    ended: actix_web::rt::task::JoinHandle<std::io::Result<()>>,
    desk: web::Data<Desk>,
    _guard: Arc<Guard>,
}

/// What the server makes and keeps secrets with.
#[derive(Clone)]
pub struct Keys {
    /// Signs what agents are handed; under another one they lose their tools until their next turn.
    pub signing: SigningKey,
    /// Seals what connectors sign in with.
    pub secrets: SecretKeys,
}

impl From<SigningKey> for Keys {
    fn from(signing: SigningKey) -> Self {
        Self { secrets: SecretKeys::from(signing.clone()), signing }
    }
}

/// Starts serving a runtime. Needs a running actix system.
///
/// `tools` are those that the runtime was started with: its runs reach connectors through them from now on.
pub async fn serve(
    runtime: Arc<Runtime>,
    options: ServerOptions,
    draft: DraftOptions,
    keys: Keys,
    tools: &StepTools,
) -> Result<Serving, ServeError> {
    allow_many_descriptors();
    let drafting = Drafting::new(draft).map_err(ServeError::Draft)?;
    let listen = |source| ServeError::Listen { address: options.listen.clone(), source };
    let listener = TcpListener::bind(&options.listen).map_err(listen)?;
    let address = listener.local_addr().map_err(listen)?;
    let (stopping, stopped) = watch::channel(false);
    let hub = Hub::new(runtime.clone(), &options, keys.secrets).map_err(ServeError::Connectors)?;
    let desk = web::Data::new(Desk::new(runtime, options.clone(), drafting, keys.signing, hub, stopped));
    tools.open(&desk.hub);
    actix_web::rt::spawn(Hub::tidy(Arc::downgrade(&desk.hub)));
    let guard = desk.guard.clone();
    actix_web::rt::spawn(Guard::run(Arc::downgrade(&guard)));
    actix_web::rt::spawn(desk.runners.clone().run(desk.stopping.clone()));

    let (prepare, kept) = (options.clone(), desk.clone());
    let workers = options.workers.max(1);
    let server = HttpServer::new(move || {
        App::new().app_data(desk.clone()).configure(routes).wrap(actix_web::middleware::from_fn(logged))
    })
    .workers(workers)
    .max_connections((options.connections_max / workers).max(1))
    .on_connect(move |connection, data| guard::adopt(&prepare, connection, data))
    .shutdown_timeout(options.shutdown_timeout_s)
    .disable_signals()
    .listen(listener)
    .map_err(ServeError::Start)?
    .run();
    let handle = server.handle();
    let ended = actix_web::rt::spawn(server);
    info!("listening on http://{address}");
    Ok(Serving { address, handle, stopping, ended, desk: kept, _guard: guard })
}

/// Notes each request in the log, and marks its answer as data.
async fn logged(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let (method, path) = (request.method().clone(), shown(request.path()).to_owned());
    let mut response = next.call(request).await?;
    let status = response.status().as_u16();
    debug!(%method, path, status, "{method} {path} was answered {status}");
    // Answers are data, never pages that a browser should guess about.
    let headers = response.headers_mut();
    headers.insert(HeaderName::from_static("x-content-type-options"), HeaderValue::from_static("nosniff"));
    Ok(response)
}

/// The address of a webhook is what its sender is known by, so no log shows it.
fn shown(path: &str) -> &str {
    if path.starts_with("/webhooks/") { "/webhooks/…" } else { path }
}

impl Serving {
    /// Returns an address of this server that signs a browser in once, as whoever has this token; none when that is not good.
    pub fn sign_in_address(&self, token: &str) -> Option<String> {
        let (desk, hash) = (&self.desk, secret::hash(token));
        desk.runtime.realm_view().token_by_hash(&hash, desk.now())?;
        let (code, _) = desk.codes.issue(&hash, desk.now()).ok()?;
        let own = || format!("http://{}", reachable(self.address));
        let server = desk.options.public_address.clone().unwrap_or_else(own);
        Some(sign_in_address(&server, &code))
    }

    /// Tells every socket to come back later, finishes requests under way within the limit, and ends.
    pub async fn stop(self) {
        // Nobody listens when no request was ever served.
        let _ = self.stopping.send(true);
        self.handle.stop(true).await;
        if let Err(error) = self.ended.await {
            tracing::error!("the server ended badly: {error}");
        }
    }
}

/// Whoever listens everywhere is reached on this machine, too.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    address
}

/// Raises the soft limit of open files to the hard one: every connection takes two.
fn allow_many_descriptors() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::warn!("the limit of open files stays at {:?}: {error}", limit.current);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_is_printed_can_be_opened() {
        for (listens, opened) in [
            ("0.0.0.0:7420", "127.0.0.1:7420"),
            ("[::]:7420", "[::1]:7420"),
            ("192.0.2.7:80", "192.0.2.7:80"),
            ("127.0.0.1:1", "127.0.0.1:1"),
        ] {
            assert_eq!(reachable(listens.parse().expect("an address")).to_string(), opened);
        }
    }
}
