/** What the journal and the telemetry of the fixture both speak of. */

/** Text as a stranger may send it: markup, a script, characters that turn the direction of text, and too much of it. */
export const HOSTILE = `<script>window.pwned=1</script><img src=x onerror="window.pwned=1"> \u202Etxet desrever\u202C ${"A".repeat(3000)}`;

export const REPOSITORY = "https://git.example.com/acme/shop.git";

export const REVISIONS = {
  good: "3f9c1d7a52e84b06919d2c7f5ab01e4d8c6f7a20",
  bad: "b71e04c95d2a4f3386e1f0c2d94ab57e6103fd8c",
  cycle1: "e80d55f21a9b4c7793be6a04f1c2d8875b90ae13",
  cycle2: "0c47ab19f6e34d52a8719be02d6f5c3384ea71bd",
} as const;

export const TRACES = { proposed: "4b792f3577334d26234e121d0e0e4736", closed: "20192f3577334d26234e121d0e0e4b11", verifying: "41592f3577334d26234e121d0e0e4c22", gap: "52692f3577334d26234e121d0e0e4d33" } as const;
