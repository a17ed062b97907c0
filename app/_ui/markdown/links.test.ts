import { expect, it } from "vitest";
import { isOwnImage, linkKind } from "./links.ts";

const here = "https://gateway.plant";

it("tells our pages from foreign ones", () => {
  expect(linkKind("/runs/1", here)).toBe("inside");
  expect(linkKind("#top", here)).toBe("inside");
  expect(linkKind("https://gateway.plant/runs", here)).toBe("inside");
  expect(linkKind("https://example.org", here)).toBe("outside");
  expect(linkKind("mailto:a@example.org", here)).toBe("outside");
});

it.each([
  "javascript:alert(1)",
  "JAVASCRIPT:alert(1)",
  "data:text/html,x",
  "vbscript:x",
  "file:///etc/passwd",
  "http://[",
])("opens nothing for %s", (href) => expect(linkKind(href, here)).toBe("none"));

it("takes an address that only looks relative as foreign", () => {
  expect(linkKind("//evil.example/x", here)).toBe("outside");
  expect(linkKind("/\\evil.example/x", here)).toBe("outside");
  expect(isOwnImage("//evil.example/x.png", here)).toBe(false);
  expect(isOwnImage("/\\evil.example/x.png", here)).toBe(false);
});

it("loads images of our own host only", () => {
  expect(isOwnImage("/files/1.png", here)).toBe(true);
  expect(isOwnImage("https://tracker.example/p.gif", here)).toBe(false);
  expect(isOwnImage("data:image/svg+xml,<svg/>", here)).toBe(false);
  expect(isOwnImage(undefined, here)).toBe(false);
});
