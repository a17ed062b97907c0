"use strict";
const { readFileSync } = require("node:fs");

/** When a process started, in ticks since boot (Linux; proc(5), field 22 of stat); undefined where it cannot be read. */
exports.startTimeOf = (pid) => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
};
