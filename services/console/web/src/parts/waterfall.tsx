import { useMemo, useState, type ReactNode } from "react";
import type { SpanLine, TraceView } from "../api.ts";
import { count, duration, plural, pretty, time } from "../format.ts";

const ROWS_SHOWN = 100;
/** More attributes than these are folded, so that what was captured stays in sight. */
const ATTRIBUTES_OPEN = 6;
const CAPTURES: Readonly<Record<string, string>> = { "firstfix.capture.request": "Captured request", "firstfix.capture.locals": "Captured variables" };

interface Row {
  readonly span: SpanLine;
  readonly depth: number;
}

/** The spans of a trace under each other, children below their parent; a row opens to everything that the span says. */
export function Waterfall({ trace, witness }: { readonly trace: TraceView; readonly witness: string }): ReactNode {
  const rows = useMemo(() => inTreeOrder(trace.spans), [trace]);
  const services = useMemo(() => [...new Set(trace.spans.map((one) => one.service))], [trace]);
  const [open, setOpen] = useState<ReadonlySet<string>>(() => new Set([witness]));
  const [all, setAll] = useState(rows.length <= ROWS_SHOWN);
  const total = Math.max(trace.durationMs, 0.001);
  const toggle = (spanId: string): void => setOpen((before) => (before.has(spanId) ? new Set([...before].filter((one) => one !== spanId)) : new Set([...before, spanId])));
  return (
    <div className="waterfall">
      <div className="waterfall-head small muted">
        <span>
          {plural(trace.spans.length, "span")} of {plural(services.length, "service")} · {duration(trace.durationMs)} · {time(trace.startedAt)}
        </span>
        <span className="waterfall-scale num" aria-hidden="true">
          {[0, 0.25, 0.5, 0.75, 1].map((share) => (
            <i key={share}>{share === 0 ? "0" : duration(total * share)}</i>
          ))}
        </span>
      </div>
      <ol>
        {(all ? rows : rows.slice(0, ROWS_SHOWN)).map(({ span, depth }) => (
          <li key={span.spanId}>
            <button type="button" className={`span-row${span.spanId === witness ? " witness" : ""}`} aria-expanded={open.has(span.spanId)} onClick={() => toggle(span.spanId)}>
              <span className="span-name" style={{ paddingLeft: `${Math.min(depth, 10) * 14}px` }}>
                <i className={`service-dot s${services.indexOf(span.service) % 6}`} />
                <span className="clip">
                  <bdi>{span.name.slice(0, 200)}</bdi>
                </span>
                {span.status === "error" && <span className="tag bad">error</span>}
                {span.spanId === witness && <span className="tag">witness</span>}
              </span>
              <span className="clip small muted span-service">
                <bdi>{span.service.slice(0, 60)}</bdi>
              </span>
              <span className="span-track">
                <i
                  className={`span-bar${span.status === "error" ? " error" : ` s${services.indexOf(span.service) % 6}`}`}
                  style={{ left: `${Math.min(99.5, (span.offsetMs / total) * 100)}%`, width: `${Math.max(0.5, Math.min(100, (span.durationMs / total) * 100))}%` }}
                />
              </span>
              <span className="small num span-time">{duration(span.durationMs)}</span>
            </button>
            {open.has(span.spanId) && <SpanDetail span={span} />}
          </li>
        ))}
      </ol>
      {!all && (
        <button type="button" className="button quiet" onClick={() => setAll(true)}>
          Show the other {count(rows.length - ROWS_SHOWN)} spans
        </button>
      )}
      {trace.omitted > 0 && <p className="small muted waterfall-note">{plural(trace.omitted, "more span")} of this trace {trace.omitted === 1 ? "is" : "are"} not shown.</p>}
    </div>
  );
}

function SpanDetail({ span }: { readonly span: SpanLine }): ReactNode {
  const captured = Object.keys(CAPTURES).filter((key) => key in span.attributes);
  const others = Object.entries(span.attributes).filter(([key]) => !captured.includes(key));
  return (
    <div className="span-detail">
      {span.statusMessage !== "" && (
        <p className="notice error small">
          <bdi>{span.statusMessage.slice(0, 500)}</bdi>
        </p>
      )}
      {captured.map((key) => (
        <section key={key}>
          <h4 className="label">{CAPTURES[key]}</h4>
          {key === "firstfix.capture.locals" ? <Locals text={span.attributes[key]} /> : <Request text={span.attributes[key]} />}
        </section>
      ))}
      {span.events.map((event, index) => (
        <section key={index}>
          <h4 className="label">
            Event {event.name} at {duration(event.offsetMs)}
          </h4>
          <Attributes entries={Object.entries(event.attributes)} />
        </section>
      ))}
      <section>
        <details open={others.length <= ATTRIBUTES_OPEN}>
          <summary className="small">Attributes of the span, {others.length + 2}</summary>
          <Attributes entries={[["span id", span.spanId], ["kind", span.kind], ...others]} />
        </details>
      </section>
      {Object.keys(span.resource).length > 0 && (
        <details>
          <summary className="small">Resource, {plural(Object.keys(span.resource).length, "attribute")}</summary>
          <Attributes entries={Object.entries(span.resource)} />
        </details>
      )}
    </div>
  );
}

function Attributes({ entries }: { readonly entries: readonly (readonly [string, unknown])[] }): ReactNode {
  return (
    <dl className="attributes">
      {entries.map(([key, value]) => (
        <div key={key}>
          <dt>
            <bdi>{key}</bdi>
          </dt>
          <dd>
            <bdi>{pretty(value)}</bdi>
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** What the SDK writes for a value that it cannot or may not show, such as [redacted] or [undefined]. */
const PLACEHOLDER = /^\[[a-z ]{1,40}\]$/;

interface Frames {
  readonly frames: readonly { readonly function?: unknown; readonly file?: unknown; readonly line?: unknown; readonly variables?: Readonly<Record<string, unknown>> }[];
}

/** Variables by frame. What is not in that shape is shown as it came. */
function Locals({ text }: { readonly text: unknown }): ReactNode {
  const parsed = parse(text) as Partial<Frames> | null;
  if (!Array.isArray(parsed?.frames)) return <pre className="block">{pretty(text)}</pre>;
  return (
    <div className="stack">
      {(parsed as Frames).frames.map((frame, index) => (
        <div key={index} className="block locals">
          <p className="small">
            <strong>
              <bdi>{textOf(frame.function) || "(anonymous)"}</bdi>
            </strong>{" "}
            <code className="muted">
              {textOf(frame.file)}:{textOf(frame.line)}
            </code>
          </p>
          <Attributes entries={Object.entries(frame.variables ?? {}).map(([key, value]) => [key, typeof value === "string" && !PLACEHOLDER.test(value) ? JSON.stringify(value) : value])} />
        </div>
      ))}
    </div>
  );
}

function Request({ text }: { readonly text: unknown }): ReactNode {
  const request = parse(text) as { method?: unknown; target?: unknown; headers?: unknown; body?: unknown } | null;
  if (typeof request?.method !== "string" || typeof request.target !== "string") return <pre className="block">{pretty(text)}</pre>;
  const headers = Object.entries((request.headers ?? {}) as Record<string, unknown>).map(([name, value]) => `${name}: ${String(value)}`);
  return <pre className="block">{[`${request.method} ${request.target}`, ...headers, ...(request.body === null || request.body === undefined ? [] : ["", pretty(request.body)])].join("\n")}</pre>;
}

function textOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

function parse(text: unknown): unknown {
  try {
    return typeof text === "string" ? JSON.parse(text) : text;
  } catch {
    return null;
  }
}

/** Depth first, brothers by start. Spans whose parent is not in the trace are roots; a circle of parents cannot hide any. */
function inTreeOrder(spans: readonly SpanLine[]): Row[] {
  const ids = new Set(spans.map((one) => one.spanId));
  const children = new Map<string, SpanLine[]>();
  for (const span of spans) {
    const parent = ids.has(span.parentSpanId) && span.parentSpanId !== span.spanId ? span.parentSpanId : "";
    children.set(parent, [...(children.get(parent) ?? []), span]);
  }
  const rows: Row[] = [];
  const placed = new Set<string>();
  const stack: Row[] = [];
  const push = (parent: string, depth: number): void => {
    const below = (children.get(parent) ?? []).toSorted((a, b) => b.offsetMs - a.offsetMs);
    for (const span of below) if (!placed.has(span.spanId)) stack.push({ span, depth });
  };
  push("", 0);
  for (let row = stack.pop(); row !== undefined; row = stack.pop()) {
    if (placed.has(row.span.spanId)) continue;
    placed.add(row.span.spanId);
    rows.push(row);
    push(row.span.spanId, row.depth + 1);
  }
  return [...rows, ...spans.filter((one) => !placed.has(one.spanId)).map((span) => ({ span, depth: 0 }))];
}
