"use client";

import {
  cloneElement,
  useCallback,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
  type AriaAttributes,
  type DOMAttributes,
  type ReactElement,
  type ReactNode,
} from "react";
import { createPortal } from "react-dom";
import { placeTooltip, type TooltipPosition } from "./place-tooltip.ts";
import classes from "./tooltip.module.css";

const OPEN_AFTER_MS = 300;
const LANDMARK = '[role="dialog"], main, nav, header, footer';

type TargetProps = DOMAttributes<Element> & AriaAttributes;

interface TooltipProps {
  label: ReactNode;
  /** One element that passes its attributes on. */
  children: ReactElement;
  position?: TooltipPosition;
  /** Shows it without the pointer being there; where the person has just acted on the target. */
  opened?: boolean;
  disabled?: boolean;
  /** Breaks into lines beyond this many pixels; without it there is one line. */
  maw?: number;
  className?: string | undefined;
}

/**
 * A hint beside what the pointer rests on or the keyboard has reached; Escape, scrolling or pressing takes it away.
 * Our own: the library's comes with an engine for menus that no page needs for its first picture.
 */
export function Tooltip({ label, children, position = "top", opened, disabled = false, maw, className }: TooltipProps) {
  const id = useId();
  const [anchor, setAnchor] = useState<Element | null>(null);
  const [wished, setWished] = useState(false);
  const [waited, setWaited] = useState(false);
  useEffect(() => {
    if (!wished) return undefined;
    const timer = setTimeout(() => setWaited(true), OPEN_AFTER_MS);
    return () => {
      clearTimeout(timer);
      setWaited(false);
    };
  }, [wished]);
  const leave = useCallback(() => setWished(false), []);
  const at = !disabled && (opened ?? (wished && waited)) ? anchor : null;
  const target = children.props as TargetProps; // whatever the element is, these mean the same to it
  return (
    <>
      {cloneElement(children as ReactElement<TargetProps>, {
        onPointerEnter(event) {
          target.onPointerEnter?.(event);
          setAnchor(event.currentTarget);
          setWished(event.pointerType !== "touch");
        },
        onPointerLeave(event) {
          target.onPointerLeave?.(event);
          leave();
        },
        onPointerDown(event) {
          target.onPointerDown?.(event);
          leave();
        },
        onFocus(event) {
          target.onFocus?.(event);
          setAnchor(event.currentTarget);
          if (event.currentTarget.matches(":focus-visible")) setWished(true);
        },
        onBlur(event) {
          target.onBlur?.(event);
          leave();
        },
        // a name of its own already says what the hint shows
        ...(at && !target["aria-label"] ? { "aria-describedby": id } : {}),
      })}
      {at && (
        <Bubble id={id} anchor={at} position={position} maw={maw} className={className} onLeave={leave}>
          {label}
        </Bubble>
      )}
    </>
  );
}

interface BubbleProps {
  id: string;
  anchor: Element;
  position: TooltipPosition;
  maw: number | undefined;
  className: string | undefined;
  onLeave: () => void;
  children: ReactNode;
}

function Bubble({ id, anchor, position, maw, className, onLeave, children }: BubbleProps) {
  const bubble = useRef<HTMLDivElement>(null);
  // with each rendering: another label has another size
  useLayoutEffect(() => {
    if (!bubble.current) return;
    if (!bubble.current.matches(":popover-open")) bubble.current.showPopover();
    const { style } = bubble.current;
    const place = placeTooltip(
      anchor.getBoundingClientRect(),
      bubble.current.getBoundingClientRect(),
      { width: document.documentElement.clientWidth, height: window.innerHeight },
      position,
    );
    style.left = `${place.left}px`;
    style.top = `${place.top}px`;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => event.key === "Escape" && onLeave();
    document.addEventListener("keydown", onKey, true);
    document.addEventListener("scroll", onLeave, true);
    return () => {
      document.removeEventListener("keydown", onKey, true);
      document.removeEventListener("scroll", onLeave, true);
    };
  }, [onLeave]);
  return createPortal(
    <div
      ref={bubble}
      id={id}
      role="tooltip"
      popover="manual"
      className={className ? `${classes.tooltip} ${className}` : classes.tooltip}
      {...(maw === undefined ? {} : { style: { maxWidth: maw, whiteSpace: "normal" } })}
    >
      {children}
    </div>,
    // above everything as a popover, and yet a part of what its target is a part of
    anchor.closest(LANDMARK) ?? document.body,
  );
}
