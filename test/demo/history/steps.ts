import {
  AIDER_TRAILER, CLAUDE_TRAILER, CODEX_TRAILER, COPILOT, copilotTrailers, CURSOR_TRAILER, DEVELOPER_ONE, DEVELOPER_TWO,
  type Identity, JULES, SHOP_LEAD,
} from "./people.ts";

export type FaultKind = "throws" | "invariant" | "temporal";

/** One commit of the shop's history. */
export interface Step {
  readonly author: Identity;
  /** Who committed, where it was not the author. */
  readonly committer?: Identity;
  /** Fixed, so that the commits have the same ids every time. */
  readonly date: string;
  readonly message: string;
  /** Files of test/demo/shop that this commit adds; a folder ends with a slash. */
  readonly adds?: readonly string[];
  /** Name of the patch in changes/ that this commit applies. */
  readonly patch?: string;
  /** The assistant that git-ai saw writing the changed lines. */
  readonly noted?: { readonly tool: string; readonly model: string };
  readonly fault?: { readonly kind: FaultKind; readonly agent: string };
}

/** How the shop came about: together these commits hold exactly the files of test/demo/shop. */
export const BASELINE: readonly Step[] = [
  {
    author: SHOP_LEAD, date: "2026-08-03T09:12:00Z", adds: ["package.json", ".gitignore", "README.md"],
    message: "Start the shop\n\nOne service, Express, no database yet.",
  },
  {
    author: DEVELOPER_ONE, date: "2026-08-03T10:40:00Z", adds: ["src/catalog.js", "src/errors.js"],
    message: "List the articles",
  },
  {
    author: DEVELOPER_TWO, date: "2026-08-04T08:30:00Z", adds: ["src/coupons.js"],
    message: `Take coupons\n\nPercent and flat ones. A flat coupon is worth at most the goods.\n\n${CLAUDE_TRAILER}`,
  },
  {
    author: DEVELOPER_ONE, date: "2026-08-04T13:05:00Z", adds: ["src/shipping.js"],
    message: "Charge for shipping\n\nOrders without an address are picked up and cost nothing.",
  },
  {
    author: DEVELOPER_ONE, date: "2026-08-05T09:20:00Z", adds: ["src/pricing.js", "test/pricing.test.js"],
    message: `Price a cart\n\n${CURSOR_TRAILER}`,
  },
  {
    author: DEVELOPER_TWO, date: "2026-08-06T11:00:00Z", adds: ["src/orders.js"],
    message: "Keep orders in memory",
  },
  {
    author: COPILOT, committer: DEVELOPER_TWO, date: "2026-08-07T07:45:00Z", adds: ["src/tracing.js"],
    message: `Add helpers for spans of our own\n\n${copilotTrailers("6f1b7a52-2c1d-4f0a-9b6e-0d7c35a1e001", DEVELOPER_TWO)}`,
  },
  {
    author: DEVELOPER_TWO, date: "2026-08-10T09:00:00Z", adds: ["src/payment.js"],
    message: "Charge through the payment provider",
  },
  {
    author: SHOP_LEAD, date: "2026-08-11T10:10:00Z", adds: ["src/confirmation.js", "src/settlement.js"],
    message: "Confirm paid orders by a worker\n\nCheckout answers once the money is there; the confirmation follows through a queue.",
  },
  {
    author: DEVELOPER_ONE, date: "2026-08-12T14:25:00Z", adds: ["src/checkout.js", "src/cart.js"],
    message: `Check out and quote\n\n${CODEX_TRAILER}`,
  },
  {
    author: DEVELOPER_ONE, date: "2026-08-13T08:50:00Z", adds: ["src/app.js", "src/server.js", "test/support.js", "test/cart.test.js", "test/checkout.test.js"],
    message: "Serve it over HTTP",
  },
  {
    author: SHOP_LEAD, date: "2026-08-14T09:30:00Z", adds: [".kiro/"],
    message: "Write down what cart and checkout must do\n\nWith bindings to our spans, so that production is held to it.",
  },
  {
    author: SHOP_LEAD, date: "2026-08-14T15:00:00Z", adds: [".firstfix.yaml"],
    message: "Tell how the service starts and is tested",
  },
];

/** One deployment's worth of work: three faults by three assistants among harmless changes. */
export const DEPLOYMENT: readonly Step[] = [
  {
    author: DEVELOPER_TWO, date: "2026-09-01T08:40:00Z", patch: "01-readme-returns",
    message: "Describe returns in the README",
  },
  {
    author: COPILOT, committer: DEVELOPER_TWO, date: "2026-09-01T11:15:00Z", patch: "02-settle-wallets-apart",
    message: "Settle wallet payments on their own path\n\nSplits the settlement by kind of payment, so that redeeming a wallet can be retried\n"
      + `without collecting again.\n\n${copilotTrailers("c0a91f3e-7d44-4a3b-8f52-9e6f1b2d4002", DEVELOPER_TWO)}`,
    fault: { kind: "temporal", agent: "Copilot cloud agent" },
  },
  {
    author: DEVELOPER_ONE, date: "2026-09-01T14:00:00Z", patch: "03-show-one-article",
    message: `Show one article\n\n${CODEX_TRAILER}`,
  },
  {
    author: DEVELOPER_ONE, date: "2026-09-02T09:05:00Z", patch: "04-coupon-rules",
    message: "One rule for each kind of coupon\n\nMakes room for more kinds; nothing changes for customers.",
    noted: { tool: "cursor", model: "composer-1" },
    fault: { kind: "invariant", agent: "Cursor" },
  },
  {
    author: SHOP_LEAD, date: "2026-09-02T10:30:00Z", patch: "05-receipt-view",
    message: `Shorten the view of a receipt\n\n${AIDER_TRAILER}`,
  },
  {
    author: SHOP_LEAD, date: "2026-09-02T13:20:00Z", patch: "06-test-quantities",
    message: "Test that quantities multiply",
  },
  {
    author: DEVELOPER_TWO, date: "2026-09-03T08:55:00Z", patch: "07-delivery-estimate",
    message: `Tell the customer when to expect the goods\n\nCheckout answers with an estimate by delivery zone.\n\n${CLAUDE_TRAILER}`,
    fault: { kind: "throws", agent: "Claude Code" },
  },
  {
    author: JULES, committer: DEVELOPER_ONE, date: "2026-09-03T10:10:00Z", patch: "08-friendlier-refusals",
    message: "Word refusals in a friendlier way",
  },
];
