import dgram from "node:dgram";
import dns from "node:dns";
import net from "node:net";
import { addressRule, type AddressRule } from "../kernel/address-rules.ts";
import { guardedLookup } from "../kernel/guarded-lookup.ts";

/** What a socket that may not be opened is destroyed with. */
export class DialRefused extends Error {
  override readonly name = "DialRefused";
  readonly code = "http.private";
}

const refusal = (host: string) =>
  new DialRefused(
    `${host} is not a public address, and flows may reach only public ones. An administrator allows others with OSF_ALLOW_PRIVATE_HOSTS`,
  );

export interface DialGuard {
  /** Rejects with DialRefused where the address of an http(s) URL, or what its name stands for, may not be reached. */
  check(url: string): Promise<void>;
}

/**
 * From here on this process opens sockets only to addresses that `allow` (CIDR) holds or that are public, whoever asks:
 * `http request` by got, fetch, TLS. Every socket of Node passes `net.Socket.connect`, also for a redirect, and the
 * address is judged after the name was looked up, as the very address that is dialled: a name that changes its mind in
 * between reaches nothing. Nothing listens, and there are no datagrams. User code cannot undo this: it has no access to
 * this realm.
 */
export function installDialGuard(allow: readonly string[]): DialGuard {
  const may = addressRule(allow);
  const connect = net.Socket.prototype.connect as (this: net.Socket, ...args: unknown[]) => net.Socket;

  function guarded(this: net.Socket, ...args: unknown[]): net.Socket {
    const [first] = args;
    // `net.connect` hands on what it has normalised: [options, callback], marked by a symbol of its own.
    const normalised = Array.isArray(first) ? (first as [net.NetConnectOpts, ...unknown[]]) : undefined;
    const options = normalised?.[0] ?? optionsOf(args);
    const refused = refusedTarget(options, may);
    if (refused) return this.destroy(refused);
    const checked = { ...options, lookup: guardedLookup((options as net.TcpNetConnectOpts).lookup, may, refusal) };
    if (normalised) {
      normalised[0] = checked;
      return connect.apply(this, args);
    }
    const listener = args.findLast((arg) => typeof arg === "function");
    return connect.call(this, checked, listener);
  }
  net.Socket.prototype.connect = guarded as typeof net.Socket.prototype.connect; // takes what the original takes

  const forbid = (what: string) => () => {
    throw new DialRefused(`Flows on the engine ${what}`);
  };
  net.Server.prototype.listen = forbid("do not listen");
  dgram.Socket.prototype.bind = forbid("send no datagrams");
  dgram.Socket.prototype.connect = forbid("send no datagrams");
  dgram.Socket.prototype.send = forbid("send no datagrams");

  return {
    async check(url) {
      const parsed = URL.parse(url);
      if (!parsed || (parsed.protocol !== "http:" && parsed.protocol !== "https:"))
        throw new DialRefused(`${url.slice(0, 200)} is no http or https address`);
      const host = parsed.hostname.replace(/^\[(.*)\]$/, "$1");
      const found = net.isIP(host) ? [{ address: host }] : await dns.promises.lookup(host, { all: true });
      if (!found.some(({ address }) => may(address))) throw refusal(host);
    },
  };
}

/** The options of `socket.connect(port[, host])`, `connect(options)` and `connect(path)`. */
function optionsOf([first, second]: unknown[]): net.NetConnectOpts {
  if (typeof first === "object" && first !== null) return first as net.NetConnectOpts; // Node refuses what is none
  if (typeof first === "string" && !/^\d+$/.test(first)) return { path: first };
  return { port: Number(first), ...(typeof second === "string" ? { host: second } : {}) };
}

function refusedTarget(options: net.NetConnectOpts, may: AddressRule): DialRefused | undefined {
  if ("path" in options && options.path) return new DialRefused("Flows on the engine open no local sockets");
  const { host } = options as net.TcpNetConnectOpts;
  return host && net.isIP(host) && !may(host) ? refusal(host) : undefined;
}
