//! Whatever is defined keeps its hash through the canonical form, and whatever is written is read or refused.

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use tenure_workflow::{Definition, StepPath, read, schema};

static VALIDATOR: LazyLock<jsonschema::Validator> =
    LazyLock::new(|| jsonschema::validator_for(&schema::schema()).expect("the schema is one"));

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z][a-z ]{0,11}",
        Just("{{ inputs.a }}".to_owned()),
        Just("x {{ variables.a | default('y') }} z".to_owned()),
        Just("{% if inputs.a %}a{% endif %}".to_owned()),
        Just("é \"quoted\" \\ \u{1F600} 'text'\n# no comment".to_owned()),
    ]
}

fn plain() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f32>().prop_filter("JSON has no others", |number| number.is_finite()).prop_map(|number| json!(number)),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z_]{1,6}", inner, 0..4).prop_map(|map| json!(map)),
        ]
    })
}

fn kind() -> impl Strategy<Value = Value> {
    prop_oneof![
        (text(), any::<bool>(), 1_u64..100_000).prop_map(|(prompt, wait, ms)| json!({
            "type": "agent_prompt", "prompt": prompt, "await_response": wait, "await_timeout_ms": ms,
            "output_schema": { "z": "string", "a": { "type": "number", "description": "d" } },
        })),
        "[a-z ]{1,9}".prop_map(|command| json!({ "type": "bash", "command": format!("x{command}"), "env": { "A": "{{ inputs.a }}" } })),
        prop::collection::btree_map("[a-z]{1,5}", plain(), 0..4)
            .prop_map(|map| json!({ "type": "tool", "tool": "x", "arguments": map })),
        text().prop_map(|content| json!({ "type": "notify", "content": content })),
        text().prop_map(|prompt| json!({ "type": "approval", "prompt": prompt, "items": { "z": 1, "b": [prompt] }, "timeout": "1h" })),
        (1_u64..1_000_000).prop_map(|ms| json!({ "type": "wait", "duration_ms": ms })),
        Just(json!({ "type": "wait", "event": "go", "timeout": "5m", "on_timeout": "continue" })),
        plain().prop_map(|value| json!({ "type": "set", "variables": { "v": value } })),
        plain().prop_map(|value| json!({ "type": "workflow", "workflow": "other", "inputs": { "v": value } })),
        Just(json!({ "type": "stop", "status": "failed", "reason": "x" })),
    ]
}

fn step() -> impl Strategy<Value = Value> {
    let common = (kind(), prop::option::of(1_u32..20), any::<bool>(), prop::option::of("[a-z ]{1,8}"));
    let leaf = common.prop_map(|(mut step, attempts, flag, name)| {
        if let Some(attempts) = attempts {
            step["retry"] =
                json!({ "max_attempts": attempts, "backoff": { "factor": f64::from(attempts) / 4.0 + 1.0 } });
        }
        step["continue_on_error"] = flag.into();
        if let Some(name) = name {
            step["name"] = format!("n{name}").into();
        }
        step
    });
    leaf.prop_recursive(3, 12, 3, |inner| {
        let steps = prop::collection::vec(inner, 1..3);
        prop_oneof![
            (steps.clone(), steps.clone()).prop_map(|(then, otherwise)| json!({
                "type": "conditional", "condition": "inputs.a == 1 || !inputs.a", "then": then, "else": otherwise,
            })),
            (steps.clone(), plain()).prop_map(|(steps, item)| json!({
                "type": "loop", "over": [item, 1], "steps": steps, "collect": "{{ item }}",
            })),
            steps.clone().prop_map(|steps| json!({ "type": "loop", "while": "inputs.a", "steps": steps })),
            steps.clone().prop_map(|steps| json!({ "type": "parallel", "branches": { "z": steps } })),
            steps.clone().prop_map(|mut steps| {
                steps.truncate(1);
                json!({ "type": "parallel", "steps": steps })
            }),
            steps.prop_map(|steps| json!({ "type": "bash", "command": "true", "catch": steps })),
        ]
    })
}

fn definition() -> impl Strategy<Value = Value> {
    (prop::collection::vec(step(), 1..5), plain(), "[A-Za-z ]{0,10}").prop_map(|(steps, output, name)| {
        let inputs = json!({ "z": { "type": "string", "default": "x" }, "a": "any", "m": { "type": "array", "required": true } });
        json!({ "name": format!("A{name}"), "inputs": inputs, "steps": steps, "outputs": { "y": output, "b": 1 }, "timeout": "1h" })
    })
}

fn read_all(value: &Value) -> Definition {
    let said = |mistakes: Vec<_>| {
        mistakes.iter().map(|mistake: &tenure_workflow::Mistake| format!("{mistake}\n")).collect::<String>()
    };
    read::value(value).unwrap_or_else(|mistakes| panic!("{}", said(mistakes)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_definition_keeps_its_hash_through_the_canonical_form(written in definition()) {
        let definition = read_all(&written);
        let canonical = definition.canonical();
        let again = read_all(&canonical);
        prop_assert_eq!(&again, &definition);
        prop_assert_eq!(again.hash(), definition.hash());
        prop_assert_eq!(again.canonical(), canonical.clone());
        let stored: Definition = serde_json::from_value(canonical.clone()).expect("what was stored is read");
        prop_assert_eq!(&stored, &definition);
        let shuffled = Value::Object(canonical.as_object().expect("an object").iter().rev()
            .map(|(name, value)| (name.clone(), value.clone())).collect::<Map<_, _>>());
        prop_assert_eq!(read_all(&shuffled).hash(), definition.hash());
    }

    #[test]
    fn what_is_read_passes_the_schema(written in definition()) {
        let errors: Vec<String> = VALIDATOR
            .iter_errors(&written)
            .map(|error| format!("{}: {error}", error.instance_path())).collect();
        prop_assert!(errors.is_empty(), "{errors:?}");
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = read::bytes(&bytes);
    }

    #[test]
    fn any_text_of_marks_is_read_or_refused(text in "[-a-z:{}\\[\\]&*!|>'\"%@#,? \n\t0-9.]{0,200}") {
        let _ = read::text(&text);
        let _ = read::text(&format!("name: x\nsteps:\n  - type: bash\n    command: {text}\n"));
        let _ = tenure_workflow::Template::new(&format!("{{{{ {text} }}}}"));
        let _ = tenure_workflow::Condition::new(&text);
        let _ = text.parse::<StepPath>();
    }

    #[test]
    fn any_value_is_read_or_refused(value in plain()) {
        let _ = read::value(&value);
        let _ = read::value(&json!({ "name": "x", "steps": [value.clone(), { "type": "loop", "over": value.clone(), "steps": value }] }));
    }
}
