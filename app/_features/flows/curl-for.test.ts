import { expect, it } from "vitest";
import { curlFor } from "./curl-for.ts";

it("sends a body with the methods that carry one, and quotes what a shell would read", () => {
  expect(curlFor({ method: "post", url: "https://x/a?b='c'", body: { it: "isn't" } })).toBe(
    [
      `curl -X POST \\`,
      `  'https://x/a?b='\\''c'\\''' \\`,
      `  -H "Authorization: Bearer $OSF_API_KEY" \\`,
      `  -H 'Content-Type: application/json' \\`,
      `  -d '{"it":"isn'\\''t"}'`,
    ].join("\n"),
  );
});

it("sends none with GET", () => {
  expect(curlFor({ method: "GET", url: "https://x/" })).toBe(
    `curl \\\n  'https://x/' \\\n  -H "Authorization: Bearer $OSF_API_KEY"`,
  );
});
