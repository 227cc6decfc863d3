import { must } from '../base/assert.ts';
import type { ElementEvidence, Evidence, Ingredient } from '../measures/evidence.ts';
import type { Measure } from '../measures/Measure.ts';
import { updateCosine } from '../measures/updateCosine.ts';
import { VERSION } from '../base/version.ts';
import { filesBehind, measureKey, placement, UPDATE_COSINE_KEY, type TensorItem } from './plan.ts';
import type { ElementOutcome, Pair, Run, Sibling, SpectralOutcome } from './run.ts';
import { contentKey, type Store, type StoredResult } from './Store.ts';

const NOTHING = { parts: null, baseline: null, reason: null, residual: null, engine: VERSION };

const DEGREES = 180 / Math.PI;

/** Subjects under which the curves of a tensor or a pair are stored. */
export const curveSubject = {
  spectrum: (hash: string): string => contentKey(['spectrum', hash]),
  pair: (pair: string, k: number): string => contentKey(['pair', pair, k]),
};

function methodFor(needs: readonly Ingredient[], elements: string, spectral: string): string {
  if (needs.includes('elements')) return elements;
  if (needs.includes('angles')) return `principal_angles, ${spectral}`;
  return needs.includes('energy') ? `frame_energy, ${spectral}` : spectral;
}

function putCurves(store: Store, item: TensorItem, pair: Pair, evidence: Evidence): void {
  const subject = curveSubject.pair(pair.key, item.k);
  const { elements, spectra, angles } = evidence;
  if (elements) store.putCurve({ subject, name: 'ulp-steps', values: Float64Array.from(elements.steps) });
  if (spectra) {
    store.putCurve({
      subject: curveSubject.spectrum(pair.referenceHash),
      name: 'spectrum',
      values: spectra.reference,
    });
    store.putCurve({
      subject: curveSubject.spectrum(pair.variantHash),
      name: 'spectrum',
      values: spectra.variant,
    });
    store.putCurve({ subject, name: 'update-spectrum', values: spectra.update });
  }
  if (angles) {
    store.putCurve({ subject, name: 'angles-left', values: angles.left.map((angle) => angle * DEGREES) });
    store.putCurve({ subject, name: 'angles-right', values: angles.right.map((angle) => angle * DEGREES) });
  }
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
  const spectral = found && { spectra: found.spectra, angles: found.angles, energy: found.energy };
  return {
    ...NO_EVIDENCE,
    ...placement(item, pair),
    k: item.k,
    elements: elements ?? null,
    ...spectral,
  };
}

/** What a spectral measure makes of the decompositions, and null when another run may do better. */
function spectralResult(measure: Measure, evidence: Evidence, outcome: SpectralOutcome | undefined) {
  if (outcome === undefined || 'spectra' in outcome) {
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
  const found = spectral && 'spectra' in spectral ? spectral : null;
  const evidence = evidenceOf(item, pair, elements.elements.get(pair), found);
  if (spectral && 'reason' in spectral && spectral.passing) store.skip(pair.key, spectral.reason);
  for (const measure of pair.missing) {
    const isSpectral = !measure.needs.includes('elements');
    const result = isSpectral ? spectralResult(measure, evidence, spectral) : measure.measure(evidence);
    if (!result) continue;
    const method = methodFor(measure.needs, elements.method, found?.method ?? '');
    store.put({ ...NOTHING, ...result, pair: pair.key, measure: measureKey(measure, item), method });
  }
  putCurves(store, item, pair, evidence);
}

function siblingResult(
  { a, b, key }: Sibling,
  { elements, method }: ElementOutcome,
  dot: number,
): StoredResult {
  const [first, second] = [must(elements.get(a), a.variant), must(elements.get(b), b.variant)];
  const outcome = updateCosine.measure({
    n: first.n,
    dot,
    squareA: first.sumSqUpdate,
    squareB: second.sumSqUpdate,
    changedA: first.n - first.unchangedBf16,
    changedB: second.n - second.unchangedBf16,
    both: NaN,
  });
  return { ...NOTHING, ...outcome, pair: key, measure: UPDATE_COSINE_KEY, method };
}

/** Stores everything that was found out about an item, in one transaction. */
export function recordItem(
  item: TensorItem,
  pairs: readonly Pair[],
  run: Run,
  found: { elements: ElementOutcome; spectral: ReadonlyMap<Pair, SpectralOutcome> },
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
    for (const [sibling, dot] of found.elements.dots)
      run.store.put(siblingResult(sibling, found.elements, dot));
  });
}
