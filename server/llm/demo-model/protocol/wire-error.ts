/** A refusal in the words and shape of the original protocol: `{error:{message,type,param,code}}`. */
export class WireError extends Error {
  override readonly name = "WireError";
  readonly status: number;
  readonly param: string | null;
  readonly code: string | null;

  constructor(status: number, message: string, param: string | null = null, code: string | null = null) {
    super(message);
    this.status = status;
    this.param = param;
    this.code = code;
  }
}

export function errorBody(error: WireError) {
  const type = error.status >= 500 ? "server_error" : "invalid_request_error";
  return { error: { message: error.message, type, param: error.param, code: error.code } };
}
