import { describe, expect, it } from "vitest";
import { stepOf, topSteps } from "./definition";

const definition = {
  steps: [
    { id: "all", name: "Each of them", type: "loop", steps: [{ id: "ask", type: "agent_prompt", persona: "reviewer" }] },
    { id: "sides", type: "parallel", branches: [{ name: "one", steps: [{ id: "lint", type: "bash", catch: [{ id: "tell", type: "notify" }] }] }] },
    { id: "fork", type: "conditional", then: [{ id: "yes", type: "agent_prompt", persona: "{{ inputs.persona }}" }], else: [{ id: "no", type: "stop" }] },
  ],
};

describe("a definition", () => {
  it("lists what stands at the top", () => {
    expect(topSteps(definition).map((step) => [step.id, step.name])).toEqual([
      ["all", "Each of them"],
      ["sides", "sides"],
      ["fork", "fork"],
    ]);
    expect(topSteps(undefined)).toEqual([]);
  });

  it("finds steps wherever they stand", () => {
    expect(["ask", "lint", "tell", "yes", "no"].map((id) => stepOf(definition, id)?.kind)).toEqual(["agent_prompt", "bash", "notify", "agent_prompt", "stop"]);
    expect(stepOf(definition, "other")).toBeUndefined();
    expect(stepOf(null, "ask")).toBeUndefined();
  });

  it("tells a persona only where it is written out", () => {
    expect(stepOf(definition, "ask")?.persona).toBe("reviewer");
    expect(stepOf(definition, "yes")?.persona).toBeUndefined();
  });
});
