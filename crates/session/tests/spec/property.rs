//! Random commands, frames, wakes and crashes against named invariants.
//!
//! A world holds one session, its journal, and runners that speak of the turns they were given. After every step the
//! invariants are checked; in the end time runs on without any runner, and every turn that a runner had must close.

use proptest::prelude::*;
use tenure_model::Span;
use tenure_model::chat::{FinishReason, PromptMode, TextKind, ToolStatus};
use tenure_model::link::TurnFrame;
use tenure_session::Action;

use crate::support::*;
use crate::world::World;
use crate::world_of_steps::Wish;

/// What may happen. Numbers choose among what is there: a thread, a waiting prompt, an open turn.
#[derive(Clone, Debug)]
enum Step {
    Prompt {
        thread: u8,
        mode: PromptMode,
        size: u8,
    },
    OpenThread,
    Edit {
        prompt: u8,
    },
    Move {
        prompt: u8,
        before: Option<u8>,
    },
    Withdraw {
        prompt: u8,
    },
    Promote {
        prompt: u8,
    },
    Abort {
        turn: u8,
    },
    Answer {
        question: u8,
    },
    Retry {
        thread: u8,
    },
    Terminate,
    Accept {
        turn: u8,
    },
    ConfirmStart {
        turn: u8,
    },
    Lose {
        turn: u8,
    },
    Forget {
        turn: u8,
    },
    Alive {
        turn: u8,
    },
    /// The runner of a turn has more to say.
    Say {
        turn: u8,
        what: Vec<What>,
    },
    /// It sends again what was acknowledged already, and all that was not.
    SayAgain {
        turn: u8,
        back: u8,
    },
    Pass {
        ms: u32,
    },
    Wake,
    Crash,
    RunWants {
        thread: u8,
        wish: Wish,
    },
    RunRepeats {
        which: u8,
    },
    RunUndoes {
        which: u8,
    },
    RunSupersedes {
        which: u8,
    },
    RunEnds,
}

#[derive(Clone, Debug)]
enum What {
    Text(String),
    Thought(String),
    Tool,
    Output(String),
    Question,
    Usage,
    Finalize(FinishReason),
}

fn mode() -> impl Strategy<Value = PromptMode> {
    prop_oneof![Just(PromptMode::Followup), Just(PromptMode::Steer), Just(PromptMode::Collect)]
}

fn what() -> impl Strategy<Value = What> {
    prop_oneof![
        8 => "[a-zü🌍 ]{0,6}".prop_map(What::Text),
        2 => "[a-z]{0,4}".prop_map(What::Thought),
        2 => Just(What::Tool),
        2 => "[0-9é]{0,4}".prop_map(What::Output),
        1 => Just(What::Question),
        1 => Just(What::Usage),
        1 => prop_oneof![Just(FinishReason::EndTurn), Just(FinishReason::Error)].prop_map(What::Finalize),
    ]
}

fn wish() -> impl Strategy<Value = Wish> {
    prop_oneof![
        (any::<bool>(), any::<bool>()).prop_map(|(interrupt, single_use)| Wish::Prompt { interrupt, single_use }),
        Just(Wish::Shell),
        Just(Wish::Tool),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let any = any::<u8>;
    prop_oneof![
        6 => (any(), mode(), any()).prop_map(|(thread, mode, size)| Step::Prompt { thread, mode, size }),
        1 => Just(Step::OpenThread),
        1 => any().prop_map(|prompt| Step::Edit { prompt }),
        1 => (any(), proptest::option::of(any())).prop_map(|(prompt, before)| Step::Move { prompt, before }),
        1 => any().prop_map(|prompt| Step::Withdraw { prompt }),
        1 => any().prop_map(|prompt| Step::Promote { prompt }),
        1 => any().prop_map(|turn| Step::Abort { turn }),
        2 => any().prop_map(|question| Step::Answer { question }),
        1 => any().prop_map(|thread| Step::Retry { thread }),
        1 => prop::bool::weighted(0.1).prop_map(|end| if end { Step::Terminate } else { Step::Wake }),
        6 => any().prop_map(|turn| Step::Accept { turn }),
        2 => any().prop_map(|turn| Step::ConfirmStart { turn }),
        1 => any().prop_map(|turn| Step::Lose { turn }),
        1 => any().prop_map(|turn| Step::Forget { turn }),
        1 => any().prop_map(|turn| Step::Alive { turn }),
        10 => (any(), prop::collection::vec(what(), 1..6)).prop_map(|(turn, what)| Step::Say { turn, what }),
        2 => (any(), any()).prop_map(|(turn, back)| Step::SayAgain { turn, back }),
        2 => (1u32..400_000).prop_map(|ms| Step::Pass { ms }),
        3 => Just(Step::Wake),
        1 => Just(Step::Crash),
        4 => (any(), wish()).prop_map(|(thread, wish)| Step::RunWants { thread, wish }),
        1 => any().prop_map(|which| Step::RunRepeats { which }),
        1 => any().prop_map(|which| Step::RunUndoes { which }),
        1 => any().prop_map(|which| Step::RunSupersedes { which }),
        1 => prop::bool::weighted(0.1).prop_map(|end| if end { Step::RunEnds } else { Step::Wake }),
    ]
}

impl Step {
    fn take(self, world: &mut World) {
        match self {
            Step::Prompt { thread, mode, size } => {
                let Some(thread) = world.thread(thread) else { return };
                let text = format!("p{}{}", world.count(), "x".repeat(size.into()));
                world.person(in_thread(thread, mode, &text));
            }
            Step::OpenThread => world.person(Action::OpenThread { title: None }),
            Step::Edit { prompt } => {
                let Some(prompt) = world.prompt(prompt) else { return };
                let text = format!("edited {}", world.count());
                world.person(Action::EditPrompt { prompt, text });
            }
            Step::Move { prompt, before } => {
                let Some(prompt) = world.prompt(prompt) else { return };
                let before = before.and_then(|before| world.prompt(before));
                world.person(Action::MovePrompt { prompt, before });
            }
            Step::Withdraw { prompt } => {
                let Some(prompt) = world.prompt(prompt) else { return };
                world.person(Action::WithdrawPrompt { prompt });
            }
            Step::Promote { prompt } => {
                let Some(prompt) = world.prompt(prompt) else { return };
                world.person(Action::PromotePrompt { prompt });
            }
            Step::Abort { turn } => {
                let Some(turn) = world.turn(turn) else { return };
                world.person(Action::Abort { thread: None, turn: Some(turn) });
            }
            Step::Answer { question } => {
                let Some(question) = world.question(question) else {
                    return;
                };
                let answer = format!("answer {}", world.count());
                world.person(Action::Answer { question, answer });
            }
            Step::Retry { thread } => {
                let Some(turn) = world.last_turn(thread) else { return };
                world.person(Action::Retry { turn });
            }
            Step::Terminate => world.person(Action::Terminate),
            Step::Accept { turn } => world.about_turn(turn, |turn, _| accepted(turn)),
            Step::ConfirmStart { turn } => world.about_turn(turn, |turn, _| confirmed(turn)),
            Step::Lose { turn } => world.about_turn(turn, |turn, _| lost(turn)),
            Step::Forget { turn } => world.about_turn(turn, |turn, _| {
                let (work, generation) = (turn.into(), 1);
                tenure_session::Command::Runner(tenure_session::Report::Forgotten {
                    work,
                    generation,
                    runner: RUNNER,
                    boot: BOOT,
                })
            }),
            Step::Alive { turn } => world.about_turn(turn, alive),
            Step::Say { turn, what } => {
                let Some(turn) = world.turn(turn) else { return };
                for what in what {
                    what.say(world, turn);
                }
                world.send(turn, 0);
            }
            Step::SayAgain { turn, back } => {
                let Some(turn) = world.spoken_turn(turn) else { return };
                world.send(turn, back.into());
            }
            Step::Pass { ms } => world.pass(Span::ms(ms.into())),
            Step::Wake => world.wake(),
            Step::Crash => world.crash(),
            Step::RunWants { thread, wish } => world.run_wants(thread, wish),
            Step::RunRepeats { which } => world.run_repeats(which),
            Step::RunUndoes { which } => world.run_undoes(which),
            Step::RunSupersedes { which } => world.run_supersedes(which),
            Step::RunEnds => world.run_ends(),
        }
    }
}

impl What {
    fn say(self, world: &mut World, turn: tenure_model::id::TurnId) {
        let number = world.count() as u128;
        let Some(speech) = world.speech(turn) else { return };
        match self {
            What::Text(text) => speech.text(TextKind::Text, &text),
            What::Thought(text) => speech.text(TextKind::Reasoning, &text),
            What::Tool => speech.tool(&format!("c{number}"), ToolStatus::Running),
            What::Output(text) => speech.output(&text),
            What::Question => speech.push(asks(question(number))),
            What::Usage => speech.push(TurnFrame::Usage { usage: Default::default() }),
            What::Finalize(reason) => speech.push(ends(reason)),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), max_shrink_iters: 2_000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn whatever_happens_the_invariants_hold(steps in prop::collection::vec(step(), 1..80)) {
        let mut world = World::new();
        for step in steps {
            step.take(&mut world);
            world.check_invariants();
        }
        world.run_down();
    }
}

/// A long run has more cases.
fn cases() -> u32 {
    if std::env::var_os("TENURE_LONG").is_some() { 10_000 } else { 300 }
}
