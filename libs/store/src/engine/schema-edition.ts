import { ENGINE_SCHEMA } from "@firstfix/otlp";
import { isSchemaLost } from "../errors.ts";

/**
 * The schema of OTLP as it is sent with each insert. A server keeps each schema that it was sent in a file, under a name
 * made of the text, and what it has read of that file for good. Where two statements are the first to bring it, the one may
 * read what the other has half written, and from then on every insert fails. So the first insert with a schema goes alone,
 * and a schema that the server cannot read is sent again with other words behind it, which make another file.
 */
export class SchemaEdition {
  #edition = "";
  #count = 0;
  readonly #proven = new Set<string>();
  #alone: Promise<unknown> = Promise.resolve();

  get text(): string {
    return `${ENGINE_SCHEMA.replaceAll("\n", " ")}${this.#edition}`;
  }

  /** Runs an insert that needs `message` of the schema; those before the first one that goes well run one at a time. */
  async run<T>(message: string, insert: () => Promise<T>): Promise<T> {
    const proven = this.#proven.has(`${message}${this.#edition}`);
    if (proven) return this.#watched(message, insert);
    const turn = this.#alone.then(() => this.#watched(message, insert));
    this.#alone = turn.catch(() => {});
    return turn;
  }

  async #watched<T>(message: string, insert: () => Promise<T>): Promise<T> {
    const edition = this.#edition;
    try {
      const result = await insert();
      this.#proven.add(`${message}${edition}`);
      return result;
    } catch (error) {
      // Several inserts may fail by the same one; only the first of them changes it.
      if (isSchemaLost(error) && edition === this.#edition) this.#edition = ` // ${process.pid}-${Date.now()}-${++this.#count}`;
      throw error;
    }
  }
}
