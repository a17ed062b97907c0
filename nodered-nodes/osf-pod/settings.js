"use strict";

const EDITOR = "/flows/editor";
const HTTP = "/flows/http";
exports.EDITOR = EDITOR;
exports.HTTP = HTTP;
exports.TOKEN_HEADER = "x-osf-pod-token";

/** Node-RED's settings. Nothing can be installed, nothing is reported to anyone, the editor is the gateway's. */
exports.nodeRedSettings = ({ config, storage, state, verify, osf }) => ({
  uiHost: config.host,
  uiPort: 0,
  userDir: config.home,
  nodesDir: config.nodesDirs,
  nodesExcludes: config.exclude,
  httpAdminRoot: EDITOR,
  httpNodeRoot: HTTP,
  storageModule: storage,
  // A getter: each seat has its own key, and the pod learns it after its start.
  get credentialSecret() {
    return state.assignment ? state.assignment.credentialSecret : "unassigned";
  },
  adminAuth: {
    tokenHeader: exports.TOKEN_HEADER,
    tokens: async (token) => {
      const claims = verify(token);
      if (!claims || claims.act !== "use" || !state.assignment || claims.seat !== state.assignment.seat) return null;
      return { username: state.assignment.userName, permissions: "*" };
    },
  },
  osf,
  telemetry: { enabled: false, updateNotification: false },
  diagnostics: { enabled: false, ui: false },
  runtimeState: { enabled: true, ui: true },
  functionExternalModules: false,
  functionTimeout: 0,
  externalModules: {
    autoInstall: false,
    palette: { allowInstall: false, allowUpdate: false, allowUpload: false },
    modules: { allowInstall: false },
  },
  contextStorage: { default: { module: "memory" } },
  exportGlobalContextKeys: false,
  logging: { console: { level: "info", metrics: false, audit: false } },
  debugMaxLength: 1_000,
  apiMaxLength: "10mb",
  inboundWebSocketTimeout: 5_000,
  paletteCategories: ["OSF", "subflows", "common", "function", "network", "sequence", "parser", "storage"],
  editorTheme: {
    tours: false,
    projects: { enabled: false },
    multiplayer: { enabled: false },
    page: { title: "OSF Flows" },
    header: { title: "OSF Flows", url: "/flows" },
    userMenu: false,
    menu: { "menu-item-help": false },
    codeEditor: { lib: "monaco" },
    markdownEditor: { mermaid: { enabled: false } },
  },
});
