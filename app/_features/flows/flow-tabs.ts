export const FLOW_TABS = ["overview", "runs", "versions", "settings"] as const;
export type FlowTab = (typeof FLOW_TABS)[number];

/** The part of a flow's page that an address names; its overview otherwise. */
export const flowTab = (given: unknown): FlowTab => FLOW_TABS.find((one) => one === given) ?? "overview";
