//! The server's configuration: every public limit by its name.

use serde::{Deserialize, Serialize};
use tenure_model::Span;

/// How the server listens, and how large, how many and how long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ServerOptions {
    /// The address to listen on; port 0 takes a free one.
    pub listen: String,
    /// Threads that serve requests.
    pub workers: usize,
    /// Where runners and agents reach this server, such as `https://tenure.example.org`; without it agents are sent to the
    /// address that their runner has.
    pub public_address: Option<String>,
    /// Origins whose pages may open sockets and reach `/mcp`, besides the server's own, such as `https://chat.example.org`.
    pub origins_allowed: Vec<String>,
    /// A folder that the web console is served from instead of the one that is built in, for those who work on the console.
    pub console_folder: Option<String>,
    /// Connections of all kinds at once.
    pub connections_max: usize,
    /// Sockets and event streams of one user at once.
    pub sockets_per_user_max: usize,
    /// The largest message of a chat client, whole or in fragments, in bytes.
    pub frame_bytes_max: usize,
    /// The largest message of a runner, whole or in fragments, in bytes.
    pub runner_frame_bytes_max: usize,
    /// The largest body of an HTTP request, in bytes.
    pub body_bytes_max: usize,
    /// News that wait for one socket; a socket that falls further behind gets `resync`.
    pub socket_queue_max: usize,
    /// Commands of one socket that are being carried out at once; more of them wait unread.
    pub socket_commands_max: usize,
    /// Records that a returning client is told one by one; beyond, it gets `resync`.
    pub catch_up_max: usize,
    /// Rows of one page.
    pub page_max: usize,
    /// Rows of a page that asks for no number.
    pub page_default: usize,
    /// The life of a single-use ticket, in milliseconds.
    pub ticket_life_ms: Span,
    /// Tickets that are not used yet, of all users.
    pub tickets_max: usize,
    /// The life of a single-use code that signs a browser in, in milliseconds.
    pub sign_in_code_life_ms: Span,
    /// Codes that are not used yet, of all users.
    pub sign_in_codes_max: usize,
    /// Attempts to sign in with a code in a minute, right or wrong, of everybody.
    pub sign_ins_per_minute_max: u32,
    /// How long a browser stays signed in, in milliseconds; no longer than the token that its code stands for.
    pub sign_in_life_ms: Span,
    /// Active sessions of one user.
    pub sessions_max: u64,
    /// Stored workflows of one user.
    pub workflows_max: usize,
    /// Personas of one user.
    pub personas_max: u64,
    /// What one persona is told, in bytes. A run that may ask for personas carries all of its owner's.
    pub persona_bytes_max: u64,
    /// Calls of tools that one user and their agents have under way at once.
    pub tool_calls_max: usize,
    /// Calls of tools that one user and their agents may make in a minute.
    pub tool_calls_per_minute_max: u32,
    /// Calls in a row of the same tool with the same arguments, by one work, after which one is refused.
    pub tool_repeats_max: u32,
    /// The largest answer of a tool, in bytes.
    pub tool_result_bytes_max: usize,
    /// Calls of tools that one runner has under way at once, for all its works.
    pub runner_tool_calls_max: usize,
    /// How long a call that needs a person is held open for the decision, in milliseconds. Later it is made again.
    pub tool_approval_wait_ms: Span,
    /// How long a person may take to decide about a call, in milliseconds.
    pub tool_approval_open_ms: Span,
    /// Connectors of one user.
    pub connectors_max: u64,
    /// Tools of one connector. One that has more is used with those that its `tools` list.
    pub connector_tools_max: u64,
    /// Whether connectors may lead to this machine and to private networks. What everybody on the machine's own link could
    /// answer for is never reached.
    pub connector_private_addresses: bool,
    /// How long connecting to a connector may take, in milliseconds.
    pub connector_connect_ms: Span,
    /// How long a connector may take to greet and to list its tools, in milliseconds.
    pub connector_list_ms: Span,
    /// How long a call of a connector's tool may take, in milliseconds.
    pub connector_call_ms: Span,
    /// After how long without a call the connection to a connector is closed, in milliseconds.
    pub connector_idle_ms: Span,
    /// The largest answer of a connector, in bytes.
    pub connector_answer_bytes_max: usize,
    /// A file with the keys under which credentials of connectors are kept, one a line: the first one seals, all of them open.
    /// Without it (and TENURE_SECRET_KEYS, which goes first and holds the same) it is the key of the data folder.
    pub secret_key_file: Option<String>,
    /// Calls of one webhook's address in a minute, right or wrong. How many right ones it takes, each trigger says itself.
    pub webhook_calls_per_minute_max: u32,
    /// What the bodies of all calls of webhooks under way hold, in bytes.
    pub webhook_bytes_max: usize,
    /// How long the body of a call may take to come, in milliseconds.
    pub webhook_read_ms: Span,
    /// How often sockets are pinged, in milliseconds.
    pub ping_every_ms: Span,
    /// How long after a ping a socket may stay silent, in milliseconds.
    pub pong_deadline_ms: Span,
    /// How long a socket that lost news may go on not reading, in milliseconds.
    pub lagging_ms_max: Span,
    /// How long the other side's machine may leave bytes unacknowledged, in milliseconds.
    pub unacknowledged_ms_max: Span,
    /// The kernel's send buffer of one connection, in bytes: what a client that stops reading can hold back.
    pub send_buffer_bytes: usize,
    /// How long a runner may take to say hello, in milliseconds.
    pub hello_deadline_ms: Span,
    /// How often an event stream without news says that it is alive, in milliseconds.
    pub heartbeat_every_ms: Span,
    /// How long changes of presence, and those of runners, are gathered before they are told, in milliseconds.
    pub presence_pause_ms: Span,
    /// How often operators who look are told the figures of the writer, in milliseconds.
    pub admin_live_figures_every_ms: Span,
    /// How long actors that wake, go to sleep or move on are gathered before operators are told, in milliseconds.
    pub admin_live_pause_ms: Span,
    /// Actors that one operator is told of at once; of more, it is only said that there were more.
    pub admin_live_actors_max: usize,
    /// How long a stop waits for requests under way, in seconds.
    pub shutdown_timeout_s: u64,
    /// Whether `/metrics` is served without a token.
    pub metrics_open: bool,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:7420".into(),
            workers: 2,
            public_address: None,
            origins_allowed: vec![],
            console_folder: None,
            connections_max: 20_000,
            sockets_per_user_max: 64,
            frame_bytes_max: 1024 * 1024,
            runner_frame_bytes_max: 4 * 1024 * 1024,
            body_bytes_max: 1024 * 1024,
            socket_queue_max: 1_024,
            socket_commands_max: 32,
            catch_up_max: 5_000,
            page_max: 200,
            page_default: 50,
            ticket_life_ms: Span::secs(30),
            tickets_max: 10_000,
            sign_in_code_life_ms: Span::mins(10),
            sign_in_codes_max: 1_000,
            sign_ins_per_minute_max: 60,
            sign_in_life_ms: Span::hours(24 * 30),
            sessions_max: 1_000,
            workflows_max: 1_000,
            personas_max: 50,
            persona_bytes_max: 8 * 1024,
            tool_calls_max: 64,
            tool_calls_per_minute_max: 6_000,
            tool_repeats_max: 20,
            tool_result_bytes_max: 512 * 1024,
            runner_tool_calls_max: 64,
            tool_approval_wait_ms: Span::secs(50),
            tool_approval_open_ms: Span::hours(24),
            connectors_max: 20,
            connector_tools_max: 128,
            connector_private_addresses: false,
            connector_connect_ms: Span::secs(10),
            connector_list_ms: Span::secs(20),
            connector_call_ms: Span::mins(2),
            connector_idle_ms: Span::mins(10),
            connector_answer_bytes_max: 1024 * 1024,
            secret_key_file: None,
            webhook_calls_per_minute_max: 12_000,
            webhook_bytes_max: 64 * 1024 * 1024,
            webhook_read_ms: Span::secs(10),
            ping_every_ms: Span::secs(30),
            pong_deadline_ms: Span::secs(30),
            lagging_ms_max: Span::secs(2),
            unacknowledged_ms_max: Span::secs(60),
            send_buffer_bytes: 64 * 1024,
            hello_deadline_ms: Span::secs(10),
            heartbeat_every_ms: Span::secs(15),
            presence_pause_ms: Span::ms(100),
            admin_live_figures_every_ms: Span::secs(1),
            admin_live_pause_ms: Span::ms(500),
            admin_live_actors_max: 200,
            shutdown_timeout_s: 10,
            metrics_open: true,
        }
    }
}
