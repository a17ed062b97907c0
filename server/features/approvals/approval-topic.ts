/** Tells whoever waits for it that an approval is no longer open. */
export const approvalTopic = (id: string) => `approval:${id}`;

/** Hint for open pages, on the workspace's topic. */
export const APPROVAL_HINT = JSON.stringify({ type: "approval" });
