import { describe, expect, it } from "vitest";
import { fieldMessages, toProblem } from "./problem.ts";

describe("toProblem", () => {
  it("reads a problem document", () => {
    expect(
      toProblem({
        type: "about:blank",
        title: "Conflict",
        status: 409,
        detail: "This name is taken",
        code: "flow.name-taken",
        requestId: "req-1",
        errors: [{ path: "name", message: "Choose another" }, { nonsense: true }],
      }),
    ).toEqual({
      message: "This name is taken",
      code: "flow.name-taken",
      status: 409,
      requestId: "req-1",
      errors: [{ path: "name", message: "Choose another" }],
    });
  });

  it("reads a tRPC client error, whose own message stands outside of the data", () => {
    const error = Object.assign(new Error("This run does not exist"), {
      data: { code: "run.missing", httpStatus: 404, requestId: "req-2" },
    });
    expect(toProblem(error)).toEqual({
      message: "This run does not exist",
      code: "run.missing",
      status: 404,
      requestId: "req-2",
    });
  });

  it("reads the problem document within a tRPC error", () => {
    const problem = {
      code: "login.limited",
      message: "Too many tries",
      requestId: "req-3",
      retryAfter: 12,
      fields: [{ path: "email", message: "Wait" }],
    };
    expect(toProblem({ message: "x", data: { code: "TOO_MANY_REQUESTS", httpStatus: 429, problem } })).toEqual({
      message: "Too many tries",
      code: "login.limited",
      requestId: "req-3",
      status: 429,
      retryAfter: 12,
      errors: [{ path: "email", message: "Wait" }],
    });
  });

  it("knows a request that got no answer", () => {
    expect(toProblem(new TypeError("Failed to fetch"))).toEqual({ message: "", unreachable: true });
  });

  it("survives anything thrown", () => {
    for (const thrown of [null, undefined, 7, "words", {}, []]) expect(toProblem(thrown).message).toBe("");
  });
});

it("names fields as forms do and joins several messages of one", () => {
  expect(
    fieldMessages({
      message: "",
      errors: [
        { path: "steps[0].name", message: "Too long." },
        { path: "steps[0].name", message: "Has spaces." },
        { path: "", message: "No machine." },
      ],
    }),
  ).toEqual({ "steps.0.name": "Too long. Has spaces.", "": "No machine." });
});
