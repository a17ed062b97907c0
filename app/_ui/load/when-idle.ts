/** Safari has no idle callbacks. */
const LATER_MS = 200;

/** Calls once the page has all that it began with and nothing else to do; the result calls it off. Browser only. */
export function whenIdle(act: () => void): () => void {
  let callOff: () => void;
  const wait = () => {
    if (typeof requestIdleCallback === "function") {
      const handle = requestIdleCallback(act);
      callOff = () => cancelIdleCallback(handle);
    } else {
      const timer = setTimeout(act, LATER_MS);
      callOff = () => clearTimeout(timer);
    }
  };
  if (document.readyState === "complete") wait();
  else {
    window.addEventListener("load", wait, { once: true });
    callOff = () => window.removeEventListener("load", wait);
  }
  return () => callOff();
}
