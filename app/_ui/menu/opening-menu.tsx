"use client";

import { Menu, type MenuProps } from "@mantine/core";
import { cloneElement, useEffect, useRef, useState, type ReactElement, type ReactNode, type Ref } from "react";
import { useAfterMount } from "../load/use-after-mount.ts";

/** The menu of a `MenuOnDemand`, which opens with its first rendering: somebody has just pressed its button. */
export function OpeningMenu({ button, children, ...menu }: MenuProps & { button: ReactElement; children: ReactNode }) {
  const mounted = useAfterMount();
  const [opened, setOpened] = useState(true);
  const target = useRef<HTMLElement>(null);
  // it has taken the place of the button that was pressed, and with that the focus, which comes back to it at the end
  useEffect(() => target.current?.focus({ preventScroll: true }), []);
  return (
    <Menu {...menu} opened={opened && mounted} onChange={setOpened}>
      <Menu.Target>{cloneElement(button as ReactElement<{ ref: Ref<HTMLElement> }>, { ref: target })}</Menu.Target>
      <Menu.Dropdown>{children}</Menu.Dropdown>
    </Menu>
  );
}
