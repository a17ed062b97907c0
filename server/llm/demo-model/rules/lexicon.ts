/**
 * Words that mean the same, English | German, one concept a line, named by its first word. General language of plants
 * and offices; nothing here knows a particular system. Matching is on stems, so plurals and endings are left out.
 */
const SYNONYMS = `
machine equipment workstation workcenter | maschine anlage arbeitsplatz
order job | auftrag auftraege bestellung
customer client | kunde
late overdue delay delayed lateness tardy | verspaetet verspaetung ueberfaellig verzug verzoegert verzoegerung spaet rueckstand
risk endangered | risiko gefaehrdet gefahr
stock inventory onhand | bestand bestaende vorrat vorraete
warehouse storage | lager
location bin place | standort ort platz lagerplatz stellplatz
material article item part product sku | artikel teil produkt ware
minimum min reorder safety | mindest meldebestand minimal
maximum max | maximal hoechst
shortage short missing lacking shortfall | fehlteil fehlt fehlend knapp engpass mangelware
alarm alert warning | stoerung meldung warnung stoermeldung
defect nonconformance flaw fault | fehler mangel maengel defekt abweichung
complaint claim | reklamation beschwerde
scrap waste reject | ausschuss abfall
quality | qualitaet
inspection check test | pruefung inspektion kontrolle
audit | audit
batch lot | charge los
shipment delivery consignment | lieferung sendung versand auslieferung
route tour | tour strecke
carrier forwarder haulier | spediteur spedition frachtfuehrer
vehicle truck | fahrzeug lkw lastwagen
tool | werkzeug
wear worn | verschleiss abnutzung abgenutzt
oee | gae gesamtanlageneffektivitaet anlageneffektivitaet
availability available | verfuegbarkeit verfuegbar
performance | leistung
efficiency effectiveness | effizienz effektivitaet
utilization utilisation usage load | auslastung nutzung
down idle | steht stehen stillstehen
downtime standstill stoppage breakdown | stillstand ausfall ausfallzeit stillstandszeit
running | laeuft laufen laufend
maintenance repair service | wartung instandhaltung reparatur
shift | schicht
plan schedule planned | plan planung geplant zeitplan
energy power electricity | energie strom
consumption consume used | verbrauch
cost expense | kosten
price | preis
supplier vendor | lieferant
employee worker staff person colleague | mitarbeiter personal kollege person
temperature temp | temperatur
pressure | druck
speed | geschwindigkeit
cycle takt | zyklus taktzeit
quantity qty amount pieces piece pcs units | menge stueckzahl stueck anzahl
weight | gewicht
open pending unresolved | offen ausstehend
closed finished completed | geschlossen erledigt abgeschlossen fertig
blocked locked | gesperrt blockiert
active current | aktiv
high | hoch hohe
low | niedrig gering
punctual ontime | puenktlich puenktlichkeit
frequent common | haeufig haeufigste haeufigsten
critical severe urgent | kritisch dringend schwerwiegend
status state condition | status zustand
cause reason why root explain explanation | warum wieso weshalb weswegen ursache grund gruende erklaeren erklaer
history trend timeline | verlauf historie entwicklung
target goal setpoint | soll ziel sollwert zielwert vorgabe
actual | ist istwert
data | daten
document manual handbook | dokument handbuch anleitung unterlage
date | datum
name | bezeichnung
type kind category | art typ kategorie
priority | prioritaet
value | wert
line | linie
area department | bereich abteilung
weather forecast | wetter
meeting appointment | termin besprechung
invoice bill | rechnung
payment | zahlung
ticket incident issue | vorfall stoerfall
vacation holiday leave | urlaub
room | raum zimmer
file | datei
user | benutzer nutzer anwender
project | projekt
task | aufgabe
message | nachricht
report | bericht
loss | verlust
setup changeover | ruesten umruesten ruestzeit
arrival arrive eta | ankunft ankommen
today | heute
yesterday | gestern
tomorrow | morgen
week weekly | woche woechentlich
month monthly | monat monatlich
hour hourly | stunde stuendlich
day daily | tag taeglich
year yearly | jahr jaehrlich
`;

/** Verbs that change something. The first word names the verb; an imperative with one of them may pick a write tool. */
const CHANGES = `
book post | buche buchen verbuche verbuchen
create add new register open raise | anlegen erstellen erstelle hinzufuegen eroeffnen eroeffne neu
update change edit modify set | aendern aendere setzen setze aktualisieren aktualisiere
delete remove | loeschen loesche entfernen entferne
cancel abort | stornieren storniere abbrechen absagen
acknowledge ack confirm | quittieren quittiere bestaetigen bestaetige
move transfer relocate | umlagern verschieben verschiebe umbuchen verlagern
release unblock unlock | freigeben entsperren
start restart resume | starten starte
stop halt pause shutdown | stoppen stoppe anhalten
block lock quarantine hold | sperren sperre blockieren
assign allocate | zuweisen zuordnen
report log record | melden melde erfassen erfasse
schedule reschedule plan | einplanen umplanen verplanen
ship dispatch send | versenden versende verschicken senden sende
reserve | reservieren reserviere
approve | genehmigen genehmige
decline | ablehnen
close complete finish resolve | schliessen schliesse abschliessen
order reorder replenish | bestellen bestelle nachbestellen
adjust correct | korrigieren korrigiere anpassen
request | anfordern beantragen beantrage
enable activate | aktivieren aktiviere einschalten
disable deactivate | deaktivieren deaktiviere abschalten
submit upload write save | speichern speichere schreiben schreibe
notify | benachrichtigen benachrichtige
replace swap | ersetzen ersetze tauschen austauschen
trigger execute | ausloesen ausfuehren
`;

/** Verbs that only look; the first word of a read tool's name or description. */
const LOOKS = `list get show find search read fetch count describe look lookup query view calculate compute compare summarise
summarize explain return check display retrieve browse export analyse analyze forecast estimate tell give lists`;

const STOP = `
a an the of in on at to for from with by as is are am was were be been it its this that these those there here and or but if then than so do does did
i me my we us our you your he she they them their who whom whose what which where when how many much any all each every some no not only just
show list give get tell find display see look want need know please can could would should will may might must have has had about into out up
right now currently actual actually overview info information detail details thing stuff let go make run per across between under below less
over above more greater lower higher smaller larger fewer older longer later earlier least most best worst top bottom highest lowest largest smallest first last next past
within during since until until before after exactly equal number total sum average mean overall percent again also too else other both same still
hello hi hey thanks thank ok okay yes one two three four five
der die das den dem des ein eine einen einem einer eines und oder aber wenn dann als so ist sind war waren sein wird werden wurde hat haben hatte gibt es
ich mir mich mein meine wir uns unser unsere du dir dich ihr ihre sie er wer was welche welcher welches welchen wo wann wie viel viele
zeig zeige zeigt liste nenne nenn gib sag such suche finde bitte kannst koennen koennte koenntest soll sollte moechte will brauche alle alles jede jeder jedes nicht kein keine nur auch noch
im in am an auf zu zum zur fuer von vom mit bei bis aus nach ueber unter weniger mehr groesser kleiner hoeher niedriger laenger aelter mindestens hoechstens zwischen
am wenigsten meisten beste besten schlechteste schlechtesten hoechste hoechsten niedrigste niedrigsten groesste groessten kleinste kleinsten laengste laengsten erste ersten letzte letzten naechste naechsten
aktuell aktuelle aktuellen gerade jetzt derzeit momentan insgesamt summe durchschnitt mittel schnitt prozent wieviele wieviel hallo guten danke ja mal um ab los weg doch eben wohl damit dazu dabei davon ob weil denn eigentlich seit vor uebersicht
`;

/** Concepts of time: they fill arguments and are not what a question is about. */
export const TIME = new Set(["today", "yesterday", "tomorrow", "week", "month", "hour", "day", "year"]);

/** English and German spell umlauts in several ways; one of them is compared. */
export function fold(text: string): string {
  const lower = text.toLowerCase();
  if (/^[\u0020-\u007e]*$/.test(lower)) return lower;
  const spelt = lower.replaceAll("ä", "ae").replaceAll("ö", "oe").replaceAll("ü", "ue").replaceAll("ß", "ss");
  return spelt.normalize("NFD").replace(/\p{M}/gu, "");
}

/** A light stem for both languages: plural first, then one ending. Takes and gives folded words. */
export function stem(word: string): string {
  if (word.length <= 3) return word;
  let short = word;
  if (/[^aeiou]ies$/.test(short)) short = `${short.slice(0, -3)}y`;
  else if (/[^sui]s$/.test(short)) short = short.slice(0, -1);
  for (const [ending, rest] of ENDINGS)
    if (short.endsWith(ending) && short.length - ending.length >= rest) return short.slice(0, -ending.length);
  return short;
}
const ENDINGS: [string, number][] = [
  ["ing", 4],
  ["ern", 4],
  ["en", 3],
  ["em", 4],
  ["ed", 3],
  ["er", 4],
  ["es", 4],
  ["e", 3],
];

const lines = (text: string) =>
  text
    .trim()
    .split("\n")
    .map((line) => {
      const [english = "", german = ""] = line.split("|");
      return { english: english.trim().split(/\s+/), german: german.trim().split(/\s+/).filter(Boolean) };
    });

function mapOf(text: string): Map<string, string> {
  const map = new Map<string, string>();
  for (const { english, german } of lines(text))
    for (const word of [...english, ...german]) if (!map.has(stem(word))) map.set(stem(word), stem(english[0] ?? word));
  return map;
}

const synonyms = mapOf(SYNONYMS);
const changes = mapOf(CHANGES);
const looks = new Set(LOOKS.split(/\s+/).map(stem));
const stops = new Set(STOP.trim().split(/\s+/));
const germanWords = new Set([
  ...lines(SYNONYMS + CHANGES).flatMap(({ english, german }) =>
    german.filter((word) => !english.map(stem).includes(stem(word))).map(stem),
  ),
  ..."der die das ist sind welche welcher welches wie viele viel und heute gestern warum nur bitte zeige zeig mir auf unter ueber gibt es im am den dem ein eine nicht fuer mit von hallo danke guten wer wo wann kannst nenne habe haben hat diese dieser dieses".split(
    " ",
  ),
]);
const englishWords = new Set(
  "the is are which how many and today yesterday why only please show me of what below above not for with hello hi thanks have has this these there can do does who where when list give tell".split(
    " ",
  ),
);

/** The concept of a folded word by the lexicon: its stem where the lexicon does not know it. */
export const conceptOf = (word: string) => knownConcept(word) ?? stem(word);

/** German plurals change the vowel ("Engpässe"): the plain one is tried as well. */
export const knownConcept = (word: string) =>
  synonyms.get(stem(word)) ?? synonyms.get(stem(word).replace(/([aou])e/, "$1"));
/** The group of a verb that changes something, by any of its forms or its stem. */
export const changeVerb = (word: string) => changes.get(stem(word)) ?? changes.get(word);
export const isLookVerb = (word: string) => looks.has(stem(word));
export const isStopWord = (word: string) => stops.has(word);
/** +1 for a word that only German has, −1 for one that only English has. */
export const leanOf = (word: string) =>
  germanWords.has(word) || germanWords.has(stem(word)) ? 1 : englishWords.has(word) ? -1 : 0;
