import { defineWords } from "#app/_ui/words/locales.ts";

/** What each node does with a message and what its failures usually mean, in two or three sentences. By node type. */
export const nodeHelp = defineWords({
  en: {
    inject:
      "Begins a run with a message of its own: a time, a text, a number or JSON. Started with an input, msg.payload is that input.",
    debug: "Shows a part of the message in the list of debug messages. It changes nothing and sends nothing on.",
    complete: "Sends a message on when another node has finished with it. Choose the nodes in the editor.",
    catch:
      "Takes the errors of nodes on this tab, in this group or of chosen nodes. msg.error says what failed and where. An error that no catch node takes fails the run at its end.",
    status: "Sends a message when a node changes what it says under itself. msg.status has the text.",
    "link in": "Takes what a link out node of the same name sends, also from another tab.",
    "link out": "Sends the message to its link in nodes, or returns it to the link call that asked.",
    "link call":
      "Sends the message to a link in node and goes on when it comes back. Fails when it does not come back in time.",
    comment: "A note for people. It takes part in nothing.",
    junction: "Joins wires. It passes messages on as they are.",
    function:
      "Executes JavaScript in an isolate of its own: no file system, no network, no modules. A message that is returned goes on; null ends the branch. Fails when the code throws, runs longer than its limit or needs more memory than it has.",
    switch: "Sends the message to the outputs whose rules it meets. A message that meets none ends here.",
    change:
      "Sets, changes, moves or deletes properties. Values can be texts, context, environment or a JSONata expression.",
    range: "Maps a number from one range to another. Anything else than a number is passed on with a warning.",
    rbe: "Passes a message on only when its value has changed. Within a run it knows only the messages of this run.",
    template: "Fills a text with properties of the message: {{payload.name}}.",
    delay: "Holds messages back for a time, or lets only so many through. The time goes on while the server is away.",
    trigger: "Sends one message now and, if set, another one later. It can be reset and extended by messages.",
    exec: "Runs a program of the computer. It works only in the editor's own process, never on the engine.",
    split: "Makes many messages of one: for each line, element or property. msg.parts says how to join them again.",
    join: "Makes one message of many, by msg.parts, by number or after a time. A run ends only when it has its messages or nothing else can come.",
    sort: "Puts the elements of a list, or messages of a sequence, in order.",
    batch: "Makes sequences of messages by number, time or topic.",
    csv: "Turns text with columns into objects, or objects into text.",
    html: "Takes elements out of an HTML document by a CSS selector.",
    json: "Turns JSON text into an object or back. Fails when the text is not JSON or does not fit its schema.",
    xml: "Turns XML into an object or back. Fails when the text is not XML.",
    yaml: "Turns YAML into an object or back. Fails when the text is not YAML.",
    "http in": "Answers a request at /flows/http/… by beginning a run. An http response node must follow.",
    "http response":
      "Sends msg.payload as the answer to the request that began the run, with msg.statusCode and msg.headers.",
    "http request":
      "Asks a server. The answer is in msg.payload, its number in msg.statusCode. After a crash it is repeated only when that can do no harm; else the run asks a person.",
    "osf-ts":
      "Executes TypeScript with the plant's tools and the model at hand: ctx.tool, ctx.llm, ctx.log. A list that is returned goes to the outputs, one each.",
    "osf-prompt": "Builds a prompt from the message: {{input}} stands for msg.payload.",
    "osf-prompt-tpl": "Builds a prompt from a context and an input: ${context} and ${input}.",
    "osf-llm":
      "Asks the model. The answer is in msg.payload, the number of tokens in msg.usage. Fails when the model is away or its queue is full.",
    "osf-context": "Collects the messages of several nodes and sends one with all of them, each under its label.",
    "osf-decision": "Chooses an output: by comparing a field, or by asking the model which label fits.",
    "osf-output-parser":
      "Reads JSON out of a model's answer and checks it. What does not fit the schema is given back to the model to mend, twice at most.",
    "osf-http":
      "Asks a server with the authorisation that is set on it. Private addresses are refused unless the administrator allows them.",
    "osf-sub-flow": "Runs another flow and goes on with its output. Flows nest five deep at most.",
    "osf-agent": "Lets a model work on a task with the tools that it was given, some rounds at most.",
    "osf-human-input":
      "Asks people and waits: the question is in the inbox, and the run rests until it is answered. Each option is an output; what was filled in is in msg.form.",
    "mcp-tool":
      "Calls a tool of the plant. The result is in msg.payload. Fails when the server does not answer or refuses the arguments.",
    subflow: "A flow within the flow. Look into it to see its nodes.",
    unknown: "This node comes from a palette that the engine does not know.",
  },
  de: {
    inject:
      "Beginnt einen Lauf mit einer eigenen Nachricht: Zeit, Text, Zahl oder JSON. Mit einer Eingabe gestartet ist msg.payload diese Eingabe.",
    debug:
      "Zeigt einen Teil der Nachricht in der Liste der Debug-Nachrichten. Er ändert nichts und sendet nichts weiter.",
    complete: "Sendet eine Nachricht weiter, wenn ein anderer Node mit ihr fertig ist. Welche Nodes, steht im Editor.",
    catch:
      "Nimmt Fehler von Nodes dieses Tabs, dieser Gruppe oder von gewählten Nodes. msg.error sagt, was wo scheiterte. Ein Fehler, den kein Catch-Node nimmt, lässt den Lauf am Ende scheitern.",
    status: "Sendet eine Nachricht, wenn ein Node ändert, was er unter sich anzeigt. Der Text steht in msg.status.",
    "link in": "Nimmt, was ein Link-out-Node gleichen Namens sendet, auch von einem anderen Tab.",
    "link out": "Sendet die Nachricht an seine Link-in-Nodes oder gibt sie dem Link-call zurück, der gefragt hat.",
    "link call":
      "Sendet die Nachricht an einen Link-in-Node und geht weiter, wenn sie zurückkommt. Scheitert, wenn sie nicht rechtzeitig kommt.",
    comment: "Eine Notiz für Menschen. Sie nimmt an nichts teil.",
    junction: "Verbindet Drähte. Nachrichten gehen unverändert weiter.",
    function:
      "Führt JavaScript in einem eigenen Isolat aus: kein Dateisystem, kein Netz, keine Module. Eine zurückgegebene Nachricht geht weiter; null beendet den Zweig. Scheitert, wenn der Code einen Fehler wirft, zu lange läuft oder zu viel Speicher braucht.",
    switch: "Sendet die Nachricht an die Ausgänge, deren Regeln sie erfüllt. Erfüllt sie keine, endet sie hier.",
    change:
      "Setzt, ändert, verschiebt oder löscht Eigenschaften. Werte sind Texte, Kontext, Umgebung oder ein JSONata-Ausdruck.",
    range:
      "Rechnet eine Zahl von einem Bereich in einen anderen um. Was keine Zahl ist, geht mit einer Warnung weiter.",
    rbe: "Lässt eine Nachricht nur durch, wenn sich ihr Wert geändert hat. Innerhalb eines Laufs kennt er nur dessen Nachrichten.",
    template: "Füllt einen Text mit Eigenschaften der Nachricht: {{payload.name}}.",
    delay:
      "Hält Nachrichten eine Zeit zurück oder lässt nur so viele durch. Die Zeit läuft weiter, während der Server fort ist.",
    trigger:
      "Sendet jetzt eine Nachricht und, wenn so gesetzt, später noch eine. Nachrichten können ihn zurücksetzen und verlängern.",
    exec: "Startet ein Programm des Rechners. Das geht nur im eigenen Prozess des Editors, nie auf der Engine.",
    split:
      "Macht aus einer Nachricht viele: je Zeile, Element oder Eigenschaft. msg.parts sagt, wie man sie wieder verbindet.",
    join: "Macht aus vielen Nachrichten eine, nach msg.parts, nach Zahl oder nach einer Zeit. Der Lauf endet erst, wenn er seine Nachrichten hat oder nichts mehr kommen kann.",
    sort: "Ordnet die Elemente einer Liste oder die Nachrichten einer Folge.",
    batch: "Macht Folgen von Nachrichten nach Zahl, Zeit oder Thema.",
    csv: "Macht aus Text mit Spalten Objekte, oder aus Objekten Text.",
    html: "Nimmt Elemente aus einem HTML-Dokument nach einem CSS-Selektor.",
    json: "Macht aus JSON-Text ein Objekt oder umgekehrt. Scheitert, wenn der Text kein JSON ist oder nicht zum Schema passt.",
    xml: "Macht aus XML ein Objekt oder umgekehrt. Scheitert, wenn der Text kein XML ist.",
    yaml: "Macht aus YAML ein Objekt oder umgekehrt. Scheitert, wenn der Text kein YAML ist.",
    "http in":
      "Beantwortet eine Anfrage unter /flows/http/…, indem ein Lauf beginnt. Ein http-response-Node muss folgen.",
    "http response":
      "Sendet msg.payload als Antwort auf die Anfrage, mit der der Lauf begann, mit msg.statusCode und msg.headers.",
    "http request":
      "Fragt einen Server. Die Antwort steht in msg.payload, ihre Nummer in msg.statusCode. Nach einem Absturz wird nur wiederholt, was nicht schaden kann; sonst fragt der Lauf einen Menschen.",
    "osf-ts":
      "Führt TypeScript aus, mit Werkzeugen der Fabrik und dem Modell zur Hand: ctx.tool, ctx.llm, ctx.log. Eine zurückgegebene Liste geht an die Ausgänge, je eines.",
    "osf-prompt": "Baut einen Prompt aus der Nachricht: {{input}} steht für msg.payload.",
    "osf-prompt-tpl": "Baut einen Prompt aus Kontext und Eingabe: ${context} und ${input}.",
    "osf-llm":
      "Fragt das Modell. Die Antwort steht in msg.payload, die Zahl der Tokens in msg.usage. Scheitert, wenn das Modell fort oder seine Schlange voll ist.",
    "osf-context": "Sammelt die Nachrichten mehrerer Nodes und sendet eine mit allen, jede unter ihrem Namen.",
    "osf-decision":
      "Wählt einen Ausgang: durch Vergleich eines Feldes, oder indem das Modell sagt, welcher Name passt.",
    "osf-output-parser":
      "Liest JSON aus der Antwort eines Modells und prüft es. Was nicht zum Schema passt, bekommt das Modell zum Ausbessern zurück, höchstens zweimal.",
    "osf-http":
      "Fragt einen Server mit der Berechtigung, die an ihm gesetzt ist. Private Adressen werden abgelehnt, wenn der Administrator sie nicht erlaubt.",
    "osf-sub-flow":
      "Führt einen anderen Flow aus und geht mit dessen Ausgabe weiter. Flows schachteln sich höchstens fünf tief.",
    "osf-agent": "Lässt ein Modell mit den gegebenen Werkzeugen an einer Aufgabe arbeiten, höchstens einige Runden.",
    "osf-human-input":
      "Fragt Menschen und wartet: Die Frage steht im Posteingang, und der Lauf ruht, bis geantwortet ist. Jede Antwort ist ein Ausgang; was ausgefüllt wurde, steht in msg.form.",
    "mcp-tool":
      "Ruft ein Werkzeug der Fabrik auf. Das Ergebnis steht in msg.payload. Scheitert, wenn der Server nicht antwortet oder die Argumente ablehnt.",
    subflow: "Ein Flow im Flow. Sehen Sie hinein, um seine Nodes zu sehen.",
    unknown: "Dieser Node kommt aus einer Palette, die die Engine nicht kennt.",
  },
});

type Help = (typeof nodeHelp)["en"];

/** The help of a node type; the tools of all servers share one. */
export function helpFor(help: Help, type: string): string {
  const known = type.startsWith("subflow:") ? "subflow" : type.startsWith("osf-mcp-") ? "mcp-tool" : type;
  return Object.hasOwn(help, known) ? help[known as keyof Help] : help.unknown; // its own key, as was just seen
}
