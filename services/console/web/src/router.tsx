import { createContext, useCallback, useContext, useEffect, useState, type AnchorHTMLAttributes, type MouseEvent, type ReactNode } from "react";

/** Where the reader is: the path of the address, changed without loading the page. */
const RouteContext = createContext<{ path: string; go: (to: string) => void }>({ path: "/", go: () => {} });

export function Router({ children }: { readonly children: ReactNode }): ReactNode {
  const [path, setPath] = useState(window.location.pathname);
  useEffect(() => {
    const moved = (): void => setPath(window.location.pathname);
    window.addEventListener("popstate", moved);
    return () => window.removeEventListener("popstate", moved);
  }, []);
  const go = useCallback((to: string) => {
    window.history.pushState(null, "", to);
    setPath(window.location.pathname);
    window.scrollTo(0, 0);
  }, []);
  return <RouteContext value={{ path, go }}>{children}</RouteContext>;
}

export function usePath(): string {
  return useContext(RouteContext).path;
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
