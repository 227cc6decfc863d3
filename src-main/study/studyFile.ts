import {
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { Checkpoint } from '../contract/checkpoint.ts';
import { PolarimeterError } from '../contract/errors.ts';
import { sourceFiles } from '../recipes/sourceFiles.ts';
import { StudyFile } from '../contract/study.ts';
import { writing } from './fileErrors.ts';

const NAME = 'study.json';

/** Folder of a study, given the folder or its study.json. Fails with `study-not-found`. */
export function studyFolder(path: string): string {
  const absolute = resolve(path);
  const folder = absolute.endsWith(`${sep}${NAME}`) ? dirname(absolute) : absolute;
  if (!existsSync(join(folder, NAME)))
    throw new PolarimeterError('study-not-found', `no ${NAME} here`, folder);
  return folder;
}

/** Labels are unique, and every `from` leads to the base through variants of the study. */
function checkLineage(file: StudyFile, where: string): void {
  const labels = new Set(['base']);
  for (const { label } of file.variants) {
    if (labels.has(label))
      throw new PolarimeterError('study-invalid', `the label "${label}" is used twice`, where);
    labels.add(label);
  }
  const parents = new Map(file.variants.map(({ label, from }) => [label, from]));
  for (const { label, from } of file.variants) {
    if (!labels.has(from)) {
      throw new PolarimeterError(
        'study-invalid',
        `"${label}" is compared with "${from}", which is not in the study`,
        where,
      );
    }
    const seen = new Set<string>();
    for (let at = label; at !== 'base'; at = parents.get(at) ?? 'base') {
      if (seen.has(at))
        throw new PolarimeterError('study-invalid', `"${label}" is compared with itself, in a circle`, where);
      seen.add(at);
    }
  }
}

/** A checked study file. Fails with `study-invalid`, or `study-version` for a later schema. */
export function parseStudyFile(value: unknown, where: string): StudyFile {
  const schema = (value as { schema?: unknown } | null)?.schema;
  if (
    typeof schema === 'string' &&
    /^polarimeter\.study\/\d+$/.test(schema) &&
    schema !== 'polarimeter.study/1'
  ) {
    throw new PolarimeterError(
      'study-version',
      `schema ${schema}, this version reads polarimeter.study/1`,
      where,
    );
  }
  const parsed = StudyFile.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new PolarimeterError(
      'study-invalid',
      `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
      where,
    );
  }
  checkLineage(parsed.data, where);
  return parsed.data;
}

export function readStudyFile(folder: string): StudyFile {
  const where = join(folder, NAME);
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(where, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new PolarimeterError('study-not-found', `no ${NAME} here`, folder);
    }
    throw new PolarimeterError('study-invalid', `not JSON: ${(error as Error).message}`, where);
  }
  return parseStudyFile(value, where);
}

/** Makes a folder and its parents, one by one: Node's own recursive way never ends where a file system answers ENOENT, as /proc does. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  mkdirSync(folder);
}

/** Writes study.json through a temporary file. Fails with `study-read-only`, `disk-full`. */
export function writeStudyFile(folder: string, file: StudyFile): void {
  writing(folder, () => {
    makeFolder(folder);
    const temporary = join(folder, `.${NAME}.${String(process.pid)}`);
    writeFileSync(temporary, `${JSON.stringify(file, null, 2)}\n`);
    renameSync(temporary, join(folder, NAME));
  });
}

/** Absolute path of a checkpoint of a study. */
export function checkpointPath(folder: string, path: string): string {
  return isAbsolute(path) ? path : resolve(folder, path);
}

function realFolder(path: string): string {
  if (!existsSync(path)) return resolve(path);
  const real = realpathSync(path);
  return statSync(real).isDirectory() ? real : dirname(real);
}

/** Of an adapter, what it is laid on as well; of a recipe what it is made of: its own file lies where its user works. */
function sourcePaths(checkpoint: Checkpoint): string[] {
  const { path, adapter, recipe } = checkpoint;
  if (recipe) return [...sourceFiles(checkpoint).keys()];
  return adapter ? [path, adapter.base] : [path];
}

/** Source folders are never written to: a study may not lie in the folder of a checkpoint or of what it is made of. Fails with `source-folder`. */
export function refuseSourceFolder(folder: string, checkpoints: Iterable<Checkpoint>): void {
  let existing = resolve(folder);
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing);
  const target = join(realFolder(existing), relative(existing, resolve(folder)));
  for (const path of new Set([...checkpoints].flatMap(sourcePaths))) {
    const source = realFolder(path);
    if (target === source || target.startsWith(source + sep)) {
      throw new PolarimeterError('source-folder', `${target} lies inside the checkpoint ${source}`, target);
    }
  }
}
