"use client";

import { Drawer } from "@mantine/core";
import { useWords } from "../words/locale.tsx";
import { NavList } from "./nav-list.tsx";
import { shellWords } from "./shell-words.ts";
import type { NavItem } from "./types.ts";

/** The whole navigation on a phone. */
export function PhoneDrawer({ items, opened, onClose }: { items: NavItem[]; opened: boolean; onClose: () => void }) {
  const words = useWords(shellWords);
  return (
    <Drawer opened={opened} onClose={onClose} title={words.navigation} size={280} hiddenFrom="sm" padding="sm">
      <nav aria-label={words.mainNavigation}>
        <NavList items={items} wide />
      </nav>
    </Drawer>
  );
}
