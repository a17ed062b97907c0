import { expect, it } from "vitest";
import { safeNext, signInPath } from "./next-path.ts";

it("keeps a path of this site with its query and fragment", () => {
  expect(safeNext("/runs?status=failed#top")).toBe("/runs?status=failed#top");
});

it.each([
  "https://elsewhere.example/",
  "//elsewhere.example/runs",
  "/\\elsewhere.example",
  "/\t/elsewhere.example",
  "/.//elsewhere.example",
  "javascript:alert(1)",
  "runs",
  "",
  null,
  undefined,
])("leads home instead of following %j", (wanted) => {
  expect(safeNext(wanted)).toBe("/");
});

it("never leads back to signing in, nor to an address that is no page", () => {
  expect(safeNext("/sign-in?next=%2Fsign-in")).toBe("/");
  expect(safeNext("/register")).toBe("/");
  expect(safeNext("/api/auth/signout")).toBe("/");
});

it("carries the way back in one parameter, and none for home", () => {
  expect(signInPath("/runs?status=failed&kind=chat")).toBe("/sign-in?next=%2Fruns%3Fstatus%3Dfailed%26kind%3Dchat");
  expect(signInPath("/")).toBe("/sign-in");
});
