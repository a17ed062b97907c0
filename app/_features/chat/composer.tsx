"use client";

import { ActionIcon, NativeSelect, Textarea } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconArrowUp, IconPlayerStopFilled } from "@tabler/icons-react";
import { useEffect, useRef, type ReactNode } from "react";
import { FormErrors } from "#app/_ui/form/form-errors.tsx";
import { Tooltip } from "#app/_ui/tooltip/tooltip.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import { MAX_MESSAGE } from "#server/features/chat/limits.schema.ts";
import type { ModelStatusView } from "#server/features/models/schema.ts";
import { chatWords } from "./chat-words.ts";
import { ModelNotice } from "./model-notice.tsx";
import classes from "./composer.module.css";

export type Tier = ModelStatusView["tier"];

export interface ComposerProps {
  text: string;
  onText: (text: string) => void;
  onSend: (message: string) => void;
  /** The stop button stands in place of the send button while an answer is written. */
  answering: boolean;
  onStop: () => void;
  stopping: boolean;
  sending: boolean;
  paused: boolean;
  tier: Tier;
  onTier: (tier: Tier) => void;
  models: ModelStatusView[] | undefined;
  error: unknown;
  above?: ReactNode;
}

/** Characters left from which on they are counted aloud. */
const COUNT_FROM = 1_000;

/** Where one writes the question. */
export function Composer(props: ComposerProps) {
  const { text, onText, onSend, answering, onStop, stopping, sending, paused, tier, onTier, models, error } = props;
  const words = useWords(chatWords);
  const field = useRef<HTMLTextAreaElement>(null);
  const touch = useMediaQuery("(pointer: coarse)", false);
  const model = models?.find((one) => one.tier === tier);
  const message = text.trim();
  const left = MAX_MESSAGE - message.length;
  const sendable = message !== "" && left >= 0 && !sending && !answering && model?.state !== "unconfigured";

  useEffect(() => {
    // a keyboard that springs up on a phone hides what one came to read
    if (!matchMedia("(pointer: coarse)").matches) field.current?.focus({ preventScroll: true });
  }, []);

  return (
    <div className={classes.composer}>
      {props.above}
      <ModelNotice model={model} />
      <FormErrors error={error} />
      {paused && <p className={classes.paused}>{words.offline}</p>}
      <form
        className={classes.box}
        onSubmit={(event) => {
          event.preventDefault();
          if (sendable) onSend(message);
        }}
      >
        <Textarea
          ref={field}
          aria-label={words.composer}
          placeholder={words.placeholder}
          variant="unstyled"
          autosize
          minRows={1}
          maxRows={10}
          value={text}
          onChange={(event) => onText(event.currentTarget.value)}
          onKeyDown={(event) => {
            // while an input method composes, Enter chooses its suggestion
            if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing || touch) return;
            event.preventDefault();
            if (sendable) onSend(message);
          }}
          classNames={{ input: classes.input }}
          {...(left < 0 ? { "aria-invalid": true } : {})}
        />
        <div className={classes.bar}>
          <NativeSelect
            aria-label={words.tier}
            size="xs"
            variant="unstyled"
            className={classes.tier}
            value={tier}
            onChange={(event) => onTier(event.currentTarget.value === "premium" ? "premium" : "free")}
            data={(["free", "premium"] as const).map((value) => ({ value, label: tierLabel(value, models, words) }))}
          />
          <span className={classes.count} data-over={left < 0 || undefined} role="status">
            {left < 0 ? words.tooLong(-left) : left < COUNT_FROM ? words.left(left) : ""}
          </span>
          {answering ? (
            <Tooltip label={stopping ? words.stopping : words.stop}>
              <ActionIcon
                size={36}
                variant="filled"
                color="fault"
                onClick={onStop}
                loading={stopping}
                aria-label={words.stop}
              >
                <IconPlayerStopFilled size={18} />
              </ActionIcon>
            </Tooltip>
          ) : (
            <Tooltip label={words.keys} disabled={touch ?? false}>
              <ActionIcon
                type="submit"
                size={36}
                variant="filled"
                color="petrol"
                disabled={!sendable}
                loading={sending && !paused}
                aria-label={words.send}
              >
                <IconArrowUp size={20} />
              </ActionIcon>
            </Tooltip>
          )}
        </div>
      </form>
    </div>
  );
}

function tierLabel(
  tier: Tier,
  models: ModelStatusView[] | undefined,
  words: { free: string; premium: string; demo: string },
): string {
  const model = models?.find((one) => one.tier === tier);
  return model ? `${words[tier]} · ${model.demo ? words.demo : model.model}` : words[tier];
}
