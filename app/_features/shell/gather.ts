/** Collects what comes within `ms` of the first and hands it over at once, so that a burst causes one look. */
export function gather<T>(ms: number, handle: (items: T[]) => void) {
  let items: T[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    add(item: T): void {
      items.push(item);
      timer ??= setTimeout(() => {
        const gathered = items;
        items = [];
        timer = undefined;
        handle(gathered);
      }, ms);
    },
  };
}
