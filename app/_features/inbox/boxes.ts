export const BOXES = ["mine", "team", "past"] as const;
export type Box = (typeof BOXES)[number];

/** The box that an address names; one's own otherwise. */
export const boxOf = (given: unknown): Box => BOXES.find((one) => one === given) ?? "mine";
