import {
  IconAlertTriangleFilled,
  IconCircleCheckFilled,
  IconCircleDashed,
  IconClockPause,
  IconLoader2,
  IconSquareRoundedXFilled,
} from "@tabler/icons-react";
import type { ComponentType } from "react";
import type { State } from "./states.ts";
import classes from "./state.module.css";

// Six silhouettes, not six tints of one: told apart without colour.
const icons: Record<State, ComponentType<{ size?: number | string; stroke?: number | string }>> = {
  running: IconLoader2,
  waiting: IconClockPause,
  ok: IconCircleCheckFilled,
  attention: IconAlertTriangleFilled,
  fault: IconSquareRoundedXFilled,
  idle: IconCircleDashed,
};

/** The bare icon, for places where the word stands beside it or `label` says it. */
export function StateIcon({ state, size = 16, label }: { state: State; size?: number; label?: string }) {
  const Icon = icons[state];
  return (
    <span
      className={classes.icon}
      data-state={state}
      {...(label ? { role: "img", "aria-label": label } : { "aria-hidden": true })}
    >
      <Icon size={size} stroke={2} />
    </span>
  );
}
