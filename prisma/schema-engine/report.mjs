/** The Prisma CLI reads what the engine says from standard error, one JSON object a line. */
export function report(level, message, fields = {}) {
  const record = {
    timestamp: new Date().toISOString(),
    level,
    fields: { message, ...fields },
    target: "schema_engine::logger",
  };
  process.stderr.write(`${JSON.stringify(record)}\n`);
}

/** Ends the program with an error that the CLI shows under Prisma's code. */
export function fail(code, message) {
  report("ERROR", message, { error_code: code, is_panic: false, meta: {} });
  process.exit(1);
}

/** A panic of the engine arrives as an exception without a message; the engine tells the message here beforehand. */
export function reportPanics() {
  let panic = "";
  globalThis.PRISMA_WASM_PANIC_REGISTRY = {
    set_message(message) {
      panic = message;
      report("ERROR", message);
    },
  };
  const end = (error) => {
    report("ERROR", panic || String(error?.stack ?? error));
    process.exit(101);
  };
  process.on("uncaughtException", end);
  process.on("unhandledRejection", end);
}
