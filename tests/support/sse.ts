export interface Received {
  id: string | undefined;
  event: string | undefined;
  data: Record<string, unknown>;
}

/** Reads an event stream as a browser does, until it ends or `signal` aborts. */
export async function* readSse(response: Response): AsyncGenerator<Received> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    rest += decoder.decode(chunk, { stream: true });
    for (let end = rest.indexOf("\n\n"); end >= 0; end = rest.indexOf("\n\n")) {
      const block = rest.slice(0, end);
      rest = rest.slice(end + 2);
      const field = (name: string) =>
        block
          .split("\n")
          .find((line) => line.startsWith(`${name}: `))
          ?.slice(name.length + 2);
      const data = field("data");
      if (data !== undefined && data !== "[DONE]")
        yield { id: field("id"), event: field("event"), data: JSON.parse(data) as Record<string, unknown> };
    }
  }
}

/** All events until the stream ends. A connection that breaks off ends it as well. */
export async function allSse(response: Response): Promise<Received[]> {
  const all: Received[] = [];
  try {
    for await (const event of readSse(response)) all.push(event);
  } catch {
    // the server was killed: what came is what counts
  }
  return all;
}
