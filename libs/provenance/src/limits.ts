/** Bounds of everything that is read from a repository. Sizes are bytes, unless the name says otherwise. */
export const BOUNDS = {
  /** Git processes of one Firstfix process at a time; the others wait. */
  gitProcesses: 4,
  gitWaiting: 10_000,
  gitErrorBytes: 16 * 1024,
  /** Fetches at a time, beside the processes above; how long one may take, and how long it may say nothing. */
  fetchesAtOnce: 3,
  fetchMs: 60 * 60_000,
  fetchSilentMs: 5 * 60_000,
  pushMs: 5 * 60_000,
  /** A revision that a mirror lacks makes it be fetched at most this often, and is waited for at most so long. */
  missingPauseMs: 30_000,
  fetchWaitMs: 10_000,
  keptRemembered: 10_000,
  /** Answers to a look at the source's branches and tags, before anything is fetched. */
  refsMs: 60_000,
  /** What one fetch may add on disk, and how often that is looked at. */
  fetchBytes: 20 * 1024 * 1024 * 1024,
  fetchWatchMs: 500,
  /** Above so many packs or loose objects a mirror is packed anew. */
  mirrorPacks: 40,
  mirrorLooseObjects: 5_000,
  addressBytes: 2048,
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
  /** A lock file of this size is read whole. */
  versionFileBytes: 32 * 1024 * 1024,
  /** Of all candidates together, the newest first. */
  versionBytes: 512 * 1024 * 1024,
  versionEntries: 1_000_000,
  suspects: 10,
  graphFiles: 400,
  graphFileBytes: 256 * 1024,
} as const;
