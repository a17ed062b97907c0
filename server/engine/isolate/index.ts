/** Code that people write, in isolates: the `function` node and the TypeScript of `osf-ts`. */
export { functionNodeOverride } from "#server/engine/isolate/function-override.ts";
export { createCodeRunner } from "#server/engine/isolate/code-runner.ts";
