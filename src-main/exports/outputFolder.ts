import { randomBytes } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  rmdirSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { PolarimeterError } from '../contract/errors.ts';
import { isCompanion } from './companionFiles.ts';

/** Files that a folder of weights has besides those that are copied from one to the other. */
const WEIGHT_FILES = [
  /^(?:model|pytorch_model|consolidated|adapter_model)[A-Za-z0-9_.-]*\.(?:safetensors|bin|pth|pt|json)$/,
  /^(?:adapter_config|polarimeter-provenance|trainer_state|training_args|quantize_config)\.(?:json|bin)$/,
  /^(?:README(?:\.[a-z]+)?|\.gitattributes|USE_POLICY\.md)$/,
];

/** The path with links resolved, as far as it exists. */
function realPath(path: string): string {
  let existing = resolve(path);
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing);
  return join(realpathSync(existing), relative(existing, resolve(path)));
}

const isInside = (path: string, folder: string): boolean => path === folder || path.startsWith(folder + sep);

/**
 * Nothing is written into a folder of a source, nor in its place, nor around it.
 * Fails with `source-folder`.
 * @param sources folders that hold files of checkpoints that are read
 */
export function refuseSourceFolders(out: string, sources: readonly string[]): void {
  const target = realPath(out);
  for (const source of sources.map(realPath)) {
    const isWithin = isInside(target, source);
    if (!isWithin && !isInside(source, target)) continue;
    const how = target === source ? 'is the folder of' : isWithin ? 'lies inside' : 'lies around';
    throw new PolarimeterError('source-folder', `${target} ${how} the checkpoint ${source}`, out);
  }
}

/** What does not look like a part of a checkpoint; null where everything does. */
function foreignName(folder: string): string | null {
  const isKnown = (name: string): boolean =>
    statSync(join(folder, name), { throwIfNoEntry: false })?.isFile() === true &&
    (isCompanion(name) || WEIGHT_FILES.some((pattern) => pattern.test(name)));
  return readdirSync(folder).find((name) => !isKnown(name)) ?? null;
}

/** Where --force would not help. */
const OTHER_PATH = 'choose another path';

/** Whether the output may take this place. An empty folder may always be used. Fails with `output-exists`. */
export function checkOutput(out: string, force: boolean): void {
  const there = lstatSync(out, { throwIfNoEntry: false });
  if (!there) return;
  const refuse = (why: string, remedy: string | null = OTHER_PATH): PolarimeterError =>
    new PolarimeterError('output-exists', why, out, remedy);
  if (!there.isDirectory()) throw refuse('this is no folder; only a folder of a checkpoint is ever replaced');
  if (readdirSync(out).length === 0) return;
  if (!force) throw refuse('the folder is not empty', null);
  const foreign = foreignName(out);
  if (foreign !== null)
    throw refuse(`it holds "${foreign}", which is no part of a checkpoint: such a folder is never replaced`);
}

/** Makes the parents of a path; returns those that were not there, the innermost first. */
export function makeParents(path: string): string[] {
  const parent = dirname(path);
  if (existsSync(parent)) return [];
  const above = makeParents(parent);
  mkdirSync(parent);
  return [parent, ...above];
}

/** Removes parents that were made, as far as nothing lies in them. */
export function removeParents(parents: readonly string[]): void {
  for (const parent of parents) {
    if (readdirSync(parent).length > 0) return;
    rmdirSync(parent);
  }
}

/** A hidden name beside a path, which nothing has yet. */
export const siblingOf = (path: string, what: string): string =>
  join(dirname(path), `.${basename(path)}.${what}-${randomBytes(4).toString('hex')}`);

/** A folder beside its final place. Disposed before `publish`, nothing of it is left. */
export class OutputFolder implements Disposable {
  readonly #out: string;
  readonly folder: string;
  /** Parents that were made for it. */
  readonly #parents: readonly string[];
  #published = false;

  constructor(out: string) {
    this.#out = out;
    this.#parents = makeParents(out);
    this.folder = siblingOf(out, 'writing');
    mkdirSync(this.folder);
  }

  /** Takes its place, and that of the folder that may be there. */
  publish(): void {
    const isThere = existsSync(this.#out);
    if (isThere && readdirSync(this.#out).length === 0) rmdirSync(this.#out);
    const old = existsSync(this.#out) ? siblingOf(this.#out, 'replaced') : null;
    if (old !== null) renameSync(this.#out, old);
    try {
      renameSync(this.folder, this.#out);
    } catch (error) {
      if (old !== null) renameSync(old, this.#out);
      throw error;
    }
    this.#published = true;
    if (old !== null) rmSync(old, { recursive: true });
  }

  [Symbol.dispose](): void {
    if (this.#published) return;
    rmSync(this.folder, { recursive: true, force: true });
    removeParents(this.#parents);
  }
}
