"use strict";
const http = require("node:http");
const RED = require("node-red");
const { hooks } = require("@node-red/util");
const { createActivity } = require("./activity.js");
const { createControl } = require("./control.js");
const { express } = require("./express.js");
const { createGateway } = require("./gateway.js");
const { createOsfClient } = require("./osf-client.js");
const { EDITOR, HTTP, TOKEN_HEADER, nodeRedSettings } = require("./settings.js");
const { createStorage } = require("./storage.js");
const { createVerifier } = require("./tokens.js");
const { createTracking } = require("./tracking.js");

// The driver's patience ends before; see PodDriver.delete.
const QUIET_MS = 60_000;
let ready = false;

/** After the start one flow's mistake must not end the others; before, it is a failed start. */
exports.survives = () => ready;

/**
 * A start that fills the caches is of nobody: it has no flows, asks no gateway, and is only asked for the editor's pages.
 */
const NOBODY = { seat: "prime:prime", userName: "", credentialSecret: "nobody" };
const nobodysGateway = {
  call: async (_method, path) => (path === "/flows" ? { nodes: [], credentials: {}, revision: 0 } : {}),
  exchange: async () => undefined,
};

/** Starts Node-RED without a seat. Resolves with the port when it can be assigned. */
exports.startPod = async (config) => {
  const state = { assignment: config.prime ? NOBODY : null, revision: null };
  const verify = createVerifier(config.publicKey, config.id);
  const gateway = config.prime ? nobodysGateway : createGateway(config);
  config.secret = undefined;
  const exchanged = gateway.exchange();
  exchanged.catch(() => undefined); // awaited below

  let activity;
  const osf = createOsfClient(gateway, () => activity);
  const app = express();
  app.disable("x-powered-by");
  // Node-RED and its nodes get a server that hears only what was let in; it does not listen itself.
  const inner = http.createServer(app);
  inner.setMaxListeners(0);

  RED.init(inner, nodeRedSettings({ config, storage: createStorage(gateway, state), state, verify, osf }));
  activity = createActivity({ gateway, state, hooks, eachNode: RED.nodes.eachNode });
  const tracking = createTracking({ gateway, state, hooks, getNode: RED.nodes.getNode });
  app.use("/_pod", createControl({ state, verify, activity, RED }));
  app.use(EDITOR, RED.httpAdmin);
  app.use(HTTP, RED.httpNode);

  /** What the request may do here; null: nothing. */
  const admit = (request) => {
    const claims = verify(request.headers[TOKEN_HEADER]);
    if (!claims) return null;
    if (claims.act === "control" && request.url.startsWith("/_pod/")) return claims;
    const own = claims.act === "use" && state.assignment !== null && claims.seat === state.assignment.seat;
    if (!own || request.url.startsWith("/_pod/")) return null;
    const http = request.url.startsWith(HTTP);
    activity.touched(http);
    if (http) delete request.headers[TOKEN_HEADER]; // no business of a flow's
    return claims;
  };
  const outer = http.createServer((request, response) => {
    if (!admit(request)) return response.writeHead(401, { "content-type": "text/plain" }).end("not for you\n");
    inner.emit("request", request, response);
  });
  outer.on("upgrade", (request, socket, head) => {
    socket.on("error", () => undefined);
    if (!admit(request)) return socket.end("HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n");
    socket.on("data", () => activity.touched(false));
    inner.emit("upgrade", request, socket, head);
  });
  outer.keepAliveTimeout = 65_000;

  const flowsStarted = new Promise((resolve) => RED.events.once("flows:started", resolve));
  await RED.start();
  await flowsStarted;
  await exchanged;
  await new Promise((listening, failed) => {
    outer.once("error", failed);
    outer.listen(0, config.host, listening);
  });
  ready = true;
  return {
    port: outer.address().port,
    async stop() {
      outer.close();
      await activity.quiet(QUIET_MS);
      await activity.report();
      activity.stop();
      tracking.stop();
      await RED.stop();
    },
  };
};
