import { quoteName, quoteNames } from '../quoteName.ts';
import { PickleFault, refused } from './PickleFault.ts';
import { PickleDict, PickleInert, PickleList, TensorRef } from './pickleValues.ts';
import type { PickleValue } from './pickleValues.ts';

/** The named tensors of a saved object, and what was left aside, in words. */
export interface StateDict {
  readonly tensors: ReadonlyMap<string, TensorRef>;
  readonly warnings: readonly string[];
}

/** Where trainers keep the weights beside everything else, the usual places first. */
const WRAPPERS = ['state_dict', 'model_state_dict', 'model', 'module'];
const OPTIMISER = /^optim(i[sz]ers?)?(_|$)/;
const DEEPEST = 64;
const MOST_VISITS = 1_000_000;
const LONGEST_NAME = 2048;
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Bidi_Control}]/u;

/** Number of different tensors anywhere inside a value. */
function countTensors(value: PickleValue): number {
  const seen = new Set<PickleValue>();
  const open = [value];
  let count = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next !== 'object' || next === null || seen.has(next)) continue;
    seen.add(next);
    if (next instanceof TensorRef) count++;
    const inside =
      next instanceof PickleDict ? next.entries.values() : next instanceof PickleList ? next.items : [];
    for (const item of inside) if (typeof item === 'object' && item !== null) open.push(item);
  }
  return count;
}

const isOptimiser = (key: PickleValue, value: PickleValue): boolean =>
  (value instanceof PickleDict && value.entries.has('param_groups') && value.entries.has('state')) ||
  (typeof key === 'string' && OPTIMISER.test(key) && !(value instanceof TensorRef));

/** Collects the tensors of nested dictionaries under names joined with dots. */
class Flattener {
  readonly tensors = new Map<string, TensorRef>();
  readonly leftAside: string[] = [];
  isNested = false;
  #visits = 0;

  add(dict: PickleDict, prefix: string, depth: number): void {
    if (depth > DEEPEST) throw refused(`dictionaries are nested deeper than ${String(DEEPEST)}`);
    for (const [key, value] of dict.entries) {
      if (++this.#visits > MOST_VISITS)
        throw refused(`its dictionaries name more than ${String(MOST_VISITS)} values`);
      const name = typeof key === 'string' || typeof key === 'number' ? `${prefix}${String(key)}` : null;
      if (name === null) this.leftAside.push(`${prefix}?`);
      else this.#addValue(checkedName(name), value, depth);
    }
  }

  #addValue(name: string, value: PickleValue, depth: number): void {
    if (value instanceof TensorRef) {
      if (this.tensors.has(name))
        throw new PickleFault('damaged', `two tensors have the name ${quoteName(name)}`);
      this.tensors.set(name, value);
    } else if (value instanceof PickleDict && countsAsNested(value)) {
      this.isNested = true;
      this.add(value, `${name}.`, depth + 1);
    } else if (value instanceof PickleInert && value.isArray) {
      throw refused(`would call ${value.name} for the weight ${quoteName(name)}`);
    } else this.leftAside.push(name);
  }
}

const countsAsNested = (dict: PickleDict): boolean =>
  [...dict.entries.values()].some((value) => value instanceof TensorRef || value instanceof PickleDict);

function checkedName(name: string): string {
  if (name.length > LONGEST_NAME)
    throw new PickleFault('damaged', `the name ${quoteName(name)} has ${String(name.length)} characters`);
  if (UNPRINTABLE.test(name))
    throw new PickleFault('damaged', `the name ${quoteName(name)} holds control characters`);
  return name;
}

interface Choice {
  readonly dict: PickleDict;
  readonly warnings: readonly string[];
}

function besides(outer: PickleDict, chosen: string): string[] {
  const others = [...outer.entries]
    .filter(([key]) => key !== chosen)
    .map(([key, value]) => ({
      key: String(typeof key === 'object' ? '?' : key),
      tensors: countTensors(value),
    }));
  const aside = others
    .filter(({ tensors }) => tensors > 0)
    .map(({ key, tensors }) => `${quoteName(key)} (${String(tensors)} tensors)`);
  const shown = aside.slice(0, 3).join(', ');
  const more = aside.length > 3 ? ` and ${String(aside.length - 3)} more` : '';
  return aside.length === 0 ? [] : [`left aside beside the weights: ${shown}${more}`];
}

/** The member that holds the weights where the dictionary is that of a trainer. */
function unwrap(outer: PickleDict): Choice {
  for (const name of WRAPPERS) {
    const dict = outer.entries.get(name);
    if (!(dict instanceof PickleDict) || countTensors(dict) === 0) continue;
    return {
      dict,
      warnings: [`the weights are those of its member ${quoteName(name)}`, ...besides(outer, name)],
    };
  }
  const kept = new PickleDict();
  const optimisers: string[] = [];
  for (const [key, value] of outer.entries) {
    if (!isOptimiser(key, value)) kept.add(key, value);
    else optimisers.push(typeof key === 'string' ? key : '?');
  }
  const warnings =
    optimisers.length > 0 ? [`state of an optimiser was left aside: ${quoteNames(optimisers)}`] : [];
  return { dict: kept, warnings };
}

/** What a saved object is, where it is no dictionary of tensors. */
function describe(value: PickleValue): string {
  if (value instanceof TensorRef) return 'holds one tensor without a name';
  if (value instanceof PickleList) return `holds a ${value.kind} of ${String(value.items.length)} values`;
  if (!(value instanceof PickleDict)) return 'holds a single value';
  const tensors = countTensors(value);
  if (isOptimiser('', value) || [...value.entries].some(([key, item]) => isOptimiser(key, item)))
    return `holds the state of an optimiser (${String(tensors)} tensors) and no weights`;
  return 'holds a dictionary without named tensors';
}

/**
 * The weights of a saved object: its dictionary, or the member of it that trainers use, nested dictionaries joined with
 * dots. Null with the reason where there are none. Throws PickleFault for names that no model has.
 */
export function pickStateDict(value: PickleValue): StateDict | { readonly none: string } {
  if (!(value instanceof PickleDict) || isOptimiser('', value)) return { none: describe(value) };
  const { dict, warnings } = unwrap(value);
  const flat = new Flattener();
  flat.add(dict, '', 0);
  if (flat.tensors.size === 0) return { none: describe(value) };
  const count = flat.leftAside.length;
  const values =
    count === 1 ? '1 value that is no tensor was' : `${String(count)} values that are no tensors were`;
  return {
    tensors: flat.tensors,
    warnings: [
      ...warnings,
      ...(flat.isNested ? ['names inside nested dictionaries were joined with dots'] : []),
      ...(count > 0 ? [`${values} left aside: ${quoteNames(flat.leftAside)}`] : []),
    ],
  };
}
