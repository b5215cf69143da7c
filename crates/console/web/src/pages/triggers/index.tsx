// Schedules and hooks: the list of them, and the page of one.
export { Triggers } from "./list";
export { Trigger } from "./detail";
