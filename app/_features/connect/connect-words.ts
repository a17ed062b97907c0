import { defineWords } from "#app/_ui/words/locales.ts";
import type { ClientId } from "./client-guides.ts";

export const connectWords = defineWords({
  en: {
    title: "Connect an MCP client",
    description:
      "Claude, an editor or a program of your own uses the plant's tools with your permissions, and no more.",
    address: "Address",
    which: "Which tools",
    all: "All that you may use",
    allHint: "Each is named server.tool; the gateway's own tools and flows that are tools come along.",
    oneHint: "The tools of this server alone, under their own names.",
    endpoint: "the address",
    signIn: "Signing in",
    oauth: "By the browser",
    oauthHint:
      "The client needs the address alone: it opens your browser, you sign in and choose what it may do. It is listed under Settings → Connections, where you end it.",
    key: "With an API key",
    keyHint: "For programs and clients without a browser. The key acts as you; give it only what it needs.",
    createKey: "Create a key for it",
    keyName: (client: string) => `MCP: ${client}`,
    typed: "API key",
    typedHint: "Stays on this page: it is put into the examples below and sent nowhere but with the test.",
    client: "Client",
    noKeys: "This client signs in by the browser; it takes no keys.",
    steps: {
      "claude-code": "Run this once. Then /mcp in Claude Code shows the server and, without a key, signs in.",
      claude:
        "Settings → Connectors → Add custom connector, with this address. claude.ai must be able to reach it: an address of your plant's network it cannot.",
      vscode: "Put this into the file and start the server from the editor's hint above it.",
      cursor: "Put this into the file; Cursor Settings → MCP shows the server.",
      inspector: "Lists the tools once, or opens the inspector to try them.",
      sdk: "Speaks the present revision, 2026-07-28, and falls back by itself.",
      "sdk-1": "Speaks the revisions of 2025.",
      curl: "One request, no session.",
    } satisfies Record<ClientId, string> as Record<ClientId, string>,
    test: "Test",
    testHint: "Asks for the list of tools through this very address, with the key.",
    testNow: "Test it",
    testNeedsKey: "The test needs a key: your sign-in here is not used for it.",
    works: (n: number) => (n === 1 ? "It works: 1 tool" : `It works: ${n} tools`),
    refused: (status: number) => `It was refused (HTTP ${status})`,
    unreachable: "The address did not answer from this browser. Is it the address under which you opened this page?",
  },
  de: {
    title: "MCP-Client verbinden",
    description:
      "Claude, ein Editor oder ein eigenes Programm benutzt die Werkzeuge des Werks mit Ihren Rechten, und nicht mehr.",
    address: "Adresse",
    which: "Welche Werkzeuge",
    all: "Alle, die Sie benutzen dürfen",
    allHint:
      "Jedes heißt server.werkzeug; die eigenen Werkzeuge des Gateways und Flows, die Werkzeuge sind, kommen dazu.",
    oneHint: "Nur die Werkzeuge dieses Servers, unter ihren eigenen Namen.",
    endpoint: "Die Adresse",
    signIn: "Anmeldung",
    oauth: "Mit dem Browser",
    oauthHint:
      "Der Client braucht nur die Adresse: Er öffnet Ihren Browser, Sie melden sich an und wählen, was er darf. Er steht dann unter Einstellungen → Verbindungen, wo Sie ihn beenden.",
    key: "Mit einem API-Schlüssel",
    keyHint:
      "Für Programme und Clients ohne Browser. Der Schlüssel handelt als Sie; geben Sie ihm nur, was er braucht.",
    createKey: "Schlüssel dafür anlegen",
    keyName: (client: string) => `MCP: ${client}`,
    typed: "API-Schlüssel",
    typedHint: "Bleibt auf dieser Seite: Er steht in den Beispielen unten und geht nirgends hin als mit dem Test.",
    client: "Client",
    noKeys: "Dieser Client meldet sich mit dem Browser an; Schlüssel nimmt er nicht.",
    steps: {
      "claude-code": "Einmal ausführen. Danach zeigt /mcp in Claude Code den Server und meldet ohne Schlüssel an.",
      claude:
        "Einstellungen → Connectors → Eigenen Connector hinzufügen, mit dieser Adresse. claude.ai muss sie erreichen: eine Adresse Ihres Werksnetzes kann es nicht.",
      vscode: "In die Datei schreiben und den Server mit dem Hinweis des Editors darüber starten.",
      cursor: "In die Datei schreiben; Cursor Settings → MCP zeigt den Server.",
      inspector: "Listet die Werkzeuge einmal, oder öffnet den Inspector, um sie auszuprobieren.",
      sdk: "Spricht die gegenwärtige Revision, 2026-07-28, und fällt von selbst zurück.",
      "sdk-1": "Spricht die Revisionen von 2025.",
      curl: "Eine Anfrage, keine Sitzung.",
    } satisfies Record<ClientId, string> as Record<ClientId, string>,
    test: "Test",
    testHint: "Fragt mit dem Schlüssel über genau diese Adresse nach der Liste der Werkzeuge.",
    testNow: "Testen",
    testNeedsKey: "Der Test braucht einen Schlüssel: Ihre Anmeldung hier wird dafür nicht benutzt.",
    works: (n: number) => (n === 1 ? "Es klappt: 1 Werkzeug" : `Es klappt: ${n} Werkzeuge`),
    refused: (status: number) => `Es wurde abgelehnt (HTTP ${status})`,
    unreachable:
      "Die Adresse hat diesem Browser nicht geantwortet. Ist es die, unter der Sie diese Seite geöffnet haben?",
  },
});
