"use strict";

const { clientOf } = require("./osf-node");

/** A list for the editor. In the engine there is no editor, and so nothing to answer. */
function answerEditor(RED, path, list) {
  if (typeof RED.httpAdmin?.get !== "function" || !RED.auth) return;
  RED.httpAdmin.get(path, RED.auth.needsPermission("flows.read"), (request, response) => {
    const answer = async () => list(clientOf(RED), request.query);
    answer().then(
      (rows) => response.json(rows),
      (error) => response.status(503).json({ code: error.code || "osf.failed", message: error.message }),
    );
  });
}

module.exports = { answerEditor };
