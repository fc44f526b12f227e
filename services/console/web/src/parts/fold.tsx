import { useState, type ReactNode } from "react";

const WIDE = "(min-width: 721px)";

/** Whether there was room when this was first shown. On a phone, what is long begins folded. */
export function useRoom(): boolean {
  const [room] = useState(() => window.matchMedia(WIDE).matches);
  return room;
}

interface FoldProps {
  readonly title: ReactNode;
  /** What it holds, in few words, so that nobody needs to open it to find out. */
  readonly says?: ReactNode;
  readonly open?: boolean;
  readonly children: ReactNode;
}

/** A part that can be folded; closed, its contents are not made at all. */
export function Fold({ title, says, open = false, children }: FoldProps): ReactNode {
  const [shown, setShown] = useState(open);
  return (
    <details className="fold" open={shown} onToggle={(event) => setShown(event.currentTarget.open)}>
      <summary>
        {title}
        {says !== undefined && <span className="small muted">{says}</span>}
      </summary>
      {shown && <div className="fold-body stack">{children}</div>}
    </details>
  );
}
