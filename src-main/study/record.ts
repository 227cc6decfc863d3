import { must } from '../base/assert.ts';
import type { ElementEvidence, Evidence, Ingredient } from '../measures/evidence.ts';
import type { Measure } from '../measures/Measure.ts';
import { VERSION } from '../base/version.ts';
import { filesBehind, measureKey, placement, type TensorItem } from './plan.ts';
import type { ElementOutcome, Pair, Run, SpectralOutcome, Together } from './run.ts';
import { isAsked, setKey, siblingKey, siblingPairs, togetherKey } from './siblings.ts';
import { contentKey, type Store } from './Store.ts';
import { isSpectral } from './wanted.ts';

const NOTHING = { parts: null, baseline: null, reason: null, residual: null, engine: VERSION };

const DEGREES = 180 / Math.PI;

/** Subjects under which the curves of a tensor or a pair are stored. */
export const curveSubject = {
  spectrum: (hash: string): string => contentKey(['spectrum', hash]),
  pair: (pair: string, k: number): string => contentKey(['pair', pair, k]),
};

const OPERATIONS: Partial<Record<Ingredient, string>> = {
  angles: 'principal_angles',
  middle: 'principal_angles',
  tail: 'principal_angles',
  sweep: 'principal_angles',
  energy: 'frame_energy',
  svf: 'frame_energy',
  masks: 'mask_overlap',
};

function methodFor(needs: readonly Ingredient[], elements: string, spectral: string): string {
  if (!needs.some(isSpectral)) return elements;
  const operation = needs.map((need) => OPERATIONS[need]).find((name) => name !== undefined);
  return operation === undefined ? spectral : `${operation}, ${spectral}`;
}

function degreesOf(angles: Float64Array): Float64Array {
  return angles.map((angle) => angle * DEGREES);
}

/** Curves of a pair by name. */
function pairCurves({ elements, spectra, angles, middle, tail, svf }: Evidence): [string, Float64Array][] {
  const curves: [string, Float64Array][] = [];
  if (elements) curves.push(['ulp-steps', Float64Array.from(elements.steps)]);
  if (elements && elements.rowChanged.length > 0) {
    curves.push(['row-changed', Float64Array.from(elements.rowChanged)]);
    curves.push(['column-changed', Float64Array.from(elements.colChanged)]);
  }
  if (spectra) curves.push(['update-spectrum', spectra.update]);
  const parts = { angles, 'angles-middle': middle, 'angles-tail': tail };
  for (const [name, part] of Object.entries(parts)) {
    if (part) curves.push([`${name}-left`, degreesOf(part.left)], [`${name}-right`, degreesOf(part.right)]);
  }
  if (svf) curves.push(['svf-z', svf.diagonal.map((value, i) => 1 + value / (svf.sigma[i] ?? NaN))]);
  return curves;
}

function putCurves(store: Store, item: TensorItem, pair: Pair, evidence: Evidence): void {
  const subject = curveSubject.pair(pair.key, item.k);
  for (const [name, values] of pairCurves(evidence)) store.putCurve({ subject, name, values });
  const { spectra } = evidence;
  if (!spectra) return;
  const sides = [
    [pair.referenceHash, spectra.reference],
    [pair.variantHash, spectra.variant],
  ] as const;
  for (const [hash, values] of sides)
    store.putCurve({ subject: curveSubject.spectrum(hash), name: 'spectrum', values });
}

type Failure = Extract<SpectralOutcome, { reason: string }>;
type Found = Exclude<SpectralOutcome, Failure>;

const NO_EVIDENCE = {
  elements: null,
  spectra: null,
  angles: null,
  middle: null,
  tail: null,
  sweep: null,
  energy: null,
  masks: null,
  svf: null,
};

function evidenceOf(
  item: TensorItem,
  pair: Pair,
  elements: ElementEvidence | undefined,
  found: Found | null,
): Evidence {
  return {
    ...NO_EVIDENCE,
    ...placement(item, pair),
    k: item.k,
    elements: elements ?? null,
    ...found?.evidence,
  };
}

/** What a spectral measure makes of the decompositions, and null when another run may do better. */
function spectralResult(measure: Measure, evidence: Evidence, outcome: SpectralOutcome | undefined) {
  if (outcome === undefined || 'evidence' in outcome) {
    return { ...measure.measure(evidence), residual: outcome?.residual ?? null };
  }
  return outcome.passing ? null : { reason: outcome.reason };
}

/** Stores the missing measures of one pair, and its curves. */
function putPair(
  item: TensorItem,
  pair: Pair,
  store: Store,
  { elements, spectral }: { elements: ElementOutcome; spectral: SpectralOutcome | undefined },
): void {
  const found = spectral && 'evidence' in spectral ? spectral : null;
  const evidence = evidenceOf(item, pair, elements.elements.get(pair), found);
  if (spectral && 'reason' in spectral && spectral.passing) store.skip(pair.key, spectral.reason);
  for (const measure of pair.missing) {
    const decomposed = measure.needs.some(isSpectral);
    const result = decomposed ? spectralResult(measure, evidence, spectral) : measure.measure(evidence);
    if (!result) continue;
    const method = methodFor(measure.needs, elements.method, found?.method ?? '');
    store.put({ ...NOTHING, ...result, pair: pair.key, measure: measureKey(measure, item), method });
  }
  putCurves(store, item, pair, evidence);
}

/** Stores what pairs of an item have in common, two by two. */
function putSiblings({ pairs }: Together, run: Run, { elements, passes, method }: ElementOutcome): void {
  const pass = passes.find((candidate) => pairs.every((pair) => candidate.pairs.includes(pair)));
  if (pairs.length === 0 || !pass) return;
  const { updateDots, overlaps } = pass.result;
  for (const [a, b] of siblingPairs(pairs)) {
    const at = pass.pairs.indexOf(a) * pass.pairs.length + pass.pairs.indexOf(b);
    const [first, second] = [must(elements.get(a), a.variant), must(elements.get(b), b.variant)];
    const evidence = {
      n: Math.min(first.n, second.n),
      dot: updateDots[at] ?? NaN,
      squareA: first.sumSqUpdate,
      squareB: second.sumSqUpdate,
      changedA: first.n - first.unchangedBf16,
      changedB: second.n - second.unchangedBf16,
      both: overlaps[at] ?? NaN,
    };
    for (const measure of run.measures.pairs) {
      if (!isAsked(measure, pairs, [a, b])) continue;
      const about = { pair: siblingKey(a, b), measure: togetherKey(measure), method };
      run.store.put({ ...NOTHING, ...measure.measure(evidence), ...about });
    }
  }
}

/** Stores what all runs of a set have in common. */
function putSet(set: readonly Pair[], run: Run, { passes, method }: ElementOutcome): void {
  const pass = passes.find(
    ({ pairs }) => pairs.length === set.length && set.every((pair) => pairs.includes(pair)),
  );
  if (!pass) return;
  const { overlaps, consensus, validAll } = pass.result;
  const runs = set.length;
  const changed = set.map((_pair, i) => overlaps[i * runs + i] ?? NaN);
  for (const measure of run.measures.sets) {
    const outcome = measure.measure({ runs, n: validAll, changed, consensus });
    run.store.put({ ...NOTHING, ...outcome, pair: setKey(set), measure: togetherKey(measure), method });
  }
}

/** Stores everything that was found out about an item, in one transaction. */
export function recordItem(
  item: TensorItem,
  pairs: readonly Pair[],
  run: Run,
  found: {
    elements: ElementOutcome;
    spectral: ReadonlyMap<Pair, SpectralOutcome>;
    together: readonly Together[];
  },
): void {
  run.store.transaction(() => {
    for (const pair of pairs) {
      const { variant, key, referenceHash, variantHash, reference, tensor } = pair;
      const files = filesBehind({ reference, tensor });
      const identity = files.map((file) => run.identities.get(file) ?? '').join('|');
      run.store.bind({ variant, tensor: item.tensor, pair: key, referenceHash, variantHash, identity });
      if (pair.missing.length > 0)
        putPair(item, pair, run.store, { elements: found.elements, spectral: found.spectral.get(pair) });
    }
    for (const kin of found.together) {
      putSiblings(kin, run, found.elements);
      for (const set of kin.sets) putSet(set, run, found.elements);
    }
  });
}
