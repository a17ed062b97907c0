/** Of RFC 5424, least first, as MCP names them. */
const LEVELS = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"];

/** Whether a message is to be told to a client that set this level; one that set none is told everything. */
export const reaches = (level: unknown, least: string | undefined): boolean =>
  least === undefined || LEVELS.indexOf(String(level)) >= LEVELS.indexOf(least);

export const isLevel = (level: unknown): level is string => LEVELS.includes(String(level));
