import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";

/** A request as Node gives it, of the cookies alone: for a page that asks what the browser holds. Nothing is sent. */
export function requestOfCookies(headers: Headers): { request: IncomingMessage; response: ServerResponse } {
  const request = new IncomingMessage(new Socket());
  request.method = "GET";
  request.url = "/";
  request.headers = { cookie: headers.get("cookie") ?? "", host: headers.get("host") ?? "" };
  return { request, response: new ServerResponse(request) };
}
