export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

export type TooltipPosition = "top" | "right";

/** Between target and tooltip, and between tooltip and the window's edge. */
const GAP = 5;

/** Where a tooltip stands in the window, in pixels: on the wished side of its target or, without room there, on the other. */
export function placeTooltip(
  target: Box,
  size: Pick<Box, "width" | "height">,
  viewport: Pick<Box, "width" | "height">,
  position: TooltipPosition,
): Pick<Box, "left" | "top"> {
  const within = (start: number, length: number, room: number) => Math.max(GAP, Math.min(start, room - length - GAP));
  if (position === "right") {
    const right = target.left + target.width + GAP;
    const fits = right + size.width + GAP <= viewport.width;
    return {
      left: fits ? right : Math.max(GAP, target.left - size.width - GAP),
      top: within(target.top + (target.height - size.height) / 2, size.height, viewport.height),
    };
  }
  const above = target.top - size.height - GAP;
  return {
    left: within(target.left + (target.width - size.width) / 2, size.width, viewport.width),
    top: above >= 0 ? above : target.top + target.height + GAP,
  };
}
