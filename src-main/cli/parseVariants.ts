import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { PolarimeterError } from '../contract/errors.ts';
import { ROLES, type Role } from '../contract/rows.ts';
import { Variant } from '../contract/study.ts';
import { nearest } from '../base/nearest.ts';

/** The options --sft, --rl, --other, --from and --adapter-base as they were typed. */
export interface VariantOptions {
  readonly sft?: readonly string[];
  readonly rl?: readonly string[];
  readonly other?: readonly string[];
  readonly from?: readonly string[];
  readonly adapterBase?: readonly string[];
}

interface Named {
  readonly label: string | null;
  readonly path: string;
}

/**
 * Variants of a study. Labels default to "sft" and "rl", or "sft-1", "sft-2", … where a role has several without one.
 * fails usage for a missing, malformed or repeated label, and for a --from that names no variant or leads in a circle
 */
export function parseVariants(options: VariantOptions, folder: string): Variant[] {
  const parents = parseParents(options.from ?? []);
  const bases = parseAdapterBases(options.adapterBase ?? []);
  const variants = ROLES.flatMap((role) => {
    const named = (options[role] ?? []).map((text) => parseNamed(text, folder));
    const unnamed = named.filter(({ label }) => label === null).length;
    let number = 0;
    return named.map(({ label, path }) => {
      if (label === null) number++;
      const name = label ?? defaultLabel(role, unnamed > 1 ? number : null, path);
      return Variant.parse({
        label: name,
        role,
        path: resolve(folder, path),
        from: parents.get(name) ?? 'base',
        adapterBase: adapterBaseOf(bases, name, folder),
      });
    });
  });
  checkLabels(variants, parents);
  checkAdapterBases(variants, bases);
  return variants;
}

function defaultLabel(role: Role, number: number | null, path: string): string {
  if (role === 'other') throw new PolarimeterError('usage', `--other needs a label: --other LABEL=${path}`);
  return number === null ? role : `${role}-${String(number)}`;
}

/** "LABEL=PATH" or "PATH"; a path that exists is never split. */
function parseNamed(text: string, folder: string): Named {
  const at = text.indexOf('=');
  if (at < 0 || existsSync(resolve(folder, text))) return { label: null, path: text };
  const label = text.slice(0, at);
  const path = text.slice(at + 1);
  if (path === '') throw new PolarimeterError('usage', `the path after "${label}=" is empty`);
  if (Variant.shape.label.safeParse(label).success) return { label, path };
  if (/^[./~]/.test(label)) return { label: null, path: text };
  const rule = 'a label has 1 to 64 letters, digits, spaces or . _ @ / -, and starts with a letter or digit';
  throw new PolarimeterError('usage', `"${label}" cannot be a label: ${rule}`);
}

/** LABEL=PARENT pairs. */
function parseParents(texts: readonly string[]): Map<string, string> {
  const parents = new Map<string, string>();
  for (const text of texts) {
    const match = /^([^=]+)=([^=]+)$/.exec(text);
    const [, label, parent] = match ?? [];
    if (label === undefined || parent === undefined) {
      throw new PolarimeterError('usage', `--from takes LABEL=PARENT, e.g. rl=sft, and got "${text}"`);
    }
    if (parents.has(label)) throw new PolarimeterError('usage', `--from names "${label}" twice`);
    parents.set(label, parent);
  }
  return parents;
}

/** LABEL=PATH pairs. */
function parseAdapterBases(texts: readonly string[]): Map<string, string> {
  const bases = new Map<string, string>();
  for (const text of texts) {
    const at = text.indexOf('=');
    if (at < 1 || at === text.length - 1) {
      throw new PolarimeterError(
        'usage',
        `--adapter-base takes LABEL=PATH, e.g. rl=./base, and got "${text}"`,
      );
    }
    const label = text.slice(0, at);
    if (bases.has(label)) throw new PolarimeterError('usage', `--adapter-base names "${label}" twice`);
    bases.set(label, text.slice(at + 1));
  }
  return bases;
}

function adapterBaseOf(bases: ReadonlyMap<string, string>, label: string, folder: string): string | null {
  const path = bases.get(label);
  return path === undefined ? null : resolve(folder, path);
}

function checkAdapterBases(variants: readonly Variant[], bases: ReadonlyMap<string, string>): void {
  const labels = variants.map(({ label }) => label);
  for (const label of bases.keys()) {
    if (labels.includes(label)) continue;
    const known = `labels are ${labels.join(', ')}`;
    throw new PolarimeterError('usage', `--adapter-base: no variant is called "${label}"; ${known}`);
  }
}

function checkLabels(variants: readonly Variant[], parents: ReadonlyMap<string, string>): void {
  const labels = variants.map(({ label }) => label);
  if (labels.includes('base'))
    throw new PolarimeterError('usage', 'the label "base" is taken by the base checkpoint');
  const twice = labels.find((label, index) => labels.indexOf(label) !== index);
  if (twice !== undefined)
    throw new PolarimeterError('usage', `two variants are called "${twice}"; give one another LABEL=`);
  for (const [label, parent] of parents) {
    for (const name of [label, parent]) {
      if (name === parent && parent === 'base') continue;
      if (labels.includes(name)) continue;
      const guess = nearest(name, labels);
      const known = guess === null ? `labels are ${labels.join(', ')}` : `did you mean ${guess}?`;
      throw new PolarimeterError(
        'usage',
        `--from ${label}=${parent}: no variant is called "${name}"; ${known}`,
      );
    }
  }
  checkCircles(variants);
}

function checkCircles(variants: readonly Variant[]): void {
  const parentOf = new Map(variants.map(({ label, from }) => [label, from]));
  for (const { label } of variants) {
    const seen = new Set<string>();
    for (let at: string | undefined = label; at !== undefined && at !== 'base'; at = parentOf.get(at)) {
      if (seen.has(at)) throw new PolarimeterError('usage', `--from leads in a circle through "${at}"`);
      seen.add(at);
    }
  }
}
