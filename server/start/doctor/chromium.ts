import { existsSync } from "node:fs";

const PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/opt/google/chrome/chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/** How a person gets a browser for the tests. */
export const HOW_TO_GET_CHROMIUM =
  "no Chromium: install it (apt-get install chromium, or npx playwright install chromium), or name one with CHROMIUM_PATH";

/** The Chromium or Chrome of the system. */
export const systemChromium = () => PLACES.find((file) => existsSync(file));
