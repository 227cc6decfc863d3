import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { systemCode } from '../checkpoint/fileErrors.ts';
import { naturalOrder } from '../checkpoint/naturalOrder.ts';
import { Problem, type ProbeChoice } from '../contract/probe.ts';
import type { LabView } from '../contract/sweep.ts';

/** The value, or a substitute where the file system stands in the way: a probe that is gone is not offered. */
function unlessGone<T>(read: () => T, substitute: T): T {
  try {
    return read();
  } catch (error) {
    if (systemCode(error) === null) throw error;
    return substitute;
  }
}

const isProblem = (line: string): boolean => {
  try {
    return Problem.safeParse(JSON.parse(line)).success;
  } catch {
    return false;
  }
};

/** How many problems a file of JSON lines has; 0 for what is no probe, by its first line. */
function countProblems(path: string): number {
  const lines = unlessGone(() => readFileSync(path, 'utf8'), '')
    .split('\n')
    .filter((line) => line.trim() !== '');
  return isProblem(lines[0] ?? '') ? lines.length : 0;
}

function filesIn(folder: string): string[] {
  const names = unlessGone(() => readdirSync(folder), []);
  return names
    .filter((name) => name.endsWith('.jsonl'))
    .sort(naturalOrder)
    .map((name) => join(folder, name));
}

/** A probe named after its file; what has "ood" in its name is out of distribution. */
function guessed(path: string): ProbeChoice {
  const name = basename(path, '.jsonl')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .slice(0, 64);
  return {
    name: /^[A-Za-z0-9]/.test(name) ? name : 'probe',
    kind: /ood/i.test(name) ? 'ood' : 'id',
    path,
    limit: null,
  };
}

/** Probe files that are offered for a study: those of earlier sweeps, in its folder, and in a folder `probes` beside its base. */
export function knownProbes(
  folder: string,
  base: string,
  earlier: readonly ProbeChoice[],
): LabView['probes'] {
  const places = [folder, join(folder, 'probes'), join(dirname(base), 'probes')];
  const found = [...earlier, ...places.flatMap(filesIn).map(guessed)];
  const byPath = new Map(found.toReversed().map((probe) => [probe.path, probe]));
  return [...byPath.values()].toReversed().flatMap((probe) => {
    const problems = countProblems(probe.path);
    return problems === 0 ? [] : [{ ...probe, limit: null, problems }];
  });
}
