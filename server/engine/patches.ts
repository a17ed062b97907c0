/**
 * Changes to official modules, each with its reason. Versions are pinned (loader.ts), and a text that is not found is an
 * error, so a patch can neither be lost nor hit something else.
 */
const PATCHES: Record<string, [find: string, replace: string][]> = {
  /*
   * switch takes no `done` and works its queue off in the asynchronous context of the message before: the engine could tell
   * neither which delivery sends nor when one has ended. Now each message is worked on in its own context and answered.
   */
  "core/function/10-switch.js": [
    [
      `        this.on('input', function(msg) {
            processMessageQueue(msg);
        });`,
      `        this.on('input', function(msg, send, done) {
            processMessageQueue({ msg, done, within: handlingMessage ? AsyncLocalStorage.snapshot() : (work) => work() });
        });`,
    ],
    [
      `            processMessage(nextMsg,true,err => {
                if (err) {
                    node.error(err,nextMsg);
                }
                setImmediate(() => {
                    processMessageQueue()
                })
            });`,
      `            nextMsg.within(() => processMessage(nextMsg.msg,true,err => {
                if (err) {
                    node.error(err,nextMsg.msg);
                }
                nextMsg.done();
                if (pendingMessages.length === 0) {
                    handlingMessage = false;
                } else {
                    setImmediate(() => {
                        processMessageQueue()
                    })
                }
            }));`,
    ],
    [`    "use strict";\n`, `    "use strict";\n    const { AsyncLocalStorage } = require("node:async_hooks");\n`],
  ],
};

export function patched(file: string, source: string): string {
  const name = Object.keys(PATCHES).find((ending) => file.replaceAll("\\", "/").endsWith(`@node-red/nodes/${ending}`));
  if (name === undefined) return source;
  let text = source.replaceAll("\r\n", "\n");
  for (const [find, replace] of PATCHES[name] ?? []) {
    if (!text.includes(find)) throw new Error(`The patch of ${name} does not fit: ${find.trim().split("\n")[0]}`);
    text = text.replace(find, () => replace);
  }
  return text;
}
