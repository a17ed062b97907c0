"use strict";

const { fail } = require("./osf-node");

/** Operators of osf-decision that compare with a value. */
const COMPARISONS = {
  eq: (a, b) => equals(a, b),
  neq: (a, b) => !equals(a, b),
  lt: (a, b, what) => order(a, b, what) < 0,
  lte: (a, b, what) => order(a, b, what) <= 0,
  gt: (a, b, what) => order(a, b, what) > 0,
  gte: (a, b, what) => order(a, b, what) >= 0,
  cont: (a, b) => (Array.isArray(a) ? a.some((one) => equals(one, b)) : String(a ?? "").includes(String(b ?? ""))),
  regex: (a, b) => pattern(b).test(String(a ?? "")),
};
/** Operators that look at the value alone. */
const TESTS = {
  empty: (a) =>
    a === undefined ||
    a === null ||
    ((typeof a === "string" || Array.isArray(a) || Buffer.isBuffer(a)) && a.length === 0) ||
    (Object.getPrototypeOf(Object(a)) === Object.prototype && Object.keys(a).length === 0),
  true: (a) => a === true,
  else: () => true,
};

/** Whether `value op operand`. Throws `decision.incomparable` where an order is asked of what has none: no silent "no". */
function holds(op, value, operand, what) {
  if (op in TESTS) return TESTS[op](value);
  if (op in COMPARISONS) return COMPARISONS[op](value, operand, what);
  throw fail("node.config", `There is no comparison "${op}".`);
}

/** `"5"` equals 5, as forms and CSV files write numbers; objects are compared by their JSON. */
function equals(a, b) {
  if (a === b) return true;
  if (a instanceof Date || b instanceof Date) return new Date(a).getTime() === new Date(b).getTime();
  if (typeof a === "object" && typeof b === "object" && a && b) return JSON.stringify(a) === JSON.stringify(b);
  if (typeof a === "object" || typeof b === "object") return false;
  return a !== undefined && b !== undefined && String(a) === String(b);
}

function order(a, b, what) {
  const numbers = [numeric(a), numeric(b)];
  if (numbers.every((one) => one !== undefined)) return numbers[0] - numbers[1];
  if (typeof a === "string" && typeof b === "string") return a < b ? -1 : Number(a > b);
  throw fail(
    "decision.incomparable",
    `${what} is ${describe(a)} and cannot be compared with ${describe(b)}. Put a rule "is empty" before, or check the path.`,
  );
}

function numeric(value) {
  if (typeof value === "number") return Number.isNaN(value) ? undefined : value;
  if (value instanceof Date) return value.getTime();
  if (typeof value !== "string" || value.trim() === "") return undefined;
  return Number.isNaN(Number(value)) ? undefined : Number(value);
}

function pattern(source) {
  try {
    return new RegExp(String(source));
  } catch (error) {
    throw fail("node.config", `The pattern "${source}" is no regular expression: ${error.message}`);
  }
}

function describe(value) {
  if (value === undefined) return "not there";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  return `"${String(value).slice(0, 60)}"`;
}

module.exports = {
  OPERATORS: [...Object.keys(COMPARISONS), ...Object.keys(TESTS)],
  holds,
  hasOperand: (op) => op in COMPARISONS,
};
