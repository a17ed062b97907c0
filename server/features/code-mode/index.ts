export { declareTool, type DeclaredTool } from "./declare-tools.ts";
export { beginCode, codeRequest, codeResult, RUN_CODE, runCodeDefinition } from "./run-code.ts";
