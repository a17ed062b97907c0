import { defineWords } from "#app/_ui/words/locales.ts";

export const adminWords = defineWords({
  en: {
    admin: "Administration",
    sections: "Administration",
    runs: "Runs",
    pods: "Pods",
    model: "Model",
    audit: "Audit",
    forbidden: "Administration is for the owner of this installation. Ask the owner for what you need here.",
    runsDescription: "Of all workspaces. What people asked in their own chats stays with them.",

    modelDescription: "The models that answer here, and who waits for them.",
    demo: "Demo model (rule-based, no AI)",
    tier: { free: "Free", premium: "Premium" },
    modelState: {
      idle: "Ready",
      busy: "Answering",
      saturated: "Queue full",
      down: "Down",
      unconfigured: "Not set up",
      unknown: "No worker reports",
    },
    running: "Answering now",
    runningOf: (n: number) => `of ${n} at the same time (LLM_MAX_CONCURRENCY)`,
    waiting: "Waiting",
    waitingOf: (n: number) => `of ${n} places in the queue (LLM_MAX_QUEUE_DEPTH)`,
    modelFailed: "The state of the models could not be loaded",
    unconfiguredHint: (tier: string) => `Set LLM_URL_${tier} and LLM_MODEL_${tier}, and start the gateway anew.`,
    modelDownHint:
      "Questions are tried three times and then fail with this reason; nothing is lost. It is looked at again by itself.",
    saturatedHint:
      "New questions are refused until places are free. More at once: LLM_MAX_CONCURRENCY; a longer queue: LLM_MAX_QUEUE_DEPTH.",
    unknownHint: "Start a worker (OSF_ROLE=worker or all). Questions wait until one runs.",
    demoHint: "A small program that picks tools by words. Set LLM_URL_FREE and LLM_URL_PREMIUM for a real model.",
  },
  de: {
    admin: "Verwaltung",
    sections: "Verwaltung",
    runs: "Läufe",
    pods: "Pods",
    model: "Modell",
    audit: "Audit",
    forbidden:
      "Die Verwaltung ist für den Eigentümer dieser Installation. Bitten Sie ihn um das, was Sie hier brauchen.",
    runsDescription: "Aller Arbeitsbereiche. Was Menschen in ihren Chats fragten, bleibt bei ihnen.",

    modelDescription: "Die Modelle, die hier antworten, und wer auf sie wartet.",
    demo: "Demo-Modell (regelbasiert, keine KI)",
    tier: { free: "Frei", premium: "Premium" },
    modelState: {
      idle: "Bereit",
      busy: "Antwortet",
      saturated: "Schlange voll",
      down: "Antwortet nicht",
      unconfigured: "Nicht eingerichtet",
      unknown: "Kein Worker meldet sich",
    },
    running: "Antwortet gerade",
    runningOf: (n: number) => `von ${n} zugleich (LLM_MAX_CONCURRENCY)`,
    waiting: "Warten",
    waitingOf: (n: number) => `von ${n} Plätzen in der Schlange (LLM_MAX_QUEUE_DEPTH)`,
    modelFailed: "Der Zustand der Modelle konnte nicht geladen werden",
    unconfiguredHint: (tier: string) =>
      `Setzen Sie LLM_URL_${tier} und LLM_MODEL_${tier}, und starten Sie das Gateway neu.`,
    modelDownHint:
      "Fragen werden dreimal versucht und scheitern dann mit diesem Grund; nichts geht verloren. Es wird von selbst wieder nachgesehen.",
    saturatedHint:
      "Neue Fragen werden abgelehnt, bis Plätze frei sind. Mehr zugleich: LLM_MAX_CONCURRENCY; eine längere Schlange: LLM_MAX_QUEUE_DEPTH.",
    unknownHint: "Starten Sie einen Worker (OSF_ROLE=worker oder all). Fragen warten, bis einer läuft.",
    demoHint:
      "Ein kleines Programm, das Werkzeuge nach Wörtern wählt. Setzen Sie LLM_URL_FREE und LLM_URL_PREMIUM für ein echtes Modell.",
  },
});
