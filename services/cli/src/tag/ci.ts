/** What the CI that runs this says about the source, "" where it does not say. */
export interface Ci {
  /** Whose variables these are; "" outside of CI. */
  readonly name: string;
  readonly revision: string;
  /** Which variable named the revision. */
  readonly revisionFrom: string;
  readonly branch: string;
  readonly tag: string;
  readonly repository: string;
  readonly environment: string;
  /** Page of the run. */
  readonly run: string;
}

type Env = Readonly<Record<string, string | undefined>>;
type Read = (...names: readonly string[]) => string;

interface Kind {
  readonly name: string;
  /** Set by this CI and by no other. */
  readonly mark: string;
  readonly revision: string;
  readonly rest: (read: Read) => Partial<Pick<Ci, "branch" | "tag" | "repository" | "environment" | "run">>;
}

/** The first that a variable marks is the one that runs this. */
export function readCi(env: Env): Ci {
  const read: Read = (...names) => names.map((name) => env[name]?.trim() ?? "").find((text) => text !== "") ?? "";
  const none: Ci = { name: "", revision: "", revisionFrom: "", branch: "", tag: "", repository: "", environment: "", run: "" };
  const kind = KINDS.find(({ mark }) => read(mark) !== "");
  return kind === undefined ? none : { ...none, name: kind.name, revision: read(kind.revision), revisionFrom: kind.revision, ...kind.rest(read) };
}

const KINDS: readonly Kind[] = [
  {
    name: "GitHub Actions",
    mark: "GITHUB_SHA",
    revision: "GITHUB_SHA",
    rest: (read) => {
      const isTag = read("GITHUB_REF_TYPE") === "tag";
      const repository = joined(read("GITHUB_SERVER_URL"), read("GITHUB_REPOSITORY"));
      // On a pull request GITHUB_REF_NAME is "7/merge"; the branch is in GITHUB_HEAD_REF.
      return { branch: isTag ? "" : read("GITHUB_HEAD_REF", "GITHUB_REF_NAME"), tag: isTag ? read("GITHUB_REF_NAME") : "", repository, run: repository === "" ? "" : joined(repository, joined("actions/runs", read("GITHUB_RUN_ID"))) };
    },
  },
  {
    name: "GitLab CI",
    mark: "CI_COMMIT_SHA",
    revision: "CI_COMMIT_SHA",
    rest: (read) => ({
      branch: read("CI_COMMIT_TAG") === "" ? read("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "CI_COMMIT_REF_NAME") : "",
      tag: read("CI_COMMIT_TAG"),
      repository: read("CI_PROJECT_URL", "CI_REPOSITORY_URL"),
      environment: read("CI_ENVIRONMENT_NAME"),
      run: read("CI_JOB_URL", "CI_PIPELINE_URL"),
    }),
  },
  {
    name: "CircleCI",
    mark: "CIRCLE_SHA1",
    revision: "CIRCLE_SHA1",
    rest: (read) => ({ branch: read("CIRCLE_BRANCH"), tag: read("CIRCLE_TAG"), repository: read("CIRCLE_REPOSITORY_URL"), run: read("CIRCLE_BUILD_URL") }),
  },
  {
    name: "Bitbucket Pipelines",
    mark: "BITBUCKET_COMMIT",
    revision: "BITBUCKET_COMMIT",
    rest: (read) => ({ branch: read("BITBUCKET_BRANCH"), tag: read("BITBUCKET_TAG"), repository: read("BITBUCKET_GIT_HTTP_ORIGIN"), environment: read("BITBUCKET_DEPLOYMENT_ENVIRONMENT") }),
  },
  {
    name: "Buildkite",
    mark: "BUILDKITE_COMMIT",
    revision: "BUILDKITE_COMMIT",
    rest: (read) => ({ branch: read("BUILDKITE_TAG") === "" ? read("BUILDKITE_BRANCH") : "", tag: read("BUILDKITE_TAG"), repository: read("BUILDKITE_REPO"), run: read("BUILDKITE_BUILD_URL") }),
  },
  {
    name: "Azure Pipelines",
    mark: "BUILD_SOURCEVERSION",
    revision: "BUILD_SOURCEVERSION",
    rest: (read) => {
      const ref = read("SYSTEM_PULLREQUEST_SOURCEBRANCH", "BUILD_SOURCEBRANCH");
      const tag = ref.startsWith("refs/tags/") ? ref.slice("refs/tags/".length) : "";
      return { branch: tag === "" ? ref.replace(/^refs\/heads\//, "") : "", tag, repository: read("BUILD_REPOSITORY_URI") };
    },
  },
  {
    name: "Jenkins",
    mark: "GIT_COMMIT",
    revision: "GIT_COMMIT",
    // GIT_BRANCH is "origin/main".
    rest: (read) => ({ branch: read("CHANGE_BRANCH") || (read("TAG_NAME") === "" ? read("GIT_BRANCH").replace(/^origin\//, "") : ""), tag: read("TAG_NAME"), repository: read("GIT_URL"), run: read("BUILD_URL") }),
  },
];

function joined(base: string, path: string): string {
  return base === "" || path === "" ? "" : `${base.replace(/\/+$/, "")}/${path}`;
}
