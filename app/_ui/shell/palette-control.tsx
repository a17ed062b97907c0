"use client";

import { UnstyledButton } from "@mantine/core";
import { useHotkeys, useOs, useWindowEvent } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import dynamic from "next/dynamic";
import { useState } from "react";
import { useWords } from "../words/locale.tsx";
import { shellWords } from "./shell-words.ts";
import type { PaletteAction, PaletteSearch } from "./types.ts";
import classes from "./shell.module.css";

// The palette's script comes with the first wish for it, not with every page.
const Palette = dynamic(() => import("./palette.tsx").then((module) => module.Palette), { ssr: false });

/** The search field of the header, which opens the command palette; so does Ctrl K or ⌘ K anywhere. */
export function PaletteControl({ actions, search }: { actions: PaletteAction[]; search?: PaletteSearch }) {
  const words = useWords(shellWords);
  const [wanted, setWanted] = useState(false);
  const [openings, setOpenings] = useState(0);
  const mac = useOs() === "macos";
  const open = () => {
    setWanted(true);
    setOpenings((n) => n + 1);
  };
  useHotkeys([["mod+K", open]], [], true);
  // the modifier alone announces the shortcut: what is typed right after it must not be lost to loading
  useWindowEvent("keydown", ({ key }) => (key === "Control" || key === "Meta") && setWanted(true));
  return (
    <>
      <UnstyledButton
        className={classes.search}
        onClick={open}
        onPointerEnter={() => setWanted(true)}
        onFocus={() => setWanted(true)}
        aria-label={words.search}
        aria-keyshortcuts="Control+K Meta+K"
        aria-haspopup="dialog"
      >
        <IconSearch size={16} aria-hidden="true" />
        <span className={classes.searchLabel}>{words.search}</span>
        <kbd className={classes.keys}>{mac ? "⌘ K" : "Ctrl K"}</kbd>
      </UnstyledButton>
      {wanted && <Palette actions={actions} openings={openings} {...(search ? { search } : {})} />}
    </>
  );
}
