"use strict";

/**
 * What every OSF node's runtime has in common. Nothing here keeps state: one process may host many runs, and one instance
 * of a node may serve several of them.
 */

/** An error that its reader can act on; `code` and `cause` reach a catch node as `msg.error.code` and `.cause`. */
function fail(code, message, cause) {
  const error = new Error(message);
  error.code = code;
  if (cause !== undefined) error.cause = cause;
  return error;
}

/** The client of the host (osf-client.d.ts). Without a host the nodes can be drawn and saved, but not executed. */
function clientOf(RED) {
  const osf = RED.settings.osf;
  if (osf) return osf;
  throw fail("osf.missing", "OSF nodes act through OSF Gateway, and this Node-RED is not connected to one.");
}

/** Registers a node type; `setUp(node, config)` is its constructor. */
function register(RED, type, setUp, options) {
  RED.nodes.registerType(
    type,
    function OsfNode(config) {
      RED.nodes.createNode(this, config);
      setUp(this, config);
    },
    options,
  );
}

/**
 * `work(msg, send)` is called synchronously with each message and resolves, when all of it is done, with a status for the
 * node or with nothing. What it throws goes to the catch nodes with the message as it came in, so `work` changes the
 * message only after all that can fail.
 */
function onMessage(node, working, work) {
  node.on("input", async (msg, send, done) => {
    node.status({ fill: "blue", shape: "dot", text: working });
    let status;
    let error;
    try {
      status = await work(msg, send);
    } catch (reason) {
      error = asError(reason);
      status = { fill: "red", shape: "ring", text: error.code || "failed" };
    }
    node.status(status || {});
    done(error);
  });
}

/** Hosts may reject with what crossed a process boundary: the code has to be the error's own property to be seen. */
function asError(reason) {
  if (reason instanceof Error) return reason;
  if (reason && typeof reason === "object" && reason.message) return fail(reason.code, String(reason.message));
  return fail("osf.failed", String(reason));
}

/** Puts a result into the payload; what was there stays readable as `msg.previous`. */
function setPayload(msg, value) {
  msg.previous = msg.payload;
  msg.payload = value;
  return msg;
}

/** A number of the configuration within its bounds; empty: the default. Throws `node.config` where it is no number. */
function numberOf(value, label, { fallback, min, max, integer = false }) {
  if (value === "" || value === undefined || value === null) return fallback;
  const number = Number(value);
  if (!Number.isFinite(number) || number < min || number > max || (integer && !Number.isInteger(number)))
    throw fail("node.config", `${label} must be ${integer ? "a whole number" : "a number"} from ${min} to ${max}.`);
  return number;
}

/** `a, b; c` or one a line → `["a", "b", "c"]`. */
function listOf(text) {
  return String(text || "")
    .split(/[,;\n]/)
    .map((part) => part.trim())
    .filter(Boolean);
}

const nameOf = (node) => node.name || node.type || node.id;

module.exports = { asError, clientOf, fail, listOf, nameOf, numberOf, onMessage, register, setPayload };
