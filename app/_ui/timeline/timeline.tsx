"use client";

import { StateIcon } from "../state/state-icon.tsx";
import { stateWord, type State } from "../state/states.ts";
import { clockTime, formatDuration } from "../time/format-time.ts";
import { Tooltip } from "../tooltip/tooltip.tsx";
import { useLocale, useNow } from "../words/locale.tsx";
import { defineWords } from "../words/locales.ts";
import { useWords } from "../words/locale.tsx";
import { useRowWindow } from "./use-row-window.ts";
import { tickLabel, timelineScale, type Span, type TimelineScale } from "./timeline-scale.ts";
import classes from "./timeline.module.css";

export interface TimelineGap extends Span {
  /** Why nothing happened: "waiting for approval", "rate limit", "retry 2 of 3". */
  reason: string;
}

export interface TimelineStep extends Span {
  id: string;
  label: string;
  state: State;
  /** Said on hover after state and duration. */
  detail?: string;
  gaps?: TimelineGap[];
}

export interface TimelineProps {
  label: string;
  steps: TimelineStep[];
  selected?: string | null;
  onSelect?: (id: string) => void;
  /** The step under the pointer or the focus, shared with a graph beside it. */
  hovered?: string | null;
  onHover?: (id: string | null) => void;
}

const timelineWords = defineWords({
  en: { gap: (reason: string, length: string) => `${reason}, ${length}` },
  de: { gap: (reason: string, length: string) => `${reason}, ${length}` },
});

const RUNNING_TICK = 250;

/** One bar a step over a common time; idle stretches are hatched and say why. Of very many only those in sight are drawn. */
export function Timeline({ label, steps, selected, onSelect, hovered, onHover }: TimelineProps) {
  const running = steps.some(({ to }) => to === null);
  const now = useNow(() => (running ? RUNNING_TICK : null));
  const scale = timelineScale(steps, now);
  const { box, window: part, onScroll } = useRowWindow(steps.length);
  const shown = part ? steps.slice(part.first, part.end) : steps;
  return (
    <div className={classes.timeline} role="group" aria-label={label}>
      <div className={classes.axis} aria-hidden="true">
        {scale.ticks.map((tick) => (
          <span key={tick} style={{ insetInlineStart: percent(scale.at(scale.start + tick)) }}>
            {tickLabel(tick)}
          </span>
        ))}
      </div>
      <div
        ref={box}
        className={part ? classes.window : undefined}
        onScroll={part ? onScroll : undefined}
        {...(part && !onSelect ? { tabIndex: 0 } : {})}
      >
        <ol className={classes.steps}>
          {part && part.above > 0 && <li aria-hidden="true" style={{ height: part.above }} />}
          {shown.map((step, index) => (
            <li
              key={step.id}
              data-row
              {...(part ? { "aria-setsize": steps.length, "aria-posinset": part.first + index + 1 } : {})}
            >
              <StepRow
                step={step}
                scale={scale}
                now={now}
                selected={selected === step.id}
                hovered={hovered === step.id}
                onSelect={onSelect && (() => onSelect(step.id))}
                onHover={onHover && ((on) => onHover(on ? step.id : null))}
              />
            </li>
          ))}
          {part && part.below > 0 && <li aria-hidden="true" style={{ height: part.below }} />}
        </ol>
      </div>
    </div>
  );
}

const percent = (share: number) => `${(share * 100).toFixed(3)}%`;

function place(span: Span, scale: TimelineScale, now: number) {
  const from = scale.at(span.from);
  return { insetInlineStart: percent(from), width: percent(scale.at(span.to ?? now) - from) };
}

interface StepRowProps {
  step: TimelineStep;
  scale: TimelineScale;
  now: number;
  selected: boolean;
  hovered: boolean;
  onSelect?: (() => void) | undefined;
  onHover?: ((on: boolean) => void) | undefined;
}

function StepRow({ step, scale, now, selected, hovered, onSelect, onHover }: StepRowProps) {
  const locale = useLocale();
  const words = useWords(timelineWords);
  const length = (step.to ?? now) - step.from;
  const written = step.to === null ? clockTime(length) : formatDuration(length, locale);
  const said = [stateWord(step.state, locale), written, step.detail].filter(Boolean).join(" · ");
  const inside = (
    <>
      <span className={classes.label}>
        <StateIcon state={step.state} size={14} />
        <span title={step.label}>{step.label}</span>
      </span>
      <span className={classes.track}>
        {scale.ticks.map((tick) => (
          <i key={tick} className={classes.line} style={{ insetInlineStart: percent(scale.at(scale.start + tick)) }} />
        ))}
        <span className={classes.bar} data-state={step.state} style={place(step, scale, now)} />
        {step.gaps?.map((gap) => (
          <Tooltip
            key={`${gap.from} ${gap.reason}`}
            label={words.gap(gap.reason, formatDuration((gap.to ?? now) - gap.from, locale))}
          >
            <span className={classes.gap} style={place(gap, scale, now)} />
          </Tooltip>
        ))}
      </span>
      <span className={classes.length}>{written}</span>
      <span className="osf-sr-only">
        {said}
        {step.gaps?.map((gap) => `. ${words.gap(gap.reason, formatDuration((gap.to ?? now) - gap.from, locale))}`)}
      </span>
    </>
  );
  const common = {
    className: classes.row,
    "data-hovered": hovered || undefined,
    onPointerEnter: onHover && (() => onHover(true)),
    onPointerLeave: onHover && (() => onHover(false)),
    onFocus: onHover && (() => onHover(true)),
    onBlur: onHover && (() => onHover(false)),
  };
  return onSelect ? (
    <button type="button" {...common} aria-pressed={selected} onClick={onSelect}>
      {inside}
    </button>
  ) : (
    <div {...common}>{inside}</div>
  );
}
