"use client";

import { Menu, useMantineColorScheme, type MantineColorScheme } from "@mantine/core";
import { IconLogout, IconUser } from "@tabler/icons-react";
import Link from "next/link";
import type { ReactElement } from "react";
import { OpeningMenu } from "../menu/opening-menu.tsx";
import { useHydrated, useLocale, useSetLocale, useWords } from "../words/locale.tsx";
import { LOCALES } from "../words/locales.ts";
import { shellWords } from "./shell-words.ts";
import type { UserSlot } from "./types.ts";
import classes from "./shell.module.css";

const schemes = ["light", "dark", "auto"] as const satisfies MantineColorScheme[];
const NO_LINKS: NonNullable<UserSlot["links"]> = [];
const languages = { en: "English", de: "Deutsch" } as const;

/** Who is signed in, how the pages look, and the way out. */
export function UserMenuEntries(props: UserSlot & { button: ReactElement }) {
  const { name, email, profileHref, onSignOut, links = NO_LINKS, button } = props;
  const words = useWords(shellWords);
  const { colorScheme, setColorScheme } = useMantineColorScheme({ keepTransitions: true });
  const hydrated = useHydrated();
  const locale = useLocale();
  const setLocale = useSetLocale();
  return (
    <OpeningMenu button={button} position="bottom-end" width={240} withinPortal={false}>
      <div className={classes.person}>
        <strong>{name}</strong>
        <span>{email}</span>
      </div>
      <Menu.Divider />
      <Menu.Item component={Link} href={profileHref} leftSection={<IconUser size={16} />}>
        {words.profile}
      </Menu.Item>
      {links.map((link) => (
        <Menu.Item key={link.href} component={Link} href={link.href} leftSection={link.icon}>
          {link.label}
        </Menu.Item>
      ))}
      <Menu.Divider />
      <Menu.Label>{words.appearance}</Menu.Label>
      <Menu.RadioGroup
        value={hydrated ? colorScheme : "auto"}
        onChange={(value) => {
          const scheme = schemes.find((one) => one === value);
          if (scheme) setColorScheme(scheme);
        }}
      >
        {schemes.map((scheme) => (
          <Menu.RadioItem key={scheme} value={scheme} closeMenuOnClick={false}>
            {words[scheme]}
          </Menu.RadioItem>
        ))}
      </Menu.RadioGroup>
      <Menu.Label>{words.language}</Menu.Label>
      <Menu.RadioGroup
        value={locale}
        onChange={(value) => {
          const chosen = LOCALES.find((one) => one === value);
          if (chosen) setLocale(chosen);
        }}
      >
        {LOCALES.map((one) => (
          <Menu.RadioItem key={one} value={one} closeMenuOnClick={false} lang={one}>
            {languages[one]}
          </Menu.RadioItem>
        ))}
      </Menu.RadioGroup>
      <Menu.Divider />
      <Menu.Item leftSection={<IconLogout size={16} />} onClick={onSignOut}>
        {words.signOut}
      </Menu.Item>
    </OpeningMenu>
  );
}
