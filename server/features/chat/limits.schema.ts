/** Characters of a question; apart from the schemas, so that the page that counts them needs no library. */
export const MAX_MESSAGE = 10_000;
