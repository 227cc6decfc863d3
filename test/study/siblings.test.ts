import { describe, expect, it } from 'vitest';
import { updateCosine } from '../../src-main/measures/updateCosine.ts';
import { isAsked, runSets, setKey, siblingKey, siblingPairs } from '../../src-main/study/siblings.ts';

const variant = (label: string, role: 'sft' | 'rl', from = 'base', run: string | null = null, step = 0) => ({
  label,
  role,
  from,
  run,
  step,
});

describe('variants that are looked at together', () => {
  const all = [variant('a', 'sft'), variant('b', 'rl'), variant('c', 'rl', 'a'), variant('d', 'rl')];

  it('are those with the same reference, in both orders', () => {
    const names = siblingPairs(all).map((pair) => pair.map(({ label }) => label).join());
    expect(names).toEqual(['a,b', 'a,d', 'b,a', 'b,d', 'd,a', 'd,b']);
  });

  it('are asked once where order does not matter', () => {
    const asked = siblingPairs(all).filter((pair) => isAsked(updateCosine, all, pair));
    expect(asked).toHaveLength(3);
  });

  it('form sets by role and reference, with the last checkpoint of each run', () => {
    const runs = [
      variant('s1-10', 'rl', 'base', 's1', 10),
      variant('s1-20', 'rl', 'base', 's1', 20),
      variant('s2-20', 'rl', 'base', 's2', 20),
      variant('alone', 'sft'),
      variant('elsewhere', 'rl', 'alone'),
    ];
    expect(runSets(runs)).toEqual([{ from: 'base', role: 'rl', labels: ['s1-20', 's2-20'] }]);
  });

  it('have keys that tell order and kind apart', () => {
    const [a, b] = [{ key: 'a' }, { key: 'b' }];
    expect(new Set([siblingKey(a, b), siblingKey(b, a), setKey([a, b])]).size).toBe(3);
  });
});
