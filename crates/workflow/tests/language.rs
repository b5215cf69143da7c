//! Templates and conditions: what they give, what they refuse, and that nothing is ever pasted.

use serde_json::{Value, json};
use tenure_workflow::template::{Condition, Scope, ShellTemplate, Template, TemplateError, ValueTemplate};

fn scope() -> Value {
    json!({
        "inputs": { "n": 5, "name": "Ann", "go": true, "none": null, "list": [1, 2, 3], "empty": [], "price": 1.5 },
        "outputs": { "test": { "exitCode": 0, "stdout": " ok \n" }, "my-step": { "x": 1 }, "half": { "n": 10 } },
        "variables": { "env": "production", "evil": "\" == \"\" || \"x" },
        "loop": { "item": { "id": "a" }, "index": 2 },
    })
}

fn holds(source: &str) -> bool {
    let scope = scope();
    let condition = Condition::new(source).unwrap_or_else(|bad| panic!("{source}: {bad}"));
    condition.holds(&scope).unwrap_or_else(|error| panic!("{source}: {error}"))
}

fn value(source: &str) -> Value {
    let scope = scope();
    let template = Template::new(source).unwrap_or_else(|bad| panic!("{source}: {bad}"));
    template.render(&scope).unwrap_or_else(|error| panic!("{source}: {error}"))
}

#[test]
fn what_holds() {
    for source in [
        "true",
        "!false",
        "inputs.n === 5",
        "inputs.n == 5.0",
        "inputs.n !== 6 && inputs.name === 'Ann'",
        "inputs.n != 6 and inputs.name == \"Ann\"",
        "inputs.missing || inputs.go",
        "not inputs.missing",
        "!inputs.missing.deeper.still",
        "inputs.n > 4 && inputs.n >= 5 && inputs.n < 6 && inputs.n <= 5",
        "!!inputs.go && !!!inputs.missing",
        "(inputs.n + 1) * 2 == 12",
        "inputs.n - 10 < 0",
        "-1 < 0",
        "inputs.none === null",
        "null == none",
        "inputs.missing === inputs.absent",
        "'nn' in inputs.name",
        "2 in inputs.list and 9 not in inputs.list",
        "not (9 in inputs.list)",
        "'n' in inputs",
        "contains(inputs.list, 3)",
        "inputs.list | length == 3",
        "inputs.list[0] == 1 and inputs.list[2] === 3",
        "outputs['my-step'].x == 1",
        "outputs.test.stdout | trim == 'ok'",
        "inputs.list is defined and inputs.missing is not defined",
        "!inputs.go == false",
        "!(inputs.n == 6) && !inputs.empty",
        "'a && b' == \"a && b\"",
        "'null' != null and 'x === y' == 'x === y'",
        "'it\\'s' == \"it's\"",
        "(inputs.n if inputs.go else 0) == 5",
        "inputs.name ~ '!' == 'Ann!'",
        "{{ inputs.n }} > 4",
        "\"{{ variables.env }}\" == 'production'",
        "'{{ inputs.name }}-{{inputs.n}}' === 'Ann-5'",
        "inputs.price * 2 == 3",
        "loop.index == 2 and loop.item.id == 'a'",
    ] {
        assert!(holds(source), "{source}");
    }
}

#[test]
fn what_does_not_hold() {
    for source in [
        "false",
        "inputs.missing",
        "inputs.missing.deeper",
        "inputs.empty",
        "inputs.none",
        "''",
        "0",
        "inputs.n == '5'",
        "inputs.go == 1",
        "inputs.missing == null",
        "inputs.name > 1",
        "'b' > 'a'",
        "inputs.missing < 1",
        "inputs.missing >= inputs.missing",
        "inputs.go > 0",
        "1 in inputs.missing",
        "'x' in 5",
        "[1] == '[1]'",
        // A value that holds an expression stays a value.
        "'{{ variables.evil }}' == 'safe'",
        "\"{{ variables.evil }}\" == \"safe\"",
        "variables.evil == 'safe'",
    ] {
        assert!(!holds(source), "{source}");
    }
}

#[test]
fn one_token_keeps_its_type_and_text_is_text() {
    for (source, expected) in [
        ("{{ inputs.n }}", json!(5)),
        (" {{ inputs.n }}\n", json!(5)),
        ("{{inputs.list}}", json!([1, 2, 3])),
        ("{{ inputs.none }}", json!(null)),
        ("{{ inputs.missing }}", json!(null)),
        ("{{ inputs.n + 1 }}", json!(6)),
        ("{{ inputs.go and 'yes' }}", json!("yes")),
        ("{{ outputs.test }}", json!({ "exitCode": 0, "stdout": " ok \n" })),
        ("n={{ inputs.n }}", json!("n=5")),
        ("{{ inputs.n }}{{ inputs.n }}", json!("55")),
        ("[{{ inputs.none }}|{{ inputs.missing }}|{{ inputs.go }}|{{ inputs.list }}]", json!("[null||true|[1,2,3]]")),
        ("{{ outputs.half.n / 2 }} {{ inputs.price }}", json!("5 1.5")),
        ("{{ inputs.list | json }}!", json!("[1,2,3]!")),
        ("{{ ('{\"a\": [1]}' | fromjson).a }}", json!([1])),
        ("no token at all { } %} }}", json!("no token at all { } %} }}")),
        ("a{# a comment #}b", json!("ab")),
        ("a  {{- 'b' -}}  c", json!("abc")),
        ("{{ '}}' }}.", json!("}}.")),
        ("{{ {'a': {'b': 1}}.a.b }}", json!(1)),
        ("{% if inputs.n === 5 && !inputs.empty %}five{% else %}other{% endif %}\n", json!("five\n")),
        ("{% for x in inputs.list if x != 2 %}{{ x }},{% endfor %}", json!("1,3,")),
        ("{% set y = inputs.n + 1 %}{{ y }} {{ inputs.none }}{{ inputs.missing }}", json!("6 null")),
        ("{% for x in inputs.list %}{{ loop.index }}{% endfor %}", json!("123")),
    ] {
        assert_eq!(value(source), expected, "{source}");
    }
}

#[test]
fn what_cannot_be_parsed_says_why() {
    for (source, why) in [
        ("{{ inputs.n", "`}}` is missing"),
        ("{{ }}", "an expression is missing"),
        ("{{ 'open }}", "this text is never closed"),
        ("{{ (1 }}", "`(` is never closed"),
        ("{{ 1) }}", "`)` closes nothing"),
        ("{{ inputs.n ? 1 : 2 }}", "'?' means nothing in an expression"),
        ("{{ inputs.n | trmi }}", "there is no filter `trmi`; did you mean `trim`?"),
        ("{{ inputs.n is definde }}", "there is no test `definde`; did you mean `defined`?"),
        ("{{ system('x') }}", "there is no function `system`; there are dict, range, contains"),
        ("{{ _equal(1, 2) }}", "there is no function `_equal`; there are dict, range, contains"),
        ("{{ inputs.name.upper() }}", "values have no methods, so `.upper()` means nothing; write `| upper`"),
        ("{% include 'x' %}", "there is no block `include`; there are if, elif, else, endif, for, endfor, set"),
        ("{% if x %}", "unexpected end of input, expected end of block"),
        ("{{ 1 < inputs.n < 10 }}", "compare two values at a time, and join with `and`"),
        ("{# open", "this comment is never closed"),
    ] {
        assert_eq!(Template::new(source).expect_err(source).message, why, "{source}");
    }
    let deep = format!("{}1{}", "(".repeat(5_000), ")".repeat(5_000));
    assert!(Condition::new(&deep).expect_err("too deep").message.contains("deep in each other"));
    assert!(Template::new(&"x".repeat(70_000)).expect_err("too long").message.contains("are the most"));
    assert!(Condition::new("").is_err() && Condition::new("1 +").is_err() && Condition::new("a b").is_err());
}

#[test]
fn endless_and_huge_templates_are_refused() {
    let endless = "{% for a in range(1000) %}{% for b in range(1000) %}{% for c in range(1000) %}{% endfor %}{% endfor %}{% endfor %}";
    let error = Template::new(endless).expect("it parses").render(&json!({})).expect_err("it never ends");
    assert!(matches!(error, TemplateError::Endless { .. }), "{error:?}");
    for huge in [
        "{{ 'x' * 1000000000 }}",
        "{{ inputs.big ~ inputs.big }}",
        "{{ inputs.big }}{{ inputs.big }}",
        "{{ [inputs.big, inputs.big] }}",
    ] {
        let scope = json!({ "inputs": { "big": "x".repeat(800_000) } });
        let error = Template::new(huge).expect("it parses").render(&scope).expect_err(huge);
        assert!(!matches!(error, TemplateError::Failed { .. }), "{huge}: {error:?}");
    }
    let big = json!({ "inputs": { "big": "x".repeat(10 * 1024 * 1024) } });
    let error = Template::new("{{ inputs.big }}").expect("it parses").render(&big).expect_err("10 MiB");
    assert_eq!(error.code(), "template_too_large");
}

#[test]
fn references_are_listed_once_and_end_where_a_key_is_computed() {
    let listed = |source: &str| {
        let template = Template::new(source).expect(source);
        template.references().iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(
        listed("{{ outputs.a.b }} {{ outputs.a }} {{ outputs['x-y'][0].z }}"),
        ["outputs.a", "outputs[\"x-y\"][0].z"]
    );
    assert_eq!(
        listed("{{ outputs[inputs.which].x | default(variables.d) }}"),
        ["outputs", "inputs.which", "variables.d"]
    );
    assert_eq!(listed("{{ range(3) }} {{ 'inputs.n' }} {{ dict(a=inputs.b) }} text"), ["inputs.b"]);
    assert_eq!(
        listed("{% for x in outputs.a.list %}{{ x.y }}{{ inputs.n }}{% endfor %}"),
        ["inputs.n", "outputs.a.list"]
    );
    let condition = Condition::new("'{{ inputs.a }}' == {{ inputs.b }} and inputs.c.d is defined").expect("it parses");
    let names: Vec<String> = condition.references().iter().map(ToString::to_string).collect();
    assert_eq!(names, ["inputs.a", "inputs.b", "inputs.c.d"]);
}

#[test]
fn values_are_rendered_at_any_depth() {
    let arguments = json!({ "a": ["{{ inputs.n }}", "x{{ inputs.n }}"], "b": { "c": true, "d": "{{ inputs.list }}" }, "e": "plain" });
    let template = ValueTemplate::new(arguments.clone()).expect("it parses");
    let expected = json!({ "a": [5, "x5"], "b": { "c": true, "d": [1, 2, 3] }, "e": "plain" });
    assert_eq!(template.render(&scope()).expect("it renders"), expected);
    assert_eq!(template.source(), &arguments);
}

#[test]
fn later_layers_of_a_scope_win_key_by_key() {
    let (below, above) = (json!({ "a": 1, "b": 1 }), json!({ "b": 2 }));
    let scope = Scope::new().with("outputs", &below).with("outputs", &above);
    let render = |source: &str| Template::new(source).expect(source).render(scope.clone()).expect(source);
    assert_eq!(render("{{ outputs.a }}{{ outputs.b }}"), json!("12"));
    assert_eq!(render("{{ outputs }}"), json!({ "a": 1, "b": 2 }));
    assert_eq!(render("{{ outputs | length }}"), json!(2));
}

#[test]
fn shell_values_travel_as_variables_whatever_the_quotes() {
    let evil = json!({ "inputs": { "x": "'; rm -rf ~; \" $(id) `id`", "n": 5 } });
    let shell = |source: &str| ShellTemplate::new(source).expect(source).render(&evil).expect(source);
    for (source, command) in [
        ("echo {{ inputs.x }}", "echo \"${TENURE_VALUE_0}\""),
        ("echo \"a {{ inputs.x }} b\" {{ inputs.n }}", "echo \"a ${TENURE_VALUE_0} b\" \"${TENURE_VALUE_1}\""),
        ("echo 'a {{ inputs.x }} b'", "echo 'a '\"${TENURE_VALUE_0}\"' b'"),
        ("echo \\' {{ inputs.x }}", "echo \\' \"${TENURE_VALUE_0}\""),
        ("# don't\necho {{ inputs.x }}", "# don't\necho \"${TENURE_VALUE_0}\""),
        ("x=\"$(echo \"{{ inputs.x }}\")\"", "x=\"$(echo \"${TENURE_VALUE_0}\")\""),
        ("echo no values", "echo no values"),
    ] {
        assert_eq!(shell(source).command, command, "{source}");
    }
    let command = shell("echo {{ inputs.x }}{{ inputs.n }}");
    assert_eq!(command.env["TENURE_VALUE_0"], evil["inputs"]["x"].as_str().expect("a text"));
    assert_eq!(command.env["TENURE_VALUE_1"], "5");
    assert!(ShellTemplate::new("{% if inputs.n %}x{% endif %}").is_err());
}

#[test]
fn a_real_shell_sees_the_value_and_runs_none_of_it() {
    let evil = json!({ "inputs": { "x": "'; echo broken; \" $(echo broken) `echo broken` \\ *" } });
    for source in [
        "printf %s {{ inputs.x }}",
        "printf %s \"{{ inputs.x }}\"",
        "printf %s '{{ inputs.x }}'",
        "printf %s \"$(printf %s \"{{ inputs.x }}\")\"",
    ] {
        let command = ShellTemplate::new(source).expect(source).render(&evil).expect(source);
        let output = std::process::Command::new("sh").arg("-c").arg(&command.command).envs(&command.env).output();
        let output = output.expect("a shell is there");
        assert_eq!(String::from_utf8_lossy(&output.stdout), evil["inputs"]["x"].as_str().expect("a text"), "{source}");
    }
}

#[test]
fn long_and_deep_expressions_are_refused_or_work() {
    for (part, end) in [
        ("!", "1"),
        ("not ", "1"),
        ("- ", "1"),
        ("1 + ", "1"),
        ("a ~ ", "a"),
        ("1 if ", "1"),
        ("1 and ", "1"),
        ("(", "1"),
        ("[", "1"),
        ("a | trim + ", "a"),
        ("a.", "a"),
        ("a == (", "a"),
        ("1 if 1 else ", "1"),
        ("x is not ", "none"),
        ("{{", "1"),
        ("'{{", "1"),
    ] {
        for times in [10, 100, 200, 10_000] {
            let source = format!("{}{end}", part.repeat(times));
            let _ = Condition::new(&source).map(|condition| condition.holds(&json!({})));
            let _ = Template::new(&format!("{{{{ {source} }}}}")).map(|template| template.render(&json!({})));
        }
    }
    for (part, end) in [
        ("{% if 1 %}", "{% endif %}"),
        ("{% elif 1 %}", ""),
        ("{% for a in [1] %}", "{% endfor %}"),
        ("{% set a = 1 %}", ""),
    ] {
        for times in [10, 90, 5_000] {
            let source = format!("{{% if 1 %}}{}{}{{% endif %}}", part.repeat(times), end.repeat(times));
            let _ = Template::new(&source).map(|template| template.render(&json!({})));
        }
    }
}
