import { describe, expect, it } from "vitest";
import { parseRequest } from "../protocol/parse-request.ts";
import type { ChatMessage } from "../protocol/request.ts";
import { LIBRARY, PLANT, type TestTool } from "../test-tools.ts";
import { decideReply } from "./decide-reply.ts";

const SATURDAY = new Date(2026, 10, 21, 10);

interface Turn {
  calls: string[];
  text: string;
}

/** Plays a conversation against tools that really run, as a caller with a tool loop does. */
function converse(
  questions: string[],
  set: TestTool[],
  more: { parallel_tool_calls?: boolean; system?: string; tool_choice?: "none" } = {},
): Turn[] {
  const { system, ...request } = more;
  const messages: ChatMessage[] = system ? [{ role: "system", content: system }] : [];
  return questions.map((question) => {
    messages.push({ role: "user", content: question });
    const calls: string[] = [];
    for (let step = 0; step < 8; step++) {
      const reply = decideReply(
        parseRequest({
          model: "osf-demo",
          messages,
          ...(set.length > 0 && { tools: set.map(({ tool }) => tool) }),
          ...request,
        }),
        SATURDAY,
      );
      if (reply.kind === "text") {
        messages.push({ role: "assistant", content: reply.text });
        return { calls, text: reply.text };
      }
      const wire = reply.calls.map((call, i) => ({
        id: `call_${messages.length}_${i}`,
        type: "function" as const,
        function: { name: call.name, arguments: JSON.stringify(call.args) },
      }));
      messages.push({ role: "assistant", content: null, tool_calls: wire });
      for (const call of wire) {
        calls.push(`${call.function.name} ${call.function.arguments}`);
        const tool = set.find(({ tool }) => tool.function.name === call.function.name);
        messages.push({
          role: "tool",
          tool_call_id: call.id,
          content: JSON.stringify(tool?.run(JSON.parse(call.function.arguments) as Record<string, unknown>)),
        }); // the model's arguments are an object
      }
    }
    throw new Error("The model never stopped calling tools");
  });
}
const ask = (question: string, set: TestTool[], more?: Parameters<typeof converse>[2]) =>
  converse([question], set, more)[0] as Turn; // one question, one turn

describe("questions about a plant", () => {
  it("filters by the question's comparison, counts the whole and shows a table", () => {
    const { calls, text } = ask("Which machines are below 85 % OEE today?", PLANT);
    expect(calls).toEqual(['shop__list_oee {"date":"2026-11-21"}']);
    expect(text).toContain(
      "4 of 12 machines are below 85 % OEE today: Press 1 (61.2 %), Press 11 (70.5 %), Press 4 (79 %), Press 5 (84.9 %).",
    );
    expect(text).toContain("| M-01 | Press 1 | 61.2 | 85 | 0 | running |");
    expect(text).not.toContain("Press 7");
    expect(text).toContain("Source: `shop.list_oee`");
  });

  it("answers in German where the question is German", () => {
    const { text } = ask("Welche Maschinen liegen heute unter 85 % OEE?", PLANT);
    expect(text).toContain("4 von 12 Maschinen liegen heute unter 85 % OEE: Press 1 (61,2 %)");
    expect(text).toContain("Quelle: `shop.list_oee`");
  });

  it("understands what a follow-up leaves unsaid", () => {
    const turns = converse(["Which machines are below 85 % OEE today?", "and yesterday?", "only machine M-11"], PLANT);
    expect(turns[1]?.calls).toEqual(['shop__list_oee {"date":"2026-11-20"}']);
    expect(turns[1]?.text).toContain("were below 85 % OEE yesterday");
    expect(turns[2]?.calls).toEqual(['shop__list_oee {"date":"2026-11-20","machine_id":"M-11"}']);
    expect(turns[2]?.text).toContain("Press 11 (70.5 %)");
  });

  it("does not drag an old topic into a new question", () => {
    const turns = converse(["Which machines are below 85 % OEE today?", "and which orders are late?"], PLANT);
    expect(turns[1]?.calls).toEqual(["erp__list_late_orders {}"]);
  });

  it("follows the rows found to the tool that says why", () => {
    const { calls, text } = ask("Welche Aufträge sind verspätet und warum?", PLANT);
    expect(calls).toEqual([
      "erp__list_late_orders {}",
      'erp__explain_delay {"order_id":"PO-1001"}',
      'erp__explain_delay {"order_id":"PO-1002"}',
    ]);
    expect(text).toContain("PO-1001 (days late 3)");
    expect(text).toContain("Spindle of PO-1002 broke");
    expect(text).toContain("Quellen: `erp.list_late_orders`, `erp.explain_delay`");
  });

  it("calls several tools in one step only where that is allowed", () => {
    const question = "Show the OEE of the machines and the alarms";
    const reply = (parallel: boolean) =>
      decideReply(
        parseRequest({
          model: "osf-demo",
          messages: [{ role: "user", content: question }],
          tools: PLANT.map(({ tool }) => tool),
          parallel_tool_calls: parallel,
        }),
        SATURDAY,
      );
    const together = reply(true);
    const alone = reply(false);
    expect(together.kind === "calls" && together.calls.map(({ name }) => name).toSorted()).toEqual([
      "shop__list_alarms",
      "shop__list_oee",
    ]);
    expect(alone.kind === "calls" && alone.calls.length).toBe(1);
    expect(ask(question, PLANT, { parallel_tool_calls: false }).calls.length).toBe(2);
  });

  it("compares two columns with each other", () => {
    expect(ask("Which materials are below minimum stock?", PLANT).text).toContain(
      "1 of 2 materials is below minimum (quantity): MAT-100 (quantity 40, minimum 100).",
    );
  });

  it.each([
    ["What is the average OEE?", "The average OEE of 12 machines is 85.8 %."],
    ["Which machine has the most downtime?", "Press 12 has the highest downtime: 77 min."],
    ["top 3 machines by OEE", "The 3 machines with the highest OEE: Press 12 (99 %), Press 6 (95 %), Press 10 (93 %)."],
    [
      "Which machines have an OEE between 80 and 90 %?",
      "4 of 12 machines are between 80 and 90 % OEE: Press 5 (84.9 %), Press 7 (85 %), Press 3 (88.4 %), Press 8 (90 %).",
    ],
    [
      "Wie viele Maschinen liegen unter 20 % OEE?",
      "0 von 12 Maschinen liegen unter 20 % OEE; der niedrigste Wert: Press 1 (61,2 %).",
    ],
  ])("%s", (question, answer) => expect(ask(question, PLANT).text).toContain(answer));

  it("says that there is nothing, with what it asked for", () => {
    const { calls, text } = ask("Gibt es kritische Alarme?", PLANT);
    expect(calls).toEqual(['shop__list_alarms {"severity":"critical"}']);
    expect(text).toContain("shop.list_alarms hat nichts geliefert (severity critical)");
  });

  it("repeats a tool's failure in the tool's words", () => {
    const failing = PLANT.map((one) => ({
      ...one,
      run: () => ({ isError: true, content: [{ type: "text", text: "The plant is away" }] }),
    }));
    expect(ask("Which orders are late?", failing).text).toContain("**erp.list_late_orders** failed: The plant is away");
  });
});

describe("changes", () => {
  it("makes one only on a command, with the arguments of the text", () => {
    expect(ask("Book 50 pieces of MAT-100", PLANT).calls).toEqual([
      'wms__book_goods_issue {"material_id":"MAT-100","quantity":50}',
    ]);
    expect(ask("Quittiere den Alarm AL-1001", PLANT).calls).toEqual(['shop__acknowledge_alarm {"alarm_id":"AL-1001"}']);
    expect(ask("Kannst du Alarm AL-7 bitte quittieren?", PLANT).calls).toEqual([
      'shop__acknowledge_alarm {"alarm_id":"AL-7"}',
    ]);
  });

  it("takes a long number as a quantity", () => {
    expect(ask("Book a goods issue of 4000 pieces of MAT-100", PLANT).calls).toEqual([
      'wms__book_goods_issue {"material_id":"MAT-100","quantity":4000}',
    ]);
  });

  it.each([
    "What stock of MAT-100 was removed?",
    "How is the goods issue of MAT-100?",
    "Was ist mit dem Bestand von MAT-100?",
    "Is the alarm AL-1001 acknowledged?",
  ])("reads for the question: %s", (question) =>
    expect(ask(question, PLANT).calls.filter((call) => /book|scrap|acknowledge/.test(call))).toEqual([]),
  );

  it("asks for what is missing and goes on with the answers", () => {
    const turns = converse(["Book a goods issue", "MAT-100", "50"], PLANT);
    expect(turns[0]?.calls).toEqual([]);
    expect(turns[0]?.text).toMatch(/still need:\n\n- \*\*material id\*\*.*\n- \*\*quantity\*\*/);
    expect(turns[1]?.text).toContain("**quantity**");
    expect(turns[1]?.text).not.toContain("**material id**");
    expect(turns[2]?.calls).toEqual(['wms__book_goods_issue {"material_id":"MAT-100","quantity":50}']);
  });

  it("changes nothing while a number of the command has no place", () => {
    const { calls, text } = ask("Acknowledge the alarms AL-1001 and 17", PLANT);
    expect(calls).toEqual([]);
    expect(text).toContain("I changed nothing: I find no place for “17”");
  });

  it("says that it cannot rather than do something else", () => {
    const { calls, text } = ask("Delete all orders", PLANT);
    expect(calls).toEqual([]);
    expect(text).toContain("No tool that I was offered can do this.");
  });
});

describe("questions about a library", () => {
  it("searches for the words that the question leaves", () => {
    expect(ask("Search the catalogue for desert planets", LIBRARY).calls).toEqual([
      'library__search_books {"query":"desert planets"}',
    ]);
  });

  it("passes an inclusive bound to an inclusive argument", () => {
    const { calls, text } = ask("Which books about planets have at most 200 pages?", LIBRARY);
    expect(calls[0]).toContain('"max_pages":200');
    expect(text).toContain("Ubik");
    expect(text).not.toContain("Dune (");
  });

  it("fills booleans, spans of time and proper names", () => {
    expect(ask("Which loans of reader Anna Huber are overdue since Monday?", LIBRARY).calls).toEqual([
      'library__list_loans {"reader":"Anna Huber","only_overdue":true,"since":"2026-11-16"}',
    ]);
    expect(ask("Weather forecast of the city Berlin for the next 3 days", LIBRARY).calls).toEqual([
      'weather__get_forecast {"city":"Berlin","days":3}',
    ]);
  });

  it("asks for a required argument and takes the whole answer for it", () => {
    const turns = converse(["How is the weather?", "Bad Tölz"], LIBRARY);
    expect(turns[0]?.text).toContain("- **city** – Name of the city");
    expect(turns[1]?.calls).toEqual(['weather__get_forecast {"city":"Bad Tölz"}']);
    expect(turns[1]?.text).toContain("Bad Tölz: temperature 21.5 °C, wind kmh 12.");
  });

  it("creates on command, with date, choice and address", () => {
    expect(ask("Create a meeting tomorrow in the blue room with anna@example.org", LIBRARY).calls).toEqual([
      'calendar__create_meeting {"date":"2026-11-22","room":"Blue room","attendee":"anna@example.org"}',
    ]);
  });
});

describe("honesty", () => {
  it.each([
    ["hello", "Hello! I am the demo model: a small rule-based program, no AI."],
    ["Who are you?", "I am the demo model: a small rule-based program, no AI."],
    ["Wer bist du?", "Ich bin das Demo-Modell: ein kleines regelbasiertes Programm, keine KI."],
    ["Tell me a joke", "No tool that I was offered matches this question."],
  ])("says what it is: %s", (question, answer) => {
    const { calls, text } = ask(question, PLANT);
    expect(calls).toEqual([]);
    expect(text).toContain(answer);
    expect(text).toContain("LLM_URL_FREE");
  });

  it.each([
    ["plant", PLANT],
    ["library", LIBRARY],
  ] as const)("offers examples that work: %s", (_, set) => {
    const examples = [...ask("hello", set).text.matchAll(/^- (.+)$/gm)].map(([, example = ""]) => example);
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) expect(ask(example, set).calls.length).toBeGreaterThan(0);
  });

  it("says that there are no tools", () =>
    expect(ask("Which orders are late?", []).text).toContain("No tool is offered to me at present"));

  it("phrases data that stand in the message itself", () => {
    expect(ask('Summarise: [{"name":"a","value":4},{"name":"b","value":9}]', []).text).toContain(
      "2 entries: a (value 4), b (value 9).",
    );
  });

  it("owns up to a time that the tool cannot take", () => {
    expect(ask("Which orders were late yesterday?", PLANT).text).toContain(
      "Note: I could not pass “yesterday” to erp.list_late_orders",
    );
  });

  it("takes an agent's duty from its system prompt when it is only told to begin", () => {
    const system = "You are the OEE analyst. Look at the OEE of all machines.";
    expect(ask("Go", PLANT, { system }).calls).toEqual(["shop__list_oee {}"]);
    expect(ask("Tell me a joke", PLANT, { system }).calls).toEqual([]);
  });

  it("calls nothing where tools are forbidden", () =>
    expect(ask("Which orders are late?", PLANT, { tool_choice: "none" }).calls).toEqual([]));
});

describe("tools behind a search", () => {
  /** The tools of a plant as they are offered where there are too many: a search, a call by name, and one of them. */
  const behind = (set: TestTool[], direct: TestTool[] = []): TestTool[] => {
    const full = (name: string) => name.replace("__", ".");
    const offer = (name: string, run: TestTool["run"]): TestTool => ({
      tool: {
        type: "function",
        function: { name, description: "Finds or calls tools", parameters: { type: "object" } },
      },
      run,
    });
    return [
      offer("mcp-find", ({ query }) => {
        const words = String(query).split(" ");
        const fits = ({ tool }: TestTool) => words.some((word) => JSON.stringify(tool).toLowerCase().includes(word));
        return {
          tools: set.filter(fits).map(({ tool: { function: f } }) => ({
            name: full(f.name),
            description: f.description,
            inputSchema: f.parameters,
          })),
        };
      }),
      offer("mcp-exec", ({ name, arguments: args }) =>
        set.find(({ tool }) => full(tool.function.name) === name)?.run(args as Record<string, unknown>),
      ),
      offer("run_code", () => {
        throw new Error("no question is about code");
      }),
      ...direct,
    ];
  };

  it("are searched for with the question's words, called by name, and answer as if they had been offered", () => {
    for (const question of ["Which machines are below 85 % OEE?", "Welche Maschinen liegen unter 85 % OEE?"]) {
      const offered = ask(question, PLANT);
      const found = ask(question, behind(PLANT));
      expect(found.text).toBe(offered.text);
      expect(found.calls[0]).toMatch(/^mcp-find /);
      expect(found.calls[1]).toMatch(/^mcp-exec \{"name":"shop\.list_oee"/);
      expect(found.calls).toHaveLength(1 + offered.calls.length);
    }
  });

  it("are searched for once, and not for a greeting", () => {
    expect(ask("Hello", behind(PLANT)).calls).toEqual([]);
    const nothing = ask("How is the weather?", behind(PLANT));
    expect(nothing.calls.filter((call) => call.startsWith("mcp-find"))).toHaveLength(1);
  });

  it("are called directly where they are offered beside", () => {
    const oee = PLANT.filter(({ tool }) => tool.function.name === "shop__list_oee");
    const { calls } = ask("Which machines are below 85 % OEE?", behind(PLANT, oee));
    expect(calls[1]).toMatch(/^shop__list_oee /);
  });
});
