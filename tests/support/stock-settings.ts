/** Settings of a stock Node-RED without editor, output and anything to keep: flows are given to it over its runtime API. */
export function stockSettings(userDir: string): Record<string, unknown> {
  const nothing = async () => ({});
  const forget = async () => undefined;
  return {
    userDir,
    httpAdminRoot: false,
    httpNodeRoot: false,
    disableEditor: true,
    credentialSecret: false,
    functionExternalModules: false,
    telemetry: { enabled: false },
    logging: { console: { level: "off", metrics: false, audit: false } },
    storageModule: {
      init: forget,
      getFlows: async () => [],
      saveFlows: forget,
      getCredentials: nothing,
      saveCredentials: forget,
      getSettings: nothing,
      saveSettings: forget,
      getSessions: nothing,
      saveSessions: forget,
      getLibraryEntry: nothing,
      saveLibraryEntry: forget,
    },
  };
}
