import type { Dirent } from 'node:fs';
import { readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import type { Checkpoint, Inspection } from '../contract/checkpoint.ts';
import { PolarimeterError } from '../contract/errors.ts';
import { type AdapterSummary, describeAdapter } from './adapter/describeAdapter.ts';
import { checkpointStep } from './checkpointTitle.ts';
import { explainFolder } from './explainFolder.ts';
import { accessing } from './fileErrors.ts';
import { findFolderWeights, type WeightFiles } from './findWeights.ts';
import type { FoundFiles } from './mergeSnapshots.ts';
import { mergeSnapshots } from './mergeSnapshots.ts';
import { naturalOrder } from './naturalOrder.ts';
import { openCheckpoint } from './openCheckpoint.ts';
import { quoteName } from './quoteName.ts';

type Collection = Extract<Inspection, { kind: 'collection' }>;
type Found = Collection['found'][number];

/** A folder below a root that is no checkpoint although it looks like one. */
export interface Rejection {
  readonly path: string;
  readonly error: PolarimeterError;
}

export interface Discovery {
  readonly found: Collection['found'];
  readonly rejected: readonly Rejection[];
}

/** What the headers of a checkpoint say besides its size. */
export interface CheckpointContents {
  readonly architecture: string | null;
  readonly dtypes: readonly string[];
  readonly tensors: number;
}

function contentsOf({ tensors, ...rest }: Checkpoint | AdapterSummary): CheckpointContents {
  const architecture = 'config' in rest ? (rest.config?.architecture ?? null) : null;
  return { architecture, dtypes: [...new Set(tensors.map(({ dtype }) => dtype))], tensors: tensors.length };
}

/** What a folder turned out to be: a checkpoint, something else that holds weights, or nothing of the kind. */
type Verdict = 'found' | 'foreign' | 'none';

interface Parent {
  readonly path: string;
  /** With all symbolic links followed. */
  readonly real: string;
  readonly verdict: Verdict;
}

const DEEPEST = 8;
const MOST_FOLDERS = 20_000;
/** Folders inside a repository of a Hugging Face cache that hold no checkpoint under its own name. */
const CACHE_INNARDS = new Set(['blobs', 'refs', 'trees']);
/** What else a Hugging Face cache keeps. */
const OTHER_REPOSITORIES = /^(?:datasets|spaces)--/;
/** Folders of one process of a distributed trainer. */
const PROCESS_FOLDER = /^mp_rank_\d+/;
/** Several GGUF files in a folder are one model in several precisions. */
const SINGLE_GGUF = /(?<!-\d{5}-of-\d{5})\.gguf$/i;

/** Paths in a folder that are folders or may link to one, in natural order. */
function subfolders(folder: string, content: readonly Dirent[]): string[] {
  const isRepository = content.some(({ name }) => name === 'snapshots') || isCached(folder);
  return content
    .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
    .map(({ name }) => name)
    .filter((name) => !name.startsWith('.') && !OTHER_REPOSITORIES.test(name))
    .filter((name) => !(isRepository && CACHE_INNARDS.has(name)))
    .sort(naturalOrder)
    .map((name) => join(folder, name));
}

/** Codes that only say that a folder is no checkpoint, not that it is a damaged one. */
const SHALLOW = new Set(['not-a-checkpoint', 'unsupported-format', 'incomplete-download']);

const isCached = (folder: string): boolean => basename(folder).startsWith('models--');

const isForeign = (error: unknown): error is PolarimeterError =>
  error instanceof PolarimeterError && error.code === 'unsupported-format';

/** Whether a folder holds other parts of what was already judged in the folder around it. */
function belongsTo(parent: Parent | undefined, path: string): boolean {
  if (parent === undefined || parent.verdict === 'none') return false;
  if (checkpointStep(parent.path) !== null) return true;
  return parent.verdict === 'found' ? checkpointStep(path) === null : PROCESS_FOLDER.test(basename(path));
}

/** Looks for checkpoints in and below folders, each real folder once however many links lead to it; a step at a time, for large disks. */
export class CheckpointWalk {
  readonly #found: FoundFiles<Found>[] = [];
  readonly #contents = new Map<string, CheckpointContents>();
  readonly #rejected: Rejection[] = [];
  readonly #visited = new Set<string>();

  /** Every folder that was looked at, as it is done with. */
  *search(root: string): Generator<string, void> {
    try {
      yield* this.#visit(root, []);
    } catch (error) {
      if (!(error instanceof PolarimeterError)) throw error;
      this.#rejected.push({ path: root, error });
    }
  }

  /** Checkpoints so far; cached ones that are the same files are still listed twice. */
  get found(): readonly Found[] {
    return this.#found.map(({ entry }) => entry);
  }

  get folders(): number {
    return this.#visited.size;
  }

  /** What the headers say of a checkpoint that was found. */
  contents(path: string): CheckpointContents | null {
    return this.#contents.get(path) ?? null;
  }

  get result(): Discovery {
    const byPath = (a: { path: string }, b: { path: string }): number => naturalOrder(a.path, b.path);
    return {
      found: mergeSnapshots(this.#found).toSorted(byPath),
      rejected: this.#worthSaying().toSorted(byPath),
    };
  }

  *#visit(folder: string, parents: readonly Parent[]): Generator<string, void> {
    const real = accessing(folder, () => realpathSync(folder));
    if (
      parents.some(
        (parent) => parent.real === real || parent.real.startsWith(real.endsWith(sep) ? real : real + sep),
      )
    ) {
      const what = `${quoteName(folder)} is a symbolic link to ${quoteName(real)}, which contains it`;
      throw new PolarimeterError('directory-loop', what, folder);
    }
    if (this.#visited.has(real) || parents.length > DEEPEST || this.#visited.size > MOST_FOLDERS) return;
    this.#visited.add(real);
    if (this.#visited.size > MOST_FOLDERS) {
      const what = `the search ended here, after ${String(MOST_FOLDERS)} folders; name a folder further down`;
      throw new PolarimeterError('not-a-checkpoint', what, folder);
    }
    const content = accessing(folder, () => readdirSync(folder, { withFileTypes: true }));
    const names = content.map(({ name }) => name).sort(naturalOrder);
    const verdict = this.#judge(folder, names, parents.at(-1));
    yield folder;
    for (const path of subfolders(folder, content)) {
      try {
        if (accessing(path, () => statSync(path)).isDirectory())
          yield* this.#visit(path, [...parents, { path: folder, real, verdict }]);
      } catch (error) {
        this.#reject(path, error);
      }
    }
  }

  #judge(folder: string, names: readonly string[], parent: Parent | undefined): Verdict {
    let verdict: Verdict = 'none';
    this.#guard(folder, () => {
      try {
        if (this.#look(folder, names)) verdict = 'found';
      } catch (error) {
        if (isForeign(error)) verdict = 'foreign';
        const isBeside =
          isForeign(error) || (error instanceof PolarimeterError && error.code === 'not-a-checkpoint');
        if (!isBeside || !belongsTo(parent, folder)) throw error;
      }
    });
    return verdict;
  }

  /** Whether there is a checkpoint. Throws the reason where there is something like one. */
  #look(folder: string, names: readonly string[]): boolean {
    const weights = this.#weights(folder, names);
    if (weights?.format === 'adapter') this.#list(describeAdapter(folder));
    else if (weights) this.#list(openCheckpoint(folder));
    else {
      const reason = explainFolder(folder, names);
      if (reason) throw reason;
      return false;
    }
    return true;
  }

  /** Of several GGUF files, which are models of their own, each is listed. */
  #weights(folder: string, names: readonly string[]): WeightFiles | null {
    try {
      return findFolderWeights(folder, names);
    } catch (error) {
      const single = names.filter((name) => SINGLE_GGUF.test(name));
      if (!(error instanceof PolarimeterError) || error.code !== 'ambiguous-folder' || single.length === 0)
        throw error;
      for (const path of single.map((name) => join(folder, name)))
        this.#guard(path, () => this.#list(openCheckpoint(path)));
      return null;
    }
  }

  #list(checkpoint: Checkpoint | AdapterSummary): void {
    const { files, path, title, format, step, parameters, bytes } = checkpoint;
    this.#found.push({ entry: { path, title, format, step, parameters, bytes }, files });
    this.#contents.set(path, contentsOf(checkpoint));
  }

  #guard(path: string, look: () => void): void {
    try {
      look();
    } catch (error) {
      this.#reject(path, error);
    }
  }

  #reject(path: string, error: unknown): void {
    if (!(error instanceof PolarimeterError)) throw error;
    // A name that vanished meanwhile, or a link to nothing, has nothing to do with checkpoints.
    if (error.code !== 'path-not-found') this.#rejected.push({ path, error });
  }

  /** Rejections but for those that a folder further down, of the same step or repository, says better. */
  #worthSaying(): Rejection[] {
    const said = new Set(
      [...this.#found.map(({ entry }) => entry), ...this.#rejected].flatMap(foldersAround),
    );
    return this.#rejected.filter(({ path, error }) => {
      const hasSubject = isCached(path) || checkpointStep(path) !== null;
      return !SHALLOW.has(error.code) || !hasSubject || !said.has(path);
    });
  }
}

/** Folders around a path, up to the first of another step. */
function foldersAround({ path }: { readonly path: string }): string[] {
  const around: string[] = [];
  let own = checkpointStep(path);
  for (let up = dirname(path); up !== dirname(up); up = dirname(up)) {
    const step = checkpointStep(up);
    if (own !== null && step !== null && step !== own) break;
    own ??= step;
    around.push(up);
  }
  return around;
}
