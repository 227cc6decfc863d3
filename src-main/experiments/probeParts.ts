import { createHash } from 'node:crypto';
import { Random } from '../base/Random.ts';
import type { Problem } from '../contract/probe.ts';
import type { SweepFile } from '../contract/sweep.ts';
import type { Probe } from '../probes/readProbe.ts';
import type { ProbePart, Scope } from './SweepStore.ts';

/** Problems that are asked together, with what is written down of them. */
export interface AskedPart {
  readonly part: ProbePart;
  readonly probe: Probe;
}

function partOf(probe: Probe, scope: Scope, problems: readonly Problem[]): AskedPart {
  const ids = problems.map(({ id }) => id);
  const fingerprint =
    scope === 'all'
      ? probe.fingerprint
      : createHash('sha256')
          .update(JSON.stringify([probe.fingerprint, ids]))
          .digest('hex')
          .slice(0, 32);
  return {
    part: { scope, probe: probe.name, kind: probe.kind, fingerprint, problems: ids },
    probe: { ...probe, problems, fingerprint },
  };
}

/** Problems that must not be torn apart: a problem with its twins. */
function families(problems: readonly Problem[]): Problem[][] {
  const groups = new Map<string, Problem[]>();
  for (const problem of problems) {
    const root = problem.twin ?? problem.id;
    groups.set(root, [...(groups.get(root) ?? []), problem]);
  }
  return [...groups.values()];
}

/**
 * A probe in two halves, each with its share of every stratum. The order within a half is drawn, and so that every beginning of it has its
 * share of every stratum as well.
 */
export function splitProblems(
  problems: readonly Problem[],
  heldOut: number,
  seed: number,
): { selection: Problem[]; heldOut: Problem[] } {
  const strata = new Map<string, Problem[][]>();
  for (const family of families(problems)) {
    const key = JSON.stringify(Object.entries(family[0]?.strata ?? {}).sort());
    strata.set(key, [...(strata.get(key) ?? []), family]);
  }
  const random = new Random(seed);
  const halves = { selection: [] as [number, Problem[]][], heldOut: [] as [number, Problem[]][] };
  for (const groups of strata.values()) {
    const order = random.shuffle([...groups]);
    const cut = Math.round(heldOut * order.length);
    for (const [half, part] of [
      [halves.heldOut, order.slice(0, cut)],
      [halves.selection, order.slice(cut)],
    ] as const)
      for (const [i, group] of part.entries()) half.push([(i + 0.5) / part.length, group]);
  }
  const inOrder = (half: [number, Problem[]][]): Problem[] =>
    half.sort(([a], [b]) => a - b).flatMap(([, group]) => group);
  return { selection: inOrder(halves.selection), heldOut: inOrder(halves.heldOut) };
}

/** The whole probes; for a repair, their halves. */
export function partsOf({ repair, seed }: SweepFile, probes: readonly Probe[]): AskedPart[] {
  if (repair === null) return probes.map((probe) => partOf(probe, 'all', probe.problems));
  return probes.flatMap((probe, i) => {
    const { selection, heldOut } = splitProblems(probe.problems, repair.heldOut, seed + i);
    return [partOf(probe, 'selection', selection), partOf(probe, 'held-out', heldOut)];
  });
}

/** How many of the problems of a part are asked for a share of them: whole batches, so that a batch is the same in every rung. */
export function askedCount({ problems }: Pick<ProbePart, 'problems'>, share: number, batch: number): number {
  return Math.min(problems.length, Math.ceil((share * problems.length) / batch - 1e-9) * batch);
}
