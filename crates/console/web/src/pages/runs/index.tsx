// Runs of workflows.
export { Runs } from "./list";
export { Run } from "./run";
