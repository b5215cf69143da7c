//! `loop`: items, conditions, concurrency, what is gathered, and what a failure drops.

use serde_json::json;

use crate::support::*;

#[test]
fn each_item_is_run_in_order_and_gathered() {
    let run = Run::of("  - id: each
    type: loop
    over: [a, b]
    item: name
    collect: '{{ outputs.ask.n }}'
    steps:
      - {id: ask, type: tool, tool: t, arguments: {name: '{{ name }}', also: '{{ loop.item }}', at: '{{ loop.index }}'}}");
    assert_eq!(run.arguments(), json!({ "name": "a", "also": "a", "at": 0 }));
    let run = run.returns("each:i0/ask", json!({ "n": 1 }));
    assert_eq!(run.arguments(), json!({ "name": "b", "also": "b", "at": 1 }));
    let run = run.returns("each:i1/ask", json!({ "n": 2 }));
    assert_eq!(run.output("each"), json!({ "iterations": 2, "results": [1, 2] }));
    assert_eq!(run.output("ask"), json!({ "n": 2 }), "the last iteration is what later steps read");
    run.went(&[
        "each started",
        "each:i0 begun",
        "each:i0/ask started",
        "each:i0/ask completed",
        "each:i0 over",
        "each:i1 begun",
        "each:i1/ask started",
        "each:i1/ask completed",
        "each:i1 over",
        "each completed",
        "run Completed",
    ]);
}

#[test]
fn so_many_items_run_at_once_and_do_not_see_each_other() {
    let run = Run::of(
        "  - id: each
    type: loop
    over: [10, 20, 30]
    concurrency: 2
    collect: '{{ outputs.ask }}'
    steps: [{id: ask, type: tool, tool: t, arguments: {seen: '{{ outputs }}', item: '{{ item }}'}}]",
    );
    assert_eq!(run.state().steps.len(), 3, "the loop and two items: {:?}", run.trail());
    let run = run.returns("each:i1/ask", json!("b"));
    assert_eq!(run.arguments(), json!({ "seen": {}, "item": 30 }));
    let run = run.returns("each:i2/ask", json!("c")).returns("each:i0/ask", json!("a"));
    assert_eq!(run.output("each")["results"], json!(["a", "b", "c"]));
    assert_eq!(run.output("ask"), json!("c"), "the last item wins, whichever ended last");
}

#[test]
fn items_of_a_loop_in_turn_read_what_the_ones_before_did() {
    let run = Run::of(
        "  - {id: s, type: set, variables: {x: 1}}
  - {id: each, type: loop, over: [2, 3], steps: [{id: m, type: set, variables: {x: '{{ variables.x * item }}'}}]}",
    );
    assert_eq!(run.variable("x"), json!(6));
}

#[test]
fn a_while_loop_asks_before_each_round() {
    let run = Run::of("  - {id: s, type: set, variables: {n: 0}}
  - {id: w, type: loop, while: variables.n < 3, steps: [{id: more, type: set, variables: {n: '{{ variables.n + 1 }}'}}]}");
    assert_eq!((run.variable("n"), run.output("w")), (json!(3), json!({ "iterations": 3 })));
}

#[test]
fn a_while_loop_without_an_end_fails() {
    let run =
        Run::of("  - {id: w, type: loop, while: true, max_items: 4, steps: [{id: s, type: set, variables: {n: 0}}]}");
    assert_eq!(run.trail().last().unwrap(), "run Failed: loop_too_long:4");
}

#[test]
fn a_loop_goes_over_lists_of_a_certain_length_only() {
    let fails =
        |steps: &str, given: serde_json::Value| Run::of(steps).returns("a", given).trail().last().unwrap().clone();
    let text = "  - {id: a, type: tool, tool: t}\n  - {id: l, type: loop, over: '{{ outputs.a }}', max_items: 2, steps: [{id: s, type: set, variables: {n: 0}}]}";
    assert_eq!(fails(text, json!("abc")), "run Failed: loop_over_not_array");
    assert_eq!(fails(text, json!([1, 2, 3])), "run Failed: loop_too_many_items:2");
    assert_eq!(fails(text, json!([])), "run Completed");
}

#[test]
fn a_failed_loop_leaves_nothing_of_what_it_did() {
    let run = Run::of(
        "  - {id: s, type: set, variables: {x: 1}}
  - id: each
    type: loop
    over: [2, 3]
    continue_on_error: true
    steps:
      - {id: m, type: set, variables: {x: '{{ item }}'}}
      - {id: ask, type: tool, tool: t}",
    );
    let run = run.returns("each:i0/ask", json!(1)).errs("each:i1/ask", "bad");
    assert_eq!(run.variable("x"), json!(1));
    assert_eq!(run.output("each")["error"]["path"], "each:i1/ask");
    assert_eq!(run.trail().last().unwrap(), "run Completed");
}

#[test]
fn a_loop_that_collects_goes_on_after_a_failure() {
    let run = Run::of(
        "  - id: each
    type: loop
    over: [a, b]
    on_failure: collect
    collect: '{{ outputs.ask }}'
    steps: [{id: ask, type: tool, tool: t}]",
    );
    let run = run.errs("each:i0/ask", "bad").returns("each:i1/ask", json!("fine"));
    let output = run.output("each");
    assert_eq!(output["results"], json!([null, "fine"]));
    assert_eq!(output["failed"][0]["index"], 0);
    assert_eq!(output["failed"][0]["error"]["code"], "bad");
}

#[test]
fn loops_in_loops_have_paths_and_items_of_their_own() {
    let run = Run::of(
        "max_steps: 100
steps:
  - id: outer
    type: loop
    over: [[1, 2], [3]]
    item: row
    steps:
      - id: inner
        type: loop
        over: '{{ row }}'
        item: cell
        collect: '{{ cell + loop.index }}'
        steps: [{id: s, type: set, variables: {last: '{{ cell }}'}}]",
    );
    assert!(run.trail().contains(&"outer:i0/inner:i1/s completed".to_owned()));
    assert_eq!(run.variable("last"), json!(3));
}

#[test]
fn many_iterations_leave_a_small_state() {
    let run = Run::of(
        "max_steps: 10000
steps:
  - id: each
    type: loop
    over: '{{ range(1000) | list }}'
    steps: [{id: s, type: set, variables: {last: '{{ item }}'}}]",
    );
    let mut run = run;
    while run.state().ended.is_none() {
        run = run.until_due();
    }
    let size = serde_json::to_string(&run.given.state).unwrap().len();
    assert!(size < 20_000, "the state has {size} bytes");
    assert_eq!(run.variable("last"), json!(999));
}
