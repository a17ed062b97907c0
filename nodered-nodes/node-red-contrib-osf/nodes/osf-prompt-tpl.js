"use strict";

const { onMessage, register, setPayload } = require("./lib/osf-node");
const { fillTemplate } = require("./lib/values");

module.exports = (RED) => {
  register(RED, "osf-prompt-tpl", (node, config) => {
    onMessage(node, "filling the template", async (msg, send) => {
      send(setPayload(msg, await fillTemplate(RED, node, msg, config.template, { dollar: true })));
    });
  });
};
