//! The workspace: what it is made of, what is known of it, and putting its files back.

use tenure_model::chat::FinishReason;
use tenure_model::id::TurnId;
use tenure_model::link::{RestoreWork, TurnFrame, WorkKind};
use tenure_model::step::RepoContext;
use tenure_model::testkit::{Given, given};
use tenure_model::view::Purpose;
use tenure_model::workspace::{ChangedFile, FileStatus, FilesChanged, GitState};
use tenure_session::{Action, Effect, Event, Limits, Reply, Session};

use crate::support::*;

fn repo(url: &str) -> RepoContext {
    RepoContext { url: url.into(), branch: Some("main".into()), reference: None }
}

fn made_of(url: &str) -> Given<Session> {
    let Event::Created { owner, owner_name, title, agent, model, purpose, mode, limits, thread, runner, .. } =
        created(Purpose::Interactive, Limits::default())
    else {
        unreachable!()
    };
    let repo = Some(repo(url));
    given(ID, [Event::Created { owner, owner_name, title, agent, model, purpose, mode, limits, thread, repo, runner }])
}

fn file(path: &str) -> ChangedFile {
    ChangedFile { path: path.into(), status: FileStatus::Added, added: Some(1), removed: Some(0) }
}

fn changed(paths: &[&str]) -> TurnFrame {
    let files = paths.iter().map(|path| file(path)).collect();
    TurnFrame::FilesChanged { changed: FilesChanged { files, ..FilesChanged::default() } }
}

/// Ann's session after a turn whose files are kept.
fn kept() -> (Given<Session>, TurnId) {
    let (given, turn) = running();
    let said = [changed(&["a"]), TurnFrame::Checkpoint {}, ends(FinishReason::EndTurn)];
    (given.when(frames(turn, 0, said)).and(), turn)
}

fn restore(to: Option<TurnId>) -> Action {
    Action::Restore { to }
}

#[test]
fn every_work_carries_what_the_workspace_is_made_of() {
    let asking = made_of("https://example.org/a.git").when(want(text("hello"))).and();
    let turn = open(&asking);
    let seen = asking.state.workspace_view().expect("it is known what it is made of");
    assert_eq!((seen.repo.map(|repo| repo.url), seen.runner), (Some("https://example.org/a.git".into()), None));
    let taken = asking.when(accepted(turn));
    let Some(Effect::Start { spec, .. }) = taken.decision().effects.first() else { panic!("it is started") };
    assert_eq!(spec.repo, Some(repo("https://example.org/a.git")));
}

#[test]
fn an_address_with_a_secret_or_a_command_is_refused() {
    for (url, why) in
        [("https://ann:pw@host/a", "user name or a password"), ("ext::sh -c id", "no repository's address")]
    {
        let create = Action::Create {
            owner: ann().user,
            owner_name: "ann".into(),
            title: None,
            agent: None,
            model: None,
            purpose: Purpose::Interactive,
            mode: Default::default(),
            limits: Limits::default(),
            repo: Some(Box::new(repo(url))),
            runner: Default::default(),
        };
        given::<Session>(ID, []).when(want(create)).refused(why);
    }
}

#[test]
fn what_the_runner_tells_of_the_workspace_is_remembered() {
    let (given, turn) = running();
    let git = GitState { branch: Some("main".into()), ..GitState::default() };
    let told = given.when(frames(
        turn,
        0,
        [TurnFrame::GitState { git: git.clone() }, changed(&["a"]), TurnFrame::Checkpoint {}],
    ));
    assert_eq!(said(&told), ["git_state_changed", "files_changed", "checkpoint_made"]);
    let there = told.and().state.workspace.expect("it is known");
    assert_eq!((there.runner, there.git), (RUNNER, Some(git)));
    assert_eq!(there.files.files, [file("a")]);
    assert_eq!(there.checkpoints.iter().map(|kept| kept.turn).collect::<Vec<_>>(), [turn]);
}

#[test]
fn long_lists_are_shortened_and_old_checkpoints_forgotten() {
    let limits = Limits { files_max: 1, checkpoints_max: 1, ..Limits::default() };
    let mut world = session_with(limits);
    for _ in 0..2 {
        let prompt = want(text(&format!("at {}", world.seq)));
        let (running, turn) = take_on(world.when(prompt).and());
        let said = [changed(&["a", "b", "c"]), TurnFrame::Checkpoint {}, ends(FinishReason::EndTurn)];
        world = running.when(frames(turn, 0, said)).and();
    }
    let there = world.state.workspace.expect("it is known");
    assert_eq!((there.files.files.len(), there.files.more), (1, 2));
    assert_eq!(there.checkpoints.len(), 1);
}

#[test]
fn files_are_put_back_by_a_turn_that_only_the_home_takes() {
    let (given, turn) = kept();
    let restoring = given.when(want(restore(Some(turn))));
    let Reply::Restoring { turn: by } = restoring.decision().reply else { panic!("it is restored") };
    let Some(Effect::Offer { offer, .. }) = restoring.decision().effects.first() else { panic!("it is offered") };
    assert_eq!((offer.kind, offer.home), (WorkKind::Restore, Some(RUNNER)));
    let taken = restoring.and().when(accepted(by));
    let Some(Effect::Start { spec, .. }) = taken.decision().effects.first() else { panic!("it is started") };
    assert_eq!(spec.restore, Some(RestoreWork { to: Some(turn) }));

    // A prompt waits for its end, however it is asked.
    let waits = taken.and().when(want(text("go on"))).and();
    assert_eq!(waiting(&waits), ["go on"]);
    let done = waits.when(frames(by, 0, [TurnFrame::Checkpoint {}, ends(FinishReason::EndTurn)]));
    assert_eq!(said(&done), ["turn_started", "checkpoint_made", "turn_finished", "turn_opened"]);
}

#[test]
fn nothing_is_put_back_while_something_runs_or_when_nothing_is_kept() {
    kept().0.when(want(restore(Some(TurnId::default())))).refused("no checkpoint");
    let (given, turn) = kept();
    given.when(want(text("again"))).and().when(want(restore(Some(turn)))).refused("something runs");
    session().when(want(restore(None))).refused("no workspace yet");
}
