import type { Role } from "../types.ts";

/** What an address or account says about who stands behind it. */
export interface Identity {
  readonly agent: string;
  readonly role: Role;
  readonly confidence: number;
}

/** Stands for an assistant that the evidence does not name. */
export const UNNAMED = "Unnamed assistant";

const SURE = 0.95;
const UNCONFIRMED = 0.4;
/** A commit written in this window may carry VS Code Copilot's address although nobody used it. */
const COPILOT_WINDOW = { from: Date.UTC(2026, 3, 22), to: Date.UTC(2026, 4, 7), confidence: 0.2 } as const;

/** Account ids of `<id>+<name>@users.noreply.github.com`: they outlive a renamed account. */
const ACCOUNTS: Readonly<Record<string, Identity>> = {
  "209825114": { agent: "Claude Code", role: "author", confidence: SURE },
  "198982749": { agent: "Copilot cloud agent", role: "author", confidence: SURE },
  "223556219": { agent: "Copilot CLI", role: "author", confidence: SURE },
  "175728472": { agent: "Copilot review", role: "reviewer", confidence: SURE },
  "206951365": { agent: "Cursor", role: "author", confidence: SURE },
  "199175422": { agent: "Codex", role: "author", confidence: SURE },
  "158243242": { agent: "Devin", role: "author", confidence: SURE },
  "161369871": { agent: "Jules", role: "author", confidence: SURE },
  "176961590": { agent: "Gemini Code Assist", role: "reviewer", confidence: SURE },
  "208079219": { agent: "Amazon Q", role: "author", confidence: SURE },
  "267193182": { agent: "Codex", role: "author", confidence: SURE },
  "219766164": { agent: "opencode", role: "author", confidence: SURE },
  "138933559": { agent: "Factory Droid", role: "author", confidence: SURE },
  // Accepted suggestions, as those of Copilot and Gemini.
  "62310815": { agent: "Copilot Autofix", role: "reviewer", confidence: SURE },
  "136622811": { agent: "CodeRabbit", role: "reviewer", confidence: SURE },
  "244629292": { agent: "Kiro", role: "author", confidence: UNCONFIRMED },
};

const ADDRESSES: Readonly<Record<string, Identity>> = {
  // Our own: what the fixer proposed and a person approved.
  "fix@firstfix.invalid": { agent: "Firstfix", role: "author", confidence: SURE },
  "noreply@anthropic.com": { agent: "Claude Code", role: "author", confidence: SURE },
  "copilot@github.com": { agent: "VS Code Copilot", role: "author", confidence: 0.7 },
  "cursoragent@cursor.com": { agent: "Cursor", role: "author", confidence: SURE },
  "noreply@openai.com": { agent: "Codex", role: "author", confidence: SURE },
  "codex@openai.com": { agent: "Codex", role: "author", confidence: SURE },
  "amp@ampcode.com": { agent: "Amp", role: "author", confidence: SURE },
  "noreply@opencode.ai": { agent: "opencode", role: "author", confidence: SURE },
  "openhands@all-hands.dev": { agent: "OpenHands", role: "author", confidence: SURE },
  "crush@charm.land": { agent: "Crush", role: "author", confidence: SURE },
  "agent@warp.dev": { agent: "Warp", role: "author", confidence: SURE },
  "oz-agent@warp.dev": { agent: "Warp", role: "author", confidence: SURE },
  "junie@jetbrains.com": { agent: "Junie", role: "author", confidence: SURE },
  "qwen-coder@alibabacloud.com": { agent: "Qwen Code", role: "author", confidence: SURE },
};

/** `name[bot]@users.noreply.github.com`, as tools write it that do not know the account's id: no person can have such a name. */
const BOTS: Readonly<Record<string, string>> = {
  "claude[bot]": "209825114", "copilot-swe-agent[bot]": "198982749", "cursor[bot]": "206951365", "chatgpt-codex-connector[bot]": "199175422", "devin-ai-integration[bot]": "158243242",
  "google-labs-jules[bot]": "161369871", "gemini-code-assist[bot]": "176961590", "amazon-q-developer[bot]": "208079219", "opencode-agent[bot]": "219766164", "factory-droid[bot]": "138933559",
  "github-advanced-security[bot]": "62310815", "coderabbitai[bot]": "136622811",
};
const WITHOUT_ID = 0.8;

const DOMAINS: Readonly<Record<string, Identity>> = {
  "aider.chat": { agent: "Aider", role: "author", confidence: SURE },
  "windsurf.com": { agent: "Windsurf", role: "author", confidence: UNCONFIRMED },
  "codeium.com": { agent: "Windsurf", role: "author", confidence: UNCONFIRMED },
};
/** Behind these domains are people as well, whose address is shown and decides nothing. */
const STAFFED = new Set(["windsurf.com", "codeium.com"]);
const STAFF = 0.2;
const MACHINE = /^(?:windsurf|cascade|noreply|no-reply|agent|bot)@/;

/** Names in free text, notes and the kernel's `AGENT:MODEL`. Never used on the name of a git author. */
const NAMES: readonly (readonly [RegExp, string])[] = [
  [/claude/i, "Claude Code"],
  [/copilot/i, "Copilot"],
  [/cursor/i, "Cursor"],
  [/codex/i, "Codex"],
  [/chat ?gpt|\bgpt\b|\bgpt-?\d|\bo[134](?:-mini)?\b/i, "ChatGPT"],
  [/gemini/i, "Gemini"],
  [/aider/i, "Aider"],
  [/devin\b/i, "Devin"],
  [/\bjules\b/i, "Jules"],
  [/amazon[ -]?q\b|codewhisperer/i, "Amazon Q"],
  [/\bkiro\b/i, "Kiro"],
  [/windsurf|codeium|cascade/i, "Windsurf"],
  [/replit/i, "Replit"],
  [/opencode/i, "opencode"],
  [/^amp$|ampcode/i, "Amp"],
  [/openhands/i, "OpenHands"],
  [/^(?:factory[ -]?)?droid$/i, "Factory Droid"],
  [/^crush$/i, "Crush"],
  [/^junie$/i, "Junie"],
  [/qwen[ -]?code/i, "Qwen Code"],
  [/\bllama|mistral|deepseek|qwen|\bgrok\b/i, "Local model"],
];

/** What people are called as well: as free text it counts only beside a word of the product. */
const PEOPLES_NAMES = /\b(?:claude|devin|jules|cody)\b/i;
const PRODUCTS: readonly (readonly [RegExp, string])[] = [
  [/^claude$|\bclaude[ -]?(?:code|ai|opus|sonnet|haiku|fable|instant|desktop|v?\d[\w.-]*)\b|\banthropic\b/i, "Claude Code"],
  [/\bdevin[ -]?ai\b|\bcognition\b/i, "Devin"],
  [/\bgoogle[ -](?:labs[ -])?jules\b|\bjules[ -](?:ai|agent|bot)\b/i, "Jules"],
];

/** As knownAgent, for a text that may as well name a person: "Claude Opus 4" is none, "Claude Monet" is one. */
export function namedAgent(text: string): string | null {
  const words = text.trim().slice(0, 200);
  return PRODUCTS.find(([pattern]) => pattern.test(words))?.[1] ?? (PEOPLES_NAMES.test(words) ? null : knownAgent(words));
}

/** Who an e-mail address stands for, or null. `times` are the commit's (ms): some addresses were misused for a while. */
export function parseIdentity(email: string, times: readonly number[] = []): Identity | null {
  const address = email.trim().toLowerCase();
  const account = /^(\d{1,20})\+[^@\s]+@users\.noreply\.github\.com$/.exec(address)?.[1];
  if (account !== undefined) return own(ACCOUNTS, account);
  const bot = /^([^@\s+]+)@users\.noreply\.github\.com$/.exec(address)?.[1] ?? "";
  const known = Object.hasOwn(BOTS, bot) ? own(ACCOUNTS, BOTS[bot] ?? "") : null;
  if (known !== null) return { ...known, confidence: WITHOUT_ID };
  const exact = own(ADDRESSES, address);
  if (exact !== null) return exact.agent === "VS Code Copilot" && times.some(inWindow) ? { ...exact, confidence: COPILOT_WINDOW.confidence } : exact;
  const domain = /^[^@\s]+@([a-z0-9.-]+)$/.exec(address)?.[1];
  const identity = domain === undefined ? null : own(DOMAINS, domain);
  return identity !== null && STAFFED.has(domain ?? "") && !MACHINE.test(address) ? { ...identity, confidence: STAFF } : identity;
}

/** Stable name of an assistant that a text names, or null where it names none that is known. */
export function knownAgent(text: string): string | null {
  return NAMES.find(([pattern]) => pattern.test(text.slice(0, 200)))?.[1] ?? null;
}

/** The model in the display name of an assistant's address: `Claude Opus 4.5`, `aider (gpt-4o)`. */
export function modelOfName(agent: string, name: string): string {
  if (agent === "Claude Code") return (/^Claude(?: Code)?(?:$| )(.*)$/i.exec(name.trim())?.[1] ?? "").replace(/^\(([^()]*)\)$/, "$1").slice(0, 100);
  return (/\(([^()]{1,100})\)\s*$/.exec(name)?.[1] ?? "").trim();
}

function inWindow(time: number): boolean {
  return time >= COPILOT_WINDOW.from && time < COPILOT_WINDOW.to;
}

function own(table: Readonly<Record<string, Identity>>, key: string): Identity | null {
  return Object.hasOwn(table, key) ? (table[key] ?? null) : null;
}
