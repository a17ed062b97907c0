/**
 * Which folder may import which: kernel ← engine, runner, pods, mcp, llm, factory ← features ← edge ← main, worker, app.
 * Run by tests/check.ts over skeletons of the sources (see tests/check/import-skeletons.ts): below `all/` are all imports,
 * below `values/` those that exist at run time; every file ends in `.js` there.
 */
const SERVER = "^all/server/";
const BASE = "(engine|runner|pods|mcp|llm|factory)";
const GENERATED = "^(all|values)/server/generated/";
const SCHEMA = "[/.]schema\\.js$";
const TEST = "(\\.test\\.js$|/test-[\\w-]+\\.js$|^(all|values)/tests/)";

const forbid = (name, comment, from, to) => ({ name, comment, severity: "error", from, to });

module.exports = {
  forbidden: [
    forbid(
      "kernel-stands-alone",
      "The kernel knows no other folder.",
      { path: `${SERVER}kernel/`, pathNot: TEST },
      { path: "^all/(server|app|prisma|tests)/", pathNot: [`${SERVER}kernel/`, GENERATED] },
    ),
    forbid(
      "base-knows-kernel-only",
      "engine, runner, pods, mcp, llm and factory import the kernel and themselves; the runner speaks the engine's contract.",
      { path: `${SERVER}${BASE}/`, pathNot: TEST },
      {
        path: "^all/(server|app|prisma|tests)/",
        pathNot: [`${SERVER}kernel/`, `${SERVER}$1/`, `${SERVER}engine/contract\\.js$`],
      },
    ),
    forbid(
      "postgres-knows-kernel-only",
      "The embedded database is used by the launcher, tools and tests; it knows the kernel.",
      { path: `${SERVER}postgres/`, pathNot: TEST },
      { path: "^all/(server|app|prisma|tests)/", pathNot: [`${SERVER}(kernel|postgres)/`] },
    ),
    forbid(
      "features-below-edge",
      "Features import what lies below. Their routers and routes alone also use the builders of the edge.",
      { path: `${SERVER}features/`, pathNot: [TEST, `${SERVER}features/.+/(router|routes)\\.js$`] },
      { path: "^all/(server/(edge|start|main\\.|worker\\.|container\\.)|app/)" },
    ),
    forbid(
      "routers-use-builders",
      "Of the edge, a feature's router uses the builders and nothing else.",
      { path: `${SERVER}features/.+/(router|routes)\\.js$` },
      {
        path: "^all/(server/(edge|start|main\\.|worker\\.|container\\.)|app/)",
        pathNot: `${SERVER}edge/(trpc/procedures|rest/route|sse)\\.js$`,
      },
    ),
    forbid(
      "builders-stay-small",
      "The builders are below the features that use them: they know the kernel and the type of the dependencies.",
      { path: `${SERVER}edge/(trpc/procedures|rest/route|sse)\\.js$` },
      { path: "^all/(server|app)/", pathNot: [`${SERVER}kernel/`, `${SERVER}features/deps\\.js$`] },
    ),
    forbid(
      "features-meet-at-the-index",
      "A feature reaches another one through its index only; schema files, which pages load too, know other schema files.",
      { path: `${SERVER}features/([^/]+)/`, pathNot: TEST },
      {
        path: `${SERVER}features/[^/]+/`,
        pathNot: [`${SERVER}features/$1/`, `${SERVER}features/[^/]+/index\\.js$`, SCHEMA],
      },
    ),
    forbid(
      "edge-below-roots",
      "The edge knows neither the composition roots nor the pages.",
      { path: `${SERVER}edge/`, pathNot: TEST },
      { path: "^all/(server/(start|main\\.|worker\\.)|app/)" },
    ),
    forbid(
      "pages-know-schemas-and-container",
      "Pages and client code import from the server schema files, the table of permissions, types and the container.",
      { path: "^values/app/", pathNot: TEST },
      { path: "^values/server/", pathNot: [SCHEMA, "^values/server/(container|kernel/permissions)\\.js$"] },
    ),
    forbid(
      "no-database-in-pages",
      "No page talks to the database.",
      { path: "^all/app/", pathNot: TEST },
      { path: ["node_modules/(pg|pg-boss|@prisma/[^/]+)/", "^all/server/generated/"] },
    ),
    forbid(
      "engine-without-database",
      "The engine and the runner reach nothing that touches the database, Next or tRPC.",
      { path: "^values/server/(engine/|runner\\.js$|runner/)", pathNot: TEST },
      {
        path: "(node_modules/(pg|pg-boss|@prisma/[^/]+|next|@trpc/[^/]+)/|^values/server/generated/)",
        reachable: true,
      },
    ),
    forbid(
      "launcher-stays-small",
      "The launcher lives as long as the product: no Next, no database client, no AI SDK in its memory.",
      { path: "^values/server/start(\\.js$|/)", pathNot: TEST },
      {
        path: "(node_modules/(next|ai|@ai-sdk/[^/]+|@prisma/[^/]+|pg-boss)/|^values/server/(generated|features|edge|mcp|llm)/)",
        reachable: true,
      },
    ),
    forbid(
      "nobody-imports-tests",
      "What the product runs imports no test support.",
      { path: "^all/", pathNot: TEST },
      { path: TEST },
    ),
    forbid(
      "node-red-nodes-stand-alone",
      "The Node-RED packages are installed elsewhere: they import nothing of ours.",
      { path: "^all/nodered-nodes/" },
      { path: "^all/(server|app|prisma|tests)/" },
    ),
    forbid("no-cycles", "No circle of modules at run time.", { path: "^values/" }, { circular: true }),
    forbid(
      "imports-exist",
      "Every import leads somewhere.",
      { path: "^all/" },
      { couldNotResolve: true, pathNot: ["\\.(css|json|svg|woff2)$", "/generated/"] },
    ),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: {
      extensions: [".js"],
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
    },
  },
};
