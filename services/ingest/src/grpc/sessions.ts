import { constants, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import { BOUNDS } from "../bounds.ts";

export type SessionBounds = Pick<Record<keyof typeof BOUNDS, number>, "requestMs" | "headersMs" | "answerMs" | "slowCheckMs" | "idleMs" | "pings" | "drainMs">;

interface Session {
  readonly openedMs: number;
  calls: number;
  /** Whether it has begun to speak HTTP/2; many clients connect long before their first call. */
  greeted: boolean;
  pings: number;
  /** When its last call ended. */
  idleMs: number;
  /** When it was asked to end; 0 before. */
  closingMs: number;
}

interface Call {
  /** Whose time it is: the client's to send or to take its answer, or ours. */
  phase: "request" | "store" | "answer";
  sinceMs: number;
}

/**
 * Holds clients to their time. HTTP/2 lets one send as slowly as it likes, keep a connection for ever, or take no
 * answer; each costs memory, so each has a bound. One look a second over all costs less than a timer for each.
 */
export class Sessions {
  readonly #sessions = new Map<ServerHttp2Session, Session>();
  readonly #calls = new Map<ServerHttp2Stream, Call>();
  readonly #bounds: SessionBounds;
  readonly #timer: NodeJS.Timeout;

  constructor(bounds: SessionBounds = BOUNDS) {
    this.#bounds = bounds;
    this.#timer = setInterval(() => this.#look(Date.now()), bounds.slowCheckMs);
  }

  get connections(): number {
    return this.#sessions.size;
  }

  get calls(): number {
    return this.#calls.size;
  }

  add(session: ServerHttp2Session): void {
    const now = Date.now();
    const state: Session = { openedMs: now, calls: 0, greeted: false, pings: 0, idleMs: now, closingMs: 0 };
    this.#sessions.set(session, state);
    session.once("close", () => this.#sessions.delete(session));
    session.once("remoteSettings", () => void (state.greeted = true));
    session.on("ping", () => {
      // Some clients measure the way with a ping for each answer, so only pings without requests are too many.
      if (++state.pings > this.#bounds.pings && state.closingMs === 0) {
        state.closingMs = Date.now();
        session.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM, 0, Buffer.from("too_many_pings"));
        session.close();
      }
    });
  }

  /** Follows a call until its stream is closed. */
  follow(stream: ServerHttp2Stream): { to(phase: Call["phase"]): void } {
    const call: Call = { phase: "request", sinceMs: Date.now() };
    this.#calls.set(stream, call);
    const state = stream.session === undefined ? undefined : this.#sessions.get(stream.session as ServerHttp2Session);
    if (state !== undefined) {
      state.calls++;
      state.pings = 0;
    }
    stream.once("close", () => {
      this.#calls.delete(stream);
      if (state === undefined) return;
      state.calls--;
      state.idleMs = Date.now();
    });
    return {
      to: (phase) => {
        call.phase = phase;
        call.sinceMs = Date.now();
      },
    };
  }

  /** Lets calls under way end, and no new ones begin. */
  async drain(): Promise<void> {
    const ended = [...this.#sessions.keys()].map((session) => new Promise<void>((resolve) => session.once("close", resolve)));
    for (const session of this.#sessions.keys()) session.close();
    const late = setTimeout(() => {
      for (const session of this.#sessions.keys()) session.destroy();
    }, this.#bounds.drainMs);
    await Promise.all(ended);
    clearTimeout(late);
    clearInterval(this.#timer);
  }

  #look(now: number): void {
    for (const [stream, { phase, sinceMs }] of this.#calls) {
      if (phase !== "store" && now - sinceMs > (phase === "request" ? this.#bounds.requestMs : this.#bounds.answerMs)) stream.close(constants.NGHTTP2_CANCEL);
    }
    for (const [session, state] of this.#sessions) {
      if (state.closingMs !== 0 && now - state.closingMs > this.#bounds.answerMs && state.calls === 0) session.destroy();
      else if (!state.greeted && now - state.openedMs > this.#bounds.headersMs) session.destroy();
      else if (state.calls === 0 && state.closingMs === 0 && now - state.idleMs > this.#bounds.idleMs) {
        state.closingMs = now;
        session.close();
      }
    }
  }
}
