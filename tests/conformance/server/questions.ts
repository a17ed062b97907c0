import { inputRequired } from "@modelcontextprotocol/server";

/** Questions that the fixture's tools ask whoever calls them, as the suite's scenarios expect them. */
const form = (message: string, name: string, type: "string" | "boolean") =>
  inputRequired.elicit({
    message,
    requestedSchema: {
      type: "object",
      properties: { [name]: type === "string" ? { type } : { type } },
      required: [name],
    },
  });

const sample = (text: string, maxTokens: number) =>
  inputRequired.createMessage({ messages: [{ role: "user", content: { type: "text", text } }], maxTokens });

export const QUESTIONS = {
  name: () => form("What is your name?", "name", "string"),
  colour: () => form("Step 2: What is your favorite color?", "color", "string"),
  confirm: () => form("Please confirm", "ok", "boolean"),
  context: () => form("What context should the prompt use?", "context", "string"),
  response: (message: string) => form(message, "response", "string"),
  capital: () => sample("What is the capital of France?", 100),
  greeting: () => sample("Generate a greeting", 50),
  sample: (prompt: string) => sample(prompt, 100),
  roots: () => inputRequired.listRoots(),
  page: () => inputRequired.elicitUrl({ message: "Please sign in there", url: "https://plant.example.com/sign-in" }),
  /** Defaults of every primitive type (SEP-1034). */
  defaults: () =>
    inputRequired.elicit({
      message: "Look through the fields, which are filled in already",
      requestedSchema: {
        type: "object",
        properties: {
          name: { type: "string", description: "Name", default: "John Doe" },
          age: { type: "integer", description: "Age", default: 30 },
          score: { type: "number", description: "Score", default: 95.5 },
          status: { type: "string", enum: ["active", "inactive", "pending"], default: "active" },
          verified: { type: "boolean", description: "Verified", default: true },
        },
        required: [],
      },
    }),
  /** Every way to say an enumeration (SEP-1330). */
  enums: () =>
    inputRequired.elicit({
      message: "Choose",
      requestedSchema: {
        type: "object",
        properties: {
          untitledSingle: { type: "string", enum: ["option1", "option2", "option3"] },
          titledSingle: {
            type: "string",
            oneOf: [
              { const: "value1", title: "First Option" },
              { const: "value2", title: "Second Option" },
              { const: "value3", title: "Third Option" },
            ],
          },
          legacyEnum: {
            type: "string",
            enum: ["opt1", "opt2", "opt3"],
            enumNames: ["Option One", "Option Two", "Option Three"],
          },
          untitledMulti: {
            type: "array",
            minItems: 1,
            maxItems: 3,
            items: { type: "string", enum: ["option1", "option2", "option3"] },
          },
          titledMulti: {
            type: "array",
            minItems: 1,
            maxItems: 3,
            items: {
              anyOf: [
                { const: "value1", title: "First Choice" },
                { const: "value2", title: "Second Choice" },
                { const: "value3", title: "Third Choice" },
              ],
            },
          },
        },
        required: [],
      },
    }),
};
