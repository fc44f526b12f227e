/** Who commits to the shop. The people are roles, the assistants stand as their products write themselves. */
export interface Identity {
  readonly name: string;
  readonly email: string;
}

export const DEVELOPER_ONE: Identity = { name: "Shop Developer One", email: "dev1@shop.example" };
export const DEVELOPER_TWO: Identity = { name: "Shop Developer Two", email: "dev2@shop.example" };
export const SHOP_LEAD: Identity = { name: "Shop Lead", email: "lead@shop.example" };

/** Its cloud agent is the author itself and names the person as co-author. */
export const COPILOT: Identity = { name: "copilot-swe-agent[bot]", email: "198982749+Copilot@users.noreply.github.com" };
export const JULES: Identity = { name: "google-labs-jules[bot]", email: "161369871+google-labs-jules[bot]@users.noreply.github.com" };

/** Trailers by which the other assistants mark a commit of a person. */
export const CLAUDE_TRAILER = "Co-Authored-By: Claude Sonnet 4.5 <noreply@anthropic.com>";
export const CURSOR_TRAILER = "Co-authored-by: Cursor <cursoragent@cursor.com>";
export const CODEX_TRAILER = "Co-authored-by: Codex <noreply@openai.com>";
export const AIDER_TRAILER = "Co-authored-by: aider (gpt-5) <aider@aider.chat>";

export function copilotTrailers(session: string, person: Identity): string {
  return `Agent-Logs-Url: https://github.com/shop-example/shop/sessions/${session}\nCo-authored-by: ${person.name} <${person.email}>`;
}
