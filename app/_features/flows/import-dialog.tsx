"use client";

import { Button, FileButton, Modal, Select, Textarea, TextInput } from "@mantine/core";
import { IconFileUpload } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useMemo, useState, type DragEvent } from "react";
import { FormErrors } from "#app/_ui/form/form-errors.tsx";
import { useAfterMount } from "#app/_ui/load/use-after-mount.ts";
import { StateBadge } from "#app/_ui/state/state-badge.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import { useTRPC } from "../trpc/provider.tsx";
import { flowWords } from "./flow-words.ts";
import { readExport } from "./read-export.ts";
import classes from "./flows.module.css";

const MOST_BYTES = 10_000_000;

/** Takes what another Node-RED exported, by paste, by drop or from a file, and shows what is in it before it is kept. */
export function ImportDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const words = useWords(flowWords);
  const trpc = useTRPC();
  const queries = useQueryClient();
  const router = useRouter();
  const mounted = useAfterMount();
  const [json, setJson] = useState("");
  const [tab, setTab] = useState<string | null>(null);
  const [name, setName] = useState<string | null>(null);
  const [fileProblem, setFileProblem] = useState<string | null>(null);
  const [over, setOver] = useState(false);
  const read = useMemo(() => (json.trim() ? readExport(json) : null), [json]);
  const tabs = read && "tabs" in read ? read.tabs : [];
  const chosen = tabs.find(({ id }) => id === tab) ?? tabs[0];
  const called = name ?? chosen?.label ?? "";
  const create = useMutation(
    trpc.flows.create.mutationOptions({
      onSuccess: ({ id }) => {
        void queries.invalidateQueries(trpc.flows.list.queryFilter());
        router.push(`/flows/${id}`);
      },
    }),
  );

  const take = (text: string) => {
    setJson(text);
    setTab(null);
    setName(null);
    setFileProblem(null);
    create.reset();
  };
  const takeFile = async (file: File | null | undefined) => {
    if (!file) return;
    if (file.size > MOST_BYTES) return setFileProblem(words.tooLarge);
    try {
      take(await file.text());
    } catch {
      setFileProblem(words.fileFailed);
    }
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void takeFile(event.dataTransfer.files[0]);
  };
  const problem = fileProblem ?? (read && "problem" in read ? words[read.problem] : null);

  return (
    <Modal opened={opened && mounted} onClose={onClose} title={words.importTitle} size="lg">
      <form
        className={classes.form}
        data-over={over || undefined}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={(event) => {
          if (!event.currentTarget.contains(event.relatedTarget as globalThis.Node | null)) setOver(false); // what the pointer goes to is a node or nothing
        }}
        onDrop={drop}
        onSubmit={(event) => {
          event.preventDefault();
          if (chosen) create.mutate({ name: called.trim(), nodes: chosen.nodes });
        }}
      >
        <Textarea
          label={words.paste}
          description={words.importHint}
          placeholder={over ? words.dropHere : words.pastePlaceholder}
          error={problem}
          autosize
          minRows={7}
          maxRows={14}
          spellCheck={false}
          classNames={{ input: classes.json ?? "" }}
          value={json}
          onChange={(event) => take(event.currentTarget.value)}
          data-autofocus
        />
        <div className={classes.fileRow}>
          <FileButton accept="application/json,.json" onChange={(file) => void takeFile(file)}>
            {(button) => (
              <Button {...button} variant="default" leftSection={<IconFileUpload size={16} />}>
                {words.chooseFile}
              </Button>
            )}
          </FileButton>
          {chosen && (
            <span role="status">
              <StateBadge state="ok" word={words.found(chosen.count, chosen.subflows)} variant="plain" />
            </span>
          )}
        </div>
        {tabs.length > 1 && (
          <Select
            label={words.whichTab}
            description={words.whichTabHint}
            allowDeselect={false}
            value={chosen?.id ?? null}
            onChange={(value) => {
              setTab(value);
              setName(null);
            }}
            data={tabs.map(({ id, label, count, subflows }) => ({
              value: id,
              label: `${label || id} – ${words.found(count, subflows)}`,
            }))}
          />
        )}
        {chosen && (
          <TextInput
            label={words.flowName}
            description={words.importNote}
            required
            maxLength={120}
            value={called}
            onChange={(event) => setName(event.currentTarget.value)}
          />
        )}
        <FormErrors error={create.error} />
        <div className={classes.acts}>
          <Button variant="default" onClick={onClose}>
            {words.cancel}
          </Button>
          <Button
            type="submit"
            loading={create.isPending || create.isSuccess}
            disabled={!chosen || called.trim() === ""}
          >
            {words.doImport}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
