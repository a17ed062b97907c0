"use client";

import dynamic from "next/dynamic";
import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import { useWords } from "#app/_ui/words/locale.tsx";
import { editorWords } from "./editor-words.ts";

const ConfirmDialog = dynamic(() => import("#app/_ui/form/confirm-dialog.tsx").then((module) => module.ConfirmDialog), {
  ssr: false,
});

/**
 * Asks before a link of the page leaves an editor with changes that were not deployed. When the browser leaves the page
 * Node-RED asks itself; of a frame that is taken away it learns nothing.
 */
export function LeaveGuard({ active }: { active: boolean }) {
  const words = useWords(editorWords);
  const router = useRouter();
  const [wish, setWish] = useState<string | null>(null);
  const [asked, setAsked] = useState(false);
  useEffect(() => {
    if (!active) return undefined;
    const onClick = (event: MouseEvent) => {
      if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
      const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
      if (!(link instanceof HTMLAnchorElement) || link.target || link.origin !== location.origin) return;
      if (link.pathname === location.pathname) return;
      event.preventDefault();
      event.stopPropagation();
      setWish(link.pathname + link.search + link.hash);
      setAsked(true);
    };
    document.addEventListener("click", onClick, true);
    return () => document.removeEventListener("click", onClick, true);
  }, [active]);
  if (!asked) return null;
  return (
    <ConfirmDialog
      opened={wish !== null}
      onClose={() => setWish(null)}
      title={words.leaveTitle}
      description={words.leaveText}
      confirm={words.leave}
      onConfirm={() => {
        if (wish) router.push(wish);
      }}
    />
  );
}
