import { existsSync } from 'node:fs';
import { must } from '../base/assert.ts';
import type { Checkpoint } from '../contract/checkpoint.ts';
import type { StudyEdit } from '../contract/editStudy.ts';
import { PolarimeterError } from '../contract/errors.ts';
import type { StudyFile } from '../contract/study.ts';
import { checkMeasures } from './checkMeasures.ts';
import { readHeaders, type Headers } from './headers.ts';
import { RunLock } from './RunLock.ts';
import { contentKey, Store } from './Store.ts';
import { Study } from './Study.ts';
import {
  checkpointPath,
  parseStudyFile,
  readStudyFile,
  refuseSourceFolder,
  writeStudyFile,
} from './studyFile.ts';

type Sides = Pick<Study, 'checkpoints'> & { readonly file: StudyFile };

/** What a checkpoint is on disk: its path, and for an adapter what it is laid on. */
const placeOf = ({ path, adapter }: Checkpoint): string[] => [path, adapter?.base ?? ''];

/** Variant label -> the two checkpoints that are compared, whatever they are called. */
function comparisonKeys({ file, checkpoints }: Sides): Map<string, string> {
  const place = (label: string): string[] => placeOf(must(checkpoints.get(label), label));
  return new Map(
    file.variants.map(({ label, from }) => [label, contentKey([...place(label), ...place(from)])]),
  );
}

/** Headers as last seen, under the labels of another version of the study: those of the same checkpoints. */
function rememberedHeaders(study: Study, edited: StudyFile, store: Store): (label: string) => string | null {
  const { folder } = study;
  const key = (variant: { path: string; adapterBase?: string | null }): string =>
    JSON.stringify([checkpointPath(folder, variant.path), variant.adapterBase ?? null]);
  const placeIn = ({ base, variants }: StudyFile, label: string): string =>
    key(variants.find((variant) => variant.label === label) ?? base);
  const seen = new Map(
    [...study.checkpoints.keys()].map((label) => [placeIn(study.file, label), store.header(label)]),
  );
  return (label) => seen.get(placeIn(edited, label)) ?? null;
}

function checkUnchanged({ folder, file }: Study): void {
  if (JSON.stringify(readStudyFile(folder)) === JSON.stringify(file)) return;
  throw new PolarimeterError('study-changed', `study.json of "${file.name}" is not as it was opened`, folder);
}

/** Results stay with what was compared: bindings of comparisons that go are shelved, those of comparisons that come are taken back. */
function moveBindings(store: Store, before: Sides, after: Sides): void {
  const [had, wanted] = [comparisonKeys(before), comparisonKeys(after)];
  // What stays where it is stays untouched: of a large model it is hundreds of thousands of bindings.
  const moved = new Set(
    [...had, ...wanted].filter(([label]) => had.get(label) !== wanted.get(label)).map(([, key]) => key),
  );
  const isMoved = ([, key]: [string, string]): boolean => moved.has(key);
  for (const [label, key] of [...had].filter(isMoved)) store.shelve(label, key);
  for (const [label, key] of [...wanted].filter(isMoved)) store.unshelve(key, label);
  for (const [, key] of [...wanted].filter(isMoved)) store.clearShelf(key);
}

function keepHeaders(store: Store, headers: Headers, seen: (label: string) => string | null): void {
  for (const [label, { path }] of headers.checkpoints) {
    const header = seen(label);
    if (header !== null && !existsSync(path)) store.putHeader(label, header);
  }
}

/**
 * Changes a study that is open and returns it as it is then; the one that was open is disposed of. Checks what making a study checks, writes study.json
 * in one step, and keeps every result: renaming, reordering and going back compute nothing. When it fails, nothing has changed.
 * Fails with `study-busy` while it runs, `study-changed` when study.json is not as it was opened, and as Study.create.
 */
export function editStudy(study: Study, edit: StudyEdit): Study {
  const { folder } = study;
  using _lock = new RunLock(folder);
  checkUnchanged(study);
  const file = parseStudyFile({ ...study.file, ...edit }, folder);
  checkMeasures(file);
  using store = new Store(folder);
  const seen = rememberedHeaders(study, file, store);
  const headers = readHeaders(folder, file, seen);
  refuseSourceFolder(folder, headers.checkpoints.values());
  store.transaction(() => {
    moveBindings(store, study, { file, checkpoints: headers.checkpoints });
    keepHeaders(store, headers, seen);
    writeStudyFile(folder, file);
  });
  study[Symbol.dispose]();
  return Study.of(folder, file, headers);
}
