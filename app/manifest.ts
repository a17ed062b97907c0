import type { MetadataRoute } from "next";
import { accent, surfaces } from "./_ui/theme/palette.ts";

export default function manifest(): MetadataRoute.Manifest {
  return {
    name: "OSF Gateway",
    short_name: "OSF",
    description: "Ask the plant, automate it, approve what it wants to do.",
    id: "/",
    start_url: "/",
    scope: "/",
    display: "standalone",
    background_color: surfaces.light.page,
    theme_color: accent.light.base,
    categories: ["business", "productivity"],
    icons: [
      { src: "/icons/icon.svg", sizes: "any", type: "image/svg+xml" },
      { src: "/icons/icon-192.png", sizes: "192x192", type: "image/png" },
      { src: "/icons/icon-512.png", sizes: "512x512", type: "image/png" },
      { src: "/icons/maskable-512.png", sizes: "512x512", type: "image/png", purpose: "maskable" },
    ],
  };
}
