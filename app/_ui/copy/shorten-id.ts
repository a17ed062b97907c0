/** The last characters are the distinctive ones of time-ordered ids (UUIDv7, ULID); a prefix as in `run_` stays. */
export function shortenId(id: string, length = 6): string {
  const prefix = /^[a-z]+_/.exec(id)?.[0] ?? "";
  return id.length <= prefix.length + length + 1 ? id : `${prefix}…${id.slice(-length)}`;
}
