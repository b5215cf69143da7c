// The way into a body: its label stands at the first step, where no other way crosses it.
import type { EdgeProps } from "@xyflow/react";
import { BaseEdge, getSmoothStepPath } from "@xyflow/react";

const TURN = 10;
const LABEL_ABOVE = 19;
const LABEL_MAX = 32;

export function WayIn({ id, sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition, label, markerEnd }: EdgeProps) {
  const [path] = getSmoothStepPath({ sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition, centerY: sourceY + TURN, offset: TURN, borderRadius: 8 });
  const text = typeof label === "string" && label.length > LABEL_MAX ? `${label.slice(0, LABEL_MAX)}…` : label;
  return (
    <BaseEdge
      id={id}
      path={path}
      label={text}
      labelX={targetX}
      labelY={targetY - LABEL_ABOVE}
      labelBgPadding={[5, 2]}
      labelBgBorderRadius={4}
      {...(markerEnd === undefined ? {} : { markerEnd })}
    />
  );
}
