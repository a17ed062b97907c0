/**
 * The key of a list that is read page by page, made from the key of the same query: whatever makes the query stale makes
 * the pages stale. (tRPC's own infinite options add a `direction` to the input, which our strict inputs refuse.)
 */
export const pagedKey = (queryKey: readonly unknown[]): readonly unknown[] => [...queryKey, "pages"];
