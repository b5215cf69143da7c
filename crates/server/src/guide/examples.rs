//! Definitions to start from, short and whole. A test has the validator read each of them.

/// The first one that anybody sees.
pub const FIRST: &str = r#"name: Release notes
slug: release-notes
inputs:
  since: {type: string, required: true, description: The tag of the last release.}
steps:
  - id: log
    type: bash
    command: git log --oneline {{ inputs.since }}..HEAD
    timeout: 1m
  - id: notes
    type: agent_prompt
    prompt: |
      Write release notes for these commits:
      {{ outputs.log.stdout }}
    output_schema:
      text: {type: string, description: Markdown.}
      risky: {type: boolean}
  - id: gate
    type: approval
    if: outputs.notes.response.risky
    prompt: These notes tell of something risky. Publish them?
    items: {Notes: "{{ outputs.notes.response.text }}"}
    timeout: 2d
outputs:
  notes: "{{ outputs.notes.response.text }}"
"#;

/// What reads what.
pub const EXPRESSIONS: &str = r#"name: Count words
inputs:
  folder: {type: string, default: docs}
  least: {type: number, default: 100}
steps:
  - {id: count, type: bash, command: "cat {{ inputs.folder }}/*.md | wc -w"}
  - id: words
    type: set
    variables: {total: "{{ outputs.count.stdout | trim | int }}"}
  - id: tell
    type: notify
    if: variables.total >= inputs.least
    content: "{{ inputs.folder }} holds {{ variables.total }} words."
outputs:
  total: "{{ variables.total }}"
"#;

/// One for each kind of step, in the order in which the schema explains them.
pub const STEPS: &[(&str, &str)] = &[
    (
        "agent_prompt",
        r#"name: Review
steps:
  - id: review
    type: agent_prompt
    prompt: Read the last commit and say what could go wrong.
    timeout: 10m
    output_schema:
      severity: {type: number, description: From 1 to 5.}
      concerns: {type: array}
outputs: {severity: "{{ outputs.review.response.severity }}"}
"#,
    ),
    (
        "bash",
        r#"name: Test
steps:
  - id: test
    type: bash
    command: make test
    timeout: 15m
    retry: {max_attempts: 2, backoff: {delay: 10s}}
    idempotent: true
"#,
    ),
    (
        "tool",
        r#"name: Say
steps:
  - id: say
    type: tool
    tool: echo
    arguments: {text: hello}
outputs: {said: "{{ outputs.say.text }}"}
"#,
    ),
    (
        "notify",
        r#"name: Tell
steps:
  - type: notify
    content: The nightly build is done.
"#,
    ),
    (
        "approval",
        r#"name: Ask
inputs: {version: {type: string, required: true}}
steps:
  - id: gate
    type: approval
    prompt: Deploy {{ inputs.version }}?
    timeout: 1d
    on_timeout: deny
    on_deny: continue
  - type: bash
    if: outputs.gate.decision == "approved"
    command: ./deploy.sh {{ inputs.version }}
"#,
    ),
    (
        "conditional",
        r#"name: Decide
steps:
  - {id: test, type: bash, command: make test, continue_on_error: true}
  - type: conditional
    condition: outputs.test.exitCode == 0
    then:
      - {type: notify, content: All tests pass.}
    else:
      - {type: agent_prompt, prompt: Mend the failing tests.}
"#,
    ),
    (
        "loop",
        r#"name: Each file
steps:
  - {id: find, type: bash, command: "ls *.md"}
  - id: check
    type: loop
    over: outputs.find.stdout | trim | lines
    item: file
    concurrency: 2
    max_items: 50
    collect: "{{ outputs.words.stdout | trim }}"
    steps:
      - {id: words, type: bash, command: "wc -w < {{ file }}"}
outputs: {words: "{{ outputs.check.results }}"}
"#,
    ),
    (
        "parallel",
        r#"name: Both
steps:
  - id: checks
    type: parallel
    branches:
      tests:
        - {id: test, type: bash, command: make test}
      style:
        - {id: lint, type: bash, command: make lint}
  - {type: notify, content: "Tests and style: {{ outputs.test.exitCode }} and {{ outputs.lint.exitCode }}."}
"#,
    ),
    (
        "wait",
        r#"name: Wait for a deployment
steps:
  - id: deployed
    type: wait
    event: deployed
    timeout: 2h
    on_timeout: continue
  - {type: notify, if: outputs.deployed.timed_out, content: Nothing was deployed.}
"#,
    ),
    (
        "set",
        r#"name: Remember
steps:
  - id: names
    type: set
    variables: {branch: main, files: [a.md, b.md]}
  - {type: bash, command: "git checkout {{ variables.branch }}"}
"#,
    ),
    (
        "workflow",
        r#"name: Outer
steps:
  - id: inner
    type: workflow
    workflow: release-notes
    inputs: {since: v1.0.0}
outputs: {notes: "{{ outputs.inner.outputs.notes }}"}
"#,
    ),
    (
        "stop",
        r#"name: Stop early
steps:
  - {id: changed, type: bash, command: git status --short}
  - type: stop
    if: not outputs.changed.stdout
    reason: Nothing has changed.
  - {type: agent_prompt, prompt: Write a commit message for what has changed.}
"#,
    ),
];

/// One for each kind of trigger, in the order in which the schema explains them.
pub const TRIGGERS: &[(&str, &str)] = &[
    (
        "schedule",
        r#"name: Nightly notes
type: schedule
cron: 0 3 * * mon-fri
timezone: Europe/Berlin
workflow: release-notes
inputs: {since: v1.0.0}
"#,
    ),
    (
        "webhook",
        r#"name: Alerts
type: webhook
verify: {scheme: hmac, header: x-signature, timestamp_header: x-timestamp}
mapping:
  service: {path: $.service, type: string, required: true}
workflow: incident-triage
"#,
    ),
    (
        "github",
        r#"name: Review pull requests
type: github
repos: [example/shop]
events: [pull_request.opened, pull_request.synchronize]
mapping: {base: $.pull_request.base.ref}
workflow: pull-request-review
"#,
    ),
    (
        "manual",
        r#"name: By hand
type: manual
workflow: release-notes
inputs: {since: v1.0.0}
"#,
    ),
];
