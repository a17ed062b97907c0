"use strict";
const { createRequire } = require("node:module");

/** The Express that Node-RED uses: its `http in` node looks into the router of the outermost app. */
exports.express = createRequire(require.resolve("node-red"))("express");
