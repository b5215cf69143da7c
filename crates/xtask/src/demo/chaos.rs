//! The demo with chaos: the same story twice, the second time with the server killed and the runner cut off in mid-turn.
//!
//! What must be equal in the end: the transcripts of both turns, the client's own view and the transcript, what the agent
//! did to the repository, and everything about the workflow's run. Nobody lost a word, and nothing was done twice.

use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::client::{Client, Place};
use super::compare::{difference, lines_that_differ, timeless};
use super::paint::Painter;
use super::process::stop_flag;
use super::stage::Stage;
use super::view::View;
use super::{Demo, repo, workflow};

#[derive(Clone, Copy)]
enum Disturbance {
    KillServer,
    CutRunner,
}

/// What happens after how many hundredths of the turn's text. Early enough that the rest still streams afterwards.
const PLAN: &[(usize, Disturbance)] =
    &[(15, Disturbance::KillServer), (40, Disturbance::KillServer), (65, Disturbance::CutRunner)];

/// What is left of a story when it is over.
struct Outcome {
    transcript: Value,
    changes: String,
    /// How many bytes of text streamed to the client.
    streamed: usize,
    run: workflow::Outcome,
}

pub fn run(demo: &Demo, exit: bool) -> Result<()> {
    let stop = stop_flag()?;
    println!("\n== first, undisturbed ==");
    let (calm, stage) = tell(demo, "calm", &[], &[])?;
    stage.strike()?;

    println!("\n== again, with chaos ==");
    let plan: Vec<_> = PLAN.iter().map(|&(hundredths, what)| (calm.streamed * hundredths / 100, what)).collect();
    let (chaos, mut stage) = tell(demo, "chaos", &plan, workflow::KILLS)?;

    let transcripts = difference(&calm.transcript, &chaos.transcript);
    ensure!(transcripts.is_empty(), "the transcripts differ (- undisturbed, + with chaos):\n{transcripts}");
    let changes = lines_that_differ(&calm.changes, &chaos.changes);
    ensure!(changes.is_empty(), "the repositories differ (- undisturbed, + with chaos):\n{changes}");
    ensure!(!calm.changes.is_empty(), "the agent changed nothing, so the repositories prove nothing");
    calm.run.must_equal(&chaos.run)?;

    println!("\nthe transcript with chaos equals the undisturbed one ({} bytes)", chaos.transcript.to_string().len());
    println!("the client saw, over all reconnects, exactly what the transcript says");
    println!("the repository holds the same changes: nothing was lost, nothing was done twice");
    println!("the workflow ran its {} steps once each, and gave the same", chaos.run.steps());
    if !exit {
        println!("tenure stays up at http://{} (end with Ctrl-C)", stage.address());
        println!("token: {}", stage.access.token);
        println!("console: {} (signs you in once)", demo.console(&stage.address(), &stage.access.token)?);
        stage.stay(&stop)?;
    }
    stage.strike()
}

/// Plays the story on a fresh stage, disturbs it as planned, and checks the client's view against the transcript.
fn tell(demo: &Demo, name: &str, plan: &[(usize, Disturbance)], kills: &[(&str, &str)]) -> Result<(Outcome, Stage)> {
    // The same place in both runs: paths in what the agent says must not tell the runs apart.
    let repo: PathBuf = demo.folder.path().join("repo");
    repo::make(&demo.root.join("examples/demo/repo"), &repo)?;
    let script = demo.root.join("examples/demo/scripts");
    let mut stage = Stage::set(&demo.binary, &demo.folder.path().join(name), &repo, &script)?;
    println!("> {}\n", demo.prompt);
    let view = watch(demo, &mut stage, plan)?;
    let session = view.session.as_deref().context("the client was never told its session")?;
    let transcript = stage.transcript(session)?;
    ensure!(!view.resynced, "the client got a whole picture in place of what it had missed");
    ensure!(view.whole || !plan.is_empty(), "words of the final message never streamed, though nothing was disturbed");
    let (seen, told) = (Value::from(view.messages), Value::from(transcript.clone()));
    let differs = difference(&seen, &told);
    ensure!(differs.is_empty(), "the client saw (-) what the transcript (+) does not say:\n{differs}");
    let (transcript, changes) = (timeless(&transcript.into()), repo::changes(&repo)?);
    let run = workflow::disturbed(demo, &mut stage, &repo, kills)?;
    Ok((Outcome { transcript, changes, streamed: view.streamed, run }, stage))
}

/// Follows the turn to its end as a client does; disturbs the stage when enough of it has streamed.
fn watch(demo: &Demo, stage: &mut Stage, plan: &[(usize, Disturbance)]) -> Result<View> {
    let (address, token) = (stage.address(), stage.access.token.clone());
    let place = Place { address: &address, token: &token, folder: stage.folder() };
    let mut chat = Client::chat(&demo.binary, &place, &demo.prompt)?;
    let mut view = View::default();
    let mut painter = Painter::default();
    let mut plan = plan.iter();
    let mut next = plan.next();
    while let Some(event) = chat.next()? {
        painter.paint(&event);
        view.fold(&event)?;
        let Some(&(after, disturbance)) = next.filter(|(after, _)| view.streamed >= *after) else {
            continue;
        };
        ensure!(view.finish.is_none(), "the turn was over before it could be disturbed at {after} bytes");
        disturb(stage, disturbance, &mut painter)?;
        next = plan.next();
    }
    let status = chat.end()?;
    if !status.success() {
        bail!("the turn did not end well: tenure chat ended with {status} (finish: {:?})", view.finish);
    }
    ensure!(next.is_none(), "the turn ended before every planned disturbance had come");
    Ok(view)
}

fn disturb(stage: &mut Stage, disturbance: Disturbance, painter: &mut Painter) -> Result<()> {
    match disturbance {
        Disturbance::KillServer => {
            painter.line("*** kill -9 of the server ***");
            stage.kill_and_restart()?;
            painter.line("*** the server is back ***");
        }
        Disturbance::CutRunner => {
            stage.cut_runner()?;
            painter.line("*** the runner's connection was cut ***");
        }
    }
    Ok(())
}
