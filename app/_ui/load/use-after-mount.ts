import { useEffect, useState } from "react";

/**
 * False in the first picture, true from the next one. What comes with its script and is to be open at once opens one
 * picture later: only then does the library animate it and remember where the focus has to go back to.
 */
export function useAfterMount(): boolean {
  const [mounted, setMounted] = useState(false);
  useEffect(() => {
    const frame = requestAnimationFrame(() => setMounted(true));
    return () => cancelAnimationFrame(frame);
  }, []);
  return mounted;
}
