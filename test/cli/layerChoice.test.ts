import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import { layerChoice, layersOf } from '../../src-main/cli/layerChoice.ts';

describe('a choice of layers', () => {
  it.each([
    ['first 25%', 8, ['0-1']],
    ['first 25%', 6, ['0-1']],
    ['first:25 %', 24, ['0-5']],
    ['First 1%', 6, ['0']],
    ['last 50%', 6, ['3-5']],
    ['last 2', 6, ['4-5']],
    ['last 20', 6, ['0-5']],
    ['first 100%', 6, ['0-5']],
    ['0-3,10', 6, ['0-3', '10']],
  ])('%s of %i layers', (text, layers, expected) => {
    expect(layersOf(layerChoice(text), layers)).toEqual(expected);
  });

  it.each(['', 'first', 'first 0', 'first 0%', 'first 101%', 'last 1.5', 'middle 25%', '3-1'])(
    'is not "%s"',
    (text) => {
      expect(() => layerChoice(text)).toThrow(InvalidArgumentError);
    },
  );
});
