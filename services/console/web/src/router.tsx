import { createContext, useCallback, useContext, useEffect, useMemo, useState, type AnchorHTMLAttributes, type MouseEvent, type ReactNode } from "react";

interface Route {
  readonly path: string;
  /** What stands after the question mark, without it. */
  readonly search: string;
  readonly go: (to: string) => void;
  /** Says the present page's choices in its address, so that the address can be shared. */
  readonly choose: (search: string, keepBefore: boolean) => void;
}

/** Where the reader is: the address, changed without loading the page. */
const RouteContext = createContext<Route>({ path: "/", search: "", go: () => {}, choose: () => {} });

export function Router({ children }: { readonly children: ReactNode }): ReactNode {
  const [at, setAt] = useState(here);
  useEffect(() => {
    const moved = (): void => setAt(here());
    window.addEventListener("popstate", moved);
    return () => window.removeEventListener("popstate", moved);
  }, []);
  const go = useCallback((to: string) => {
    window.history.pushState(null, "", to);
    setAt(here());
    window.scrollTo(0, 0);
  }, []);
  const choose = useCallback((search: string, keepBefore: boolean) => {
    const to = window.location.pathname + (search === "" ? "" : `?${search}`);
    if (keepBefore) window.history.pushState(null, "", to);
    else window.history.replaceState(null, "", to);
    setAt(here());
  }, []);
  return <RouteContext value={{ ...at, go, choose }}>{children}</RouteContext>;
}

export function usePath(): string {
  return useContext(RouteContext).path;
}

/** The choices in the address, and how to change some: null takes one away. `typing` leaves no step to go back to. */
export function useChoices(): readonly [URLSearchParams, (changes: Readonly<Record<string, string | null>>, typing?: boolean) => void] {
  const { search, choose } = useContext(RouteContext);
  const choices = useMemo(() => new URLSearchParams(search), [search]);
  const change = useCallback(
    (changes: Readonly<Record<string, string | null>>, typing = false) => {
      const next = new URLSearchParams(window.location.search);
      for (const [key, value] of Object.entries(changes)) {
        if (value === null || value === "") next.delete(key);
        else next.set(key, value);
      }
      choose(next.toString(), !typing);
    },
    [choose],
  );
  return [choices, change];
}

export function Link({ href, children, ...rest }: AnchorHTMLAttributes<HTMLAnchorElement> & { readonly href: string }): ReactNode {
  const { go } = useContext(RouteContext);
  const follow = (event: MouseEvent): void => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(href);
  };
  return (
    <a {...rest} href={href} onClick={follow}>
      {children}
    </a>
  );
}

export function incidentPath(incidentId: string): string {
  return `/incidents/${encodeURIComponent(incidentId)}`;
}

export function changePath(commit: string, repository: string): string {
  return `/changes/${encodeURIComponent(commit)}${repository === "" ? "" : `?repository=${encodeURIComponent(repository)}`}`;
}

/** A part of an address as text; null where it is no valid encoding of any. */
export function decoded(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}

function here(): Pick<Route, "path" | "search"> {
  // A slash at the end, as hands and other programs write it, leads to the same page.
  return { path: window.location.pathname.replace(/(.)\/+$/, "$1"), search: window.location.search.slice(1) };
}
