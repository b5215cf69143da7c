//! Inputs where a run starts, and what is said about two versions.

use serde_json::{Value, json};
use tenure_workflow::{Definition, Mistake, diff, read};

fn said(mistakes: Vec<Mistake>) -> Vec<String> {
    mistakes.iter().map(ToString::to_string).collect()
}

fn right(text: &str) -> Definition {
    read::text(text).unwrap_or_else(|mistakes| panic!("{:#?}", said(mistakes)))
}

const TYPED: &str = "
name: Test
inputs:
  branch: {type: string, required: true, description: The branch.}
  count: {type: integer, default: 3}
  level: {type: string, enum: [low, high], default: low}
  flag: boolean
  more: any
steps:
  - {type: bash, command: 'true'}
";

fn check(given: Value) -> Result<Value, Vec<String>> {
    let given = given.as_object().expect("an object").clone();
    right(TYPED).check_inputs(&given).map(Value::Object).map_err(said)
}

#[test]
fn inputs_take_defaults_and_keep_their_order() {
    let inputs = check(json!({ "flag": true, "branch": "main", "count": null })).expect("right");
    assert_eq!(inputs, json!({ "branch": "main", "count": 3, "level": "low", "flag": true }));
    let names: Vec<&String> = inputs.as_object().expect("an object").keys().collect();
    assert_eq!(names, ["branch", "count", "level", "flag"]);
    let inputs = check(json!({ "branch": "", "count": 4.0, "more": null })).expect("right");
    assert_eq!(inputs, json!({ "branch": "", "count": 4.0, "level": "low", "more": null }));
}

#[test]
fn all_that_is_wrong_with_inputs_is_said_at_once() {
    let wrong = check(json!({ "brnach": "main", "count": "4", "level": "medium", "flag": 1 })).expect_err("wrong");
    assert_eq!(
        wrong,
        [
            "inputs.brnach unknown_input: there is no input `brnach` (did you mean `branch`?)",
            "inputs.branch missing_input: `branch` is required (The branch.)",
            "inputs.count wrong_type: \"4\" is no integer",
            "inputs.level unknown_value: \"medium\" is not taken (there are \"low\", \"high\")",
            "inputs.flag wrong_type: 1 is no boolean",
        ]
    );
}

#[test]
fn what_is_typed_on_a_command_line_gets_the_type_of_its_input() {
    let definition = right(TYPED);
    let typed = |name: &str, text: &str| {
        definition.inputs.iter().find(|input| input.name.as_str() == name).expect("an input").typed(text)
    };
    assert_eq!(typed("branch", "5"), json!("5"));
    assert_eq!(typed("count", "5"), json!(5));
    assert_eq!(typed("count", "five"), json!("five"));
    assert_eq!(typed("flag", "true"), json!(true));
    assert_eq!(typed("more", "[1]"), json!([1]));
    assert_eq!(typed("more", "text"), json!("text"));
}

#[test]
fn changes_are_told_by_step_and_field() {
    let before = right(
        "
name: Test
inputs: {branch: string, old: string}
steps:
  - {id: a, type: bash, command: one}
  - {id: b, type: bash, command: two}
  - {id: c, type: bash, command: three}
  - {id: gone, type: stop}
",
    );
    let after = right(
        "
name: Test
description: New.
inputs: {branch: {type: string, default: main}}
steps:
  - {id: c, type: bash, command: three}
  - {id: a, type: bash, command: uno, timeout: 5s}
  - id: check
    type: conditional
    condition: 'true'
    then:
      - {id: b, type: bash, command: two}
",
    );
    let told: Vec<String> = diff::diff(&before, &after).iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "~ inputs.branch: {\"required\":false,\"type\":\"string\"} → {\"default\":\"main\",\"required\":false,\"type\":\"string\"}",
            "- inputs.old: {\"required\":false,\"type\":\"string\"}",
            "+ description: \"New.\"",
            "- steps.gone: {\"on_unknown\":\"ask\",\"status\":\"completed\",\"type\":\"stop\"}",
            "↕ steps.c: after b → first",
            "~ steps.a.command: \"one\" → \"uno\"",
            "+ steps.a.timeout_ms: 5000",
            "+ steps.check: {\"condition\":\"true\",\"on_unknown\":\"ask\",\"type\":\"conditional\"}",
            "↕ steps.b: after a → in check.then, first",
        ]
    );
    assert!(diff::diff(&before, &before).is_empty());
}
