import type { Directions, Edit, TensorSelector } from '../../contract/recipe.ts';
import type { GridEntry, SweepFile } from '../../contract/sweep.ts';
import { DONOR, recipeOf, type Draft } from './Draft.ts';
import { rangesOf, type LayerSizes } from './layersOf.ts';

type Entry<Kind extends GridEntry['kind']> = Extract<GridEntry, { kind: Kind }>;

const percent = (share: number): string => `${String(Number((100 * share).toFixed(1)))} %`;

/** "25%" and "25 %" are one. */
const spaced = (k: Directions): Directions => (typeof k === 'number' ? k : `${k.replace(/ ?%$/, '')} %`);

/** Layers 0-3, q_proj: what a selector leaves of the tensors, in words. */
function selectionWords(tensors: TensorSelector | undefined): string {
  if (tensors === undefined) return '';
  const { layers, modules, names, shapes, kinds } = tensors;
  const words = [
    layers && `layers ${layers.join(', ')}`,
    modules?.join(', '),
    names?.join(', '),
    shapes?.map((shape) => shape.join('x')).join(', '),
    kinds?.join(', '),
  ].filter((part) => part !== undefined);
  return words.length > 0 ? ` (${words.join('; ')})` : '';
}

const selected = (tensors: TensorSelector | undefined): { tensors?: TensorSelector } =>
  tensors === undefined ? {} : { tensors };

const selectionParameter = (tensors: TensorSelector | undefined): { tensors?: string } =>
  tensors === undefined ? {} : { tensors: selectionWords(tensors).slice(2, -1) };

/** The layers that a share of them means: at least one, rounded to the nearest number. */
export function shareOfLayers(layers: readonly number[], share: number, end: 'first' | 'last'): number[] {
  const count = Math.min(layers.length, Math.max(1, Math.round(share * layers.length)));
  return end === 'first' ? layers.slice(0, count) : layers.slice(layers.length - count);
}

/** Takes some layers from the donor and, where asked for, what lies outside the layers as well. */
export function takeLayers(layers: readonly number[], outside: readonly string[]): Edit[] {
  const inside: Edit = { edit: 'take', from: DONOR, tensors: { layers: rangesOf(layers) } };
  return outside.length > 0
    ? [inside, { edit: 'take', from: DONOR, tensors: { names: [...outside] } }]
    : [inside];
}

function resetLayers(file: SweepFile, entry: Entry<'reset-layers'>, sizes: LayerSizes): Draft[] {
  const { shares, end, withEmbeddings } = entry;
  return shares.map((share) => {
    const layers = shareOfLayers(sizes.layers, share, end);
    const ranges = rangesOf(layers).join(', ');
    const besides = withEmbeddings ? ', embeddings and head' : '';
    const label = `${end} ${percent(share)} of layers (${ranges})${besides} from ${file.donor.label}`;
    return {
      label,
      family: 'reset-layers',
      parameters: {
        share: Number((100 * share).toFixed(1)),
        layers: ranges,
        end,
        embeddings: withEmbeddings ? 'donor' : 'target',
      },
      recipe: recipeOf(file, label, { edits: takeLayers(layers, withEmbeddings ? sizes.outside : []) }),
      layers,
      notes: [],
    };
  });
}

const PARTS = {
  head: { name: 'top', counts: (k: Directions) => ({ top: k }) },
  tail: { name: 'bottom', counts: (k: Directions) => ({ bottom: k }) },
  'head-and-tail': { name: 'top and bottom', counts: (k: Directions) => ({ top: k, bottom: k }) },
} as const;

const WHATS = {
  triplets: { words: 'triplets', values: 'donor', vectors: 'donor' },
  directions: { words: "directions, target's values", values: 'target', vectors: 'donor' },
  values: { words: "values, target's directions", values: 'donor', vectors: 'target' },
} as const;

interface RestorePoint {
  readonly k: Directions;
  readonly part: keyof typeof PARTS;
  readonly what: keyof typeof WHATS;
  readonly variant: 'paper' | 'orthonormal';
}

function restoreAt(
  file: SweepFile,
  { k, part, what, variant }: RestorePoint,
  tensors?: TensorSelector,
): Draft {
  const { words, values, vectors } = WHATS[what];
  const made = variant === 'orthonormal' ? ', orthonormal' : '';
  const label = `${PARTS[part].name} ${String(k)} ${words}${made}${selectionWords(tensors)}`;
  const edit: Edit = {
    edit: 'restore',
    from: DONOR,
    ...PARTS[part].counts(k),
    values,
    vectors,
    variant,
    ...selected(tensors),
  };
  return {
    label,
    family: 'restore',
    parameters: { k, part, what, variant, ...selectionParameter(tensors) },
    recipe: recipeOf(file, label, { edits: [edit] }),
    layers: null,
    notes: [],
  };
}

function restore(file: SweepFile, entry: Entry<'restore'>): Draft[] {
  const points = entry.what.flatMap((what) =>
    // The vectors of the target are orthonormal already: the variants are one.
    (what === 'values' ? (['paper'] as const) : entry.variant).flatMap((variant) =>
      entry.part.flatMap((part) =>
        entry.directions.map((k): RestorePoint => ({ k: spaced(k), part, what, variant })),
      ),
    ),
  );
  return points.map((point) => restoreAt(file, point, entry.tensors));
}

function interpolate(file: SweepFile, { amounts, tensors }: Entry<'interpolate'>): Draft[] {
  return amounts.map((amount) => {
    const label = `${percent(amount)} of the way to ${file.donor.label}${selectionWords(tensors)}`;
    const edit: Edit = { edit: 'interpolate', to: DONOR, amount, ...selected(tensors) };
    return {
      label,
      family: 'interpolate',
      parameters: { amount, ...selectionParameter(tensors) },
      recipe: recipeOf(file, label, { edits: [edit] }),
      layers: null,
      notes: [],
    };
  });
}

function truncate(file: SweepFile, { ranks, norm }: Entry<'truncate-update'>): Draft[] {
  return ranks.map(spaced).map((rank) => {
    const scaled = norm === 'restored' ? ', norm restored' : '';
    const label = `update since ${file.donor.label} cut to rank ${String(rank)}${scaled}`;
    return {
      label,
      family: 'truncate-update',
      parameters: { rank, norm },
      recipe: recipeOf(file, label, { edits: [{ edit: 'truncate-update', since: DONOR, rank, norm }] }),
      layers: null,
      notes: [],
    };
  });
}

/** What one line of the grid asks for: every list of it crossed with the others. Recipe files are not among it. */
export function planRepairs(
  file: SweepFile,
  entry: Exclude<GridEntry, { kind: 'recipes' }>,
  sizes: LayerSizes,
): Draft[] {
  switch (entry.kind) {
    case 'reset-layers':
      return resetLayers(file, entry, sizes);
    case 'restore':
      return restore(file, entry);
    case 'interpolate':
      return interpolate(file, entry);
    case 'truncate-update':
      return truncate(file, entry);
  }
}
