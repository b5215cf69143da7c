//! What a runner says becomes what people read, byte for byte.

use tenure_model::chat::{FinishReason, Part, TextKind, ToolStatus, Usage};
use tenure_model::entity::Entity;
use tenure_model::link::TurnFrame;
use tenure_session::{Event, Reply, TextDelta};

use crate::support::*;

#[test]
fn consecutive_text_of_one_part_becomes_one_delta() {
    let (given, turn) = running();
    let written = TextDelta { part: 0, kind: TextKind::Text, offset: 0, text: "Hello, world".into() }.write(turn, 2);
    let then = given.when(frames(turn, 0, [delta(0, 0, "Hello"), delta(0, 5, ", "), delta(0, 7, "world")]));
    assert_eq!(then.decision().reply, Reply::Frames { next: 3 });
    then.then([]).effects([]).deltas([written]);
}

#[test]
fn text_of_different_parts_stays_apart_and_in_order() {
    let (given, turn) = running();
    let thinking = TurnFrame::TextDelta { part: 0, kind: TextKind::Reasoning, offset: 0, text: "hm".into() };
    let then =
        given.when(frames(turn, 0, [thinking, delta(1, 0, "a"), tool(2, "c1", ToolStatus::Running), delta(1, 1, "b")]));
    let numbers: Vec<_> = then.decision().deltas.iter().map(|delta| delta.number).collect();
    assert_eq!(numbers, [0, 1, 3]);
    let parts = then.and().state.turns[&turn].parts.clone();
    assert_eq!(parts[&0], Part::Reasoning { text: "hm".into() });
    assert_eq!(parts[&1], Part::Text { text: "ab".into() });
}

#[test]
fn the_first_frame_says_that_the_turn_runs() {
    let (given, turn) = taken();
    let then = given.when(frames(turn, 0, [delta(0, 0, "Hi")]));
    assert_eq!(said(&then), ["turn_started"]);
}

#[test]
fn the_finished_message_holds_all_text_of_all_frames_and_ends_with_finish() {
    let (given, turn) = running();
    let given = given.when(frames(turn, 0, [delta(0, 0, "Grüße, ")])).and();
    let given = given.when(frames(turn, 1, [delta(0, 9, "Welt 🌍")])).and();
    let last = [delta(0, 18, "!"), ends(FinishReason::EndTurn)];
    let then = given.when(frames(turn, 2, last));
    let text = Part::Text { text: "Grüße, Welt 🌍!".into() };
    assert_eq!(finished(&then), (FinishReason::EndTurn, vec![text, Part::Finish { reason: FinishReason::EndTurn }]));
    assert_eq!(then.decision().closes, [turn.0]);
    assert_eq!(then.decision().deltas, [], "the message replaces them");
    assert_eq!(then.decision().reply, Reply::Frames { next: 4 });
}

#[test]
fn a_tool_call_is_replaced_as_it_gets_on_and_keeps_what_it_has_printed() {
    let (given, turn) = running();
    let given = given.when(frames(turn, 0, [tool(0, "c1", ToolStatus::Running), output(0, 0, "1 test")])).and();
    let given = given.when(frames(turn, 2, [output(0, 6, " passed"), tool(0, "c1", ToolStatus::Completed)])).and();
    let expected = Part::ToolCall { call: call("c1", ToolStatus::Completed), output: "1 test passed".into() };
    assert_eq!(given.state.turns[&turn].parts[&0], expected);
}

#[test]
fn frames_that_were_taken_before_are_skipped_and_acknowledged() {
    let (given, turn) = running();
    let given = given.when(frames(turn, 0, [delta(0, 0, "abc"), delta(0, 3, "def")])).and();
    let overlapping = [delta(0, 0, "abc"), delta(0, 3, "def"), delta(0, 6, "ghi")];
    let then = given.when(frames(turn, 0, overlapping));
    assert_eq!(then.decision().reply, Reply::Frames { next: 3 });
    let given = then.and();
    assert_eq!(given.state.turns[&turn].parts[&0], Part::Text { text: "abcdefghi".into() });
    given.when(frames(turn, 1, [delta(0, 3, "def")])).silent();
}

#[test]
fn a_runner_that_asks_about_a_closed_turn_hears_that_it_is_closed() {
    let (given, turn) = running();
    let given = given.when(frames(turn, 0, [ends(FinishReason::EndTurn)])).and();
    given.when(frames(turn, 0, [])).refused("the turn is closed");
}

#[test]
fn a_closed_turn_still_acknowledges_what_it_took() {
    let (given, turn) = running();
    let said = [delta(0, 0, "abc"), ends(FinishReason::EndTurn)];
    let given = given.when(frames(turn, 0, said.clone())).and();
    let then = given.when(frames(turn, 0, said));
    assert_eq!(then.decision().reply, Reply::Frames { next: 2 });
    then.silent();
}

#[test]
fn deltas_fold_the_same_however_often_and_whenever_they_come() {
    let (given, turn) = running();
    let text = |number, offset, text: &str| {
        TextDelta { part: 0, kind: TextKind::Text, offset, text: text.into() }.write(turn, number)
    };
    let deltas = [text(0, 0, "abc"), text(2, 3, "def")];
    let event =
        Event::UsageReported { turn, frame: 1, usage: Usage { model: None, input_tokens: 1, output_tokens: 2 } };
    let mut live = given.state.clone();
    live.absorb(&deltas[0]);
    live.apply(&event, given.now);
    live.absorb(&deltas[1]);
    let mut replayed = given.state.clone();
    replayed.apply(&event, given.now);
    deltas.iter().chain(&deltas).for_each(|delta| replayed.absorb(delta));
    assert_eq!(live, replayed);
    assert_eq!(live.turns[&turn].next_frame, 3);
    let finished = given.when(frames(turn, 0, [ends(FinishReason::EndTurn)])).and();
    let mut after = finished.state.clone();
    after.absorb(&deltas[0]);
    assert_eq!(after, finished.state, "text of a closed turn changes nothing");
}

#[test]
fn usage_adds_up_in_its_turn_and_its_thread() {
    let (given, turn) = running();
    let used = |input, output| TurnFrame::Usage {
        usage: Usage { model: Some("m".into()), input_tokens: input, output_tokens: output },
    };
    let then = given.when(frames(turn, 0, [used(10, 1), used(20, 2), ends(FinishReason::EndTurn)]));
    let sum = Usage { model: Some("m".into()), input_tokens: 30, output_tokens: 3 };
    let given = then.and();
    assert_eq!(given.state.threads[&THREAD].usage, sum);
    assert_eq!(given.state.view(ID).unwrap().usage, sum);
}

#[test]
fn a_switch_of_models_is_told_and_the_other_one_is_in_use() {
    let (given, turn) = running();
    let switched = TurnFrame::ModelSwitched { from: Some("a".into()), to: "b".into(), reason: "429".into() };
    let given = given.when(frames(turn, 0, [switched])).and();
    assert_eq!(given.state.view(ID).unwrap().model.as_deref(), Some("b"));
}

#[test]
fn models_and_status_are_seen_by_all() {
    let (given, turn) = running();
    let models = TurnFrame::Models { models: vec!["a".into(), "b".into()], current: Some("b".into()) };
    let status =
        TurnFrame::AgentStatus { status: tenure_model::chat::AgentStatus::ToolCalling, detail: Some("cargo".into()) };
    let given = given.when(frames(turn, 0, [models, status])).and();
    let view = given.state.view(ID).unwrap();
    assert_eq!((view.models, view.model.as_deref()), (vec!["a".into(), "b".into()], Some("b")));
    assert_eq!(view.turns[0].status, tenure_model::chat::AgentStatus::ToolCalling);
}
