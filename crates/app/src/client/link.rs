//! The chat socket: joins, stays joined, and says everything once.
//!
//! A task holds the connection. It reconnects for ever with [`Backoff`], joins where the [`Cursor`] stands, and sends every
//! command again that has no answer yet; request ids make that harmless.

use std::collections::VecDeque;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tenure_model::id::SessionId;
use tenure_protocol::client::{ClientCommand, ClientEvent, ClientMessage};
use tenure_protocol::{CLIENT_SUBPROTOCOL, Problem};
use tenure_runner::{Socket, dial_socket};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderValue, Request};
use tokio_tungstenite::tungstenite::{self, Message};

use super::api::{Api, fresh_key, problem};
use super::backoff::Backoff;
use super::cursor::Cursor;

/// How many pieces of news wait for the screen; past it the socket is read no further.
const NEWS_MAX: usize = 256;
/// How often the server hears something of a silent client.
const PING_EVERY: Duration = Duration::from_secs(15);
/// A server that says nothing for this long is taken for gone.
const SILENCE_MAX: Duration = Duration::from_secs(45);
/// How long one attempt to connect may take.
const CONNECT_MAX: Duration = Duration::from_secs(10);

/// What happens on the line.
pub enum News<E = ClientEvent> {
    /// A frame, and its text as it came. It came for the first time.
    Event(Box<E>, String),
    /// The line is there.
    Joined,
    /// The line broke; the next attempt is made after the pause.
    Lost { why: String, pause: Duration },
    /// The server does not let this client join; nothing more comes.
    Refused(Problem),
}

/// What the screen wants of the line.
enum Order {
    Say(Box<ClientMessage>),
    Renew,
}

/// A line to one session.
pub struct Link {
    orders: mpsc::UnboundedSender<Order>,
    news: mpsc::Receiver<News>,
}

impl Link {
    /// Joins `session` and keeps the line up until the link is dropped.
    pub fn join(api: &Api, session: SessionId) -> Self {
        // The sender of orders is a person at a keyboard or a script's few lines: no bound is needed.
        let (orders, taken) = mpsc::unbounded_channel();
        let (told, news) = mpsc::channel(NEWS_MAX);
        let line = Line { api: api.clone(), session, cursor: Cursor::default(), open: VecDeque::new(), told };
        tokio::spawn(line.keep(taken));
        Self { orders, news }
    }

    /// Waits for what happens next.
    pub async fn next(&mut self) -> Option<News> {
        self.news.recv().await
    }

    /// Says `command`, now or as soon as the line is there; returns the id that its answer will carry.
    pub fn say(&self, command: ClientCommand) -> String {
        let request_id = fresh_key();
        let message = ClientMessage { request_id: Some(request_id.clone()), command };
        // A line that is over was told as `Refused`; there is nobody left to say it to.
        let _ = self.orders.send(Order::Say(Box::new(message)));
        request_id
    }

    /// Joins anew without a cursor, because something is missing.
    pub fn renew(&self) {
        let _ = self.orders.send(Order::Renew);
    }
}

/// The task behind a [`Link`].
struct Line {
    api: Api,
    session: SessionId,
    cursor: Cursor,
    /// Commands without an answer, in the order in which they were said.
    open: VecDeque<ClientMessage>,
    told: mpsc::Sender<News>,
}

/// Why a connection is over.
enum End {
    /// Connect again.
    Lost(String),
    /// Connect again without a cursor.
    Renew,
    /// The link was dropped.
    Unwanted,
    Refused(Problem),
}

impl Line {
    async fn keep(mut self, mut orders: mpsc::UnboundedReceiver<Order>) {
        let mut backoff = Backoff::default();
        loop {
            let why = match self.connection(&mut orders, &mut backoff).await {
                End::Unwanted => return,
                End::Refused(problem) => {
                    let _ = self.told.send(News::Refused(problem)).await;
                    return;
                }
                End::Renew => {
                    self.cursor.forget();
                    "something was missed".to_owned()
                }
                End::Lost(why) => {
                    self.cursor.broken();
                    why
                }
            };
            let pause = backoff.next(spread());
            if self.told.send(News::Lost { why, pause }).await.is_err() || !self.wait(&mut orders, pause).await {
                return;
            }
        }
    }

    /// Waits out a pause, and keeps what is said meanwhile; false when the link was dropped.
    async fn wait(&mut self, orders: &mut mpsc::UnboundedReceiver<Order>, pause: Duration) -> bool {
        let over = tokio::time::sleep(pause);
        tokio::pin!(over);
        loop {
            tokio::select! {
                () = &mut over => return true,
                order = orders.recv() => match order {
                    Some(Order::Say(message)) => self.open.push_back(*message),
                    Some(Order::Renew) => self.cursor.forget(),
                    None => return false,
                }
            }
        }
    }

    async fn connection(&mut self, orders: &mut mpsc::UnboundedReceiver<Order>, backoff: &mut Backoff) -> End {
        let request = match self.request() {
            Ok(request) => request,
            Err(error) => return End::Refused(Problem::new(400, "bad_address", error.to_string())),
        };
        let mut socket = match tokio::time::timeout(CONNECT_MAX, dial_socket(&self.api.server, request)).await {
            Ok(Ok(socket)) => socket,
            Ok(Err(error)) => return refusal_of(error),
            Err(_) => return End::Lost("no answer".to_owned()),
        };
        if self.told.send(News::Joined).await.is_err() {
            return End::Unwanted;
        }
        for message in self.open.clone() {
            if let Err(error) = send(&mut socket, &message).await {
                return End::Lost(error.to_string());
            }
        }
        self.talk(&mut socket, orders, backoff).await
    }

    async fn talk(
        &mut self,
        socket: &mut Socket,
        orders: &mut mpsc::UnboundedReceiver<Order>,
        backoff: &mut Backoff,
    ) -> End {
        let mut ping = tokio::time::interval_at(Instant::now() + PING_EVERY, PING_EVERY);
        let mut heard = Instant::now();
        loop {
            let sent = tokio::select! {
                frame = socket.next() => {
                    heard = Instant::now();
                    match frame {
                        Some(Ok(Message::Text(text))) => match self.hear(text.as_str(), backoff).await {
                            Some(end) => return end,
                            None => continue,
                        },
                        Some(Ok(Message::Close(why))) => return closed(why),
                        Some(Ok(_)) => continue,
                        Some(Err(error)) => return End::Lost(error.to_string()),
                        None => return End::Lost("the server closed the line".to_owned()),
                    }
                }
                order = orders.recv() => match order {
                    Some(Order::Say(message)) => {
                        let sent = send(socket, &message).await;
                        self.open.push_back(*message);
                        sent
                    }
                    Some(Order::Renew) => return End::Renew,
                    None => {
                        let _ = socket.close(None).await;
                        return End::Unwanted;
                    }
                },
                _ = ping.tick() => {
                    if heard.elapsed() > SILENCE_MAX {
                        return End::Lost("the server fell silent".to_owned());
                    }
                    send(socket, &ClientMessage { request_id: None, command: ClientCommand::Ping {} }).await
                }
            };
            if let Err(error) = sent {
                return End::Lost(error.to_string());
            }
        }
    }

    async fn hear(&mut self, text: &str, backoff: &mut Backoff) -> Option<End> {
        let mut event: ClientEvent = match serde_json::from_str(text) {
            Ok(event) => event,
            Err(error) => {
                let detail = format!("a frame of the server cannot be read ({error}); is this client older?");
                return Some(End::Refused(Problem::new(502, "unknown_frame", detail)));
            }
        };
        if let ClientEvent::Live { .. } = event {
            backoff.reset();
        }
        if let Some(why) = self.strike(&event) {
            return Some(End::Lost(why));
        }
        if !self.cursor.take(&mut event, text) {
            return None;
        }
        let told = self.told.send(News::Event(Box::new(event), text.to_owned())).await;
        told.is_err().then_some(End::Unwanted)
    }

    /// Forgets the command that this frame answers, unless the server cannot serve now: then it says why, and the command
    /// is said again over the next connection.
    fn strike(&mut self, event: &ClientEvent) -> Option<String> {
        let answered = match event {
            ClientEvent::Reply { request_id, .. } => request_id.as_ref()?,
            ClientEvent::Error { problem } => {
                let answered = problem.request_id.as_ref()?;
                if problem.retry && problem.status == 503 {
                    return Some(problem.detail.clone());
                }
                answered
            }
            _ => return None,
        };
        self.open.retain(|message| message.request_id.as_ref() != Some(answered));
        None
    }

    fn request(&self) -> Result<Request<()>, tungstenite::Error> {
        let after = self.cursor.after().map(|after| format!("?after={after}")).unwrap_or_default();
        let path = format!("/api/sessions/{}/ws{after}", self.session);
        let mut request = self.api.server.socket(&path).into_client_request()?;
        let headers = request.headers_mut();
        headers.insert("authorization", HeaderValue::try_from(format!("Bearer {}", self.api.token))?);
        headers.insert("sec-websocket-protocol", HeaderValue::from_static(CLIENT_SUBPROTOCOL));
        Ok(request)
    }
}

async fn send(socket: &mut Socket, message: &ClientMessage) -> Result<(), tungstenite::Error> {
    let text = serde_json::to_string(message).expect("a message of plain fields becomes JSON");
    socket.send(Message::text(text)).await
}

/// A refusal that stays is the end; everything else is worth another attempt.
fn refusal_of(error: tungstenite::Error) -> End {
    let tungstenite::Error::Http(answer) = &error else {
        return End::Lost(error.to_string());
    };
    let problem = problem(answer.status(), answer.body().as_deref().unwrap_or_default());
    if problem.retry || answer.status().is_server_error() {
        return End::Lost(problem.detail);
    }
    End::Refused(problem)
}

/// A close for breaking the protocol, or for a token that was revoked, is final; others are not.
fn closed(why: Option<tungstenite::protocol::CloseFrame>) -> End {
    let Some(why) = why else {
        return End::Lost("the server closed the line".to_owned());
    };
    match u16::from(why.code) {
        1002 | 1003 | 1007 | 1009 => {
            End::Refused(Problem::new(400, "closed", format!("the server closed the line: {}", why.reason)))
        }
        _ => End::Lost(format!("the server closed the line: {}", why.reason)),
    }
}

/// Returns the random number that a pause wants.
pub fn spread() -> u8 {
    let mut byte = [0];
    getrandom::fill(&mut byte).expect("the operating system has randomness");
    byte[0]
}
