import { defineWords } from "../words/locales.ts";

export const feedbackWords = defineWords({
  en: {
    failed: "This did not work",
    noAnswer: "The server did not answer.",
    noAnswerLost: "It is not known whether the request arrived. Check before you repeat it.",
    unexpectedHere: "An error of the program stopped this.",
    unexpected: "An error of the program stopped this. It was logged with the request id below.",
    nothingLost: "Nothing was changed.",
    retry: "Try again",
    retryIn: (seconds: number) => `Another try makes sense in ${seconds} s.`,
    requestId: "Request id",
    forbidden: "You may not see this",
    forbiddenDetail:
      "Your role in this workspace does not include it. An administrator of the workspace can change that.",
    missing: "This does not exist",
    missingDetail: "It may have been deleted, or it belongs to another workspace.",
    offline: "You are offline",
    offlineDetail: "This needs the server. It loads by itself when the network is back.",
    home: "To the start page",
    loading: "Loading",
  },
  de: {
    failed: "Das hat nicht geklappt",
    noAnswer: "Der Server hat nicht geantwortet.",
    noAnswerLost: "Ob die Anfrage ankam, ist nicht bekannt. Prüfen Sie das, bevor Sie sie wiederholen.",
    unexpectedHere: "Ein Fehler des Programms hat das verhindert.",
    unexpected: "Ein Fehler des Programms hat das verhindert. Er wurde unter der Anfrage-ID unten protokolliert.",
    nothingLost: "Nichts wurde geändert.",
    retry: "Nochmals versuchen",
    retryIn: (seconds: number) => `In ${seconds} s lohnt ein neuer Versuch.`,
    requestId: "Anfrage-ID",
    forbidden: "Das dürfen Sie nicht sehen",
    forbiddenDetail:
      "Ihre Rolle in diesem Arbeitsbereich umfasst es nicht. Ein Administrator des Bereichs kann das ändern.",
    missing: "Das gibt es nicht",
    missingDetail: "Es wurde vielleicht gelöscht oder gehört zu einem anderen Arbeitsbereich.",
    offline: "Sie sind offline",
    offlineDetail: "Dafür braucht es den Server. Sobald das Netz zurück ist, lädt es von selbst.",
    home: "Zur Startseite",
    loading: "Wird geladen",
  },
});
