import { describe, expect, it } from 'vitest';
import { guessStudy, type Candidate } from '../../src-main/contract/guessStudy.ts';
import type { CheckpointHints } from '../../src-main/contract/guessVariant.ts';

function candidate(path: string, hints: Partial<CheckpointHints> = {}, title = path): Candidate {
  return { path, title, hints: { origin: null, logged: null, isTrained: false, ...hints } };
}

const brief = (chosen: readonly Candidate[]): unknown => {
  const { base, variants } = guessStudy(chosen);
  return [base, ...variants.map(({ label, role, from }) => `${label} ${role} < ${from}`)];
};

describe('guessing a study from some checkpoints', () => {
  it('takes what the configurations name as the base, and RL from the SFT that it names', () => {
    const chosen = [
      candidate('/runs/grpo/checkpoint-300', { origin: '/runs/sft/checkpoint-240' }),
      candidate('/runs/sft/checkpoint-240', { origin: 'org/plain' }),
      candidate('/runs/sft/checkpoint-80', { origin: 'org/plain' }),
      candidate(`/hub/models--org--plain/snapshots/${'a'.repeat(40)}`, {}, 'org/plain@aaaaaaa (main)'),
    ];
    expect(brief(chosen)).toEqual([
      `/hub/models--org--plain/snapshots/${'a'.repeat(40)}`,
      'grpo/checkpoint-300 rl < sft/checkpoint-240',
      'sft/checkpoint-240 sft < base',
      'sft/checkpoint-80 sft < base',
    ]);
  });

  it('knows runs and steps of a trajectory', () => {
    const { variants } = guessStudy([
      candidate('/m/base'),
      candidate('/m/rl-zero/global_step_20/actor/huggingface'),
    ]);
    expect(variants).toMatchObject([
      { label: 'rl-zero/global_step_20', role: 'rl', run: 'rl-zero', step: 20, from: 'base' },
    ]);
  });

  it.each([
    ['the one that is called base', ['/m/qwen-base', '/m/mine', '/m/yours'], '/m/qwen-base'],
    ['the only one without words of training', ['/m/qwen', '/m/qwen-sft', '/m/qwen-dpo'], '/m/qwen'],
    ['nobody knows', ['/m/one', '/m/two'], null],
    ['a step of a run is none', ['/m/mine/checkpoint-10', '/m/mine/checkpoint-20'], null],
  ])('base by names: %s', (_name, paths, base) => {
    expect(guessStudy(paths.map((path) => candidate(path))).base).toBe(base);
  });

  it('takes the role from a log where names are silent, and not over them', () => {
    const chosen = [
      candidate('/m/base'),
      candidate('/m/x', { logged: 'rl', isTrained: true }),
      candidate('/m/sft', { logged: 'rl' }),
    ];
    expect(brief(chosen)).toEqual(['/m/base', 'x rl < base', 'sft sft < base']);
  });

  it('does not believe names that lead in a circle', () => {
    const circle = [candidate('/m/a', { origin: '/m/b' }), candidate('/m/b', { origin: '/m/a' })];
    const known = { base: candidate('/m/base'), labels: new Map<string, Candidate>() };
    expect(guessStudy(circle, known).variants.map(({ label, from }) => `${label} < ${from}`)).toEqual([
      'a < b',
      'b < base',
    ]);
  });

  it('numbers labels that are taken and keeps the base that there is', () => {
    const known = { base: candidate('/m/base'), labels: new Map([['sft', candidate('/a/sft')]]) };
    const { base, variants } = guessStudy(
      [
        candidate('/b/sft', { origin: '/b/rl' }),
        candidate('/b/rl', { origin: '/b/sft' }),
        candidate('/a/sft'),
      ],
      known,
    );
    expect(base).toBe('/m/base');
    expect(variants.map(({ label, from }) => [label, from])).toEqual([
      ['sft-2', 'rl'],
      ['rl', 'sft'],
    ]);
  });
});
