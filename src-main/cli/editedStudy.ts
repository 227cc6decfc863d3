import { resolve } from 'node:path';
import { nearest } from '../base/nearest.ts';
import type { StudyEdit } from '../contract/editStudy.ts';
import { PolarimeterError } from '../contract/errors.ts';
import { guessRole, guessRun, guessStep } from '../contract/guessVariant.ts';
import { Role } from '../contract/rows.ts';
import { Variant } from '../contract/study.ts';

/** The options of `study edit` as they were typed. */
export interface EditOptions {
  readonly rename?: readonly string[];
  readonly role?: readonly string[];
  readonly from?: readonly string[];
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
  readonly name?: string;
  readonly notes?: readonly string[];
  readonly json?: boolean;
}

const usage = (message: string): PolarimeterError => new PolarimeterError('usage', message);

/** LABEL=VALUE options by label. */
function pairs(option: string, texts: readonly string[], example: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const text of texts) {
    const at = text.indexOf('=');
    if (at < 1 || at === text.length - 1) throw usage(`--${option} takes ${example}, and got "${text}"`);
    const label = text.slice(0, at);
    if (found.has(label)) throw usage(`--${option} names "${label}" twice`);
    found.set(label, text.slice(at + 1));
  }
  return found;
}

function refuseStrangers(option: string, asked: Iterable<string>, labels: readonly string[]): void {
  for (const label of asked) {
    if (labels.includes(label)) continue;
    const guess = nearest(label, labels);
    const known = guess === null ? `labels are ${labels.join(', ')}` : `did you mean ${guess}?`;
    throw usage(`--${option}: no variant is called "${label}"; ${known}`);
  }
}

const labelsOf = (variants: readonly Variant[]): string[] => variants.map(({ label }) => label);

function without(variants: readonly Variant[], removed: readonly string[]): Variant[] {
  refuseStrangers('remove', removed, labelsOf(variants));
  const kept = variants.filter(({ label }) => !removed.includes(label));
  if (kept.length === 0) throw usage('--remove leaves no variant in the study');
  return kept.map((variant) => (removed.includes(variant.from) ? { ...variant, from: 'base' } : variant));
}

function added(texts: readonly string[], folder: string): Variant[] {
  const paths = pairs('add', texts, 'LABEL=PATH, e.g. rl-2=./runs/grpo-2');
  return [...paths].map(([label, path]) => {
    const variant = Variant.safeParse({
      label,
      role: guessRole(label) ?? guessRole(path) ?? 'other',
      path: resolve(folder, path),
      run: guessRun(path),
      step: guessStep(path),
    });
    if (!variant.success) throw usage(`--add ${label}: ${variant.error.issues[0]?.message ?? ''}`);
    return variant.data;
  });
}

function changed(variants: readonly Variant[], { role = [], from = [] }: EditOptions): Variant[] {
  const roles = pairs('role', role, 'LABEL=ROLE, e.g. grpo=rl');
  const parents = pairs('from', from, 'LABEL=PARENT, e.g. rl=sft');
  const labels = labelsOf(variants);
  refuseStrangers('role', roles.keys(), labels);
  refuseStrangers('from', parents.keys(), labels);
  refuseStrangers('from', parents.values(), ['base', ...labels]);
  return variants.map((variant) => {
    const given = Role.safeParse(roles.get(variant.label) ?? variant.role);
    if (!given.success)
      throw usage(
        `--role: "${roles.get(variant.label) ?? ''}" is no role; roles are ${Role.options.join(', ')}`,
      );
    return { ...variant, role: given.data, from: parents.get(variant.label) ?? variant.from };
  });
}

function renamed(variants: readonly Variant[], texts: readonly string[]): Variant[] {
  const names = pairs('rename', texts, 'LABEL=NEW, e.g. rl=grpo-7b');
  refuseStrangers('rename', names.keys(), labelsOf(variants));
  for (const name of names.values()) {
    const problem = Variant.shape.label.safeParse(name).error?.issues[0]?.message;
    if (problem !== undefined) throw usage(`--rename: "${name}" cannot be a label: ${problem}`);
  }
  const nameOf = (label: string): string => names.get(label) ?? label;
  return variants.map((variant) => ({
    ...variant,
    label: nameOf(variant.label),
    from: nameOf(variant.from),
  }));
}

/**
 * A study as the options of `study edit` want it.
 * fails usage for labels that are not there, malformed pairs, and when nothing is asked for
 */
export function editedStudy(study: StudyEdit, options: EditOptions, folder: string): StudyEdit {
  const { rename = [], role, from, add = [], remove = [], name, notes } = options;
  if (
    [rename, role, from, add, remove, name, notes].every((given) => given === undefined || given.length === 0)
  )
    throw usage(
      'there is nothing to change: give --rename, --role, --from, --add, --remove, --name or --notes',
    );
  const present = [...without(study.variants, remove), ...added(add, folder)];
  return {
    name: name ?? study.name,
    variants: renamed(changed(present, options), rename),
    options: study.options,
    notes: notes?.filter((note) => note !== '') ?? study.notes,
  };
}
