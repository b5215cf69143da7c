//! The conversation of a thread in the agent's process: still open, resumed, loaded, or begun anew.

use agent_client_protocol::v1::schema::{
    HttpHeader, LoadSessionRequest, McpServer, McpServerHttp, McpServerStdio, NewSessionRequest, ResumeSessionRequest,
    SessionConfigOption, SessionId, SessionModeState,
};
use tenure_model::link::McpAccess;
use tracing::info;

use super::connection::{Connection, Failure, READY_WITHIN};
use crate::agent::Turn;

/// The name under which the agent sees our tools.
const MCP_NAME: &str = "tenure";

/// An open conversation.
pub struct Opened {
    pub id: SessionId,
    /// Why the earlier conversation could not be gone on with, when there was one.
    pub lost: Option<String>,
}

/// Goes on with the thread's conversation, or begins one.
pub async fn open(connection: &Connection, turn: &Turn) -> Result<Opened, Failure> {
    let mut lost = None;
    if let Some(id) = &turn.spec.agent_session {
        let id = SessionId::from(id.clone());
        match go_on(connection, turn, &id).await {
            Ok(()) => return Ok(Opened { id, lost }),
            Err(Failure::Refused(why)) => {
                info!("the agent could not go on with the conversation {id} and begins a new one: {why}");
                lost = Some(why);
            }
            Err(gone) => return Err(gone),
        }
    }
    let servers = servers(connection, turn);
    let request = NewSessionRequest::new(turn.workspace.clone()).mcp_servers(servers.clone());
    let opened = connection.ask_within(READY_WITHIN, request).await?;
    note_open(connection, servers, &opened.session_id, opened.config_options, opened.modes);
    Ok(Opened { id: opened.session_id, lost })
}

async fn go_on(connection: &Connection, turn: &Turn, id: &SessionId) -> Result<(), Failure> {
    let (known, able) = (connection.stage.known(id), connection.able());
    let can_open = able.session_capabilities.resume.is_some() || able.load_session;
    let (folder, servers) = (turn.workspace.clone(), servers(connection, turn));
    // Opened again it gets the tools of now; an agent that cannot do that keeps those that it has.
    if known.open && (known.servers == servers || !can_open) {
        return Ok(());
    }
    let (options, modes) = if able.session_capabilities.resume.is_some() {
        let request = ResumeSessionRequest::new(id.clone(), folder).mcp_servers(servers.clone());
        let resumed = connection.ask_within(READY_WITHIN, request).await?;
        (resumed.config_options, resumed.modes)
    } else if able.load_session {
        let request = LoadSessionRequest::new(id.clone(), folder).mcp_servers(servers.clone());
        let loaded = connection.ask_within(READY_WITHIN, request).await?;
        (loaded.config_options, loaded.modes)
    } else {
        return Err(Failure::Refused("it can neither load nor resume a conversation".to_owned()));
    };
    note_open(connection, servers, id, options, modes);
    Ok(())
}

fn note_open(
    connection: &Connection,
    servers: Vec<McpServer>,
    id: &SessionId,
    options: Option<Vec<SessionConfigOption>>,
    modes: Option<SessionModeState>,
) {
    connection.stage.learn(id, |known| {
        known.open = true;
        known.servers = servers;
        known.options = options.unwrap_or_default();
        known.modes = modes;
    });
}

/// Returns the server's tools as the agent is handed them: an address where it can go there itself, else a bridge that it
/// starts; nothing when it cannot reach them.
fn servers(connection: &Connection, turn: &Turn) -> Vec<McpServer> {
    let Some(McpAccess { url, token }) = &turn.spec.mcp else { return Vec::new() };
    let place = connection.process.groups.place();
    if connection.able().mcp_capabilities.http && place.is_none_or(|place| place.isolation.has_network()) {
        let credential = HttpHeader::new("Authorization", format!("Bearer {token}"));
        return vec![McpServer::Http(McpServerHttp::new(MCP_NAME, url.clone()).headers(vec![credential]))];
    }
    let Some(door) = place.and_then(|place| place.door.as_ref()) else {
        info!("the agent speaks no MCP over HTTP, and there is no bridge for it; it gets no tools of the server");
        return Vec::new();
    };
    let (program, words) = door.bridge();
    vec![McpServer::Stdio(McpServerStdio::new(MCP_NAME, program).args(words.to_vec()))]
}
