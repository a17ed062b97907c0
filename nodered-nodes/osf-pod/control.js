"use strict";
const { express } = require("./express.js");
const { TOKEN_HEADER } = require("./settings.js");

/** What the gateway tells the pod. Whoever comes here carries a signed token of the kind `control` (see pod.js). */
exports.createControl = ({ state, verify, activity, RED }) => {
  const control = express.Router();
  const claimsOf = (request) => verify(request.headers[TOKEN_HEADER]) || {};

  control.get("/health", (_request, response) => {
    response.json({
      seat: state.assignment ? state.assignment.seat : null,
      revision: state.revision,
      busy: activity.busy(),
      memoryMb: Math.round(process.memoryUsage.rss() / 1_048_576),
    });
  });

  let assigning; // one at a time: two requests of the same seat get the same answer
  control.post("/assign", (request, response) => {
    const { assignment } = claimsOf(request);
    if (!assignment) return response.status(400).json({ code: "pod.assignment" });
    // Once it was somebody's, a pod is nobody else's.
    if (state.assignment && state.assignment.seat !== assignment.seat)
      return response.status(409).json({ code: "pod.assigned" });
    assigning ??= assign(assignment);
    assigning.then(
      () => response.json({ seat: state.assignment.seat, revision: state.revision }),
      (error) => {
        assigning = undefined; // the seat stays; the next try loads its document
        response.status(502).json({ code: error.code || "pod.load", message: String(error.message) });
      },
    );
  });

  async function assign(assignment) {
    state.assignment = Object.freeze(assignment);
    // The seat's editor settings: an inner call of Node-RED's (@node-red/runtime 5.0.7), which has no public one.
    await RED.settings.load(require("@node-red/runtime/lib/storage"));
    if (!assignment.safe) return load();
    // Flows that took the pod down twice are shown, not started, until the person deploys. The public reload would
    // start them, so this too is an inner call.
    RED.settings.safeMode = true;
    await require("@node-red/runtime/lib/flows").loadFlows(false);
  }

  const load = () => RED.runtime.flows.setFlows({ user: null, deploymentType: "reload" });

  control.post("/reload", (_request, response) => {
    if (!state.assignment) return response.status(409).json({ code: "pod.unassigned" });
    load().then(
      () => response.json({ revision: state.revision }),
      (error) => response.status(502).json({ code: error.code || "pod.load", message: String(error.message) }),
    );
  });

  return control;
};
