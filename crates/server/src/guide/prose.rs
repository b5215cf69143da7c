//! What no schema says: how one goes about it.

pub const OVERVIEW: &str = "\
A workflow is a definition, stored under a slug: inputs, steps and outputs, as YAML or JSON. A run of it is durable: it goes on
after a restart, waits for people for days, and never does a finished step twice.

How to make one:
1. Look at what there is: `list_workflows`, `get_workflow`.
2. Write the definition. Check it with `validate_workflow`: it says everything that is wrong at once, with the place and how to
   mend it. Mend all of it, and check again.
3. Save it with `sync_workflow`. The same slug updates it, and saving the same again changes nothing.
4. Start it with `run_workflow`, then `get_execution` with `wait_ms`, which answers as soon as the run is over or that time is.
5. When it failed or does not get on: `debug_execution`.

Steps run one after another. What a step gives is read by later ones as `outputs.<id>`. Where a run is at work itself, its agent
cannot change workflows or triggers: it proposes with `create_workflow_proposal`, and a person reviews that. An agent never
decides approvals.
";

pub const STEPS: &str = "\
Each step has a `type`. Lengths of time are written `30s`, `5m`, `2h`, `1d`. Give a step an `id` when something reads what it
gives. Commands and agents work in one workspace, the checkout of the run's repository.
";

pub const EXPRESSIONS: &str = "\
- `{{ outputs.test.stdout | trim }}` puts a value into a text. A field that is one such token and nothing else keeps the type.
- `if`, `condition` and `while` are bare expressions, without braces: `outputs.test.exitCode == 0 and inputs.deploy`.
- There are `inputs.<name>`, `variables.<name>` (inputs, and what `set` gave), `outputs.<step id>`, `run.id`; in a loop the item
  and its number by their names; in the steps of a `catch` also `error.message` and `error.code`.
- `outputs[\"my-step\"]` reads a step whose id holds a `-`.
- Only what runs before can be read, and the validator knows: a step in a branch that may not run gives nothing outside of it.
- What does not exist is empty in a text and false in a condition.
- A value in a shell command becomes an environment variable: whatever it holds, it is never run. Inside another shell's text
  (`bash -c \"…\"`) name a variable under `env` instead.
- Filters are those of Jinja: `default`, `join`, `length`, `lines`, `lower`, `replace`, `selectattr`, `split`, `trim`, `json`, ….
";

pub const TRIGGERS: &str = "\
A trigger starts a workflow, or asks the orchestrator session something (`prompt` in place of `workflow`), when nobody does. Save
it with `sync_trigger`: the same name changes it, and a field that is left out stays as it was. Try it with `run_trigger` and
`test: true`, which starts nothing. `list_triggers` shows what there is and what comes next.
";

pub const DEBUGGING: &str = "\
1. `debug_execution` says in words what is wrong, which step blocks or has failed, and what to do about it. Begin there.
2. `get_execution` shows status, inputs and outputs, and in `waits_for` for whom or what the run waits and until when.
3. `get_execution_steps` lists every attempt of every step with its result and its error.

What a run may stand at, and what then:
- `waiting` for an approval: a person decides it, never an agent. Say so to them, with what is asked.
- `queued`: the workflow's `concurrency`, or a limit of the server, lets no more run at once. It starts by itself.
- a step waits for a runner: none is connected that has the labels, the agent or the sandbox that the run asks for.
- a step's outcome is unknown: its runner was lost in mid-step. Steps with `idempotent: true` are started again by themselves.
- `failed`: read the step's error. Mend the definition (`get_workflow`, `validate_workflow`, `sync_workflow`), then start it anew;
  a run keeps the version that it was started with.
- `cancelled`: somebody ended it; `reason` says why.

What helps beforehand: `timeout` on whatever may hang, `retry` with `backoff` on what fails now and then, `idempotent: true` on what
may be done twice, `catch` to clean up, `continue_on_error: true` with an `if` that looks at the result.
";
