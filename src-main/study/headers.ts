import { existsSync } from 'node:fs';
import { alignCheckpoints } from '../architecture/alignCheckpoints.ts';
import { must } from '../base/assert.ts';
import { nearest } from '../base/nearest.ts';
import type { AdapterBase } from '../checkpoint/adapter/openAdapter.ts';
import type { Alignment } from '../contract/alignment.ts';
import { Checkpoint } from '../contract/checkpoint.ts';
import { PolarimeterError } from '../contract/errors.ts';
import type { StudyFile } from '../contract/study.ts';
import { openModel } from '../recipes/openModel.ts';
import { moduleName, selectTensors } from './selectTensors.ts';
import { checkpointPath } from './studyFile.ts';

/** What the files of a study say of themselves, before a weight is read. */
export interface Headers {
  /** 'base' and every variant label. */
  readonly checkpoints: ReadonlyMap<string, Checkpoint>;
  /** Variant label -> alignment with what it is compared with, the selection of the options applied. */
  readonly alignments: ReadonlyMap<string, Alignment>;
}

/** Headers from disk; where the checkpoint is gone, as they were last seen. */
function headerOf(path: string, seen: string | null, adapterBase: AdapterBase): Checkpoint {
  if (seen === null || existsSync(path)) return openModel(path, adapterBase);
  const remembered = Checkpoint.parse(JSON.parse(seen));
  const warning = `${path} is not there: results can be read, not computed`;
  return { ...remembered, warnings: [...remembered.warnings, warning] };
}

const knownAlignments = new WeakMap<Checkpoint, WeakMap<Checkpoint, Alignment>>();

/** Made once for two checkpoints: an edit of a study seldom changes them. */
function alignmentOf(reference: Checkpoint, variant: Checkpoint): Alignment {
  const own = knownAlignments.get(reference) ?? new WeakMap<Checkpoint, Alignment>();
  knownAlignments.set(reference, own);
  const known = own.get(variant);
  if (known) return known;
  const alignment = alignCheckpoints(reference, variant);
  own.set(variant, alignment);
  return alignment;
}

function checkModules(alignments: readonly Alignment[], wanted: readonly string[]): void {
  const roles = alignments.flatMap(({ tensors }) => tensors.map(({ role }) => role));
  const known = [...new Set(roles.flatMap((role) => [role.module, moduleName(role)]))];
  for (const module of wanted) {
    if (known.includes(module)) continue;
    const guess = nearest(module, known);
    const hint = guess === null ? `modules are ${known.join(', ')}` : `did you mean ${guess}?`;
    throw new PolarimeterError('usage', `no checkpoint has a module "${module}"; ${hint}`, 'modules');
  }
}

/** 'base' and every variant, what it was trained from first: an adapter may be laid on that. */
function openAll(
  folder: string,
  { base, variants }: StudyFile,
  remembered: (label: string) => string | null,
): Map<string, Checkpoint> {
  const opened = new Map<string, Checkpoint>();
  const open = (label: string): Checkpoint => {
    const known = opened.get(label);
    if (known) return known;
    const variant = variants.find((each) => each.label === label);
    const path = checkpointPath(folder, (variant ?? base).path);
    const named = variant?.adapterBase ?? null;
    const adapterBase = {
      named: named === null ? null : checkpointPath(folder, named),
      fallback: variant ? open(variant.from) : null,
    };
    const checkpoint = headerOf(path, remembered(label), adapterBase);
    if (named !== null && checkpoint.adapter === undefined)
      throw new PolarimeterError('usage', `"${label}" is no adapter, and takes no base to be laid on`, path);
    opened.set(label, checkpoint);
    return checkpoint;
  };
  const labels = ['base', ...variants.map(({ label }) => label)];
  return new Map(labels.map((label) => [label, open(label)]));
}

/**
 * Reads and aligns the headers of all checkpoints of a study.
 * Fails as opening and aligning checkpoints does, and with `usage` when the selected layers and modules leave nothing to compare.
 * @param remembered headers as last seen, by label
 */
export function readHeaders(
  folder: string,
  file: StudyFile,
  remembered: (label: string) => string | null,
): Headers {
  const { variants, options } = file;
  const checkpoints = openAll(folder, file, remembered);
  const whole = variants.map(({ label, from }) =>
    alignmentOf(must(checkpoints.get(from), from), must(checkpoints.get(label), label)),
  );
  checkModules(whole, options.modules);
  const alignments = new Map(
    variants.map(({ label }, i) => [label, selectTensors(must(whole[i], label), options)]),
  );
  for (const [label, { compared }] of alignments) {
    if (compared > 0) continue;
    throw new PolarimeterError(
      'usage',
      `the selected layers and modules leave nothing of "${label}" to compare`,
      'layers',
    );
  }
  return { checkpoints, alignments };
}
