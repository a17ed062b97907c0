/** How long a worker may be silent before its runs are taken over. Renewed four times in that time. */
export const LEASE_MS = 4_000;

/** The run is no longer this worker's: another took it over, or it was ended. */
export class LeaseLost extends Error {
  override readonly name = "LeaseLost";
}
