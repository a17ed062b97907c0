"use strict";

/** Part of the editor's addresses of files: the same in all pods, so that browsers keep them. */
const INSTANCE = "osf-pod";

/**
 * Node-RED's storage, kept by the gateway. Before the pod is assigned it is empty and what Node-RED writes at its start
 * (list of nodes) is dropped. Own properties, because Node-RED asks `hasOwnProperty` which parts there are.
 *
 * Flows and credentials are one document with one revision: Node-RED saves the credentials first and the flows right
 * after, so that the former wait here and both travel together.
 */
exports.createStorage = (gateway, state) => {
  let held; // credentials of the deploy that is under way
  let document = null; // as it was read last: getCredentials follows getFlows

  return {
    init: async () => undefined,
    async getFlows() {
      if (!state.assignment) return [];
      document = await gateway.call("GET", "/flows");
      state.revision = document.revision;
      return document.nodes;
    },
    getCredentials: async () => (state.assignment && document && document.credentials) || {},
    async saveCredentials(credentials) {
      held = credentials;
    },
    async saveFlows(nodes) {
      if (!state.assignment) return;
      const credentials = held;
      held = undefined;
      const body = { nodes, revision: state.revision, ...(credentials === undefined ? {} : { credentials }) };
      try {
        ({ revision: state.revision } = await gateway.call("PUT", "/flows", body));
      } catch (error) {
        if (credentials !== undefined) held = credentials; // they stay to be saved with the next deploy
        throw error;
      }
    },
    getSettings: async () => ({
      ...(state.assignment ? await gateway.call("GET", "/settings") : {}),
      instanceId: INSTANCE,
    }),
    async saveSettings(settings) {
      if (state.assignment) await gateway.call("PUT", "/settings", settings);
    },
    getSessions: async () => ({}),
    saveSessions: async () => undefined,
    async getLibraryEntry(type, path) {
      if (!state.assignment) return [];
      const query = new URLSearchParams({ type, path });
      const { body } = await gateway.call("GET", `/library?${query}`);
      return body;
    },
    async saveLibraryEntry(type, path, meta, body) {
      if (state.assignment) await gateway.call("POST", "/library", { type, path, meta: meta || {}, body });
    },
  };
};
