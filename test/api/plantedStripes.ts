import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { StudyId } from '../../src-main/contract/routes.ts';
import { writeCheckpoint } from '../fixtures/checkpoints.ts';
import type { Workbench } from './workbench.ts';

export const ROWS = 300;
export const COLUMNS = 520;
export const WIDE = 'model.layers.0.mlp.down_proj.weight';
export const NORM = 'model.norm.weight';
export const CUBE = 'model.patch_embed.weight';

/** Weights of every magnitude from 2^-9 to 1. */
export const baseWeight = (i: number): number =>
  (i % 2 === 0 ? 1 : -1) * 2 ** -(i % 10) * (1 + (i % 128) / 128);
export const isMoved = (i: number, run: number): boolean => i % (run + 2) === 0;
/** One bf16 step away from zero where a run moves the weight. */
export const movedWeight = (i: number, run: number): number => {
  const step = (i % 2 === 0 ? 1 : -1) * 2 ** (-(i % 10) - 7);
  return baseWeight(i) + (isMoved(i, run) ? step : 0);
};

function checkpoint(folder: string, run: number | null, spoiled: readonly number[] = []): string {
  const data = (size: number): number[] =>
    Array.from({ length: size }, (_, i) => (run === null ? baseWeight(i) : movedWeight(i, run)));
  const wide = data(ROWS * COLUMNS);
  for (const at of spoiled) wide[at] = Number.NaN;
  const tensors = [
    { name: WIDE, dtype: 'BF16', shape: [ROWS, COLUMNS], data: wide },
    { name: NORM, dtype: 'F32', shape: [64], data: data(64) },
    { name: CUBE, dtype: 'BF16', shape: [4, 3, 5], data: data(60) },
    {
      name: 'model.embed_tokens.weight',
      dtype: 'BF16',
      shape: [run === 2 ? 9 : 8, run === 2 ? 5 : 4],
      data: data(run === 2 ? 45 : 32),
    },
  ];
  return writeCheckpoint(folder, { tensors });
}

export async function studyOf(
  bench: Workbench,
  home: string,
): Promise<{ id: string; files: Record<string, string> }> {
  mkdirSync(home, { recursive: true });
  const files = {
    base: checkpoint(join(home, 'base'), null),
    one: checkpoint(join(home, 'one'), 0),
    two: checkpoint(join(home, 'two'), 1, [7, 600]),
    odd: checkpoint(join(home, 'odd'), 2),
    next: checkpoint(join(home, 'next'), 1),
  };
  const variants = [
    { label: 'one', role: 'sft', path: files.one },
    { label: 'two', role: 'rl', path: files.two },
    { label: 'odd', role: 'rl', path: files.odd },
    { label: 'next', role: 'rl', path: files.next, from: 'one' },
  ];
  const body = { folder: join(home, 'study'), name: 'stripes', base: files.base, variants };
  return { id: StudyId.parse(await bench.post('/api/studies', body)).id, files };
}
