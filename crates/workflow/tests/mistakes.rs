//! What is wrong with a definition, all at once: `tests/mistakes.txt` holds each text with exactly what is said about it.

use serde_json::{Value, json};
use tenure_workflow::{Mistake, limits, read};

const CASES: &str = include_str!("mistakes.txt");

fn said(mistakes: &[Mistake]) -> String {
    mistakes.iter().map(|mistake| format!("{mistake}\n")).collect()
}

#[test]
fn every_mistake_is_said_with_its_place_and_its_fix() {
    let mut wrong = String::new();
    let mut cases = 0;
    for case in CASES.split("=== ").skip(1) {
        let (title, rest) = case.split_once('\n').expect("a title");
        let (text, expected) = rest.split_once("--- said\n").expect("what is said");
        let actual = match read::text(text) {
            Ok(_) => String::new(),
            Err(mistakes) => said(&mistakes),
        };
        cases += 1;
        if actual.trim() != expected.trim() {
            wrong.push_str(&format!("=== {title}\n{text}--- said\n{actual}\n"));
        }
    }
    assert!(cases > 25, "the cases are there");
    assert!(wrong.is_empty(), "these say something else now:\n{wrong}");
}

fn bash(id: &str) -> Value {
    json!({ "id": id, "type": "bash", "command": "true" })
}

fn with_steps(steps: Vec<Value>) -> Value {
    json!({ "name": "Test", "steps": steps })
}

fn codes(value: &Value) -> Vec<&'static str> {
    read::value(value).expect_err("it is wrong").iter().map(|mistake| mistake.code).collect()
}

#[test]
fn too_many_steps_are_refused_once() {
    let steps = (0..10_000).map(|n| bash(&format!("s{n}"))).collect();
    assert_eq!(codes(&with_steps(steps)), ["too_many_steps"]);
    let most = (0..limits::STEPS_MAX).map(|n| bash(&format!("s{n}"))).collect();
    assert!(read::value(&with_steps(most)).is_ok());
}

#[test]
fn deep_nesting_is_refused_in_every_form() {
    let mut step = bash("inner");
    for depth in 0..limits::STEP_DEPTH_MAX {
        step = json!({ "id": format!("c{depth}"), "type": "conditional", "condition": "true", "then": [step] });
    }
    assert_eq!(codes(&with_steps(vec![step])), ["too_deep"]);

    let deep = format!("name: Test\nsteps: {}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(!read::text(&deep).expect_err("too deep").is_empty());
    let deep = format!("{{\"name\": {}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(!read::text(&deep).expect_err("too deep").is_empty());
    let mut value = json!(1);
    for _ in 0..200 {
        value = json!([value]);
    }
    assert_eq!(codes(&json!({ "name": value })), ["too_large"]);
}

#[test]
fn aliases_cannot_grow_without_bound() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for n in 1..12 {
        let before = format!("*a{}, ", n - 1).repeat(10);
        bomb.push_str(&format!("a{n}: &a{n} [{before}]\n"));
    }
    let mistakes = read::text(&bomb).expect_err("it grows");
    assert_eq!((mistakes.len(), mistakes[0].code), (1, "too_large"), "{}", said(&mistakes));
    let long = format!("long: &long {}\nmany: [{}]\n", "x".repeat(100_000), "*long, ".repeat(10_000));
    let mistakes = read::text(&long).expect_err("it grows");
    assert_eq!((mistakes.len(), mistakes[0].code), (1, "too_large"), "{}", said(&mistakes));
}

#[test]
fn large_and_unreadable_texts_are_refused() {
    let large = format!("name: Test\n# {}", "x".repeat(limits::DEFINITION_BYTES_MAX));
    assert_eq!(read::text(&large).expect_err("too large")[0].code, "too_large");
    let mistakes = read::bytes(b"name: Test\nsteps: \xff\xfe").expect_err("no text");
    assert_eq!((mistakes[0].code, mistakes[0].line), ("encoding", Some(2)));
}

#[test]
fn no_more_mistakes_are_told_than_anyone_reads() {
    let steps = (0..400).map(|n| json!({ "id": format!("s{n}"), "type": "bsh" })).collect();
    assert_eq!(codes(&with_steps(steps)).len(), limits::MISTAKES_MAX);
}

#[test]
fn json_says_places_too() {
    let text = "{\n  \"name\": \"Test\",\n  \"steps\": [\n    {\"id\": \"a\", \"type\": \"bahs\"}\n  ]\n}";
    let mistakes = read::text(text).expect_err("it is wrong");
    assert_eq!((mistakes[0].code, mistakes[0].line), ("unknown_step_type", Some(4)));
    let surrogates = "{\"name\": \"\\ud83d\\ude00 x\", \"steps\": [{\"type\": \"bash\", \"command\": \"true\"}]}";
    assert_eq!(read::text(surrogates).map_err(|mistakes| said(&mistakes)).expect("it is right").name, "😀 x");
}
