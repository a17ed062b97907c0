import { randomBytes } from "node:crypto";
import http, { type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { InfisicalSettings } from "#server/kernel/settings.ts";

interface Kept {
  secretValue: string;
  secretComment: string;
  version: number;
  createdAt: string;
  updatedAt: string;
}

/**
 * Infisical as far as the vault uses it, as strict as its documentation says: a machine identity's login (universal
 * auth), API v4 of secrets, folders. What is asked for wrongly is refused: 400 for parameters, 401 for tokens, 404 for
 * another project, environment or folder.
 */
export interface FakeInfisical {
  settings: InfisicalSettings;
  /** `METHOD /path` of every request, in order. */
  requests: string[];
  /** Seconds that tokens are good for. */
  lifeS: number;
  /** What it answers instead of anything. */
  fails: number | undefined;
  /** By folder, then by name: what people see in its own pages. */
  folders: Map<string, Map<string, Kept>>;
  /** Ends all tokens that it gave. */
  revokeTokens(): void;
  close(): Promise<void>;
}

export async function startInfisical(): Promise<FakeInfisical> {
  const tokens = new Map<string, number>();
  const server = http.createServer((request, response) => void handle(request, response));

  async function handle(request: IncomingMessage, response: ServerResponse) {
    const { method = "GET" } = request;
    const url = new URL(request.url ?? "/", "http://infisical");
    self.requests.push(`${method} ${url.pathname}`);
    let text = "";
    for await (const chunk of request) text += String(chunk);
    const answer = (status: number, body: unknown) => {
      response.writeHead(status, { "Content-Type": "application/json" });
      response.end(JSON.stringify(body));
    };
    if (self.fails) return answer(self.fails, { message: `failed with ${text}` });
    const isJson = request.headers["content-type"] === "application/json";
    if (text && !isJson) return answer(400, { message: "content type" });
    const body = (text ? JSON.parse(text) : {}) as Record<string, string>; // of the vault
    const { clientId, clientSecret, projectId, environment } = self.settings;

    if (method === "POST" && url.pathname === "/api/v1/auth/universal-auth/login") {
      if (body["clientId"] !== clientId || body["clientSecret"] !== clientSecret)
        return answer(401, { message: "Invalid credentials" });
      const accessToken = randomBytes(24).toString("base64url");
      tokens.set(accessToken, Date.now() + self.lifeS * 1_000);
      return answer(200, { accessToken, expiresIn: self.lifeS, accessTokenMaxTTL: 2_592_000, tokenType: "Bearer" });
    }
    const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
    if ((tokens.get(bearer) ?? 0) <= Date.now()) return answer(401, { message: "Token missing or expired" });

    const given = method === "GET" ? Object.fromEntries(url.searchParams) : body;
    if (given["projectId"] !== projectId || given["environment"] !== environment)
      return answer(404, { message: "Project or environment not found" });
    if (method === "POST" && url.pathname === "/api/v2/folders") {
      const { name = "", path: parent = "" } = body;
      if (!/^[\w-]+$/.test(name) || !self.folders.has(parent)) return answer(404, { message: "Parent not found" });
      const folder = `${parent === "/" ? "" : parent}/${name}`;
      if (self.folders.has(folder)) return answer(400, { message: "Folder already exists" });
      self.folders.set(folder, new Map());
      return answer(200, { folder: { name, path: folder } });
    }
    const folder = self.folders.get(given["secretPath"] ?? "");
    if (!folder) return answer(404, { message: "Folder with path not found" });
    if (method === "GET" && url.pathname === "/api/v4/secrets") {
      const show = given["viewSecretValue"] === "true";
      const secrets = [...folder].map(([secretKey, { secretValue, ...kept }]) => ({
        secretKey,
        secretValue: show ? secretValue : "<hidden-by-infisical>",
        secretValueHidden: !show,
        ...kept,
      }));
      return answer(200, { secrets, imports: [] });
    }
    const name = /^\/api\/v4\/secrets\/([^/]+)$/.exec(url.pathname)?.[1];
    const there = name && folder.get(name);
    if (!name || !isJson) return answer(404, { message: "Route not found" });
    if (method === "DELETE") return folder.delete(name) ? answer(200, { secret: {} }) : answer(404, {});
    if (typeof body["secretValue"] !== "string") return answer(400, { message: "secretValue is required" });
    if (method === "POST" && there) return answer(400, { message: "Secret already exists" });
    if (method === "PATCH" && !there) return answer(404, { message: "Secret not found" });
    const now = new Date().toISOString();
    folder.set(name, {
      secretValue: body["secretValue"],
      secretComment: body["secretComment"] ?? (there ? there.secretComment : ""),
      version: there ? there.version + 1 : 1,
      createdAt: there ? there.createdAt : now,
      updatedAt: now,
    });
    return answer(200, { secret: { secretKey: name } });
  }

  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const self: FakeInfisical = {
    settings: {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, // a TCP server's
      clientId: "machine",
      clientSecret: "machine-s3cret",
      projectId: "prj",
      environment: "prod",
      path: "/osf",
    },
    requests: [],
    lifeS: 7_200,
    fails: undefined,
    folders: new Map([["/", new Map()]]),
    revokeTokens: () => tokens.clear(),
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
  return self;
}
