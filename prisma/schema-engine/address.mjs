import pg from "pg";

export const databaseName = (url) => decodeURIComponent(new URL(url).pathname.slice(1));

/** Without Prisma's own parameters (`?schema=`), which node-postgres does not know. */
function plainAddress(url, database) {
  const address = new URL(url);
  address.search = "";
  if (database) address.pathname = `/${database}`;
  return address.href;
}

async function withClient(url, work) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

export const tryConnection = (url) => withClient(plainAddress(url), async () => undefined);

/** `statement`: `CREATE DATABASE` or `DROP DATABASE`. */
export const changeDatabase = (url, statement) =>
  withClient(plainAddress(url, "postgres"), (client) =>
    client.query(`${statement} ${client.escapeIdentifier(databaseName(url))}`),
  );

export const ensureDatabase = (url) =>
  withClient(plainAddress(url, "postgres"), async (client) => {
    const name = databaseName(url);
    const { rowCount } = await client.query("select 1 from pg_database where datname = $1", [name]);
    if (!rowCount) await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
  });

/**
 * Separate fields instead of a connection string: the adapter makes its shadow database by replacing `database`, and a
 * connection string would win over that. The shadow would silently be the real database.
 */
export function connectionFields(url) {
  const { hostname, port, username, password } = new URL(url);
  return {
    host: decodeURIComponent(hostname),
    port: Number(port || 5432),
    user: decodeURIComponent(username) || undefined,
    password: decodeURIComponent(password) || undefined,
    database: databaseName(url),
    max: 4,
  };
}

export const schemaOf = (url) => new URL(url).searchParams.get("schema") ?? undefined;
