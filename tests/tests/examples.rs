//! Every example under `examples/workflows` runs: `tenure run` on a real server, its agent played by `examples/scripts`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tenure_tests::harness::cli::{self, Done};
use tenure_tests::harness::{Runner, Server};

/// Every example has a test below.
const EXAMPLES: &[&str] = &[
    "batch",
    "demo",
    "failing-test-fixer",
    "incident-triage",
    "nightly-dependency-report",
    "pull-request-review",
    "release-check",
];

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples")
}

/// Reads the scripts of a folder, by name.
fn scripts(folder: &str) -> Vec<(String, String)> {
    let files = fs::read_dir(examples().join(folder)).expect("the scripts are there");
    let script = |path: PathBuf| {
        let name = path.file_stem().expect("a file has a name").to_string_lossy().into_owned();
        (name, fs::read_to_string(&path).expect("a script is a text"))
    };
    files.map(|file| script(file.expect("the folder can be listed").path())).collect()
}

/// A server, and a runner in a copy of the sample repository, which has two commits and a branch.
struct Stage {
    server: Server,
    runner: Runner,
}

impl Stage {
    async fn set(folder: &str) -> Self {
        let server = Server::start().await;
        let runner = Runner::start(&server.address(), &server.runner_token().await, &scripts(folder));
        let stage = Self { server, runner };
        let sample = examples().join("demo/repo");
        let workspace = stage.runner.file(".");
        let copied = Command::new("cp").arg("-R").arg(format!("{}/.", sample.display())).arg(&workspace).status();
        assert!(copied.expect("cp is there").success());
        stage.git(&["init", "--quiet", "--initial-branch=main"]);
        for (name, value) in [("user.name", "Ann"), ("user.email", "ann@example.com"), ("commit.gpgsign", "false")] {
            stage.git(&["config", name, value]);
        }
        stage.git(&["add", "--all"]);
        stage.git(&["commit", "--quiet", "--message=Start"]);
        stage
    }

    /// Mends the sample, as a second commit.
    fn mend(&self) {
        let path = self.runner.file("invoice.sh");
        let code = fs::read_to_string(&path).expect("the sample has it");
        let mended = code.replace("$(($1 * (100 - $2) / 100))", "$((($1 * (100 - $2) + 50) / 100))");
        assert_ne!(mended, code, "there is nothing to mend");
        fs::write(&path, mended).expect("the workspace can be written");
        self.git(&["commit", "--quiet", "--all", "--message=Round half a cent up"]);
    }

    fn git(&self, args: &[&str]) -> String {
        let output = Command::new("git").args(args).current_dir(self.runner.file(".")).output().expect("git is there");
        assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    async fn cli(&self, args: &[&str]) -> Done {
        cli::run(&self.server, args).await
    }

    /// Runs an example to its end, every gate approved.
    async fn run(&self, name: &str, more: &[&str]) -> Done {
        let file = example(name);
        self.cli(&[&["run", &file, "--yes"], more].concat()).await
    }

    /// Returns what the newest run has given.
    async fn outputs(&self) -> Value {
        let page: Value = self.server.api().get("/api/executions?limit=1").await;
        let id = page["items"][0]["id"].as_str().expect("there is a run");
        let view: Value = self.server.api().get(&format!("/api/executions/{id}")).await;
        view["outputs"].clone()
    }
}

fn example(name: &str) -> String {
    examples().join(format!("workflows/{name}.yaml")).display().to_string()
}

#[test]
fn every_example_is_run_here_and_says_what_it_is_for() {
    let files = fs::read_dir(examples().join("workflows")).expect("the examples are there");
    let paths = files.map(|file| file.expect("the folder can be listed").path());
    let mut names = vec![];
    for path in paths.filter(|path| path.extension().is_some_and(|ending| ending == "yaml")) {
        let text = fs::read_to_string(&path).expect("an example is a text");
        assert!(text.starts_with("# "), "{} does not begin with what it is for", path.display());
        names.push(path.file_stem().expect("a file has a name").to_string_lossy().into_owned());
    }
    names.sort();
    assert_eq!(names, EXAMPLES);
}

#[tokio::test]
async fn batch_answers_for_every_entry() {
    let stage = Stage::set("scripts").await;
    let told = stage.run("batch", &["--input", r#"entries=["one", {"title": "two"}, "three"]"#]).await.expect(0);
    assert!(told.contains("3 iterations"), "{told}");
    let answers = stage.outputs().await["answers"].clone();
    assert_eq!(answers.as_array().map(Vec::len), Some(3), "{answers}");
    assert_eq!(answers[1]["answer"], "It is about one thing.");
}

#[tokio::test]
async fn the_demo_asks_an_agent_twice_and_a_person_once() {
    let stage = Stage::set("demo/scripts").await;
    stage.mend();
    let told = stage.run("demo", &["--input", "version=2.0"]).await.expect(0);
    assert!(told.contains("asked again"), "{told}");
    assert!(told.contains("released 2.0") && told.contains("approved by"), "{told}");
    let trace = fs::read_to_string(stage.runner.file("trace.log")).expect("the steps left a trace");
    let mut lines: Vec<_> = trace.lines().collect();
    lines.sort_unstable();
    let steps = ["count discount", "count subtotal", "count total", "diff", "lines", "notes", "release", "test"];
    assert_eq!(lines, steps);
}

#[tokio::test]
async fn the_demo_fails_where_the_tests_fail() {
    let stage = Stage::set("demo/scripts").await;
    let done = stage.run("demo", &[]).await;
    assert!(done.err.contains("The tests fail"), "{}", done.err);
    done.expect(3);
}

#[tokio::test]
async fn the_fixer_mends_the_tests() {
    let stage = Stage::set("scripts").await;
    stage.run("failing-test-fixer", &["--input", "commit=true"]).await.expect(0);
    let outputs = stage.outputs().await;
    assert_eq!((&outputs["passed"], &outputs["rounds"]), (&Value::Bool(true), &Value::from(1)), "{outputs}");
    assert!(stage.git(&["log", "--oneline"]).contains("Mend failing tests"));
}

#[tokio::test]
async fn an_incident_is_triaged_and_closed_by_an_event() {
    let stage = Stage::set("scripts").await;
    let file = example("incident-triage");
    let inputs = ["--input", "service=invoice.sh", "--input", r#"on_call=["admin"]"#];
    let started = stage.cli(&[&["run", &file, "--detach"], &inputs[..]].concat()).await.expect(0);
    let id = started.trim();
    let kept = stage.cli(&["execution", "event", id, "resolved", r#"{"by": "ann"}"#]).await.expect(0);
    assert!(kept.contains("kept"), "{kept}");
    let told = stage.cli(&["execution", "watch", id, "--yes"]).await.expect(0);
    assert!(told.contains("The cache is full."), "{told}");
    assert_eq!(fs::read_to_string(stage.runner.file("actions.log")).expect("it acted"), "emptied\n");
    let outputs = stage.outputs().await;
    assert_eq!((&outputs["acted"], &outputs["resolved"]), (&Value::Bool(true), &Value::Bool(true)), "{outputs}");
}

#[tokio::test]
async fn a_dependency_report_names_what_is_urgent() {
    let stage = Stage::set("scripts").await;
    let tools = r#"tools=[{"name": "shell", "file": "test.sh", "command": "echo rounding 1.0, there is 1.1"}]"#;
    stage.run("nightly-dependency-report", &["--input", tools]).await.expect(0);
    assert_eq!(stage.outputs().await["urgent"][0], "rounding 1.1");
}

#[tokio::test]
async fn a_review_reads_every_file_and_repairs_its_answers() {
    let stage = Stage::set("scripts").await;
    stage.git(&["checkout", "--quiet", "-b", "feature"]);
    stage.mend();
    stage.run("pull-request-review", &["--input", "head=feature"]).await.expect(0);
    let outputs = stage.outputs().await;
    assert_eq!(outputs["verdict"], "comment", "{outputs}");
    assert_eq!(outputs["findings"][0]["file"], "invoice.sh", "{outputs}");
    assert_eq!(outputs["findings"][0]["findings"][0]["severity"], "low", "{outputs}");
}

#[tokio::test]
async fn a_release_is_checked_approved_and_tagged() {
    let stage = Stage::set("scripts").await;
    stage.mend();
    stage.run("release-check", &["--input", "version=1.4.0"]).await.expect(0);
    assert_eq!(stage.git(&["tag", "--list"]), "v1.4.0\n");
    assert_eq!(stage.outputs().await["ready"], Value::Bool(true));
}

#[tokio::test]
async fn a_release_that_is_denied_is_not_tagged() {
    let stage = Stage::set("scripts").await;
    stage.mend();
    let file = example("release-check");
    stage.cli(&["run", &file, "--no", "--input", "version=1.4.0"]).await.expect(6);
    assert_eq!(stage.git(&["tag", "--list"]), "");
}
