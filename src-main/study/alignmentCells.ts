import { ALIGNMENT_REASONS, isUncounted, type AlignedTensor, type Alignment } from '../contract/alignment.ts';
import { alignmentCompared } from '../measures/alignmentCompared.ts';
import { dtypeOf } from './entries.ts';
import type { Cell } from './measureRows.ts';
import { elementCount, isPartial, moduleName } from './selectTensors.ts';
import type { StoredResult } from './Store.ts';

/** A result that no operation gave: a reason, or parts that follow from the headers. */
export function without(reason: string | null, parts: readonly number[] | null = null): StoredResult {
  return { pair: '', measure: '', parts, baseline: null, reason, method: '', residual: null, engine: '' };
}

/** Why a tensor is not compared, or only in part; null when it is whole. */
function alignmentWords(aligned: AlignedTensor): string | null {
  const { reason, detail } = aligned;
  if (reason === null) return isPartial(aligned) ? detail : null;
  return detail === null ? ALIGNMENT_REASONS[reason] : `${ALIGNMENT_REASONS[reason]}: ${detail}`;
}

/** alignment.compared: 1 or 0 for every tensor of either side; aliases and bookkeeping count nowhere. */
export function alignmentCells(alignment: Alignment): Cell[] {
  return alignment.tensors.map((aligned) => {
    const { tensor, role, status, reference, elements } = aligned;
    const compared = status === 'compared' ? elementCount(reference?.shape ?? []) : 0;
    const result = without(alignmentWords(aligned), isUncounted(aligned) ? null : [compared, elements]);
    const place = { tensor, layer: role.layer, module: moduleName(role), dtype: dtypeOf(aligned) };
    return { place, parameters: alignmentCompared.info.parameters, result };
  });
}
