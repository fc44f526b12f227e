import { useState, type ReactNode } from "react";
import { plural } from "../format.ts";
import { useRoom } from "./fold.tsx";

const SHOWN_AT_ONCE = 100;
/** On a phone each row is a card of its own. */
const SHOWN_AT_ONCE_NARROW = 20;

interface Some<T> {
  readonly shown: readonly T[];
  /** The button for more; null where all are shown. */
  readonly button: ReactNode;
}

/** The first rows of a long list, and a button that shows more of them. */
export function useSome<T>(all: readonly T[], one: string, several: string): Some<T> {
  const step = useRoom() ? SHOWN_AT_ONCE : SHOWN_AT_ONCE_NARROW;
  const [most, setMost] = useState(step);
  const button = all.length > most && (
    <p className="card-note">
      <button type="button" className="button quiet" onClick={() => setMost(most + step)}>
        Show {plural(Math.min(step, all.length - most), `more ${one}`, `more ${several}`)}
      </button>
    </p>
  );
  return { shown: all.slice(0, most), button: button === false ? null : button };
}
