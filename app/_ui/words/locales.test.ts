import { describe, expect, it } from "vitest";
import { chooseLocale } from "./locales.ts";

describe("chooseLocale", () => {
  it("takes the person's choice before the browser's", () => {
    expect(chooseLocale("de", "en-US,en")).toBe("de");
  });
  it("follows the order of preference, not the order of writing", () => {
    expect(chooseLocale(undefined, "en;q=0.5, de-AT;q=0.9")).toBe("de");
  });
  it("skips languages it does not have and those refused with q=0", () => {
    expect(chooseLocale(undefined, "fr-FR,de;q=0,en;q=0.1")).toBe("en");
    expect(chooseLocale(undefined, "pl, de;q=0.3")).toBe("de");
  });
  it("falls back to English without a header or with an unknown cookie", () => {
    expect(chooseLocale("xx", null)).toBe("en");
  });
});
