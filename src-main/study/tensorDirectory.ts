import { compareRoles } from '../architecture/modelOrder.ts';
import { must } from '../base/assert.ts';
import type { AlignedTensor, Alignment } from '../contract/alignment.ts';
import type { StudyFile, StudyOptions } from '../contract/study.ts';
import type { TensorFate, TensorLayout, TensorsDocument } from '../contract/tensors.ts';
import { principalDimension } from '../measures/evidence.ts';
import { tensorSource } from '../tensors/tensorSource.ts';
import { reasonNotSpectral } from './plan.ts';
import { moduleName } from './selectTensors.ts';

/** One name, and what each variant makes of it; undefined where neither the variant nor its reference has it. */
type Column = readonly (AlignedTensor | undefined)[];

/** Every name of any alignment in the order of the model. */
function columnsOf(alignments: readonly Alignment[]): Column[] {
  const columns = new Map<string, (AlignedTensor | undefined)[]>();
  let inOrder = true;
  for (const [variant, { tensors }] of alignments.entries()) {
    for (const aligned of tensors) {
      let column = columns.get(aligned.tensor);
      if (!column) {
        column = alignments.map(() => undefined);
        columns.set(aligned.tensor, column);
        // Alignments are in the order of the model; only what a later one adds comes out of place.
        inOrder &&= variant === 0;
      }
      column[variant] = aligned;
    }
  }
  const all = [...columns.values()];
  return inOrder ? all : all.sort((a, b) => compareRoles(leading(a).role, leading(b).role));
}

/** The comparison that speaks for a tensor: one that compares it, if any does. */
function leading(column: Column): AlignedTensor {
  const compared = column.find((aligned) => aligned?.status === 'compared');
  return must(compared ?? column.find((aligned) => aligned !== undefined), 'a tensor of some alignment');
}

function layoutOf({ role, status, reference, variant }: AlignedTensor, options: StudyOptions): TensorLayout {
  const tensor = must(reference ?? variant, role.tensor);
  const { shape, dtype } = tensor;
  const about = { module: moduleName(role), kind: role.kind, shape, dtype, heads: role.heads };
  if (status !== 'compared') return { ...about, matrix: null, k: null, notSpectral: null };
  const { rows, cols } = tensorSource(tensor);
  const notSpectral = reasonNotSpectral(role, shape, options);
  const k = notSpectral === null ? principalDimension(options.k, rows, cols) : 0;
  return { ...about, matrix: { rows, cols }, k: k === 0 ? null : k, notSpectral };
}

function fateOf(column: Column): TensorFate {
  const fate: TensorFate = { compared: [], notCompared: [] };
  for (const [variant, aligned] of column.entries()) {
    if (aligned?.status === 'compared') fate.compared.push(variant);
    else if (aligned) fate.notCompared.push({ variant, reason: aligned.reason, detail: aligned.detail });
  }
  return fate;
}

function layoutKey({ role, status, reference, variant }: AlignedTensor): string {
  const { shape, dtype } = must(reference ?? variant, role.tensor);
  const heads = role.heads ? `${role.heads.axis} ${String(role.heads.size)} ${String(role.heads.count)}` : '';
  return `${moduleName(role)}\0${role.kind}\0${status}\0${dtype}\0${heads}\0${shape.join()}`;
}

/** Nearly every tensor is compared by all: that needs no key of its own. */
function fateKey(column: Column): string {
  if (column.every((aligned) => aligned?.status === 'compared')) return '';
  return column
    .map((aligned) => {
      if (aligned?.status === 'compared') return '+';
      return aligned ? `${aligned.reason ?? ''} ${aligned.detail ?? ''}` : '-';
    })
    .join('\0');
}

/** Things that are listed once, by a key that is cheaper than themselves. */
class Distinct<T> {
  readonly list: T[] = [];
  readonly #places = new Map<string, number>();

  place(key: string, make: () => T): number {
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    this.#places.set(key, this.list.length);
    return this.list.push(make()) - 1;
  }
}

/** Every tensor that a study knows of, from headers alone. */
export function tensorDirectory(
  { name, variants, options }: Pick<StudyFile, 'name' | 'variants' | 'options'>,
  alignments: ReadonlyMap<string, Alignment>,
): TensorsDocument {
  const layouts = new Distinct<TensorLayout>();
  const fates = new Distinct<TensorFate>();
  const labels = variants.map(({ label }) => label);
  const columns = columnsOf(labels.map((label) => must(alignments.get(label), label)));
  const tensors = columns.map((column) => {
    const aligned = leading(column);
    return {
      name: aligned.tensor,
      layer: aligned.role.layer,
      expert: aligned.role.expert,
      layout: layouts.place(layoutKey(aligned), () => layoutOf(aligned, options)),
      fate: fates.place(fateKey(column), () => fateOf(column)),
    };
  });
  return {
    schema: 'polarimeter.tensors/1',
    study: name,
    variants: labels,
    layouts: layouts.list,
    fates: fates.list,
    tensors,
  };
}
