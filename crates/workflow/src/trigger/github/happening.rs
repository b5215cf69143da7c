//! What has happened on GitHub, as far as triggers ask for it.

use serde_json::Value;

/// GitHub lists so many commits of a push; when there were more, what it changes is not known.
const COMMITS_LISTED: usize = 2_048;

/// One delivery of GitHub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happening {
    pub event: String,
    pub action: Option<String>,
    /// A pull request that was closed by merging it.
    pub merged: bool,
    pub repo: Option<String>,
    /// The branch that is pushed to, merged into, or was built.
    pub branch: Option<String>,
    pub labels: Vec<String>,
    pub paths: Vec<String>,
    /// Whether GitHub has left paths out.
    pub paths_cut: bool,
}

impl Happening {
    /// Reads what is of interest from the header `x-github-event` and the payload.
    pub fn read(event: &str, payload: &Value) -> Self {
        let text = |path: &str| payload.pointer(path).and_then(Value::as_str).map(str::to_owned);
        let action = text("/action");
        let closed = event == "pull_request" && action.as_deref() == Some("closed");
        let merged = closed && payload.pointer("/pull_request/merged") == Some(&Value::Bool(true));
        Self {
            event: event.to_owned(),
            merged,
            repo: text("/repository/full_name"),
            branch: branch(event, payload),
            labels: labels(payload),
            paths: paths(payload),
            paths_cut: payload.get("commits").and_then(Value::as_array).is_some_and(|all| all.len() >= COMMITS_LISTED),
            action,
        }
    }

    /// Tells whether it goes by this name: `issues`, `issues.opened`, `pull_request.merged`.
    pub fn is(&self, name: &str) -> bool {
        self.names().iter().any(|own| own == name)
    }

    /// Lists its names, the most general first.
    pub fn names(&self) -> Vec<String> {
        let actions = self.actions().map(|action| format!("{}.{action}", self.event));
        std::iter::once(self.event.clone()).chain(actions).collect()
    }

    /// Lists its actions: merging is one, besides closing.
    pub fn actions(&self) -> impl Iterator<Item = &str> {
        self.action.as_deref().into_iter().chain(self.merged.then_some("merged"))
    }

    /// Tells whether it has a label, whatever its case.
    pub fn has_label(&self, label: &str) -> bool {
        self.labels.iter().any(|own| own.to_lowercase() == label.to_lowercase())
    }
}

fn branch(event: &str, payload: &Value) -> Option<String> {
    let text = |path: &str| payload.pointer(path).and_then(Value::as_str);
    let pushed = || text("/ref").and_then(|name| name.strip_prefix("refs/heads/"));
    let found = match event {
        "push" => pushed(),
        "create" | "delete" => text("/ref").filter(|_| text("/ref_type") == Some("branch")),
        _ => ["/pull_request/base/ref", "/workflow_run/head_branch", "/check_suite/head_branch"]
            .into_iter()
            .find_map(text)
            .or_else(|| text("/check_run/check_suite/head_branch"))
            .or_else(pushed),
    };
    found.map(str::to_owned)
}

fn labels(payload: &Value) -> Vec<String> {
    let lists = ["/pull_request/labels", "/issue/labels", "/discussion/labels"];
    let listed = lists.iter().filter_map(|path| payload.pointer(path)?.as_array()).flatten();
    let name = |label: &Value| label.get("name").and_then(Value::as_str).map(str::to_owned);
    listed.filter_map(name).chain(payload.get("label").and_then(name)).collect()
}

fn paths(payload: &Value) -> Vec<String> {
    let commits = payload.get("commits").and_then(Value::as_array).into_iter().flatten();
    let lists = commits.flat_map(|commit| ["added", "modified", "removed"].map(|change| commit.get(change)));
    let mut paths: Vec<String> = lists
        .filter_map(|list| list?.as_array())
        .flatten()
        .filter_map(|path| path.as_str().map(str::to_owned))
        .collect();
    paths.sort();
    paths.dedup();
    paths
}
