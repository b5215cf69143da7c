//! Every limit of a definition and of its language, by name.

use tenure_model::time::Span;

/// The text of one definition.
pub const DEFINITION_BYTES_MAX: usize = 512 * 1024;
/// Values of one document, after aliases are followed.
pub const NODES_MAX: usize = 50_000;
/// How deep lists and maps stand in each other in one document.
pub const NESTING_MAX: usize = 64;
/// Steps of one definition, wherever they stand.
pub const STEPS_MAX: usize = 500;
/// How deep steps stand in steps.
pub const STEP_DEPTH_MAX: usize = 8;
/// Mistakes that are told at once.
pub const MISTAKES_MAX: usize = 100;
/// An id, a name of a variable, a slug.
pub const NAME_BYTES_MAX: usize = 100;
/// A description or any text that is no template.
pub const TEXT_BYTES_MAX: usize = 16 * 1024;
/// The source of one template or condition.
pub const TEMPLATE_BYTES_MAX: usize = 64 * 1024;
/// Words of one expression, and blocks of one template: both are nested for the engine, whose stack is finite.
pub const EXPRESSION_WORDS_MAX: usize = 500;
pub const TEMPLATE_BLOCKS_MAX: usize = 200;
/// How deep brackets stand in each other in one expression.
pub const EXPRESSION_DEPTH_MAX: usize = 32;
/// What one template may produce.
pub const RENDERED_BYTES_MAX: usize = 1024 * 1024;
/// How many instructions one evaluation may take.
pub const TEMPLATE_FUEL: u64 = 100_000;
/// The most that a definition may say about how many steps one run may start.
pub const MAX_STEPS_MAX: u32 = 10_000;
/// The most that a loop may say about how many items it takes.
pub const LOOP_ITEMS_MAX: u32 = 10_000;
/// Branches of a parallel step, or items of a loop, that are under way at once.
pub const CONCURRENCY_MAX: u32 = 100;
/// Tries of one step, the first one included.
pub const ATTEMPTS_MAX: u32 = 20;
/// Inputs, outputs, tags and approvers of one definition or step.
pub const ENTRIES_MAX: usize = 100;
/// The longest that a step, a wait or a run may be told to take.
pub const TIMEOUT_MAX: Span = Span::hours(24 * 365);
/// How long a shell command runs when it does not say so itself.
pub const BASH_TIMEOUT: Span = Span::secs(120);
/// How long a tool call runs when it does not say so itself.
pub const TOOL_TIMEOUT: Span = Span::secs(120);
/// How long an agent's reply is awaited when the step does not say so itself.
pub const AGENT_TIMEOUT: Span = Span::secs(300);
/// How long an approval waits when it does not say so itself.
pub const APPROVAL_TIMEOUT: Span = Span::hours(24);
/// How long a wait for an event lasts when it does not say so itself.
pub const EVENT_TIMEOUT: Span = Span::hours(24);
