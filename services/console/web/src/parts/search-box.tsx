import { useEffect, useState, type ReactNode } from "react";
import { useChoices } from "../router.tsx";

/** So long nothing is typed before the list is asked for. */
const QUIET_MS = 250;

interface SearchBoxProps {
  readonly label: string;
  readonly placeholder: string;
  readonly charactersMax: number;
}

/** Words to search for, kept in the address as `q`; another search begins at the first page. */
export function SearchBox({ label, placeholder, charactersMax }: SearchBoxProps): ReactNode {
  const [choices, choose] = useChoices();
  const chosen = choices.get("q") ?? "";
  const [text, setText] = useState(chosen);
  const [known, setKnown] = useState(chosen);
  if (chosen !== known) {
    // The address changed: by what was typed here, or by a step back.
    setKnown(chosen);
    setText(chosen);
  }
  useEffect(() => {
    if (text === chosen) return;
    const timer = window.setTimeout(() => choose({ q: text, page: null }, true), QUIET_MS);
    return () => window.clearTimeout(timer);
  }, [text, chosen, choose]);
  return (
    <label className="choice grow search">
      <span className="small muted">{label}</span>
      <input type="search" value={text} maxLength={charactersMax} placeholder={placeholder} onChange={(event) => setText(event.target.value)} />
    </label>
  );
}
