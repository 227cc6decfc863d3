import type { Role } from '../contract/rows.ts';
import type { Variant } from '../contract/study.ts';
import type { PairMeasure, SetMeasure } from '../measures/Measure.ts';
import { contentKey } from './Store.ts';

type Kin = Pick<Variant, 'label' | 'from' | 'role' | 'run' | 'step'>;

/** Runs of one role from one reference; of a trajectory its last checkpoint. */
export interface RunSet {
  readonly from: string;
  readonly role: Role;
  readonly labels: readonly string[];
}

/** Identity of a definition of pairs or sets: what a stored result is a value of. */
export function togetherKey({ info }: PairMeasure | SetMeasure): string {
  return `${info.id}@${String(info.version)}`;
}

/** Content of two pairs with the same reference, in this order. */
export function siblingKey(a: { readonly key: string }, b: { readonly key: string }): string {
  return contentKey([a.key, b.key]);
}

/** Content of all runs of a set. */
export function setKey(pairs: readonly { readonly key: string }[]): string {
  return contentKey(['set', ...pairs.map(({ key }) => key)]);
}

/** Ordered pairs of things with the same reference, in the order of the study. */
export function siblingPairs<T extends { readonly from: string }>(all: readonly T[]): [T, T][] {
  return all.flatMap((a) => all.flatMap((b): [T, T][] => (a !== b && a.from === b.from ? [[a, b]] : [])));
}

/** Whether a measure has a value of its own for (a, b), given that it has one for (b, a). */
export function isAsked<T>({ ordered }: PairMeasure, all: readonly T[], [a, b]: readonly [T, T]): boolean {
  return ordered || all.indexOf(a) < all.indexOf(b);
}

const isLast = ({ run, step }: Kin, all: readonly Kin[]): boolean =>
  run === null || !all.some((other) => other.run === run && (other.step ?? 0) > (step ?? 0));

/** Sets of at least two runs of one role from one reference. */
export function runSets(variants: readonly Kin[]): RunSet[] {
  const groups = Map.groupBy(variants, ({ from, role }) => `${role}\0${from}`);
  return [...groups.values()].flatMap((group) => {
    const labels = group.filter((variant) => isLast(variant, group)).map(({ label }) => label);
    const [first] = group;
    return first && labels.length > 1 ? [{ from: first.from, role: first.role, labels }] : [];
  });
}
