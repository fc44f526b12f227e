import type { Incident } from "@firstfix/incident";

/** What the console's list says of one incident; the demo needs only its id. */
interface ListedIncident {
  readonly incidentId: string;
}

/** The console's API, used as any client would. */
export class ConsoleClient {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  /** Every incident in full, oldest first. Empty while Firstfix is away. */
  async incidents(): Promise<Incident[]> {
    const listed = await this.#get<ListedIncident[]>("/api/incidents");
    const all = await Promise.all((listed ?? []).map((one) => this.#get<{ incident: Incident }>(`/api/incidents/${one.incidentId}`)));
    return all.flatMap((one) => (one === null ? [] : [one.incident])).sort((a, b) => a.openedAt - b.openedAt);
  }

  /** The click on Approve. */
  async approve(incidentId: string, proposalId: string, by: string): Promise<void> {
    const answer = await fetch(`${this.url}/api/incidents/${incidentId}/proposals/${proposalId}/approve`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: this.url },
      body: JSON.stringify({ by }),
    });
    if (!answer.ok) throw new Error(`approve answered ${answer.status}: ${await answer.text()}`);
  }

  async #get<T>(path: string): Promise<T | null> {
    try {
      const answer = await fetch(this.url + path, { signal: AbortSignal.timeout(10_000) });
      return answer.ok ? ((await answer.json()) as T) : null;
    } catch {
      return null;
    }
  }
}
