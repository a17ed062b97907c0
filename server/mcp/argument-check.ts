import { addFormats, Ajv, AjvJsonSchemaValidator } from "@modelcontextprotocol/client/validators/ajv";
import type { Tool } from "./gateway.ts";
import { withoutPatterns } from "./without-patterns.ts";

export interface WrongField {
  /** `a.b[0]`; empty: the arguments as a whole. */
  path: string;
  message: string;
}

/** The wrong fields of the arguments, patterns left to the upstream; none: they fit, or the tool's schema is itself broken and the upstream decides. */
export type ArgumentCheck = (tool: Tool, args: Record<string, unknown>) => WrongField[];

const MAX_FIELDS = 20;

/**
 * Compiles each schema once, on first use. One a tool set: the engine keeps every schema that it ever compiled.
 * `ours`: the schemas are our own, and their patterns are run.
 */
export function argumentCheck({ ours = false } = {}): ArgumentCheck {
  const verdicts = new AjvJsonSchemaValidator(); // picks the engine by the schema's dialect
  const compiled = new Map<Tool, (args: unknown) => WrongField[]>();

  const compile = (tool: Tool) => {
    // A `$id` would be looked up among other tools' schemas.
    const { $id: _, ...given } = tool.inputSchema;
    const schema = ours ? given : (withoutPatterns(given).schema as Record<string, unknown>); // of an object
    try {
      const validate = verdicts.getValidator(schema);
      let places: ReturnType<typeof placesIn> | undefined;
      return (args: unknown) => {
        const verdict = validate(args);
        return verdict.valid ? [] : (places ??= placesIn(schema))(args, verdict.errorMessage);
      };
    } catch {
      return () => [];
    }
  };
  return (tool, args) => {
    let check = compiled.get(tool);
    if (!check) compiled.set(tool, (check = compile(tool)));
    return check(args);
  };
}

/**
 * Where they are wrong. The validator above tells only a text, so another engine looks for the places; it compiles once
 * too, since that takes longer than anything else of a call.
 */
function placesIn(schema: Record<string, unknown>): (args: unknown, text: string) => WrongField[] {
  const { $schema: _, ...plain } = schema; // the draft-07 engine knows no other dialect by name
  let validate: (((args: unknown) => boolean) & { errors?: EngineError[] | null }) | undefined;
  try {
    const ajv = new Ajv({ allErrors: true, strict: false, validateSchema: false, logger: false });
    addFormats(ajv);
    validate = ajv.compile(plain);
  } catch {
    // The text alone will do.
  }
  return (args, text) => {
    try {
      if (validate?.(args) === false && validate.errors?.length)
        return validate.errors.slice(0, MAX_FIELDS).map(fieldOf);
    } catch {
      // As above: it may refer to itself without end.
    }
    return [{ path: "", message: text.slice(0, 300) }];
  };
}

interface EngineError {
  instancePath: string;
  keyword: string;
  params: Record<string, unknown>;
  message?: string;
}

function fieldOf({ instancePath, keyword, params, message = "is wrong" }: EngineError): WrongField {
  const steps = instancePath
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
  if (keyword === "required")
    return { path: pathOf([...steps, String(params["missingProperty"])]), message: "is required" };
  if (keyword === "additionalProperties" || keyword === "unevaluatedProperties") {
    const name = params["additionalProperty"] ?? params["unevaluatedProperty"];
    return { path: pathOf([...steps, String(name)]), message: "is not an argument of this tool" };
  }
  const allowed = params["allowedValues"];
  if (keyword === "enum" && Array.isArray(allowed))
    return {
      path: pathOf(steps),
      message: `must be one of ${allowed
        .slice(0, 20)
        .map((one) => JSON.stringify(one))
        .join(", ")}`,
    };
  return { path: pathOf(steps), message };
}

const pathOf = (steps: string[]) =>
  steps.reduce((path, step) => (/^\d+$/.test(step) ? `${path}[${step}]` : path ? `${path}.${step}` : step), "");
