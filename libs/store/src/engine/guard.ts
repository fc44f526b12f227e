/** What of a chDB connection the client calls; generic, because the client's types are of two copies of one package. */
interface Statements {
  query(params: never): Promise<unknown>;
  exec(params: never): Promise<unknown>;
  command(params: never): Promise<unknown>;
  insert(params: never): Promise<unknown>;
}

/** Its answer is thrown away, and with it what stands before it. */
const DRAIN = "SELECT 1 FORMAT Null";

/**
 * chDB 3.4 keeps what a statement had written when it failed, and gives it out ahead of the answer to the connection's
 * next statement, whoever asked that. So after a failure that next statement is one of ours. One statement at a time is
 * what a connection does anyway.
 */
export function guarded<T extends Statements>(connection: T, drain: (sql: string) => Promise<unknown>): T {
  let last: Promise<unknown> = Promise.resolve();
  const run = <R>(statement: () => Promise<R>): Promise<R> => {
    const result = last.then(statement);
    last = result.catch(() => drain(DRAIN).catch(() => {}));
    return result;
  };
  return new Proxy(connection, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      const method = value.bind(target) as (params: never) => Promise<unknown>;
      return STATEMENTS.has(name) ? (params: never) => run(() => method(params)) : method;
    },
  });
}

const STATEMENTS: ReadonlySet<string | symbol> = new Set<keyof Statements>(["query", "exec", "command", "insert"]);
