/** Bounds of everything that is read from a repository. Sizes are bytes, unless the name says otherwise. */
export const BOUNDS = {
  /** Git processes of one Firstfix process at a time; the others wait. */
  gitProcesses: 4,
  gitWaiting: 10_000,
  gitErrorBytes: 16 * 1024,
  /** Commits between two deployments; older ones are not looked at. */
  commitsBetween: 500,
  /** With no good deployment known, only so many newest commits are candidates. */
  commitsWithoutGood: 50,
  messageBytes: 64 * 1024,
  pathBytes: 4096,
  fileBytes: 8 * 1024 * 1024,
  treeEntries: 200_000,
  exportFiles: 100_000,
  exportFileBytes: 64 * 1024 * 1024,
  exportBytes: 2 * 1024 * 1024 * 1024,
  blameLines: 100_000,
  trailers: 200,
  rawEvidence: 300,
  noteBytes: 1024 * 1024,
  noteRanges: 20_000,
  /** Lines that all ranges of a note list together. */
  noteLines: 1_000_000,
  /** GitHub does not load a longer CODEOWNERS file. */
  ownersBytes: 3 * 1024 * 1024,
  ownersRules: 20_000,
  /** Places of a finding that ranking looks at (each costs a blame), and how often a text may stand in the code. */
  places: 50,
  placesPerSymbol: 10,
  symbols: 200,
  /** Diff of one candidate, with its files in full. */
  candidateDiffBytes: 4 * 1024 * 1024,
  suspects: 10,
  graphFiles: 400,
  graphFileBytes: 256 * 1024,
} as const;
