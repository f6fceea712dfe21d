/** Runs one pull and reports on it. Rejects only where no report can be made, with an InspectError. */
export function inspect(reference: string | null, options?: InspectOptions): Promise<Report>;

/** Takes a reference apart, as distribution's library does. Throws an InspectError. */
export function parseReference(text: string): Reference;

export interface InspectOptions {
  /** os/architecture[/variant]; default "linux/amd64". */
  platform?: string;
  /** How deep to go into layers; default "verify". */
  layers?: "skip" | "verify" | "unpack";
  /** The most bytes that a layer may unpack to; default 16 GiB. */
  unpackLimit?: number;
  /** The most bytes that a layer may unpack to for each of its own, beyond 64 MiB; default 250. */
  unpackRatio?: number;
  /** Whether the report has the files of unpacked layers; default false. */
  files?: boolean;
  /** A HAR 1.2 recording, as JSON text or object; then nothing goes to the network. */
  recording?: string | object;
  /** Who you are to the registry. Kept in memory for this pull, and in no report. */
  credentials?: Credentials;
  /** The origin of a relay of your own, which is asked in the registry's place: "http://127.0.0.1:5080". */
  relay?: string;
  /** How many workers read layers: at least 1, and no more than the machine has cores; default 2. */
  workers?: number;
  /** Stops the pull. */
  signal?: AbortSignal;
  /** Progress. */
  onEvent?: (event: InspectEvent) => void;
}

export interface Credentials {
  user: string;
  /** Or an access token in its place. */
  password: string;
  /** The token server that they may go to as well, if it is at another origin than the registry, or its relay. They go to
   *  no other, and without TLS only to this machine, or to a registry that is named with http://. */
  realm?: string;
}

export interface Report {
  reference: Reference;
  /** Failed if any object failed; verified only if all that the pull asked for were; else unchecked. */
  verdict: Verdict;
  root: Node;
  requests: Request[];
  /** What kept the pull from being one. */
  problem?: { code: "no-root" | "no-platform"; message: string };
}

export interface Reference {
  /** The normalised domain; "docker.io" for Docker Hub. */
  registry: string;
  repository: string;
  /** Only if stated. */
  tag?: string;
  /** Only if stated. */
  digest?: string;
  /** With ":latest" where neither tag nor digest is stated. */
  canonical: string;
}

/** A whole number; as decimal text where it is beyond Number.MAX_SAFE_INTEGER, which a number cannot hold exactly. */
export type Count = number | string;

export interface Node {
  /** Empty for a root that could not be resolved. */
  digest: string;
  mediaType: string;
  /** Bytes, as the descriptor states. */
  size: Count;
  kind: "index" | "manifest" | "config" | "layer" | "blob" | "unknown";
  platform?: string;
  /** False for the manifests of platforms that were not asked for. */
  wanted: boolean;
  verdict: Verdict;
  findings: Finding[];
  /** Places in Report.requests. */
  requests: number[];
  /** What a layer unpacked to, with layers: "unpack". */
  unpacked?: {
    compression: "uncompressed" | "gzip" | "zstd";
    /** Bytes of the tar. */
    size: Count;
    /** How many entries the tar has. */
    entries: Count;
    /** The digest of the tar; absent where it did not come to its end. */
    diffId?: string;
    /** With the option files. */
    files?: LayerFile[];
  };
  children: Node[];
}

/** An entry of a layer's tar. */
export interface LayerFile {
  /** As written in the tar. */
  path: string;
  kind: "file" | "hard link" | "symbolic link" | "character device" | "block device" | "directory" | "named pipe" | "unknown entry";
  mode: number;
  uid: Count;
  gid: Count;
  /** Bytes. */
  size: Count;
  /** Seconds since 1970. */
  modified: Count;
  /** Where a link points to. */
  link?: string;
}

export interface Finding {
  code: string;
  message: string;
  expected?: string;
  actual?: string;
}

export interface Request {
  method: string;
  /** Without what may be secret in it: unknown parameters of a query, for one. */
  url: string;
  role: "ping" | "token" | "tag" | "index" | "manifest" | "config" | "layer" | "referrers" | "redirect" | "other";
  /** null: not known. */
  status: number | null;
  startedMs: number | null;
  waitMs: number | null;
  receiveMs: number | null;
  /** Bytes of the body that were read. */
  bytes: Count;
  /** How large the memory of the worker had become that read it, in bytes. */
  workerMemory?: number;
  /** Observed: the response was seen. Inferred: the browser followed it unseen. */
  redirected?: { to: string; known: "observed" | "inferred" };
  digest?: string;
}

export type Verdict = "verified" | "failed" | "unchecked";

export type InspectEvent =
  | { type: "request"; index: number; request: Request }
  | { type: "object"; index: number; node: Node }
  | { type: "progress"; index: number; digest?: string; bytes: Count; total?: Count };

export interface InspectError extends Error {
  code:
    | "invalid-reference"
    | "invalid-platform"
    | "invalid-option"
    | "invalid-recording"
    | "no-reference"
    | "aborted"
    /** The module ran out of memory, or met a fault of its own. It can be used no more: load it anew. */
    | "stopped";
}
