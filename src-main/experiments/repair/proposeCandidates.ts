import type { TensorSelector } from '../../contract/recipe.ts';
import { GridEntry, type SweepFile, type Trial } from '../../contract/sweep.ts';
import { DONOR, recipeOf, trialOf, type Draft } from '../plan/Draft.ts';
import { rangesOf, type LayerSizes } from '../plan/layersOf.ts';
import type { PlannedRepair } from '../plan/planControls.ts';
import { planRepairs } from '../plan/planRepairs.ts';
import type { Drift } from '../SweepServices.ts';

/** Something that moved, most first. */
export interface Ranked<T> {
  readonly what: T;
  /** ||W_target - W_donor||_F / ||W_donor||_F over all its matrices. */
  readonly drift: number;
}

function ranked<T extends string | number>(drifts: readonly Drift[], of: (drift: Drift) => T): Ranked<T>[] {
  const sums = new Map<T, { moved: number; size: number }>();
  for (const drift of drifts) {
    const sum = sums.get(of(drift)) ?? { moved: 0, size: 0 };
    sums.set(of(drift), { moved: sum.moved + drift.moved, size: sum.size + drift.size });
  }
  return [...sums]
    .map(([what, { moved, size }]) => ({ what, drift: size > 0 ? Math.sqrt(moved / size) : 0 }))
    .sort((a, b) => b.drift - a.drift);
}

/** Layers and modules by how far they moved, relative to their size. */
export const rankDrift = (
  drifts: readonly Drift[],
): { layers: Ranked<number>[]; modules: Ranked<string>[] } => ({
  layers: ranked(drifts, ({ layer }) => layer),
  modules: ranked(drifts, ({ module }) => module),
});

const RANKS = ['5 %', '10 %', '20 %', '50 %'];

const entry = (value: unknown): Exclude<GridEntry, { kind: 'recipes' }> =>
  GridEntry.parse(value) as Exclude<GridEntry, { kind: 'recipes' }>;

/** The layers that moved most, taken from the donor: those that drift names rather than the first ones. */
function driftedReset(file: SweepFile, layers: readonly number[]): Draft {
  const ranges = rangesOf(layers);
  const which =
    layers.length === 1 ? 'the most drifted layer' : `the ${String(layers.length)} most drifted layers`;
  const label = `${which} (${ranges.join(', ')}) from ${file.donor.label}`;
  return {
    label,
    family: 'reset-layers',
    parameters: { layers: ranges.join(', '), end: 'most drifted', embeddings: 'target' },
    recipe: recipeOf(file, label, { edits: [{ edit: 'take', from: DONOR, tensors: { layers: ranges } }] }),
    layers,
    notes: [],
  };
}

/**
 * Candidates in the order in which they are given up last: the published repairs first (first quarter of the layers, top fifth of the
 * directions: arXiv 2508.16546) and the plainest one, then what drift points at.
 */
function proposals(file: SweepFile, drifts: readonly Drift[], sizes: LayerSizes): Draft[] {
  const { layers, modules } = rankDrift(drifts);
  const most = layers.slice(0, Math.max(1, Math.ceil(layers.length / 2))).map(({ what }) => what);
  const inLayers: TensorSelector = { layers: rangesOf(most) };
  const inModules: TensorSelector = { modules: modules.slice(0, 3).map(({ what }) => what) };
  const plan = (value: unknown): Draft[] => planRepairs(file, entry(value), sizes);
  const counts = [...new Set([1, Math.ceil(most.length / 2), most.length])];
  return [
    ...plan({ kind: 'reset-layers', shares: [0.25, 0.5] }),
    ...plan({ kind: 'interpolate', amounts: [0.25, 0.5] }),
    ...plan({ kind: 'restore', directions: RANKS }),
    ...plan({ kind: 'restore', directions: ['5 %', '20 %'], part: ['head-and-tail'] }),
    ...counts.map((count) => driftedReset(file, most.slice(0, count))),
    ...plan({ kind: 'restore', directions: ['10 %', '20 %', '50 %'], tensors: inLayers }),
    ...(modules.length > 3
      ? plan({ kind: 'restore', directions: ['10 %', '20 %', '50 %'], tensors: inModules })
      : []),
    ...plan({ kind: 'restore', directions: ['20 %'], what: ['triplets', 'values'] }),
    ...plan({ kind: 'restore', directions: ['20 %'], variant: ['orthonormal'] }),
    ...plan({ kind: 'reset-layers', shares: [0.25], end: 'last' }),
  ];
}

/** Repairs to choose from: those of the file first, then proposals; equal recipes once. */
export function proposeCandidates(
  file: SweepFile,
  { drifts, sizes }: { readonly drifts: readonly Drift[]; readonly sizes: LayerSizes },
  confoundsOf: (recipe: NonNullable<Trial['recipe']>) => readonly string[],
): PlannedRepair[] {
  const own = file.grid.flatMap((each) => (each.kind === 'recipes' ? [] : planRepairs(file, each, sizes)));
  const planned = [...own, ...proposals(file, drifts, sizes)].map((draft) => ({
    draft,
    trial: trialOf(draft, 'repair', confoundsOf(draft.recipe)),
  }));
  const seen = new Set<string>();
  return planned.filter(({ trial }) => !seen.has(trial.id) && seen.add(trial.id));
}
