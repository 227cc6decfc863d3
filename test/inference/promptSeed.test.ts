import { expect, it } from 'vitest';
import { cutAtStop } from '../../src-main/inference/cutAtStop.ts';
import { promptSeed } from '../../src-main/inference/promptSeed.ts';

it('seeds of prompts are 32 bits, and differ with seed and prompt', () => {
  const seeds = [0, 1, 42, 0xffffffff].flatMap((seed) =>
    ['', 'a', 'b', 'ab', 'ba', 'é'].map((text) => promptSeed(seed, text)),
  );
  expect(new Set(seeds).size).toBe(seeds.length);
  expect(seeds.every((seed) => Number.isInteger(seed) && seed >= 0 && seed <= 0xffffffff)).toBe(true);
  // Recorded answers are drawn with these.
  expect(promptSeed(42, '2+2=')).toBe(1922361880);
});

it('seeds of neighbours have nothing in common', () => {
  const bits = Array.from({ length: 1000 }, (_unused, at) => promptSeed(at, 'x') ^ promptSeed(at + 1, 'x'));
  const ones = bits.map((word) => [...(word >>> 0).toString(2)].filter((bit) => bit === '1').length);
  expect(ones.reduce((sum, one) => sum + one, 0) / ones.length).toBeCloseTo(16, 0);
});

it('a text ends before the first stop text in it', () => {
  expect(cutAtStop('1+2=3;4', [';', '='])).toEqual({ text: '1+2', stopped: true });
  expect(cutAtStop('1+2', [';'])).toEqual({ text: '1+2', stopped: false });
  expect(cutAtStop('aab', ['ab', 'aab'])).toEqual({ text: '', stopped: true });
  expect(cutAtStop('', [])).toEqual({ text: '', stopped: false });
});
