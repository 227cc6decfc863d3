import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { editOf, type StudyEdit } from '../../src-main/contract/editStudy.ts';
import { PolarimeterError } from '../../src-main/contract/errors.ts';
import { ROLES, type Row } from '../../src-main/contract/rows.ts';
import { StudyFile, type Variant } from '../../src-main/contract/study.ts';
import { Kernels } from '../../src-main/kernels/Kernels.ts';
import { editStudy } from '../../src-main/study/editStudy.ts';
import { RunLock } from '../../src-main/study/RunLock.ts';
import { Study } from '../../src-main/study/Study.ts';
import { smallCheckpoint } from '../api/workbench.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';

const home = tempFolder();
const kernels = new Kernels({ threads: 2 });
const LIMITS = { memoryBytes: 2 ** 30, threads: 2 };
const SEEDS = { base: 0, sft: 1, a: 2, b: 3 } as const;
afterAll(() => kernels[Symbol.dispose]());

let made = 0;

/** A study of SFT from base and two RL runs from SFT, measured. */
async function measured(): Promise<Study> {
  const folder = join(home, String(made++));
  mkdirSync(folder);
  for (const [name, seed] of Object.entries(SEEDS)) smallCheckpoint(join(folder, name), seed, { side: 16 });
  const variant = (label: string, role: string, from: string) => ({ label, role, path: `../${label}`, from });
  const file = StudyFile.parse({
    schema: 'polarimeter.study/1',
    name: 'three',
    base: { path: '../base' },
    variants: [variant('sft', 'sft', 'base'), variant('a', 'rl', 'sft'), variant('b', 'rl', 'sft')],
    options: { k: 4 },
  });
  const study = Study.create(join(folder, 'study'), file);
  await study.run(kernels, { limits: LIMITS });
  return study;
}

function variantsWith(study: Study, change: (variant: Variant) => Partial<Variant>): Variant[] {
  return study.file.variants.map((variant) => ({ ...variant, ...change(variant) }));
}

/** Values of one measure of every variant, in order of label; null where there is none. */
function norms(study: Study): [string, Row['value']][] {
  return study
    .rows({ level: ['overall'], measure: ['update.norm'] })
    .map(({ variant, value }): [string, Row['value']] => [variant, value])
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

const cached = (study: Study): number => study.estimate(kernels, LIMITS).cached;
const code = (step: () => unknown): string => {
  try {
    step();
  } catch (error) {
    if (error instanceof PolarimeterError) return error.code;
    throw error;
  }
  return 'no error';
};

describe('editing a study', () => {
  it('keeps every result over a rename, also one that swaps two labels, and computes nothing', async () => {
    let study = await measured();
    const before = new Map(norms(study));
    expect(cached(study)).toBe(3);
    const swap: Record<string, string> = { a: 'b', b: 'a', sft: 'tuned' };
    const name = (label: string): string => swap[label] ?? label;
    study = editStudy(study, {
      ...editOf(study.file),
      name: 'renamed',
      variants: variantsWith(study, ({ label, from }) => ({ label: name(label), from: name(from) })),
    });
    using edited = study;
    expect(norms(edited)).toEqual([
      ['a', before.get('b')],
      ['b', before.get('a')],
      ['tuned', before.get('sft')],
    ]);
    expect(cached(edited)).toBe(3);
    const read = Study.open(edited.folder);
    expect([read.file.name, norms(read)]).toEqual(['renamed', norms(edited)]);
    read[Symbol.dispose]();
  });

  it('brings the results back when a reference or a variant comes back, without a run', async () => {
    let study = await measured();
    const [first, rows] = [editOf(study.file), norms(study)];
    study = editStudy(study, {
      ...first,
      variants: variantsWith(study, ({ label }) => (label === 'a' ? { from: 'base' } : {})),
    });
    expect(Object.fromEntries(norms(study))).not.toHaveProperty('a');
    expect(cached(study)).toBe(0);
    study = editStudy(study, { ...first, variants: first.variants.filter(({ label }) => label !== 'b') });
    expect(norms(study).map(([label]) => label)).toEqual(['a', 'sft']);
    study = editStudy(study, first);
    using back = study;
    expect(norms(back)).toEqual(rows);
    expect(cached(back)).toBe(3);
  });

  it('measures a changed reference anew, as a study that was made so', async () => {
    let study = await measured();
    study = editStudy(study, {
      ...editOf(study.file),
      variants: variantsWith(study, ({ label }) => (label === 'a' ? { from: 'base' } : {})),
    });
    using edited = study;
    await edited.run(kernels, { limits: LIMITS });
    using fresh = Study.create(join(edited.folder, '..', 'fresh'), edited.file);
    await fresh.run(kernels, { limits: LIMITS });
    expect(norms(edited)).toEqual(norms(fresh));
  });

  it('reads a renamed variant whose checkpoint is gone', async () => {
    let study = await measured();
    const rows = norms(study);
    renameSync(join(study.folder, '..', 'b'), join(study.folder, '..', 'elsewhere'));
    study = editStudy(study, {
      ...editOf(study.file),
      variants: variantsWith(study, ({ label }) => (label === 'b' ? { label: 'gone' } : {})),
    });
    study[Symbol.dispose]();
    using read = Study.open(study.folder);
    expect(norms(read).map(([, value]) => value)).toEqual([...rows.map(([, value]) => value)]);
    expect(read.checkpoints.get('gone')?.warnings.join()).toContain('is not there');
  });
});

describe('an edit that cannot be made', () => {
  let study: Study;
  beforeAll(async () => {
    study = await measured();
  });
  afterAll(() => study[Symbol.dispose]());

  const edit = (part: Partial<StudyEdit>) => () => editStudy(study, { ...editOf(study.file), ...part });

  it.each([
    ['a label twice', 'study-invalid', () => ({ variants: variantsWith(study, () => ({ label: 'same' })) })],
    [
      'a circle',
      'study-invalid',
      () => ({ variants: variantsWith(study, ({ label }) => ({ from: label })) }),
    ],
    ['a stranger', 'study-invalid', () => ({ variants: variantsWith(study, () => ({ from: 'nobody' })) })],
    ['no variant', 'study-invalid', () => ({ variants: [] })],
    [
      'no such folder',
      'path-not-found',
      () => ({ variants: variantsWith(study, () => ({ path: '/nowhere' })) }),
    ],
    ['an unknown measure', 'usage', () => ({ options: { ...study.file.options, also: ['nonsense'] } })],
    ['an unknown module', 'usage', () => ({ options: { ...study.file.options, modules: ['q_projj'] } })],
  ] as const)('%s: %s, and nothing has changed', (_name, expected, part) => {
    const text = readFileSync(join(study.folder, 'study.json'), 'utf8');
    const rows = norms(study);
    expect(code(edit(part()))).toBe(expected);
    expect(readFileSync(join(study.folder, 'study.json'), 'utf8')).toBe(text);
    expect(norms(study)).toEqual(rows);
  });

  it('while it is run: study-busy', () => {
    using _lock = new RunLock(study.folder);
    expect(code(edit({ name: 'other' }))).toBe('study-busy');
  });

  it('after another program was faster: study-changed', () => {
    const path = join(study.folder, 'study.json');
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace('"three"', '"four"'));
    expect(code(edit({ name: 'other' }))).toBe('study-changed');
    writeFileSync(path, text);
  });
});

/** One edit as users make them, from three random numbers. */
function randomEdit(
  { name, variants, options, notes }: StudyEdit,
  [kind, at, value]: readonly number[],
): StudyEdit {
  const which = (at ?? 0) % variants.length;
  const chosen = variants[which]!;
  const change = (part: Partial<Variant>): Variant[] =>
    variants.map((variant) => (variant === chosen ? { ...variant, ...part } : variant));
  const label = `v${String(value ?? 0)}`;
  const edits: (() => Partial<StudyEdit>)[] = [
    () => ({ name: label }),
    () => ({ notes: [...notes, label] }),
    () => ({ variants: change({ role: ROLES[(value ?? 0) % 3]! }) }),
    () => ({
      variants: change({ label }).map((variant) =>
        variant.from === chosen.label ? { ...variant, from: label } : variant,
      ),
    }),
    () => ({ variants: change({ from: 'base' }) }),
    () => ({ variants: change({ from: variants[(value ?? 0) % variants.length]!.label }) }),
    () => ({ variants: variants.toReversed() }),
    () => ({ variants: variants.filter((variant) => variant !== chosen && variant.from !== chosen.label) }),
    () => ({ options: { ...options, k: 1 + ((value ?? 0) % 8) } }),
  ];
  return { name, variants, options, notes, ...edits[(kind ?? 0) % edits.length]!() };
}

it('undoing any sequence of edits gives the first file and the first results', async () => {
  let study = await measured();
  const [first, rows] = [editOf(study.file), norms(study)];
  const number = fc.nat({ max: 40 });
  fc.assert(
    fc.property(fc.array(fc.tuple(number, number, number), { maxLength: 8 }), (steps) => {
      const history: StudyEdit[] = [];
      for (const step of steps) {
        const before = editOf(study.file);
        try {
          study = editStudy(study, randomEdit(before, step));
          history.push(before);
        } catch (error) {
          if (!(error instanceof PolarimeterError)) throw error;
        }
      }
      for (const before of history.toReversed()) study = editStudy(study, before);
      expect(editOf(study.file)).toEqual(first);
      expect(norms(study)).toEqual(rows);
      expect(cached(study)).toBe(3);
    }),
    { numRuns: 25 },
  );
  study[Symbol.dispose]();
}, 60_000);
