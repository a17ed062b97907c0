import { expect, it } from "vitest";
import { withoutSecrets } from "./without-secrets.ts";

it("replaces what is named like a secret, at any depth", () => {
  expect(
    withoutSecrets({
      password: "hunter22",
      a: [{ apiKey: "x", ip: "10.0.0.1" }],
      headers: { Authorization: "Basic eA==" },
    }),
  ).toEqual({
    password: "[secret]",
    a: [{ apiKey: "[secret]", ip: "10.0.0.1" }],
    headers: { Authorization: "[secret]" },
  });
});

it("replaces what looks like a secret under any name", () => {
  const key = `osf_${"0a".repeat(16)}`;
  expect(
    withoutSecrets({
      note: `used ${key} today`,
      sent: "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl",
      url: "postgresql://osf:hunter22@db/osf",
    }),
  ).toEqual({ note: "used [secret] today", sent: "[secret]", url: "postgresql://osf:[secret]@db/osf" });
});

it("keeps numbers, also those that count tokens", () => {
  expect(withoutSecrets({ tokens: 512, ok: true, nothing: null })).toEqual({ tokens: 512, ok: true, nothing: null });
});
