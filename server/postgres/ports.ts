import net from "node:net";

/** Whether a server could listen there now. */
export const isPortFree = (port: number, host = "127.0.0.1") =>
  new Promise<boolean>((resolve) => {
    const probe = net.createServer();
    probe.once("error", () => resolve(false));
    probe.listen({ port, host, exclusive: true }, () => probe.close(() => resolve(true)));
  });

const anyFreePort = () =>
  new Promise<number>((resolve, reject) => {
    const probe = net.createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() =>
        address && typeof address === "object" ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });

/** The wanted port when it is free, otherwise one that the system chooses. */
export async function freePort(wanted = 0, host = "127.0.0.1"): Promise<number> {
  return wanted && (await isPortFree(wanted, host)) ? wanted : anyFreePort();
}

/** The first free port from `wanted` on, or undefined when the next hundred are busy. */
export async function nextFreePort(wanted: number, host: string): Promise<number | undefined> {
  for (let port = wanted; port < Math.min(wanted + 100, 65_536); port++) if (await isPortFree(port, host)) return port;
  return undefined;
}
