import { defineWords } from "#app/_ui/words/locales.ts";
import type { OAuthScope } from "#server/features/oauth/schema.ts";

/** What an app may do with each scope, as a person would say it. */
const en: Record<OAuthScope, string> = {
  "mcp.use": "Connect to this gateway in your name",
  "plant.read": "Read the plant's data: use tools that change nothing",
  "tool.read": "See which tools there are",
  "flow.read": "See your flows",
  "run.read": "See runs and their results",
  "approval.read": "See what waits for an approval",
  "upstream.read": "See which servers there are, and search the catalogue",
  "tool.write": "Use tools that change something in the plant",
  "flow.run": "Start flows",
  "approval.respond": "Approve and reject in your name",
  "chat.write": "Ask questions in your name",
  "upstream.activate": "Add servers of the catalogue for you",
};

const de: Record<OAuthScope, string> = {
  "mcp.use": "Sich in Ihrem Namen mit diesem Gateway verbinden",
  "plant.read": "Daten des Werks lesen: Werkzeuge nutzen, die nichts ändern",
  "tool.read": "Sehen, welche Werkzeuge es gibt",
  "flow.read": "Ihre Flows sehen",
  "run.read": "Läufe und ihre Ergebnisse sehen",
  "approval.read": "Sehen, was auf eine Freigabe wartet",
  "upstream.read": "Sehen, welche Server es gibt, und den Katalog durchsuchen",
  "tool.write": "Werkzeuge nutzen, die im Werk etwas ändern",
  "flow.run": "Flows starten",
  "approval.respond": "In Ihrem Namen freigeben und ablehnen",
  "chat.write": "In Ihrem Namen Fragen stellen",
  "upstream.activate": "Server aus dem Katalog für Sie hinzufügen",
};

export const scopeWords = defineWords({ en, de });
