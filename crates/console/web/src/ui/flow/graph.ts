// Where each step of a definition stands in its diagram. Steps that hold others are boxes around them; dagre lays each box out.
import { Graph, layout } from "@dagrejs/dagre";
import type { FlowBody, FlowStep } from "./steps";
import { readSteps } from "./steps";

export const NODE_WIDTH = 236;
export const NODE_HEIGHT = 58;
const PADDING = 16;
const GAP = 28;
/** Room for the label on the way into a body. */
const LABEL_GAP = 46;

export interface GraphNode {
  /** The step's path. */
  id: string;
  step: FlowStep;
  /** The box that it stands in, and its place relative to that. */
  parent: string | undefined;
  x: number;
  y: number;
  width: number;
  height: number;
  /** Whether other steps stand in it. */
  box: boolean;
}

export interface GraphEdge {
  id: string;
  source: string;
  target: string;
  /** `in` leads from a box to the first step of a body, `next` from a step to the one after it. */
  kind: "in" | "next";
  label?: string;
  /** Taken only when the step has failed. */
  onFailure?: boolean;
}

export interface FlowGraph {
  /** Boxes come before what stands in them, otherwise in authored order. */
  nodes: GraphNode[];
  edges: GraphEdge[];
  width: number;
  height: number;
}

/** Lays a definition out. */
export function graphOf(definition: unknown): FlowGraph {
  const graph: FlowGraph = { nodes: [], edges: [], width: 0, height: 0 };
  return { ...graph, ...place([{ place: "each", label: "", steps: readSteps(definition) }], undefined, graph) };
}

interface Size {
  width: number;
  height: number;
}

/** Places bodies side by side in authored order, each a chain from top to bottom, and returns how much room they take. */
function place(bodies: readonly FlowBody[], parent: GraphNode | undefined, into: FlowGraph): Size {
  const size = { width: 0, height: 0 };
  for (const body of bodies) {
    const chain = body.steps.map((step) => nodeOf(step, parent, into));
    into.edges.push(...edgesOf(chain, body, parent));
    const column = layOut(chain);
    const left = size.width === 0 ? 0 : size.width + GAP;
    for (const node of chain) node.x += left;
    size.width = left + column.width;
    size.height = Math.max(size.height, column.height);
  }
  return size;
}

function nodeOf(step: FlowStep, parent: GraphNode | undefined, into: FlowGraph): GraphNode {
  const node: GraphNode = { id: step.path, step, parent: parent?.id, x: 0, y: 0, width: NODE_WIDTH, height: NODE_HEIGHT, box: step.bodies.length > 0 };
  into.nodes.push(node);
  if (!node.box) return node;
  const first = into.nodes.length;
  const inner = place(step.bodies, node, into);
  node.width = Math.max(NODE_WIDTH, inner.width) + 2 * PADDING;
  node.height = NODE_HEIGHT + LABEL_GAP + inner.height + PADDING;
  for (const one of into.nodes.slice(first)) {
    if (one.parent !== node.id) continue;
    one.x += (node.width - inner.width) / 2;
    one.y += NODE_HEIGHT + LABEL_GAP;
  }
  return node;
}

function edgesOf(chain: readonly GraphNode[], body: FlowBody, parent: GraphNode | undefined): GraphEdge[] {
  return chain.flatMap((node, n): GraphEdge[] => {
    const before = chain[n - 1];
    if (before !== undefined) return [{ id: `${before.id}>${node.id}`, source: before.id, target: node.id, kind: "next" }];
    if (parent === undefined) return [];
    return [{ id: `${parent.id}>>${node.id}`, source: parent.id, target: node.id, kind: "in", label: body.label, onFailure: body.place === "catch" }];
  });
}

/** Lays one chain out. Each has a sheet of its own: side by side on one, dagre would keep neither their order nor let a short one end early. */
function layOut(chain: readonly GraphNode[]): Size {
  const sheet = new Graph();
  sheet.setGraph({ rankdir: "TB", ranksep: GAP });
  sheet.setDefaultEdgeLabel(() => ({}));
  chain.forEach((node, n) => {
    sheet.setNode(node.id, { width: node.width, height: node.height });
    const before = chain[n - 1];
    if (before !== undefined) sheet.setEdge(before.id, node.id);
  });
  layout(sheet);
  for (const node of chain) {
    const { x = 0, y = 0 } = sheet.node(node.id);
    // dagre tells the middle of each.
    node.x = x - node.width / 2;
    node.y = y - node.height / 2;
  }
  const { width = 0, height = 0 } = sheet.graph();
  return chain.length === 0 ? { width: 0, height: 0 } : { width, height };
}
