import { expect, it } from "vitest";
import { keyExample } from "./key-example.ts";

it("asks for something that the key may read", () => {
  expect(keyExample("https://gw.example", "osf_1", [])).toContain('"https://gw.example/api/runs?limit=5"');
  expect(keyExample("https://gw.example", "osf_1", ["chat.write", "plant.read"])).toContain("/api/plant");
});

it("falls back to the question who one is", () => {
  expect(keyExample("https://gw.example", "osf_1", ["chat.write"])).toBe(
    'curl "https://gw.example/auth/me" \\\n  -H "Authorization: Bearer osf_1"',
  );
});
