import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { passwordProblem } from "./password-rules.ts";

const about = { email: "ana.keller@example.com", name: "Ana Keller" };
const list = (text: string) => text.trim().split(/\s+/);

const ROWS = list(`12345678 123456789 87654321 11111111 abcdefgh qwertyuiop qwertz123 1qaz2wsx abcabcabc asdfghjkl
  1234qwer abc12345 aaaaaaaa 12121212 zxcvbnm1`);
const COMMON = list(`password Password1 P@ssw0rd p4ssw0rd!! passwort123 Welcome2024! iloveyou sunshine1 football99
  !!Admin2025 letmein1 changeme passwordpassword SummerSummer1 Siemens123!`);

describe("refuses", () => {
  it.each(["", "short12", "1234567"])("what is too short: %s", (password) => {
    expect(passwordProblem(password, about)).toMatch(/use 8 or more/);
  });
  it("what is longer than 128 characters", () => {
    expect(passwordProblem("long words ".repeat(12), about)).toMatch(/at most 128/);
  });
  it.each(ROWS)("rows and repetitions: %s", (password) => {
    expect(passwordProblem(password, about)).toMatch(/row or a repetition/);
  });
  it.each(COMMON)("common words with what people hang on to them: %s", (password) => {
    expect(passwordProblem(password, about)).toMatch(/common one/);
  });
  it.each(["19841231", "0447185292"])("digits alone: %s", (password) => {
    expect(passwordProblem(password, about)).toMatch(/Digits alone/);
  });
  it.each(["ana.keller@example.com", "Ana.Keller1", "anakeller2024"])("the person's own name: %s", (password) => {
    expect(passwordProblem(password, about)).toMatch(/your name or address/);
  });
});

describe("accepts", () => {
  it.each([
    "correct horse battery staple",
    "turbine-lamp-7-river",
    "Schraube.Nebel.Kiste",
    "password for the coil winder",
    "k9#vTq2!",
    "日本語のパスワード",
    "xxx7 winding mills at dawn",
  ])("%s", (password) => {
    expect(passwordProblem(password, about)).toBeNull();
  });
  it("every generated one", () => {
    for (let i = 0; i < 500; i++) expect(passwordProblem(randomBytes(12).toString("base64url"), about)).toBeNull();
  });
});
