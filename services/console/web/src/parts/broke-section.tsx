import type { ErrorDetail, Finding, Incident, StackFrame, ViolationDetail } from "@firstfix/incident";
import { useState, type ReactNode } from "react";
import { useApi, type IncidentDetail, type TraceView } from "../api.ts";
import { plural } from "../format.ts";
import { CopyButton, Foreign, KindTag, Load, Time } from "./common.tsx";
import { ExposureChart } from "./exposure-chart.tsx";
import { Fold, useRoom } from "./fold.tsx";
import { GroupPart } from "./group-part.tsx";
import { Waterfall } from "./waterfall.tsx";

export function BrokeSection({ detail }: { readonly detail: IncidentDetail }): ReactNode {
  const { incident, exposure } = detail;
  return (
    <section className="card" id="broke" aria-labelledby="broke-title">
      <div className="card-title">
        <h2 id="broke-title">What broke</h2>
        {incident.findings.length > 1 && <span className="muted small">{plural(incident.findings.length, "finding")} with one cause</span>}
      </div>
      {incident.findings.map((finding) => (
        <FindingBlock key={finding.key} finding={finding} incident={incident} chart={exposure.find((one) => one.key === finding.key)} many={incident.findings.length > 1} />
      ))}
      {incident.specGap !== null && (
        <div className="part">
          <h3>No requirement covers this</h3>
          <p className="muted small">Nothing in the specs says what should happen here. A draft to add to them:</p>
          <blockquote className="quote">
            <Foreign text={incident.specGap} max={1000} />
          </blockquote>
          <div>
            <CopyButton text={incident.specGap} label="Copy the draft" />
          </div>
        </div>
      )}
    </section>
  );
}

interface FindingProps {
  readonly finding: Finding;
  readonly incident: Incident;
  readonly chart: IncidentDetail["exposure"][number] | undefined;
  readonly many: boolean;
}

function FindingBlock({ finding, incident, chart, many }: FindingProps): ReactNode {
  const fixes = new Map(incident.cycles.map((one) => [one.deployment.revision, one.cycle]));
  return (
    <div className="part">
      {many && (
        <div className="row">
          <KindTag kind={finding.kind} />
          <h3>
            <Foreign text={finding.title} />
          </h3>
        </div>
      )}
      <div className="halves">
        <div className="stack">
          {finding.violation !== undefined && <Violation violation={finding.violation} />}
          {finding.error !== undefined && <ErrorBlock error={finding.error} />}
        </div>
        <div className="stack">
          <h3>How often</h3>
          {chart !== undefined && <ExposureChart exposure={chart} guilty={incident.deployment.revision} fixes={fixes} />}
          <dl className="meta small">
            <div>
              <dt>Operation</dt>
              <dd>
                <Foreign text={finding.witness.operation || "unknown"} max={80} />
              </dd>
            </div>
            <div>
              <dt>First seen</dt>
              <dd>
                <Time at={finding.firstSeen} />
              </dd>
            </div>
          </dl>
        </div>
      </div>
      <Witness finding={finding} />
      {finding.kind === "error" && <GroupPart groupId={finding.key} />}
    </div>
  );
}

function Violation({ violation }: { readonly violation: ViolationDetail }): ReactNode {
  return (
    <>
      <h3>
        Requirement {violation.requirementId} <span className="muted">{violation.requirementTitle}</span>
      </h3>
      <blockquote className="quote">
        <Foreign text={violation.requirementText} max={1000} />
      </blockquote>
      <p className="small muted">
        <code>
          {violation.file}:{violation.line}
        </code>
      </p>
      <div>
        <h4 className="label">Observed</h4>
        <p className="observed">
          <Foreign text={violation.detail} max={600} />
        </p>
      </div>
      <div>
        <h4 className="label">
          Check <span className="plain-case">{violation.checkName}</span>
        </h4>
        <pre className="block">{violation.check.join("\n")}</pre>
      </div>
    </>
  );
}

function ErrorBlock({ error }: { readonly error: ErrorDetail }): ReactNode {
  const [all, setAll] = useState(false);
  const inApp = error.frames.filter((one) => one.inApp);
  const hidden = error.frames.length - inApp.length;
  const shown = all || inApp.length === 0 ? error.frames : inApp;
  return (
    <>
      <h3>Error</h3>
      <p className="observed">
        <strong>
          <Foreign text={error.type} max={120} />
        </strong>
        : <Foreign text={error.message} max={600} />
      </p>
      {error.frames.length > 0 && (
        <div>
          <h4 className="label">Stack, innermost first</h4>
          <ol className="frames">
            {shown.map((frame, index) => (
              <Frame key={index} frame={frame} />
            ))}
          </ol>
          {hidden > 0 && inApp.length > 0 && (
            <button type="button" className="button quiet tiny" onClick={() => setAll(!all)} aria-expanded={all}>
              {all ? "Only the application's frames" : `Show ${plural(hidden, "frame")} outside the application`}
            </button>
          )}
        </div>
      )}
      {error.frames.length === 0 && error.stacktrace !== "" && <pre className="block raw">{error.stacktrace.slice(0, 4000)}</pre>}
    </>
  );
}

function Frame({ frame }: { readonly frame: StackFrame }): ReactNode {
  return (
    <li className={frame.inApp ? "in-app" : undefined}>
      <span className="clip">
        <bdi>{frame.function || "(anonymous)"}</bdi>
      </span>
      <code title={frame.file}>
        <bdi>
          {frame.path || frame.file}
          {frame.line > 0 && `:${frame.line}`}
        </bdi>
      </code>
    </li>
  );
}

function Witness({ finding }: { readonly finding: Finding }): ReactNode {
  const { traceId, spanId } = finding.witness;
  const room = useRoom();
  if (traceId === "") return <p className="small muted">It came without a trace.</p>;
  return (
    <Fold title={<h3>A trace that shows it</h3>} says={<code className="trace-id">{traceId}</code>} open={room}>
      <TraceOf traceId={traceId} spanId={spanId} />
      <p className="row small muted">
        Trace <code className="clip">{traceId}</code>
        <CopyButton text={traceId} />
      </p>
    </Fold>
  );
}

function TraceOf({ traceId, spanId }: { readonly traceId: string; readonly spanId: string }): ReactNode {
  const trace = useApi<TraceView>(`/api/traces/${encodeURIComponent(traceId)}`, 60_000);
  if (trace.error?.status === 404) return <p className="small muted">No span of this trace is stored any more.</p>;
  return <Load from={trace}>{(view) => <Waterfall trace={view} witness={spanId} />}</Load>;
}
