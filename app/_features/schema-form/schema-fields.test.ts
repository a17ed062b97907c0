import { expect, it } from "vitest";
import { argumentsOf, fieldsOf, typedOf } from "./schema-fields.ts";

const schema = {
  type: "object",
  properties: {
    machine_id: { type: "string", description: "Machine id or name" },
    below: { type: "number", minimum: 0, maximum: 100 },
    limit: { type: "integer", default: 50, minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
    by: { type: "string", enum: ["day", "hour"], default: "day" },
    include_done: { type: "boolean" },
    lost_hours: { type: "number" },
    filter: { type: "object", properties: {} },
  },
  required: ["machine_id", "limit"],
};

it("asks for each argument as what it is, with its bounds and what holds without it", () => {
  const fields = Object.fromEntries(fieldsOf(schema).map((field) => [field.name, field]));
  expect(Object.values(fields).map(({ kind }) => kind)).toEqual([
    "text",
    "number",
    "integer",
    "choice",
    "boolean",
    "number",
    "json",
  ]);
  expect(fields["machine_id"]).toMatchObject({
    label: "Machine ID",
    required: true,
    description: "Machine id or name",
  });
  expect(fields["below"]).toMatchObject({ min: 0, max: 100, required: false });
  expect(fields["limit"]).toMatchObject({ preset: "50", required: false, min: 1 });
  expect(fields["limit"]).not.toHaveProperty("max");
  expect(fields["by"]).toMatchObject({ choices: ["day", "hour"], preset: "day" });
  expect(fields["lost_hours"]?.label).toBe("Lost (h)");
});

it("asks for nothing where the schema says nothing", () => {
  expect(fieldsOf({ type: "object" })).toEqual([]);
});

it("leaves out what is empty and turns the rest into what the schema wants", () => {
  const fields = fieldsOf(schema);
  expect(
    argumentsOf(fields, { machine_id: " M-1 ", below: "85", include_done: "false", filter: '{"a":1}', by: "" }),
  ).toEqual({ args: { machine_id: "M-1", below: 85, include_done: false, filter: { a: 1 } }, problems: {} });
});

it("names what is missing and what is no JSON", () => {
  expect(argumentsOf(fieldsOf(schema), { filter: "{" }).problems).toEqual({ machine_id: "required", filter: "json" });
});

it("takes a list of texts a line each", () => {
  const fields = fieldsOf({ properties: { folders: { type: "array", items: { type: "string" } } } });
  expect(fields[0]?.kind).toBe("list");
  const set = { folders: ["/a b", "/c"] };
  expect(argumentsOf(fields, typedOf(fields, set)).args).toEqual(set);
  expect(argumentsOf(fields, { folders: " /a \n\n/b" }).args).toEqual({ folders: ["/a", "/b"] });
});

it("hides what is secret and takes the schema's own titles", () => {
  const fields = fieldsOf({
    properties: {
      key: { type: "string", format: "password", title: "API key" },
      pin: { type: "string", writeOnly: true },
    },
  });
  expect(fields.map(({ kind, label }) => [kind, label])).toEqual([
    ["secret", "API key"],
    ["secret", "Pin"],
  ]);
});

it("starts from what is set, so that unchanged it reads back the same", () => {
  const fields = fieldsOf(schema);
  const set = { machine_id: "M-1", below: 85, include_done: false, filter: { a: [1] } };
  expect(argumentsOf(fields, typedOf(fields, { ...set, unknown: 1, by: null }))).toEqual({ args: set, problems: {} });
});
