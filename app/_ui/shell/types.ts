import type { ReactNode } from "react";
import type { State } from "../state/states.ts";

export interface NavItem {
  href: string;
  label: string;
  /** A tabler icon; the frame sets its size. */
  icon: ReactNode;
  /** How many wait there; nothing is drawn for 0. */
  badge?: number | undefined;
  section?: "main" | "below";
}

export interface WorkspaceSlot {
  current: { id: string; name: string };
  all: { id: string; name: string; detail?: string }[];
  onSwitch: (id: string) => void;
  /** Further acts at the end of the list: create, manage. */
  links?: { href: string; label: string }[];
}

export interface ModelSlot {
  state: State;
  /** "Demo model (rule-based, no AI)" */
  name: string;
  /** What it is doing or why it does not answer: "3 in the queue". */
  detail?: string;
  href?: string;
}

export interface CountSlot {
  count: number;
  href: string;
}

export interface UserSlot {
  name: string;
  email: string;
  profileHref: string;
  onSignOut: () => void;
  links?: { href: string; label: string; icon?: ReactNode }[];
}

/** `reconnecting`: the network is there, the server is not answering yet. */
export type Connection = "online" | "reconnecting" | "offline";

export interface PaletteAction {
  id: string;
  label: string;
  /** Heading under which it stands. */
  group: string;
  description?: string;
  icon?: ReactNode;
  /** Other words one may type for it. */
  keywords?: string[];
  href?: string;
  run?: () => void;
}

/** Finds things for the command palette; called with trimmed words of at least two letters, heeds the signal. */
export type PaletteSearch = (words: string, signal: AbortSignal) => Promise<PaletteAction[]>;

export interface ShellProps {
  navItems: NavItem[];
  /** At most five; the bottom bar of phones. */
  phoneItems: NavItem[];
  homeHref?: string;
  workspace?: WorkspaceSlot;
  model?: ModelSlot;
  runs?: CountSlot;
  inbox?: CountSlot;
  user?: UserSlot;
  /** What the live connection reports; the browser being offline is noticed without it. */
  connection?: Connection;
  palette?: { actions: PaletteAction[]; search?: PaletteSearch };
  /** Above the content of every page: news with a severity. */
  banner?: ReactNode;
  children: ReactNode;
}
