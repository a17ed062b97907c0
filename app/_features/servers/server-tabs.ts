export const SERVER_TABS = ["overview", "tools", "offer", "logs", "settings"] as const;
export type ServerTab = (typeof SERVER_TABS)[number];

/** The part of a server's page that an address names; its overview otherwise. */
export const serverTab = (given: unknown): ServerTab => SERVER_TABS.find((one) => one === given) ?? "overview";
