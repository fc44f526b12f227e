import { FirstfixError } from "@firstfix/kit";

/** Bytes that were accepted and are not yet durable. What does not fit is refused at once, so nothing waits here. */
export class Budget {
  readonly #max: number;
  readonly #requestsMax: number;
  #used = 0;
  #requests = 0;

  constructor(max: number, requestsMax: number) {
    this.#max = max;
    this.#requestsMax = requestsMax;
  }

  get used(): number {
    return this.#used;
  }

  /** A share that grows with what its request turns out to hold; it must be released in the end. Throws ingest.full. */
  share(): Share {
    if (this.#requests >= this.#requestsMax) throw new FirstfixError("ingest.full", `more than ${this.#requestsMax} requests are waiting to be stored`, { retryable: true });
    this.#requests++;
    let held = 0;
    let open = true;
    return {
      grow: (bytes) => {
        if (this.#used + bytes > this.#max) throw new FirstfixError("ingest.full", `more than ${this.#max} bytes are waiting to be stored`, { retryable: true });
        this.#used += bytes;
        held += bytes;
      },
      release: () => {
        this.#used -= held;
        held = 0;
        if (open) this.#requests--;
        open = false;
      },
    };
  }
}

export interface Share {
  /** Throws ingest.full when the bytes do not fit. */
  grow(bytes: number): void;
  release(): void;
}

/** Lets `atOnce` tasks run and keeps the others in order. Waiting tasks hold their share of the budget, which bounds them. */
export class Gate {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(atOnce: number) {
    this.#free = atOnce;
  }

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => void this.#waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }
}
