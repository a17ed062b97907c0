import { expect, it } from "vitest";
import type { Actor } from "#server/kernel/actor.ts";
import { withoutQuestions } from "./find-runs.ts";
import type { RunView } from "./schema.ts";

const actor: Actor = {
  userId: "usr_owner",
  name: "Olga",
  email: "olga@example.org",
  workspaceId: "ws_1",
  role: "admin",
  owner: true,
  via: "session",
  credentialId: "s",
  scopes: null,
};
const run = (kind: RunView["kind"], userId: string): RunView => ({
  id: `run_${kind}_${userId}`,
  workspaceId: "ws_2",
  kind,
  title: "What does Anna earn?",
  status: "completed",
  trigger: "chat",
  subjectId: null,
  userId,
  actorName: "Anna",
  attempt: 1,
  error: null,
  usage: null,
  lastSeq: 1,
  createdAt: new Date(0),
  startedAt: null,
  endedAt: null,
});

it("hides what others asked in chat, and nothing else", () => {
  const page = {
    items: [run("chat", "usr_anna"), run("chat", actor.userId), run("flow", "usr_anna")],
    nextCursor: "x",
  };
  const shown = withoutQuestions(actor, page);
  expect(shown.items.map(({ title }) => title)).toEqual(["", "What does Anna earn?", "What does Anna earn?"]);
  expect({ ...shown.items[0], title: page.items[0]?.title }).toEqual(page.items[0]);
  expect(shown.nextCursor).toBe("x");
});
