import { expect, it } from "vitest";
import { shortenId } from "./shorten-id.ts";

it("keeps the end, where time-ordered ids differ, and a prefix", () => {
  expect(shortenId("019a2b3c-7d8e-7f00-8123-456789abcdef")).toBe("…abcdef");
  expect(shortenId("run_01JABCDEFGHJK", 4)).toBe("run_…GHJK");
});
it("leaves a short id whole", () => {
  expect(shortenId("M-01")).toBe("M-01");
  expect(shortenId("run_1234567")).toBe("run_1234567");
});
