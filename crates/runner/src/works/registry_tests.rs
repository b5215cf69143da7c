//! What the registry of works promises: started once, told until acknowledged, forgotten after.

use tempfile::TempDir;
use tenure_model::chat::FinishReason;
use tenure_model::id::{SessionId, ThreadId};
use tenure_model::time::Span;
use uuid::Uuid;

use super::registry::{Begin, Works};
use super::voice::Voice;
use super::*;
use tenure_model::id::WorkId;
use tenure_model::link::{TurnFrame, WorkOffer, WorkPhase, WorkSpec};
use tenure_protocol::runner::RunnerMessage;

fn works(folder: &TempDir) -> Works {
    Works::open(folder.path().to_owned(), 1024, 2).unwrap()
}

fn spec(number: u128, generation: u32) -> WorkSpec {
    WorkSpec {
        session: SessionId::default(),
        thread: ThreadId::default(),
        work: WorkId(Uuid::from_u128(number)),
        generation,
        agent: None,
        model: None,
        agent_session: None,
        text: "hello".to_owned(),
        attachments: Vec::new(),
        timeout_ms: Span::mins(1),
        ..WorkSpec::default()
    }
}

fn offer(number: u128) -> WorkOffer {
    let spec = spec(number, 1);
    let (agent, kind, home) = (None, Default::default(), None);
    let placement = Default::default();
    WorkOffer { session: spec.session, work: spec.work, generation: 1, agent, kind, home, placement }
}

fn started(works: &Works, number: u128, generation: u32) -> std::sync::Arc<Work> {
    match works.begin(&spec(number, generation)) {
        Begin::Fresh { work, .. } => work,
        Begin::Known => panic!("it was known"),
    }
}

fn taken(works: &Works) -> (u64, Vec<TurnFrame>) {
    match works.take(u64::MAX) {
        Some(RunnerMessage::Frames { first, frames, .. }) => (first, frames),
        other => panic!("expected frames, not {other:?}"),
    }
}

#[test]
fn a_repeated_start_starts_once_even_after_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let works = works(&folder);
    works.accept(&offer(1)).unwrap();
    let work = started(&works, 1, 1);
    assert!(matches!(works.begin(&spec(1, 1)), Begin::Known));
    work.finish(FinishReason::EndTurn, None);
    assert!(matches!(works.begin(&spec(1, 1)), Begin::Known));
    works.ack(work.id, 1, 1);
    assert!(works.all_told());
    assert!(matches!(works.begin(&spec(1, 1)), Begin::Known));
    assert!(matches!(works.begin(&spec(1, 2)), Begin::Fresh { after: None, .. }));
}

#[test]
fn what_was_dropped_before_it_began_can_be_offered_and_started_again() {
    let folder = tempfile::tempdir().unwrap();
    let works = works(&folder);
    works.accept(&offer(1)).unwrap();
    works.cancel(offer(1).work, 1, Stop::Dropped);
    assert!(works.all_told());
    works.accept(&offer(1)).unwrap();
    assert!(matches!(works.begin(&spec(1, 1)), Begin::Fresh { after: None, .. }));
}

#[test]
fn what_was_dropped_while_it_ran_never_runs_again() {
    let folder = tempfile::tempdir().unwrap();
    let works = works(&folder);
    let work = started(&works, 1, 1);
    works.cancel(work.id, 1, Stop::Dropped);
    work.finish(FinishReason::Interrupted, None);
    works.forget_told();
    assert!(works.all_told());
    assert!(matches!(works.begin(&spec(1, 1)), Begin::Known));
}

#[test]
fn a_newer_generation_waits_for_the_older_one() {
    let folder = tempfile::tempdir().unwrap();
    let works = works(&folder);
    let old = started(&works, 1, 1);
    let Begin::Fresh { after: Some(after), work } = works.begin(&spec(1, 2)) else { panic!("not fresh") };
    assert_eq!((after.generation, work.generation), (1, 2));
    assert_eq!(old.stopped(), Some(Stop::Dropped));
    assert!(matches!(works.begin(&spec(1, 1)), Begin::Known));
}

#[test]
fn capacity_counts_what_has_not_ended() {
    let folder = tempfile::tempdir().unwrap();
    let works = works(&folder);
    works.accept(&offer(1)).unwrap();
    works.accept(&offer(1)).unwrap();
    works.accept(&offer(2)).unwrap();
    assert!(works.accept(&offer(3)).unwrap_err().contains("2 of at most 2"));
    started(&works, 1, 1).finish(FinishReason::EndTurn, None);
    works.accept(&offer(3)).unwrap();
}

#[test]
fn a_cancelled_acceptance_ends_without_a_start() {
    let folder = tempfile::tempdir().unwrap();
    let works = works(&folder);
    works.accept(&offer(1)).unwrap();
    works.cancel(spec(1, 1).work, 1, Stop::Canceled(FinishReason::Canceled));
    assert!(matches!(works.begin(&spec(1, 1)), Begin::Known));
    assert!(matches!(taken(&works).1[..], [TurnFrame::Finalize { reason: FinishReason::Canceled, .. }]));
}

#[test]
fn a_restart_tells_the_work_as_interrupted_with_its_words() {
    let folder = tempfile::tempdir().unwrap();
    let before = works(&folder);
    let voice = Voice::new(started(&before, 1, 3));
    voice.create("scripted", None, None);
    voice.text("half a wo");
    drop((before, voice));

    let after = works(&folder);
    let held = after.held()[0];
    assert_eq!((held.generation, held.phase, held.next_frame), (3, WorkPhase::Ended, 3));
    let (first, frames) = taken(&after);
    assert_eq!(first, 0);
    assert!(matches!(&frames[1], TurnFrame::TextDelta { text, .. } if text == "half a wo"));
    assert!(matches!(&frames[2], TurnFrame::Finalize { reason: FinishReason::Interrupted, error: Some(_), .. }));
    assert!(matches!(after.begin(&spec(1, 3)), Begin::Known));
    after.ack(held.work, 3, 3);
    assert!(after.all_told());
    drop(after);
    assert!(works(&folder).all_told(), "the file is gone");
}

#[test]
fn too_much_unacknowledged_ends_the_work_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let works = works(&folder);
    let work = started(&works, 1, 1);
    let voice = Voice::new(std::sync::Arc::clone(&work));
    voice.text(&"x".repeat(2_000));
    voice.text("one too many");
    let why = work.stopped().unwrap();
    assert_eq!(why, Stop::SpoolFull { limit: 1024 });
    let (reason, error) = why.finish();
    work.finish(reason, error);
    let (_, frames) = taken(&works);
    assert_eq!(frames.len(), 2, "the first text and the end");
    assert!(matches!(&frames[1], TurnFrame::Finalize { error: Some(error), .. } if error.contains("1024 bytes")));
}

#[tokio::test]
async fn an_answer_reaches_the_one_who_asked() {
    let folder = tempfile::tempdir().unwrap();
    let works = works(&folder);
    let work = started(&works, 1, 1);
    let voice = Voice::new(std::sync::Arc::clone(&work));
    let asking = tokio::spawn(async move { voice.ask("sure?", vec!["yes".into()], None).await });
    works.news().await;
    let question = match &taken(&works).1[..] {
        [TurnFrame::Question { question, .. }] => *question,
        other => panic!("expected a question, not {other:?}"),
    };
    work.answer(question, Some("yes".into()));
    work.answer(question, Some("no".into()));
    assert_eq!(asking.await.unwrap().as_deref(), Some("yes"));
}
