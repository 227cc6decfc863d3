import { nearest } from '../base/nearest.ts';
import type { Alignment } from '../contract/alignment.ts';
import { PolarimeterError } from '../contract/errors.ts';
import type { RowsQuery } from '../contract/routes.ts';
import type { Row } from '../contract/rows.ts';
import { moduleName } from './selectTensors.ts';

/** Some layers, some modules, or some modules of some layers. */
export interface ModelPart {
  has(place: Pick<Row, 'layer' | 'module'>): boolean;
  /** What a row over this part says of it. */
  readonly parameters: Row['parameters'];
}

type Range = readonly [first: number, last: number];
type PartQuery = Pick<RowsQuery, 'layers' | 'module'>;

function rangeOf(text: string): Range {
  const [first = NaN, last = first] = text.split('-').map(Number);
  return [first, last];
}

const isIn = (layer: number | null, [first, last]: Range): boolean =>
  layer !== null && layer >= first && layer <= last;

/** Layers and modules that do not exist are a mistake, not an empty answer. fails usage */
export function checkPart({ layers, module }: PartQuery, alignments: ReadonlyMap<string, Alignment>): void {
  if (layers.length === 0 && module.length === 0) return;
  const roles = [...alignments.values()].flatMap(({ tensors }) => tensors.map(({ role }) => role));
  const strayRange = layers.find((text) => !roles.some(({ layer }) => isIn(layer, rangeOf(text))));
  if (strayRange !== undefined)
    throw new PolarimeterError('usage', 'this study has no such layers', strayRange);
  const known = [...new Set(roles.map(moduleName))];
  const stranger = module.find((name) => !known.includes(name));
  if (stranger === undefined) return;
  const guess = nearest(stranger, known);
  const hint = guess === null ? '' : `; did you mean ${guess}?`;
  throw new PolarimeterError('usage', `this study has no such module${hint}`, stranger);
}

/** The part of the model that a query asks for; null is all of it. Tensors outside the layers are in no range of layers. */
export function modelPart({ layers, module }: PartQuery): ModelPart | null {
  if (layers.length === 0 && module.length === 0) return null;
  const ranges = layers.map(rangeOf);
  const modules = new Set(module);
  return {
    has: (place) =>
      (ranges.length === 0 || ranges.some((range) => isIn(place.layer, range))) &&
      (modules.size === 0 || (place.module !== null && modules.has(place.module))),
    parameters: {
      ...(layers.length > 0 ? { layers: layers.join(', ') } : {}),
      ...(module.length > 0 ? { modules: module.join(', ') } : {}),
    },
  };
}
