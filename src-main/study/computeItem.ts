import { must } from '../base/assert.ts';
import type { TensorInfo } from '../contract/checkpoint.ts';
import { placeOf } from '../contract/placeOf.ts';
import type { Ingredient } from '../measures/evidence.ts';
import { contentOf } from '../tensors/contentOf.ts';
import { tensorSource } from '../tensors/tensorSource.ts';
import { distinctTensors } from './cost.ts';
import { elementStage } from './elementStage.ts';
import { inScope, measureKey, type Comparison, type TensorItem } from './plan.ts';
import { recordItem } from './record.ts';
import { missingTogether } from './missingTogether.ts';
import type { Pair, Run } from './run.ts';
import { spectralStage } from './spectralStage.ts';
import { contentKey } from './Store.ts';
import { isSpectral } from './wanted.ts';

/** Content hash of a stored tensor: remembered while its file stays the same, else computed. */
async function hashStored(tensor: TensorInfo, item: TensorItem, run: Run): Promise<string> {
  // Two tensors may begin at one byte, one of them a part of the other.
  const identity = `${must(run.identities.get(tensor.file), tensor.file)}:${String(tensor.bytes)}`;
  const known = run.store.contentHash(tensor.file, tensor.offset, identity);
  if (known !== null) return known;
  run.meter.stage(item.tensor, 'hash');
  const hash = await run.kernels.contentHash(tensorSource(tensor), { signal: run.signal });
  run.meter.worked(item.tensor, { bytes: tensor.bytes });
  run.store.rememberContent({ file: tensor.file, offset: tensor.offset, identity, hash });
  return hash;
}

/** Content of a tensor, stored or derived; each stored one is hashed by one item at a time. */
async function identify(tensor: TensorInfo, item: TensorItem, run: Run): Promise<string> {
  return await contentOf(tensor, async (stored) => {
    const place = placeOf(stored);
    const hash = run.hashing.get(place) ?? hashStored(stored, item, run);
    run.hashing.set(place, hash);
    try {
      return await hash;
    } finally {
      run.hashing.delete(place);
    }
  });
}

function pairOf(
  comparison: Comparison,
  hashes: ReadonlyMap<string, string>,
  item: TensorItem,
  run: Run,
): Pair {
  const { reference, tensor } = comparison;
  const referenceHash = must(hashes.get(placeOf(reference)), reference.name);
  const variantHash = must(hashes.get(placeOf(tensor)), tensor.name);
  const key = contentKey([referenceHash, variantHash, item.rows, item.cols, reference.dtype, tensor.dtype]);
  const stored = run.store.measuresOf(key);
  const missing = run.measures.variants.filter(
    (measure) =>
      measure.needs.length > 0 &&
      inScope(measure, item, comparison) &&
      !stored.has(measureKey(measure, item)),
  );
  return { ...comparison, key, referenceHash, variantHash, missing };
}

const lacks = (pair: Pair, isWanted: (need: Ingredient) => boolean): boolean =>
  pair.missing.some(({ needs }) => needs.some(isWanted));

/** What became of an item. */
export interface ItemOutcome {
  /** Nothing was missing. */
  readonly cached: boolean;
  /** Its decompositions were left out, with a reason in its rows. */
  readonly skipped: boolean;
  /** The memory budget is the reason. */
  readonly overBudget: boolean;
  /** Why it was left out; null when it was not. */
  readonly reason: string | null;
}

/**
 * Computes what is missing of one tensor in all comparisons of a study, and stores it.
 * Rejects when the run cannot go on; what concerns this tensor alone becomes a reason in its rows.
 */
export async function computeItem(item: TensorItem, run: Run): Promise<ItemOutcome> {
  const hashes = new Map<string, string>();
  for (const tensor of distinctTensors(item.comparisons)) {
    hashes.set(placeOf(tensor), await identify(tensor, item, run));
  }
  const pairs = item.comparisons.map((comparison) => pairOf(comparison, hashes, item, run));
  const together = missingTogether(pairs, run);
  const wanting = pairs.filter((pair) => lacks(pair, (need) => !isSpectral(need)));
  const elements = await elementStage(item, wanting, together, run);
  const spectral = await spectralStage(
    item,
    pairs.filter((pair) => lacks(pair, isSpectral)),
    run,
  );
  run.meter.stage(item.tensor, 'store');
  recordItem(item, pairs, run, { elements, spectral, together });
  const cached = together.length === 0 && pairs.every(({ missing }) => missing.length === 0);
  const failures = [...spectral.values()].filter((outcome) => 'reason' in outcome);
  return {
    cached,
    skipped: failures.length > 0,
    overBudget: failures.some(({ passing }) => passing),
    reason: failures[0]?.reason ?? null,
  };
}
