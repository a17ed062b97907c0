export { declareTool, type DeclaredTool } from "./declare-tools.ts";
export { beginCode, codeRequest, codeResult, runCodeDefinition } from "./run-code.ts";
