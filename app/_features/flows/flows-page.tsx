"use client";

import { Button } from "@mantine/core";
import { IconFileImport, IconPlus, IconSitemap } from "@tabler/icons-react";
import dynamic from "next/dynamic";
import { useState } from "react";
import { EmptyState } from "#app/_ui/feedback/empty-state.tsx";
import { ListSkeleton } from "#app/_ui/feedback/skeletons.tsx";
import { PageFrame } from "#app/_ui/layout/page-frame.tsx";
import { PageHeader } from "#app/_ui/layout/page-header.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import { flowWords } from "./flow-words.ts";

const FlowList = dynamic(() => import("./flow-list.tsx").then((module) => module.FlowList), {
  ssr: false,
  loading: () => <ListSkeleton rows={8} />,
});
const ImportDialog = dynamic(() => import("./import-dialog.tsx").then((module) => module.ImportDialog), { ssr: false });
const NewFlowDialog = dynamic(() => import("./new-flow-dialog.tsx").then((module) => module.NewFlowDialog), {
  ssr: false,
});

type Dialog = "new" | "import";

export function FlowsPage({ mayWrite }: { mayWrite: boolean }) {
  const words = useWords(flowWords);
  // a dialog that was opened once stays, so that it can close as it opened
  const [used, setUsed] = useState<Dialog[]>([]);
  const [open, setOpen] = useState<Dialog | null>(null);
  const show = (dialog: Dialog) => {
    setUsed((before) => (before.includes(dialog) ? before : [...before, dialog]));
    setOpen(dialog);
  };
  const close = () => setOpen(null);
  const acts = mayWrite ? (
    <>
      <Button variant="default" leftSection={<IconFileImport size={16} />} onClick={() => show("import")}>
        {words.importFlow}
      </Button>
      <Button leftSection={<IconPlus size={16} />} onClick={() => show("new")}>
        {words.newFlow}
      </Button>
    </>
  ) : null;
  return (
    <PageFrame>
      <PageHeader title={words.flows} description={words.description} actions={acts} />
      <FlowList
        empty={
          <EmptyState icon={<IconSitemap />} title={words.empty} action={acts}>
            <p>{mayWrite ? words.emptyHint : words.emptyRead}</p>
          </EmptyState>
        }
      />
      {used.includes("import") && <ImportDialog opened={open === "import"} onClose={close} />}
      {used.includes("new") && <NewFlowDialog opened={open === "new"} onClose={close} />}
    </PageFrame>
  );
}
