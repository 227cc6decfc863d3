import { describe, expect, it } from 'vitest';
import { Variant } from '../../src-main/contract/study.ts';
import { guessLabel, guessRole } from '../../src-main/contract/guessVariant.ts';

describe('guessing a variant from its path', () => {
  it.each([
    ['/runs/sft/checkpoint-240', 'sft/checkpoint-240', 'sft'],
    ['/runs/grpo-7b/global_step_100/', 'grpo-7b/global_step_100', 'rl'],
    ['/models/Llama-3.1-8B-Instruct', 'Llama-3.1-8B-Instruct', 'sft'],
    ['/models/tulu-rlvr.safetensors', 'tulu-rlvr', 'rl'],
    ['C:\\runs\\My RL run', 'My RL run', 'rl'],
    ['/models/world', 'world', null],
    ['/models/übung', 'bung', null],
    ['', '', null],
  ])('%s', (path, label, role) => {
    expect([guessLabel(path), guessRole(path)]).toEqual([label, role]);
    if (label !== '') expect(Variant.shape.label.safeParse(label).success).toBe(true);
  });
});
