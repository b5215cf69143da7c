// Short names for the types of the schemas; nothing that travels is described by hand.
import type { components } from "./schema.gen";

export type Schemas = components["schemas"];

export type Problem = Schemas["Problem"];
export type Mistake = Schemas["Mistake"];
export type Me = Schemas["Me"];

export type SessionView = Schemas["SessionView"];
export type SessionRow = Schemas["SessionRow"];
export type ThreadView = Schemas["ThreadView"];
export type TurnView = Schemas["TurnView"];
export type Message = Schemas["Message"];
export type Part = Schemas["Part"];
export type ToolCall = Schemas["ToolCall"];
export type QueuedPrompt = Schemas["QueuedPrompt"];
export type QuestionView = Schemas["QuestionView"];
export type PromptMode = Schemas["PromptMode"];
export type RunView = Schemas["RunView"];
export type RunPicture = Schemas["RunPicture"];
export type Usage = Schemas["Usage"];
export type ClientEvent = Schemas["ClientEvent"];
export type ClientMessage = Schemas["ClientMessage"];

export type ExecutionRow = Schemas["ExecutionRow"];
export type ExecutionView = Schemas["ExecutionView"];
export type ExecutionStatus = Schemas["ExecutionStatus"];
export type ExecutionEvent = Schemas["ExecutionEvent"];
export type StepView = Schemas["StepView"];
export type StepEvent = Schemas["StepEvent"];
export type StepPhase = Schemas["StepPhase"];
export type ApprovalView = Schemas["ApprovalView"];
export type Waiting = Schemas["Waiting"];

export type FeedEvent = Schemas["FeedEvent"];
export type ListRow = Schemas["ListRow"];
export type FeedRunner = Schemas["FeedRunner"];

export type AdminEvent = Schemas["AdminEvent"];
export type ActorStir = Schemas["ActorStir"];
export type WriterFigures = Schemas["WriterFigures"];

/** Milliseconds since 1970 in UTC. */
export type Timestamp = Schemas["Timestamp"];
