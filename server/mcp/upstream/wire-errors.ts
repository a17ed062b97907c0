/** An answer whose status is no success and whose body is no JSON-RPC. */
export class HttpRefusal extends Error {
  override readonly name = "HttpRefusal";
  readonly status: number;
  /** The first 2,000 characters of the body; may hold anything, so it is never shown. */
  readonly text: string;
  readonly wwwAuthenticate: string | null;
  constructor(status: number, text: string, wwwAuthenticate: string | null) {
    super(`HTTP ${status}`);
    this.status = status;
    this.text = text;
    this.wwwAuthenticate = wwwAuthenticate;
  }
}

/** An answer that ended before it was complete: the request may have run. */
export class CutOff extends Error {
  override readonly name = "CutOff";
  constructor(cause?: unknown) {
    super("the connection was closed in the middle of the answer", cause === undefined ? undefined : { cause });
  }
}

/** Something that is not MCP; `why` is the end of a sentence for people. */
export class NotMcp extends Error {
  override readonly name = "NotMcp";
  constructor(why = "it answered something that is not MCP", cause?: unknown) {
    super(why, cause === undefined ? undefined : { cause });
  }
}

/** No answer within the time allowed. */
export class TooLate extends Error {
  override readonly name = "TooLate";
  readonly timeoutMs: number;
  constructor(timeoutMs: number) {
    super(`no answer within ${timeoutMs / 1_000} s`);
    this.timeoutMs = timeoutMs;
  }
}

/** The connection was closed by the gateway; nothing was sent. */
export class Closed extends Error {
  override readonly name = "Closed";
  constructor() {
    super("the connection was closed");
  }
}

/** The session is over, and the request that found it out was not carried out. */
export class SessionLost extends Error {
  override readonly name = "SessionLost";
  constructor() {
    super("it has forgotten the session");
  }
}
