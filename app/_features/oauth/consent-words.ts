import { defineWords } from "#app/_ui/words/locales.ts";

export const consentWords = defineWords({
  en: {
    title: (name: string) => `Connect ${name}?`,
    wants: "It wants to use this gateway in your name.",
    wantsServer: (server: string) => `It wants to use the server ${server} of this gateway in your name, and no other.`,
    isDocument: (host: string) => `This is who the address says: it described itself at ${host}.`,
    isRegistered:
      "The name is its own claim; nobody has checked it. Go on only if you have just started this yourself.",
    namesDocument: (host: string) => `It says that it is the app which ${host} describes.`,
    localClaim:
      "Any app on this device could say that it is this one. Go on only if you have just started this yourself.",
    toLoopback: "The answer goes to an app on this computer.",
    toApp: (scheme: string) => `The answer goes to the app on this device that opens ${scheme}: addresses.`,
    toSite: (host: string) => `The answer goes to ${host}.`,
    signedInAs: (name: string, email: string) => `You are signed in as ${name} (${email}).`,
    workspace: "Workspace it works in",
    roles: { viewer: "Viewer", editor: "Editor", operator: "Operator", admin: "Administrator" },
    may: "It may read",
    mayChange: "It may change",
    needsRole: (role: string) => `needs the role ${role}`,
    duration: "Stays connected for",
    durations: { 1: "one day", 30: "30 days", 365: "one year" },
    idle: "It also ends after 30 days without use, and whenever you end it in Settings → Connections.",
    allow: "Allow",
    deny: "Do not allow",
    sent: (name: string) => `Back to ${name} … You can close this page when it does not close by itself.`,
    failedTitle: "The app was not connected",
    failed: {
      "oauth.gone":
        "This request has ended, was decided already, or began in another browser. Start it again in the app.",
      "oauth.seal": "The page was shown to somebody else who was signed in here. Start again in the app.",
      "auth.origin": "The answer did not come from this gateway's own page. Nothing was allowed.",
      invalid_client:
        "This gateway does not know the app, or could not read what it says about itself. Remove the connection in the app and set it up again.",
      invalid_redirect_uri:
        "The app wants its answer at an address that it did not register. Nothing was sent there. Do not go on if you did not start this yourself.",
      invalid_target:
        "The app asked for something that is not a server of this gateway. Check the address that was entered there.",
      "rate.limited": "Too many requests from your address in a short time. Try again in a minute.",
      "database.away":
        "The gateway cannot reach its database at the moment. Try again in a few seconds; nothing was changed.",
      server_error:
        "The gateway could not decide this because of a fault of its own. Nothing was allowed. Try again in a few seconds; the log has the cause.",
    },
    failedOtherwise: (code: string) =>
      `The app asked in a way that is not allowed (${code}). Nothing was allowed. Tell whoever makes the app.`,
    home: "To the start page",
  },
  de: {
    title: (name: string) => `${name} verbinden?`,
    wants: "Die App möchte dieses Gateway in Ihrem Namen nutzen.",
    wantsServer: (server: string) =>
      `Die App möchte den Server ${server} dieses Gateways in Ihrem Namen nutzen, und keinen anderen.`,
    isDocument: (host: string) => `Sie ist, was die Adresse sagt: Sie hat sich unter ${host} beschrieben.`,
    isRegistered:
      "So nennt sie sich selbst; niemand hat das geprüft. Gehen Sie nur weiter, wenn Sie dies gerade selbst begonnen haben.",
    namesDocument: (host: string) => `Sie sagt, sie sei die App, die ${host} beschreibt.`,
    localClaim:
      "Jede App auf diesem Gerät könnte sich dafür ausgeben. Gehen Sie nur weiter, wenn Sie dies gerade selbst begonnen haben.",
    toLoopback: "Die Antwort geht an eine App auf diesem Computer.",
    toApp: (scheme: string) => `Die Antwort geht an die App auf diesem Gerät, die Adressen mit ${scheme}: öffnet.`,
    toSite: (host: string) => `Die Antwort geht an ${host}.`,
    signedInAs: (name: string, email: string) => `Sie sind angemeldet als ${name} (${email}).`,
    workspace: "Arbeitsbereich, in dem sie arbeitet",
    roles: { viewer: "Betrachter", editor: "Bearbeiter", operator: "Bediener", admin: "Administrator" },
    may: "Sie darf lesen",
    mayChange: "Sie darf ändern",
    needsRole: (role: string) => `braucht die Rolle ${role}`,
    duration: "Bleibt verbunden für",
    durations: { 1: "einen Tag", 30: "30 Tage", 365: "ein Jahr" },
    idle: "Es endet auch nach 30 Tagen ohne Gebrauch, und wann immer Sie es unter Einstellungen → Verbindungen beenden.",
    allow: "Erlauben",
    deny: "Nicht erlauben",
    sent: (name: string) => `Zurück zu ${name} … Sie können diese Seite schließen, wenn sie es nicht von selbst tut.`,
    failedTitle: "Die App wurde nicht verbunden",
    failed: {
      "oauth.gone":
        "Diese Anfrage ist beendet, schon entschieden, oder sie begann in einem anderen Browser. Beginnen Sie in der App von vorn.",
      "oauth.seal":
        "Die Seite wurde jemand anderem gezeigt, der hier angemeldet war. Beginnen Sie in der App von vorn.",
      "auth.origin": "Die Antwort kam nicht von der Seite dieses Gateways. Nichts wurde erlaubt.",
      invalid_client:
        "Dieses Gateway kennt die App nicht oder konnte nicht lesen, was sie über sich sagt. Entfernen Sie die Verbindung in der App und richten Sie sie neu ein.",
      invalid_redirect_uri:
        "Die App möchte ihre Antwort an einer Adresse, die sie nicht angemeldet hat. Dorthin wurde nichts gesendet. Gehen Sie nicht weiter, wenn Sie dies nicht selbst begonnen haben.",
      invalid_target:
        "Die App fragte nach etwas, das kein Server dieses Gateways ist. Prüfen Sie die Adresse, die dort eingetragen ist.",
      "rate.limited": "Zu viele Anfragen von Ihrer Adresse in kurzer Zeit. Versuchen Sie es in einer Minute wieder.",
      "database.away":
        "Das Gateway erreicht seine Datenbank gerade nicht. Versuchen Sie es in einigen Sekunden wieder; nichts wurde geändert.",
      server_error:
        "Das Gateway konnte das wegen eines eigenen Fehlers nicht entscheiden. Nichts wurde erlaubt. Versuchen Sie es in einigen Sekunden wieder; das Protokoll kennt den Grund.",
    },
    failedOtherwise: (code: string) =>
      `Die App fragte auf eine Weise, die nicht erlaubt ist (${code}). Nichts wurde erlaubt. Sagen Sie es dem Hersteller der App.`,
    home: "Zur Startseite",
  },
});
