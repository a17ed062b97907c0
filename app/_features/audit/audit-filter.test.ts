import { expect, it } from "vitest";
import { exportHref, sinceOf } from "./audit-filter.ts";

it("exports exactly what is filtered", () => {
  const from = sinceOf("day", new Date("2026-03-02T12:00:00Z"));
  expect(exportHref({ search: "list & more", outcome: "failed", from }, "csv")).toBe(
    "/api/rest/admin/audit/export?format=csv&search=list+%26+more&outcome=failed&from=2026-03-01T12%3A00%3A00.000Z",
  );
});
