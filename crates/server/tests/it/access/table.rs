//! Who may what: one row for every route. Whoever adds a route says here whom it opens to.

/// A status and a code.
pub type Refusal = (u16, &'static str);

/// Whom a route opens to. Everybody else is refused alike, whatever they name.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Opens {
    /// Everybody, without a sign-in.
    All,
    /// Nobody for who they are: what is sent proves itself, and what does not is answered so.
    Proof(Refusal),
    /// Every person, with what is their own.
    Persons,
    /// The owner of what is named; everybody else is told so, as if there were no such thing.
    Owner(Refusal),
    /// The same, and administrators.
    OwnerAndAdmins(Refusal),
    /// Administrators; other persons are refused so.
    Admins(Refusal),
    /// Persons, and agents with the pass of their work.
    Agents,
    /// Runners only.
    Runners,
}

/// What one route is expected to do, and what it is sent.
#[derive(Clone, Copy)]
pub struct Row {
    pub method: &'static str,
    pub path: &'static str,
    pub opens: Opens,
    /// What is asked for behind the path; `{names}` stand for objects, here and in the body.
    pub query: &'static str,
    pub body: Option<&'static str>,
}

impl Row {
    const fn asking(self, query: &'static str) -> Self {
        Self { query, ..self }
    }

    const fn sending(self, body: &'static str) -> Self {
        Self { body: Some(body), ..self }
    }
}

const fn row(method: &'static str, path: &'static str, opens: Opens) -> Row {
    Row { method, path, opens, query: "", body: None }
}

const fn get(path: &'static str, opens: Opens) -> Row {
    row("GET", path, opens)
}

const fn post(path: &'static str, opens: Opens) -> Row {
    row("POST", path, opens)
}

const fn put(path: &'static str, opens: Opens) -> Row {
    row("PUT", path, opens)
}

const fn patch(path: &'static str, opens: Opens) -> Row {
    row("PATCH", path, opens)
}

const fn delete(path: &'static str, opens: Opens) -> Row {
    row("DELETE", path, opens)
}

use Opens::*;

/// Whoever asks for this asks for nothing more.
pub const SIGN_OUT: &str = "/api/sign-out";
const SESSION: Opens = OwnerAndAdmins((404, "session_unknown"));
const WORKFLOW: Opens = OwnerAndAdmins((404, "workflow_unknown"));
const RUN: Opens = OwnerAndAdmins((404, "execution_unknown"));
const TRIGGER: Opens = Owner((404, "trigger_unknown"));
const CONNECTOR: (u16, &str) = (404, "connector_unknown");
const ADMINS: Opens = Admins((403, "role_insufficient"));
const DEFINITION: &str = r#"{"name":"Said","slug":"said","steps":[{"id":"say","type":"bash","command":"echo hi"}]}"#;
const SCHEDULE: &str = r#"{"name":"{fresh}","type":"schedule","cron":"0 3 * * *","workflow":"gate"}"#;

pub const ROUTES: &[Row] = &[
    get("/healthz", All),
    get("/readyz", All),
    get("/metrics", ADMINS),
    get("/schema/frames.json", All),
    get("/schema/workflow.json", All),
    get("/schema/trigger.json", All),
    get("/schema/workflow.md", All).asking("?topic=steps"),
    get("/api/openapi.json", All),
    row("*", "/webhooks/{address}", Proof((404, "webhook_unknown"))),
    row("*", "/mcp", Agents).sending(r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#),
    get("/link/runner", Runners),
    get("/api/me", Persons),
    get("/api/feed", Persons),
    get("/api/runners", Persons),
    get("/api/runners/{runner}", Persons),
    post("/api/runners/{runner}/drain", Admins((403, "forbidden"))),
    post("/api/runners/{runner}/resume", Admins((403, "forbidden"))),
    post("/api/tickets", Persons),
    post("/api/sign-in", Proof((401, "code_invalid"))).sending(r#"{"code":"made-up"}"#),
    post("/api/sign-in/codes", Persons),
    post(SIGN_OUT, Persons),
    post("/api/users", ADMINS).sending(r#"{"name":"dora"}"#),
    get("/api/users", Persons),
    post("/api/tokens", Persons).sending(r#"{"name":"more","role":"user"}"#),
    get("/api/tokens", Persons),
    delete("/api/tokens/{token}", OwnerAndAdmins((403, "forbidden"))),
    get("/api/tools", Persons),
    post("/api/tools/{tool}/call", Persons).sending(r#"{"params":{}}"#),
    post("/api/sessions", Persons).sending("{}"),
    get("/api/sessions", Persons),
    get("/api/sessions/{session}", SESSION),
    patch("/api/sessions/{session}", SESSION).sending(r#"{"title":"mine"}"#),
    delete("/api/sessions/{session}", SESSION),
    post("/api/sessions/{session}/share", SESSION).sending(r#"{"user":"{user}","role":"viewer"}"#),
    get("/api/sessions/{session}/messages", SESSION),
    post("/api/sessions/{session}/prompts", SESSION).sending(r#"{"text":"mine"}"#),
    patch("/api/sessions/{session}/prompts/{prompt}", SESSION).sending(r#"{"text":"mine"}"#),
    post("/api/sessions/{session}/prompts/{prompt}/move", SESSION).sending("{}"),
    post("/api/sessions/{session}/prompts/{prompt}/promote", SESSION),
    delete("/api/sessions/{session}/prompts/{prompt}", SESSION),
    post("/api/sessions/{session}/abort", SESSION).sending("{}"),
    post("/api/sessions/{session}/retry", SESSION).sending(r#"{"turn":"{turn}"}"#),
    post("/api/sessions/{session}/answers", SESSION).sending(r#"{"question":"{turn}","answer":"yes"}"#),
    post("/api/sessions/{session}/threads", SESSION).sending(r#"{"title":"mine"}"#),
    patch("/api/sessions/{session}/threads/{thread}", SESSION).sending(r#"{"title":"mine"}"#),
    get("/api/sessions/{session}/workspace/diff", SESSION),
    get("/api/sessions/{session}/attachments/{turn}", SESSION),
    post("/api/sessions/{session}/workspace/restore", SESSION).sending("{}"),
    post("/api/sessions/{session}/sandbox/wake", SESSION),
    post("/api/sessions/{session}/sandbox/hibernate", SESSION),
    post("/api/sessions/{session}/sandbox/stop", SESSION),
    get("/api/sandboxes", Persons),
    post("/api/sandboxes/{session}/credential", ADMINS),
    get("/api/sessions/{session}/ws", SESSION),
    get("/api/sessions/{session}/events", SESSION),
    post("/api/sessions/{session}/terminate", SESSION),
    get("/api/workflows", Persons),
    post("/api/workflows/validate", Persons).sending(DEFINITION),
    post("/api/workflows/sync", Persons).sending(DEFINITION),
    post("/api/workflows/sync-all", Persons).sending(r#"{"definitions":[],"dry_run":true}"#),
    post("/api/workflows/draft", Agents).sending(r#"{"prompt":"say hello"}"#),
    post("/api/workflows/draft/step", Agents).sending(
        r#"{"prompt":"louder","step":"say","base":"name: A\nsteps:\n  - {id: say, type: bash, command: ls}\n"}"#,
    ),
    get("/api/workflows/{workflow}", WORKFLOW),
    put("/api/workflows/{workflow}", WORKFLOW).sending(DEFINITION),
    patch("/api/workflows/{workflow}", WORKFLOW).sending(r#"{"tags":["mine"]}"#),
    delete("/api/workflows/{workflow}", WORKFLOW),
    post("/api/workflows/{workflow}/enable", WORKFLOW),
    post("/api/workflows/{workflow}/disable", WORKFLOW),
    get("/api/workflows/{workflow}/versions", WORKFLOW),
    get("/api/workflows/{workflow}/versions/{hash}", WORKFLOW),
    get("/api/workflows/{workflow}/diff", WORKFLOW).asking("?from={hash}&to={hash}"),
    post("/api/workflows/{workflow}/rollback", WORKFLOW).sending(r#"{"hash":"{hash}"}"#),
    post("/api/workflows/{workflow}/proposals", WORKFLOW).sending(r#"{"base":"{hash}","text":"name: Other\nslug: gate\nconstraints: {allow_self_modification: true}\nsteps:\n  - {id: say, type: bash, command: echo other}\n"}"#),
    get("/api/workflows/{workflow}/proposals", WORKFLOW),
    get("/api/workflows/{workflow}/proposals/{proposal}", WORKFLOW),
    post("/api/workflows/{workflow}/proposals/{proposal}/review", WORKFLOW).sending(r#"{"approve":true}"#),
    post("/api/workflows/{workflow}/proposals/{proposal}/apply", WORKFLOW),
    post("/api/executions", Owner((404, "workflow_unknown"))).sending(r#"{"workflow":"{workflow}"}"#),
    get("/api/executions", Persons),
    get("/api/executions/{execution}", RUN),
    get("/api/executions/{execution}/steps", RUN),
    get("/api/executions/{execution}/why", RUN),
    get("/api/executions/{execution}/stream", RUN),
    post("/api/executions/{execution}/pause", RUN),
    post("/api/executions/{execution}/resume", RUN),
    post("/api/executions/{execution}/resolve", RUN).sending(r#"{"path":"gate","answer":"retry"}"#),
    post("/api/executions/{execution}/events/{event}", RUN).sending("{}"),
    get("/api/executions/{execution}/approvals/{approval}", RUN),
    post("/api/executions/{execution}/approvals/{approval}/links", RUN).sending("{}"),
    get("/api/executions/{execution}/approvals/{approval}/links", RUN),
    delete("/api/executions/{execution}/approvals/{approval}/links/{link}", RUN),
    post("/api/approvals/{approval}", Owner((404, "approval_unknown")))
        .sending(r#"{"hash":"{approval_hash}","decision":"approved"}"#),
    post("/api/executions/{execution}/approvals/{approval}", RUN)
        .sending(r#"{"hash":"{approval_hash}","decision":"approved"}"#),
    post("/api/executions/{execution}/cancel", RUN).sending("{}"),
    post("/api/executions/{execution}/retry", RUN).sending("{}"),
    get("/api/connectors", Persons),
    put("/api/connectors/{connector}", Persons).sending(r#"{"url":"http://127.0.0.1:1/mcp","enabled":false}"#),
    get("/api/connectors/{connector}", Owner(CONNECTOR)),
    post("/api/connectors/{connector}/check", Owner(CONNECTOR)),
    post("/api/connectors/{connector}/accept", Owner(CONNECTOR)).sending(r#"{"tools":{}}"#),
    delete("/api/connectors/{connector}", Owner(CONNECTOR)),
    get("/api/personas", Persons),
    put("/api/personas/{persona}", Persons).sending(r#"{"instructions":"Speak like a pirate."}"#),
    get("/api/personas/{persona}", Owner((404, "persona_unknown"))),
    delete("/api/personas/{persona}", Owner((404, "persona_unknown"))),
    get("/api/approvals", Persons),
    post("/api/approvals/link", Proof((404, "link_invalid"))).sending(r#"{"token":"tenure_link_00","decision":"approved"}"#),
    post("/api/approvals/link/show", Proof((404, "link_invalid"))).sending(r#"{"token":"tenure_link_00"}"#),
    get("/api/triggers", Persons),
    post("/api/triggers", Persons).sending(SCHEDULE),
    post("/api/triggers/sync", Persons).sending(SCHEDULE),
    post("/api/triggers/validate", Persons).sending(SCHEDULE),
    post("/api/triggers/preview", Persons).sending(SCHEDULE),
    get("/api/triggers/deliveries", Persons),
    get("/api/triggers/github", Persons),
    post("/api/triggers/github/rotate", Persons).sending("{}"),
    get("/api/triggers/github/events", Persons),
    get("/api/triggers/{trigger}", TRIGGER),
    patch("/api/triggers/{trigger}", TRIGGER).sending(r#"{"cron":"1 3 * * *"}"#),
    post("/api/triggers/{trigger}/disable", TRIGGER),
    post("/api/triggers/{trigger}/enable", TRIGGER),
    post("/api/triggers/{trigger}/pause", TRIGGER).sending(r#"{"for_ms":60000}"#),
    post("/api/triggers/{trigger}/resume", TRIGGER),
    post("/api/triggers/{trigger}/rename", TRIGGER).sending(r#"{"name":"{fresh}"}"#),
    post("/api/triggers/{trigger}/run", TRIGGER).sending("{}"),
    post("/api/triggers/{trigger}/backfill", TRIGGER)
        .sending(r#"{"from":"2026-01-01T00:00:00Z","to":"2026-01-02T00:00:00Z","dry_run":true}"#),
    delete("/api/triggers/{trigger}/backfill", TRIGGER),
    get("/api/triggers/{trigger}/preview", TRIGGER),
    post("/api/triggers/{trigger}/test", TRIGGER).sending("{}"),
    post("/api/triggers/{trigger}/rotate", TRIGGER).sending("{}"),
    get("/api/triggers/{trigger}/deliveries", TRIGGER),
    get("/api/triggers/{trigger}/deliveries/{firing}", TRIGGER),
    post("/api/triggers/{trigger}/deliveries/{firing}/replay", TRIGGER),
    get("/api/triggers/{trigger}/why", TRIGGER).asking("?at=2026-01-01T00:00:00Z"),
    get("/api/triggers/{trigger}/history", TRIGGER),
    delete("/api/triggers/{trigger}", TRIGGER),
    get("/api/policy", Persons),
    put("/api/policy/rules", Persons).sending(r#"{"what":"tool:delete_workflow","mode":"ask"}"#),
    delete("/api/policy/rules", Persons).asking("?what=tool:delete_workflow"),
    put("/api/policy/organization", Admins((403, "forbidden"))).sending(r#"{"what":"tool:none","mode":"ask"}"#),
    delete("/api/policy/organization", Admins((403, "forbidden"))).asking("?what=tool:none"),
    get("/api/policy/explain", Persons).asking("?tool=delete_workflow"),
    get("/api/policy/audit", Persons),
    get("/api/budgets", Persons),
    get("/api/budgets/audit", Persons),
    get("/api/budgets/{budget}", Owner((404, "budget_unknown"))),
    put("/api/budgets/{budget}", Owner((404, "budget_unknown"))).sending(r#"{"allowance":{"turns":9}}"#),
    delete("/api/budgets/{budget}", Owner((404, "budget_unknown"))),
    get("/api/policy/grants", Persons),
    post("/api/policy/grants", Persons).sending(r#"{"tool":"delete_workflow","within":"owner","lasts_ms":60000}"#),
    delete("/api/policy/grants/{grant}", Owner((404, "grant_unknown"))),
    get("/admin/writer", ADMINS),
    get("/admin/live", ADMINS),
    get("/admin/runners", ADMINS),
    get("/admin/entities/{kind}", ADMINS),
    get("/admin/entities/session/{session}/stuck", ADMINS),
    get("/admin/entities/{kind}/{session}", ADMINS),
    get("/admin/entities/{kind}/{session}/journal", ADMINS),
    get("/admin/entities/{kind}/{session}/state", ADMINS).asking("?seq=1"),
    post("/admin/entities/{kind}/{session}/passivate", ADMINS),
    post("/admin/entities/{kind}/{session}/wake", ADMINS),
];
