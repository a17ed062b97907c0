import { PrismaPg } from "@prisma/adapter-pg";
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from "@prisma/driver-adapter-utils";
import { randomUUID } from "node:crypto";
import { connectionFields, ensureDatabase, schemaOf } from "./address.mjs";

const CHAR = 18;
/** Types of catalogue columns that the adapter refuses, and those that it reads in the same way. */
const READABLE = new Map([
  [CHAR, 25], // "char" → text
  [1003, 1009], // name[] → text[]
  [2205, 25], // regclass
  [2206, 25], // regtype
  [194, 25], // pg_node_tree
]);

/** What the engine reaches the database with. Without an address it is bound to nothing: some commands need no database. */
export async function openAdapter(url) {
  if (!url) return bindMigrationAwareSqlAdapterFactory(new PrismaPg({ host: "127.0.0.1", port: 1, max: 1 }));
  await ensureDatabase(url);
  const fields = connectionFields(url);
  const factory = new PrismaPg(fields, { schema: schemaOf(url) });
  const probe = await factory.connect();
  readCatalogueTypes(probe);
  sendScriptsWhole(probe);
  await probe.dispose();
  factory.connectToShadowDb = () => openShadow(factory, fields);
  return bindMigrationAwareSqlAdapterFactory(factory);
}

/** The adapter's own version drops the shadow while its pool is still connected to it, which PostgreSQL refuses. */
async function openShadow(factory, fields) {
  const name = `prisma_migrate_shadow_db_${randomUUID()}`;
  const admin = await factory.connect();
  await admin.executeScript(`CREATE DATABASE "${name}"`);
  const shadow = await new PrismaPg({ ...fields, database: name }).connect();
  const dispose = shadow.dispose.bind(shadow);
  shadow.dispose = async () => {
    await dispose();
    await admin.executeScript(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
    await admin.dispose();
  };
  return shadow;
}

/** The adapter's own version cuts at every semicolon, also in comments and in the bodies of functions. */
function sendScriptsWhole(adapter) {
  Object.getPrototypeOf(adapter).executeScript = async function (script) {
    try {
      await this.client.query(script);
    } catch (error) {
      this.onError(error);
    }
  };
}

/** Changes the class that connections and transactions share, so that both read what the introspection asks for. */
function readCatalogueTypes(adapter) {
  const queryable = Object.getPrototypeOf(Object.getPrototypeOf(adapter));
  const { queryRaw } = queryable;
  queryable.queryRaw = async function (query) {
    const single = [];
    const performIO = async (statement) => {
      const result = await this.performIO(statement);
      for (const [column, field] of result.fields.entries()) {
        if (field.dataTypeID === CHAR) single.push(column);
        field.dataTypeID = READABLE.get(field.dataTypeID) ?? field.dataTypeID;
      }
      return result;
    };
    const answer = await queryRaw.call(Object.create(this, { performIO: { value: performIO } }), query);
    // The engine insists on a character where the catalogue has "char".
    for (const column of single) answer.columnTypes[column] = ColumnTypeEnum.Character;
    return answer;
  };
}
