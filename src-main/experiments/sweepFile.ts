import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { parse } from 'yaml';
import { issueWords } from '../base/issueWords.ts';
import { readTextFile } from '../checkpoint/readTextFile.ts';
import { PolarimeterError } from '../contract/errors.ts';
import { type GridEntry, SweepFile } from '../contract/sweep.ts';
import { writing } from '../study/fileErrors.ts';

const NAME = 'sweep.json';

const LARGEST_BYTES = 4 * 2 ** 20;

function checkNames({ probes, grid, repair }: SweepFile, where: string): void {
  const names = probes.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined)
    throw new PolarimeterError('sweep-invalid', `probes: the name "${twice}" is used twice`, where);
  if (grid.length === 0 && repair === null)
    throw new PolarimeterError('sweep-invalid', 'grid: there is nothing to try', where);
  if (repair !== null && probes.every(({ kind }) => kind === 'id'))
    throw new PolarimeterError('sweep-invalid', 'probes: a repair is chosen by an OOD probe', where);
}

/** A checked file of a sweep. fails sweep-invalid with the field */
export function parseSweepFile(value: unknown, where: string): SweepFile {
  const parsed = SweepFile.safeParse(value);
  const issue = parsed.error?.issues[0];
  if (issue)
    throw new PolarimeterError(
      'sweep-invalid',
      `${issue.path.map(String).join('.') || 'the file'}: ${issueWords(issue.message)}`,
      where,
    );
  const file = parsed.data as SweepFile;
  checkNames(file, where);
  return file;
}

/** The same with absolute paths; relative ones begin in the folder. */
export function absoluteSweep(file: SweepFile, folder: string): SweepFile {
  const absolute = <T extends { readonly path: string }>(named: T): T => ({
    ...named,
    path: resolve(folder, named.path),
  });
  return {
    ...file,
    target: absolute(file.target),
    donor: absolute(file.donor),
    reference: file.reference && absolute(file.reference),
    others: file.others.map(absolute),
    probes: file.probes.map(absolute),
    grid: file.grid.map((entry): GridEntry =>
      entry.kind === 'recipes'
        ? { ...entry, paths: entry.paths.map((path) => resolve(folder, path)) }
        : entry,
    ),
  };
}

/** A sweep as people write it, YAML or JSON, with absolute paths. fails sweep-invalid, and as reading files does */
export function readSweepFile(path: string): SweepFile {
  const text = readTextFile(path, LARGEST_BYTES, 'sweep-invalid');
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    throw new PolarimeterError('sweep-invalid', `it is not YAML: ${message}`, path);
  }
  return absoluteSweep(parseSweepFile(value, path), dirname(resolve(path)));
}

/** Folder of a sweep, given the folder or its sweep.json. fails not-found */
export function sweepFolder(path: string): string {
  const absolute = resolve(path);
  const folder = absolute.endsWith(`${sep}${NAME}`) ? dirname(absolute) : absolute;
  if (!existsSync(join(folder, NAME)))
    throw new PolarimeterError('path-not-found', `no ${NAME} here`, folder);
  return folder;
}

/** The sweep in a folder; null where there is none. fails sweep-invalid */
export function storedSweep(folder: string): SweepFile | null {
  const where = join(folder, NAME);
  if (!existsSync(where)) return null;
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(where, 'utf8'));
  } catch (error) {
    throw new PolarimeterError('sweep-invalid', `not JSON: ${(error as Error).message}`, where);
  }
  return parseSweepFile(value, where);
}

/** Through a temporary file. fails study-read-only, disk-full */
export function writeSweep(folder: string, file: SweepFile): void {
  writing(folder, () => {
    mkdirSync(folder, { recursive: true });
    const temporary = join(folder, `.${NAME}.${String(process.pid)}`);
    writeFileSync(temporary, `${JSON.stringify(file, null, 2)}\n`);
    renameSync(temporary, join(folder, NAME));
  });
}
