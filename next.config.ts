import type { NextConfig } from "next";

const config: NextConfig = {
  poweredByHeader: false,
  devIndicators: false,
  // `npm run check` holds the types; a first start need not wait for them.
  typescript: { ignoreBuildErrors: true },
  // The server's own modules are composed once by server/main.ts and reached through the container; these
  // packages must never be evaluated a second time inside a bundle.
  serverExternalPackages: ["pg", "pg-boss", "@prisma/adapter-pg", "@prisma/client", "pino", "@node-rs/argon2"],
  experimental: { optimizePackageImports: ["@mantine/core", "@mantine/hooks", "@tabler/icons-react"] },
};
export default config;
