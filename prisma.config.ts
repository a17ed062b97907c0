import path from "node:path";
import { defineConfig } from "prisma/config";

// Prisma's native schema engine is a download; the WebAssembly build of the same engine comes with npm.
process.env["PRISMA_SCHEMA_ENGINE_BINARY"] ??= path.resolve(import.meta.dirname, "prisma/schema-engine.mjs");
process.env["PRISMA_HIDE_UPDATE_MESSAGE"] ??= "1";
process.env["CHECKPOINT_DISABLE"] ??= "1";

export default defineConfig({
  schema: "prisma/schema.prisma",
  migrations: { path: "prisma/migrations" },
  datasource: { url: process.env["DATABASE_URL"] ?? "postgresql://postgres@127.0.0.1:5432/osf" },
});
