/** Where the choice of light, dark or auto is kept; read by the script in the head before the first paint. */
export const COLOR_SCHEME_KEY = "osf-color-scheme";
export const COLOR_SCHEME_DEFAULT = "auto";
