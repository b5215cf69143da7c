// The diagram itself: a drawing that is moved and zoomed, whose steps are buttons that the arrow keys walk.
import type { KeyboardEvent } from "react";
import { useCallback, useEffect, useMemo, useRef } from "react";
import type { Edge, Viewport } from "@xyflow/react";
import { MarkerType, ReactFlow, ReactFlowProvider, useReactFlow } from "@xyflow/react";
import "@xyflow/react/dist/base.css";
import "./flow.css";
import { Maximize, Minus, Plus } from "lucide-react";
import type { StepPhase } from "@/api/types";
import { IconButton } from "@/ui/button";
import { Empty } from "@/ui/states";
import { WayIn } from "./edge";
import type { FlowGraph, GraphEdge, GraphNode } from "./graph";
import { graphOf, NODE_HEIGHT } from "./graph";
import type { StepNode } from "./node";
import { FlowContext, StepBox } from "./node";

/** How a step stands. */
export interface FlowState {
  phase: StepPhase;
  /** How often it has run, where that is more than once: iterations of a loop around it. */
  count?: number;
}

/** How the steps stand, by their paths without iterations (`flowPath`). */
export type FlowStates = ReadonlyMap<string, FlowState>;

export interface FlowProps {
  /** A definition as it is stored or as it is being written. */
  definition: unknown;
  /** How the steps of a run stand; without it, the diagram is one of no run. */
  states?: FlowStates | undefined;
  /** The path of the step that is looked at. */
  selected?: string | null | undefined;
  onSelect?: ((path: string) => void) | undefined;
  /** What the diagram is called, for those who do not see it. */
  label?: string;
}

const nodeTypes = { step: StepBox };
const edgeTypes = { in: WayIn };
/** Smaller, nobody can read it: a larger diagram begins at its top. */
const READABLE_ZOOM = 0.8;
const MARGIN = 20;

export default function View(props: FlowProps) {
  const graph = useMemo(() => graphOf(props.definition), [props.definition]);
  if (graph.nodes.length === 0) return <Empty title="There are no steps to show" />;
  return (
    <ReactFlowProvider>
      <Drawing {...props} graph={graph} />
    </ReactFlowProvider>
  );
}

function Drawing({ graph, states, selected, onSelect, label = "Diagram of the workflow" }: FlowProps & { graph: FlowGraph }) {
  const frame = useRef<HTMLDivElement>(null);
  const { setViewport, getViewport, zoomIn, zoomOut, fitView } = useReactFlow();
  const touched = useRef(false);
  const nodes = useMemo(() => graph.nodes.map(nodeOf), [graph]);
  const edges = useMemo(() => graph.edges.map(edgeOf), [graph]);
  const first = graph.nodes[0]?.id;
  const current = selected !== null && selected !== undefined && graph.nodes.some((node) => node.id === selected) ? selected : first;
  const context = useMemo(() => ({ states, selected: selected ?? null, onSelect, stop: current }), [states, selected, onSelect, current]);

  const settle = useCallback(() => {
    const room = frame.current?.getBoundingClientRect();
    if (room !== undefined && room.width > 0) void setViewport(begin(graph, room));
  }, [graph, setViewport]);

  const reveal = useCallback(
    (path: string) => {
      const room = frame.current?.getBoundingClientRect();
      const spot = spotOf(graph, path);
      // Where it is not shown at all, there is nothing to move.
      if (room === undefined || room.width === 0 || spot === undefined) return;
      const seen = shown(spot, room, getViewport());
      if (seen === null) return;
      touched.current = true;
      void setViewport(seen, { duration: 160 });
    },
    [graph, getViewport, setViewport],
  );
  useEffect(() => {
    if (selected !== null && selected !== undefined) reveal(selected);
  }, [selected, reveal]);
  // Until somebody moves it, it keeps to the room that it has; later, what is selected stays in sight.
  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const watch = new ResizeObserver(() => {
      if (!touched.current) settle();
      if (selected !== null && selected !== undefined) reveal(selected);
    });
    watch.observe(element);
    return () => watch.disconnect();
  }, [settle, reveal, selected]);

  const walk = (event: KeyboardEvent<HTMLDivElement>) => {
    const by = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    const buttons = [...event.currentTarget.querySelectorAll<HTMLButtonElement>("button[data-step]")];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    if (at === -1) return;
    const to = event.key === "Home" ? buttons[0] : event.key === "End" ? buttons.at(-1) : by === undefined ? undefined : buttons[at + by];
    if (to === undefined) return;
    event.preventDefault();
    to.focus({ preventScroll: true });
    if (to.dataset.step !== undefined) reveal(to.dataset.step);
  };

  return (
    <FlowContext value={context}>
      {/* The arrow keys walk the buttons inside. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <div ref={frame} role="group" aria-label={label} onKeyDown={walk} className="tenure-flow relative h-full min-h-48 w-full overflow-hidden">
        <ReactFlow
          nodes={nodes}
          edges={edges}
          nodeTypes={nodeTypes}
          edgeTypes={edgeTypes}
          minZoom={0.1}
          maxZoom={1.6}
          onMoveStart={(event) => {
            if (event !== null) touched.current = true;
          }}
          nodesDraggable={false}
          nodesConnectable={false}
          nodesFocusable={false}
          edgesFocusable={false}
          elementsSelectable={false}
          disableKeyboardA11y
          deleteKeyCode={null}
          panOnScroll
          zoomOnDoubleClick={false}
          proOptions={{ hideAttribution: true }}
        />
        <div className="absolute right-2 bottom-2 z-10 flex rounded-md border border-line bg-surface shadow-sm" role="group" aria-label="Zoom">
          <IconButton small label="Zoom out" onClick={() => void zoomOut({ duration: 120 })}>
            <Minus size={14} aria-hidden />
          </IconButton>
          <IconButton small label="Zoom in" onClick={() => void zoomIn({ duration: 120 })}>
            <Plus size={14} aria-hidden />
          </IconButton>
          <IconButton
            small
            label="Show all of it"
            onClick={() => {
              touched.current = true;
              void fitView({ duration: 160, padding: 0.05, maxZoom: 1 });
            }}
          >
            <Maximize size={14} aria-hidden />
          </IconButton>
        </div>
      </div>
    </FlowContext>
  );
}

function nodeOf(node: GraphNode): StepNode {
  return {
    id: node.id,
    type: "step",
    position: { x: node.x, y: node.y },
    width: node.width,
    height: node.height,
    data: { step: node.step, box: node.box },
    ...(node.parent === undefined ? {} : { parentId: node.parent }),
  };
}

function edgeOf(edge: GraphEdge): Edge {
  return {
    id: edge.id,
    source: edge.source,
    target: edge.target,
    sourceHandle: edge.kind,
    type: edge.kind === "in" ? "in" : "smoothstep",
    className: edge.onFailure ? "on-failure" : undefined,
    ...(edge.label === undefined ? {} : { label: edge.label }),
    ...(edge.kind === "next" ? { pathOptions: { offset: 12 } } : {}),
    markerEnd: { type: MarkerType.ArrowClosed, width: 14, height: 14, color: "var(--line-strong)" },
    // Edges into a box are drawn above it.
    zIndex: 1,
  };
}

/** The viewport to begin with: all of it, but not smaller than can be read. */
function begin(graph: FlowGraph, room: { width: number; height: number }): Viewport {
  const fitting = Math.min((room.width - 2 * MARGIN) / graph.width, (room.height - 2 * MARGIN) / graph.height);
  const zoom = Math.min(1, Math.max(READABLE_ZOOM, fitting));
  const spare = { x: room.width - graph.width * zoom, y: room.height - graph.height * zoom };
  // What is too wide begins at the middle of the first step, what is too high at its top.
  return { zoom, x: spare.x / 2, y: Math.max(MARGIN, spare.y / 2) };
}

interface Spot {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Where the head of a step stands in the whole drawing. */
function spotOf(graph: FlowGraph, path: string): Spot | undefined {
  const node = graph.nodes.find((one) => one.id === path);
  if (node === undefined) return undefined;
  const outer = node.parent === undefined ? { x: 0, y: 0 } : spotOf(graph, node.parent);
  return outer && { x: outer.x + node.x, y: outer.y + node.y, width: node.width, height: NODE_HEIGHT };
}

/** The viewport that shows a spot, moved no more than needed; null when it is seen already. */
function shown(spot: Spot, room: { width: number; height: number }, now: Viewport): Viewport | null {
  const zoom = Math.max(now.zoom, 0.5);
  const move = (offset: number, from: number, length: number, all: number) => {
    const start = from * zoom + offset;
    if (start < MARGIN) return offset + MARGIN - start;
    const over = start + length * zoom + MARGIN - all;
    return over > 0 ? offset - Math.min(over, start - MARGIN) : offset;
  };
  const next = { zoom, x: move(now.x, spot.x, spot.width, room.width), y: move(now.y, spot.y, spot.height, room.height) };
  return next.x === now.x && next.y === now.y && zoom === now.zoom ? null : next;
}
