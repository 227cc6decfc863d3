import { join } from 'node:path';
import { openCheckpoint } from '../../src-main/checkpoint/openCheckpoint.ts';
import type { Checkpoint } from '../../src-main/contract/checkpoint.ts';
import { EvaluatorChoice, GenerationSettings } from '../../src-main/contract/evaluator.ts';
import { openBench } from '../../src-main/inference/openBench.ts';
import type { BenchRequest } from '../../src-main/inference/openBench.ts';
import { Kernels } from '../../src-main/kernels/Kernels.ts';
import { ROOT } from '../house/readSources.ts';

export const DEMO = join(ROOT, 'resources', 'demo');

export const demoCheckpoint = (name: string): Checkpoint => openCheckpoint(join(DEMO, name));

type EmbeddedChoice = BenchRequest['choice'];

/** One thread: several wait for each other on a machine that is busy. */
export function embedded(extra: Partial<EmbeddedChoice> = {}): EmbeddedChoice {
  const choice = { kind: 'embedded', device: 'cpu', threads: 1, weights: 'F32', ...extra };
  return EvaluatorChoice.parse(choice) as EmbeddedChoice;
}

export const settingsOf = (extra: Partial<GenerationSettings> = {}): GenerationSettings =>
  GenerationSettings.parse({ maxTokens: 24, ...extra });

export const benchOf = (checkpoint: Checkpoint, folder: string, extra: Partial<BenchRequest> = {}) =>
  openBench(checkpoint, {
    choice: embedded(),
    settings: settingsOf(),
    folder,
    kernels: new Kernels(),
    ...extra,
  });
