//! Random definitions under random interleavings of results, duplicates, crashes, losses and cancels.

use proptest::prelude::*;
use tenure_workflow::execution::{Action, Start};
use tenure_workflow::{Definition, read};

use crate::generator::{self, Node, Taste};
use crate::support::{ann, start_of, want};
use crate::world::World;

/// What may happen. Numbers choose among what is there.
#[derive(Clone, Debug)]
enum Happening {
    Answer(usize),
    Repeat(usize),
    Lose(usize),
    Crash { from_snapshot: bool },
    Tick,
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        10 => any::<usize>().prop_map(Happening::Answer),
        3 => any::<usize>().prop_map(Happening::Repeat),
        1 => any::<usize>().prop_map(Happening::Lose),
        1 => any::<bool>().prop_map(|from_snapshot| Happening::Crash { from_snapshot }),
        4 => Just(Happening::Tick),
    ]
}

fn happen(world: &mut World, happening: &Happening) {
    match happening {
        Happening::Answer(choice) => world.answer(*choice),
        Happening::Repeat(choice) => world.repeat(*choice),
        Happening::Lose(choice) => world.lose(*choice),
        Happening::Crash { from_snapshot } => world.crash(*from_snapshot),
        Happening::Tick => world.tick(),
    }
    world.check();
}

fn start(nodes: &[Node]) -> Start {
    let text = generator::definition(nodes);
    let definition: Definition = read::text(&text).unwrap_or_else(|mistakes| panic!("{mistakes:#?}\n{text}"));
    start_of(definition.into())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, max_shrink_iters: 2_000, ..ProptestConfig::default() })]

    /// Whatever is delivered late, twice, in another order, or lost with the server's memory: the run comes to the same.
    #[test]
    fn a_run_with_faults_comes_to_what_it_comes_to_without(
        nodes in generator::tree(Taste { racy: false }),
        happenings in prop::collection::vec(happening(), 0..80),
    ) {
        let mut quiet = World::new(start(&nodes));
        quiet.finish();
        quiet.check();
        let mut world = World::new(start(&nodes));
        for one in &happenings {
            happen(&mut world, one);
        }
        world.finish();
        world.answer_late();
        world.check();
        prop_assert_eq!(world.came_to(), quiet.came_to(), "\n{}\n--- without faults:\n{}", world.transcript(), quiet.transcript());
    }

    /// A run that is cancelled at any moment, paused and resumed on the way, ends, and ends everything that it started.
    #[test]
    fn a_cancelled_run_leaves_nothing_behind(
        nodes in generator::tree(Taste { racy: true }),
        before in prop::collection::vec(happening(), 0..40),
        paused in prop::collection::vec(happening(), 0..10),
        after in prop::collection::vec(happening(), 0..20),
    ) {
        let mut world = World::new(start(&nodes));
        before.iter().for_each(|one| happen(&mut world, one));
        world.send(want(ann(), Action::Pause));
        paused.iter().for_each(|one| happen(&mut world, one));
        world.send(want(ann(), Action::Resume));
        world.send(want(ann(), Action::Cancel { reason: None }));
        world.check();
        after.iter().for_each(|one| happen(&mut world, one));
        world.finish();
        world.answer_late();
        world.check();
    }
}
