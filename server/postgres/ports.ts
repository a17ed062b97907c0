import net from "node:net";

/** Why a server could not listen there now (`EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL` …), or undefined when it could. */
export const portProblem = (port: number, host = "127.0.0.1") =>
  new Promise<string | undefined>((resolve) => {
    const probe = net.createServer();
    probe.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    probe.listen({ port, host, exclusive: true }, () => probe.close(() => resolve(undefined)));
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

/** The wanted port of loopback when it is free, otherwise one that the system chooses. */
export async function freePort(wanted = 0): Promise<number> {
  return wanted && !(await portProblem(wanted)) ? wanted : anyFreePort();
}

/** The first free port after `taken`, or undefined when the next hundred are busy. */
export async function nextFreePort(taken: number, host: string): Promise<number | undefined> {
  for (let port = taken + 1; port < Math.min(taken + 100, 65_536); port++)
    if (!(await portProblem(port, host))) return port;
  return undefined;
}
