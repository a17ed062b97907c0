import type { Case } from "../case.ts";
import { logic } from "./logic.ts";
import { outside } from "./outside.ts";
import { routing } from "./routing.ts";
import { sequences } from "./sequences.ts";
import { subflows } from "./subflows.ts";

export const cases: Case[] = [...routing, ...subflows, ...logic, ...sequences, ...outside];
