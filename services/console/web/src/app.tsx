import { useEffect, useRef, useState, type ReactNode } from "react";
import { LiveContext, useApi, useLive, type LiveState, type Overview } from "./api.ts";
import { decoded, Link, usePath } from "./router.tsx";
import { ChangePage } from "./pages/change.tsx";
import { ChangesPage } from "./pages/changes.tsx";
import { CyclesPage } from "./pages/cycles.tsx";
import { DeploymentsPage } from "./pages/deployments.tsx";
import { IncidentPage } from "./pages/incident.tsx";
import { IncidentsPage } from "./pages/incidents.tsx";
import { ReportPage } from "./pages/report.tsx";
import { Empty } from "./parts/common.tsx";

const PAGES = [
  { path: "/", label: "Incidents" },
  { path: "/changes", label: "Changes" },
  { path: "/cycles", label: "Cycles" },
  { path: "/report", label: "Report" },
  { path: "/deployments", label: "Deployments" },
] as const;

export function App(): ReactNode {
  const live = useLive();
  return (
    <LiveContext value={live}>
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <TopBar live={live.state} />
      <Main />
    </LiveContext>
  );
}

function Main(): ReactNode {
  const path = usePath();
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  useEffect(() => {
    // After a change of page the keyboard and screen readers start at its top, as they would on a loaded page.
    if (!first.current) main.current?.focus({ preventScroll: true });
    first.current = false;
    document.title = titleOf(path);
  }, [path]);
  return (
    <main id="main" className="page" ref={main} tabIndex={-1}>
      {pageOf(path)}
    </main>
  );
}

function pageOf(path: string): ReactNode {
  const incident = namedIn(path, "/incidents/");
  if (incident !== null) return <IncidentPage key={incident} incidentId={incident} />;
  if (path === "/" || path === "/incidents") return <IncidentsPage />;
  const commit = namedIn(path, "/changes/");
  if (commit !== null) return <ChangePage key={commit} given={commit} />;
  if (path === "/changes") return <ChangesPage />;
  if (path === "/cycles") return <CyclesPage />;
  if (path === "/report") return <ReportPage />;
  if (path === "/deployments") return <DeploymentsPage />;
  return (
    <>
      <h1>No such page</h1>
      <div className="card">
        <Empty title="Nothing stands at this address">
          <p>
            <Link href="/">To the incidents</Link>, or <Link href="/changes">to the changes</Link>.
          </p>
        </Empty>
      </div>
    </>
  );
}

/** What a page is of: the part behind the folder. Null where there is none, or none that can be decoded. */
function namedIn(path: string, folder: string): string | null {
  const part = path.startsWith(folder) ? path.slice(folder.length) : "";
  return part === "" || part.includes("/") ? null : decoded(part);
}

function titleOf(path: string): string {
  const page = PAGES.find((one) => one.path === path);
  if (page !== undefined) return `${page.label} · Firstfix`;
  if (namedIn(path, "/changes/") !== null) return "Change · Firstfix";
  return path === "/incidents" || namedIn(path, "/incidents/") !== null ? "Incident · Firstfix" : "No such page · Firstfix";
}

function TopBar({ live }: { readonly live: LiveState }): ReactNode {
  const path = usePath();
  const overview = useApi<Overview>("/api/overview");
  const due = overview.data?.counts.proposed ?? 0;
  return (
    <header className="topbar">
      <div className="topbar-inner">
        <Link href="/" className="brand" aria-label="Firstfix, to the incidents">
          <svg viewBox="0 0 32 32" aria-hidden="true">
            <rect width="32" height="32" rx="8" fill="#3257c9" />
            <path d="M8 17.2l5.2 5.3L24 10.5" fill="none" stroke="#fff" strokeWidth="3.6" strokeLinecap="round" strokeLinejoin="round" />
          </svg>
          Firstfix
        </Link>
        <nav className="nav" aria-label="Pages">
          {PAGES.map((page) => {
            const current = page.path === path || path.startsWith(page.path === "/" ? "/incidents" : `${page.path}/`);
            return (
              <Link key={page.path} href={page.path} aria-current={current ? "page" : undefined}>
                {page.label}
                {page.path === "/" && due > 0 && (
                  <span className="count due" title={`${due} waiting for approval`}>
                    {due}
                  </span>
                )}
              </Link>
            );
          })}
        </nav>
        <div className="topbar-end">
          <span className="live" data-state={live} role="status">
            {live === "live" ? "Live" : live === "connecting" ? "Connecting…" : "Reconnecting…"}
          </span>
          <ThemeToggle />
        </div>
      </div>
    </header>
  );
}

type Theme = "system" | "light" | "dark";
const NEXT: Readonly<Record<Theme, Theme>> = { system: "dark", dark: "light", light: "system" };
const THEME_LABEL: Readonly<Record<Theme, string>> = { system: "as the system", light: "light", dark: "dark" };

function ThemeToggle(): ReactNode {
  const [theme, setTheme] = useState<Theme>(() => {
    const set = document.documentElement.dataset["theme"];
    return set === "light" || set === "dark" ? set : "system";
  });
  const change = (): void => {
    const next = NEXT[theme];
    setTheme(next);
    if (next === "system") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = next;
    try {
      if (next === "system") localStorage.removeItem("firstfix.theme");
      else localStorage.setItem("firstfix.theme", next);
    } catch {
      // Without storage the choice lasts as long as the page.
    }
  };
  const label = `Colours: ${THEME_LABEL[theme]}. Change to ${THEME_LABEL[NEXT[theme]]}.`;
  return (
    <button type="button" className="icon-button" onClick={change} aria-label={label} title={label}>
      <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.8" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
        {theme === "dark" && <path d="M20 14.5A8.5 8.5 0 1 1 9.5 4a6.8 6.8 0 0 0 10.5 10.5z" />}
        {theme === "light" && (
          <>
            <circle cx="12" cy="12" r="4" />
            <path d="M12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4" />
          </>
        )}
        {theme === "system" && (
          <>
            <circle cx="12" cy="12" r="8.5" />
            <path d="M12 3.5a8.5 8.5 0 0 1 0 17z" fill="currentColor" />
          </>
        )}
      </svg>
    </button>
  );
}
