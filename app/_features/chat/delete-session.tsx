"use client";

import { Button, Modal } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { FormErrors } from "#app/_ui/form/form-errors.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { ChatSessionView } from "#server/features/chat/schema.ts";
import { useTRPC } from "../trpc/provider.tsx";
import { chatWords } from "./chat-words.ts";
import classes from "./chat-frame.module.css";

/** Asks once; opened from a menu, hence not a button of its own. */
export function DeleteSession(props: { session: ChatSessionView | null; current: string | null; onClose: () => void }) {
  const { session, current, onClose } = props;
  const words = useWords(chatWords);
  const trpc = useTRPC();
  const queries = useQueryClient();
  const router = useRouter();
  // the words stay while the dialog fades out
  const [shown, setShown] = useState(session);
  if (session && session !== shown) setShown(session);
  const remove = useMutation(
    trpc.chat.remove.mutationOptions({
      onSuccess: (_, { id }) => {
        if (id === current) router.push("/chat");
        onClose();
        void queries.invalidateQueries(trpc.chat.sessions.pathFilter());
        queries.removeQueries(trpc.chat.session.queryFilter({ id }));
      },
    }),
  );
  const close = () => {
    remove.reset();
    onClose();
  };
  return (
    <Modal
      opened={session !== null}
      onClose={close}
      title={words.deleteTitle(shown?.title ?? "")}
      closeOnClickOutside={!remove.isPending}
    >
      <div className={classes.dialog}>
        <p>
          {words.deleteTakes} {shown?.activeRunId && words.deleteStops}
        </p>
        <FormErrors error={remove.error} />
        <div className={classes.dialogActs}>
          <Button variant="default" onClick={close} disabled={remove.isPending} data-autofocus>
            {words.keep}
          </Button>
          <Button color="fault" onClick={() => session && remove.mutate({ id: session.id })} loading={remove.isPending}>
            {words.delete}
          </Button>
        </div>
      </div>
    </Modal>
  );
}
