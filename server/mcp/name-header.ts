const MEMBER = new Map([
  ["tools/call", "name"],
  ["prompts/get", "name"],
  ["resources/read", "uri"],
  ["tasks/get", "taskId"],
  ["tasks/update", "taskId"],
  ["tasks/cancel", "taskId"],
]);

/** The member of a method's parameters that the header `Mcp-Name` repeats (2026-07-28, Standard Request Headers). */
export const memberOfName = (method: string): string | undefined => MEMBER.get(method);
