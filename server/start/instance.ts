import { createHash } from "node:crypto";
import { mkdirSync, rmdirSync, rmSync, statSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";

/** Who holds a data folder. */
export interface Holder {
  pid: number;
  /** Where it answers people; absent for tools. */
  url?: string;
}

export interface Claim {
  /** Tells those who ask where this process answers people. */
  announce(url: string): void;
  release(): Promise<void>;
}

const LONGEST_SOCKET_PATH = 100; // the system's limit is 104 to 108 bytes

/**
 * Claims `folder` under `name` for this process, or says who holds it. The claim is a listening socket, so it ends with
 * the process by whatever death; a socket file that a dead process left is taken over.
 */
export async function claim(folder: string, name: string): Promise<Claim | { heldBy: Holder }> {
  const address = socketAddress(folder, name);
  for (let tries = 0; ; tries++) {
    const self: Holder = { pid: process.pid };
    const server = await listen(address, self);
    if (server)
      return {
        announce: (url) => void (self.url = url),
        release: () => new Promise((done) => server.close(() => done())),
      };
    const holder = await ask(address);
    if (holder) return { heldBy: holder };
    if (tries >= 100) throw new Error(`The socket ${address} neither answers nor can be taken over. Remove it`);
    await removeStale(address);
  }
}

/** Who holds the folder now. */
export const holderOf = (folder: string, name: string) => ask(socketAddress(folder, name));

function socketAddress(folder: string, name: string): string {
  const direct = path.join(folder, `${name}.sock`);
  const hash = createHash("sha256").update(direct).digest("hex").slice(0, 16);
  if (process.platform === "win32") return `\\\\.\\pipe\\osf-${hash}`;
  if (Buffer.byteLength(direct) <= LONGEST_SOCKET_PATH) return direct;
  return path.join(os.tmpdir(), `osf-${hash}.sock`);
}

function listen(address: string, holder: Holder): Promise<net.Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = net.createServer((socket) => {
      socket.on("error", () => undefined); // whoever asked has gone
      socket.end(JSON.stringify(holder));
    });
    server.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "EADDRINUSE" ? resolve(undefined) : reject(error),
    );
    server.listen(address, () => {
      server.unref(); // a claim alone keeps no process alive
      resolve(server);
    });
  });
}

function ask(address: string): Promise<Holder | undefined> {
  return new Promise((resolve) => {
    let text = "";
    const socket = net.connect(address);
    socket.setTimeout(3_000, () => socket.destroy(new Error("no answer")));
    socket.on("data", (chunk) => (text += String(chunk)));
    socket.on("error", () => undefined); // closes next
    socket.on("close", () => {
      try {
        resolve(JSON.parse(text) as Holder); // written by listen() above
      } catch {
        resolve(undefined);
      }
    });
  });
}

/** Under a lock of its own, with a second look: two starts must not remove each other's fresh socket. */
async function removeStale(address: string): Promise<void> {
  const lock = `${address}.lock`;
  try {
    mkdirSync(lock);
  } catch {
    await wait(30);
    const made = statSync(lock, { throwIfNoEntry: false })?.mtimeMs;
    if (made && Date.now() - made > 10_000) rmSync(lock, { recursive: true, force: true });
    return;
  }
  try {
    if (!(await ask(address))) rmSync(address, { force: true });
  } finally {
    rmdirSync(lock);
  }
}
