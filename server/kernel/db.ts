import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { PrismaClient, type Prisma } from "../generated/prisma/client.ts";

/** Prisma for rows; `sql` for the few statements that Prisma cannot say. One pool serves both. */
export interface Database {
  url: string;
  rows: PrismaClient;
  sql: pg.Pool;
  close(): Promise<void>;
}

export type Rows = PrismaClient;
/** Inside `rows.$transaction`. */
export type Tx = Prisma.TransactionClient;
export { Prisma } from "../generated/prisma/client.ts";

export function openDatabase(
  url: string,
  { connections = 10, onError }: { connections?: number; onError?: (error: Error) => void } = {},
): Database {
  const sql = new pg.Pool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: 3_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
  });
  // An idle connection that breaks must not end the process; the next query opens another.
  sql.on("error", (error) => onError?.(error));
  const rows = new PrismaClient({ adapter: new PrismaPg(sql) });
  return {
    url,
    rows,
    sql,
    async close() {
      await rows.$disconnect();
      await sql.end();
    },
  };
}
