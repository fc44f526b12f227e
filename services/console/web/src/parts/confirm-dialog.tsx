import { useEffect, useRef, useState, type FormEvent, type ReactNode } from "react";
import { ApiError } from "../api.ts";

const NAME_KEY = "firstfix.name";

interface ConfirmProps {
  readonly title: string;
  readonly children: ReactNode;
  /** What the button does: `Approve`, `Merge`. */
  readonly verb: string;
  readonly busyVerb: string;
  /** What the name stands for. */
  readonly placeholder: string;
  readonly act: (by: string) => Promise<void>;
  readonly close: () => void;
  readonly reload: () => void;
}

/** Asks who does it (once per browser) and whether they mean it. A native dialog keeps the keyboard inside. */
export function ConfirmDialog({ title, children, verb, busyVerb, placeholder, act, close, reload }: ConfirmProps): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const [name, setName] = useState(remembered);
  const [state, setState] = useState<{ busy: boolean; problem: string | null }>({ busy: false, problem: null });
  useEffect(() => dialog.current?.showModal(), []);
  // Closed by the browser, which gives the focus back to where it was; then `onClose` takes the dialog away.
  const shut = (): void => dialog.current?.close();

  const confirm = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setState({ busy: true, problem: null });
    try {
      await act(name.trim());
      remember(name.trim());
      shut();
    } catch (error) {
      setState({ busy: false, problem: error instanceof ApiError ? `${error.message}. ${error.hint}` : "The console's server does not answer." });
    } finally {
      reload();
    }
  };

  return (
    <dialog ref={dialog} className="dialog" aria-labelledby="dialog-title" onClose={close}>
      <form onSubmit={(event) => void confirm(event)}>
        <h2 id="dialog-title">{title}</h2>
        {children}
        <label className="field">
          <span className="small">Your name</span>
          <input name="by" value={name} onChange={(event) => setName(event.target.value)} required maxLength={80} autoComplete="name" autoFocus={name === ""} placeholder={placeholder} />
        </label>
        {state.problem !== null && (
          <p className="notice error small" role="alert">
            {state.problem}
          </p>
        )}
        <div className="row dialog-end">
          <button type="button" className="button" onClick={shut}>
            Cancel
          </button>
          <button type="submit" className="button primary" disabled={state.busy || name.trim() === ""} autoFocus={name !== ""}>
            {state.busy ? busyVerb : name.trim() === "" ? verb : `${verb} as ${name.trim().slice(0, 24)}`}
          </button>
        </div>
      </form>
    </dialog>
  );
}

function remembered(): string {
  try {
    return localStorage.getItem(NAME_KEY) ?? "";
  } catch {
    return "";
  }
}

function remember(name: string): void {
  try {
    localStorage.setItem(NAME_KEY, name);
  } catch {
    // Without storage the name is asked for each time.
  }
}
