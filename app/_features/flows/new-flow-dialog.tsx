"use client";

import { Button, Modal, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { FormErrors } from "#app/_ui/form/form-errors.tsx";
import { useAfterMount } from "#app/_ui/load/use-after-mount.ts";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { FlowNode } from "#server/features/flows/schema.ts";
import { useTRPC } from "../trpc/provider.tsx";
import { flowWords } from "./flow-words.ts";
import classes from "./flows.module.css";

/** What a new flow begins with: something to start it, something to see. */
const BEGINNING: FlowNode[] = [
  {
    id: "start",
    type: "inject",
    name: "",
    props: [{ p: "payload" }],
    repeat: "",
    crontab: "",
    once: false,
    onceDelay: 0.1,
    topic: "",
    payload: "",
    payloadType: "date",
    x: 160,
    y: 120,
    wires: [["show"]],
  },
  {
    id: "show",
    type: "debug",
    name: "",
    active: true,
    tosidebar: true,
    console: false,
    tostatus: false,
    statusVal: "",
    statusType: "auto",
    complete: "payload",
    targetType: "msg",
    x: 380,
    y: 120,
    wires: [],
  },
];

export function NewFlowDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const words = useWords(flowWords);
  const trpc = useTRPC();
  const queries = useQueryClient();
  const router = useRouter();
  const mounted = useAfterMount();
  const [name, setName] = useState("");
  const create = useMutation(
    trpc.flows.create.mutationOptions({
      onSuccess: ({ id }) => {
        void queries.invalidateQueries(trpc.flows.list.queryFilter());
        router.push(`/editor?flow=${id}`);
      },
    }),
  );
  return (
    <Modal opened={opened && mounted} onClose={onClose} title={words.newTitle}>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate({ name, nodes: BEGINNING });
        }}
      >
        <TextInput
          label={words.flowName}
          description={words.newHint}
          required
          maxLength={120}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        <FormErrors error={create.error} />
        <div className={classes.acts}>
          <Button variant="default" onClick={onClose}>
            {words.cancel}
          </Button>
          <Button type="submit" loading={create.isPending || create.isSuccess} disabled={name.trim() === ""}>
            {words.create}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
