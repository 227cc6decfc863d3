import { describe, expect, it } from 'vitest';
import { UNITS } from '../../src-main/contract/measure.ts';
import {
  formatCompact,
  formatCount,
  formatPlain,
  formatValue,
  unitLabel,
} from '../../src-main/contract/format.ts';

describe('shares are written in per cent', () => {
  it.each([
    [0, '0 %'],
    [1, '100 %'],
    [0.7718, '77.2 %'],
    [0.0019, '0.19 %'],
    [0.00174, '0.17 %'],
    [0.99, '99.0 %'],
    [0.995, '99.50 %'],
    [0.99997, '99.9970 %'],
    [0.0000012, '1.20e-4 %'],
    [1.25, '125.0 %'],
    [-0.031, '-3.1 %'],
    [1 - 1e-12, '> 99.999999999 %'],
  ])('%d is %s', (value, text) => {
    expect(formatValue(value, 'share')).toBe(text);
  });
});

describe('degrees carry their sign', () => {
  it.each([
    [0, '0°'],
    [90, '90.0°'],
    [12.345, '12.3°'],
    [1.234, '1.23°'],
    [0.187, '0.19°'],
    [0.0012, '0.0012°'],
    [0.000031, '3.10e-5°'],
  ])('%d is %s', (value, text) => {
    expect(formatValue(value, 'degrees')).toBe(text);
  });
});

describe('pure numbers have three digits', () => {
  it.each([
    [0, '0'],
    [0.1121, '0.112'],
    [0.0044, '0.00440'],
    [0.00099, '9.90e-4'],
    [1, '1'],
    [3.14159, '3.14'],
    [31.4159, '31.4'],
    [314.159, '314'],
    [1234.5, '1235'],
    [12345.6, '12 346'],
    [1.2e6, '1.20e6'],
    [-0.5, '-0.500'],
  ])('%d is %s', (value, text) => {
    expect(formatPlain(value)).toBe(text);
    expect(formatValue(value, 'ratio')).toBe(text);
  });
});

describe('counts', () => {
  it('groups from five digits on', () => {
    expect(formatCount(9999)).toBe('9999');
    expect(formatCount(1122944)).toBe('1 122 944');
    expect(formatCount(-10000)).toBe('-10 000');
    expect(formatValue(1122944, 'count')).toBe('1 122 944');
  });

  it.each([
    [0, '0'],
    [9999, '9999'],
    [10_000, '10.0 K'],
    [1_122_944, '1.12 M'],
    [999_700, '1.00 M'],
    [99_960, '100 K'],
    [8_030_261_248, '8.03 B'],
    [671e9, '671 B'],
  ])('%d is %s', (value, text) => {
    expect(formatCompact(value)).toBe(text);
  });
});

describe('what is not a number is said in words', () => {
  it('keeps the words of JSON', () => {
    for (const unit of ['share', 'degrees', 'ratio', 'count']) {
      expect(formatValue('NaN', unit)).toBe('NaN');
      expect(formatValue('-Infinity', unit)).toBe('-Infinity');
      expect(formatValue(Number.POSITIVE_INFINITY, unit)).toBe('Infinity');
      expect(formatValue(null, unit)).toBe('n/a');
    }
  });
});

describe('cosines', () => {
  it.each([
    [1, '1'],
    [0.99997, '0.999970'],
    [-0.9912, '-0.9912'],
    [0.5, '0.500'],
    [1 - 1e-15, '1.000000000'],
  ])('%d is %s', (value, text) => {
    expect(formatValue(value, 'cosine')).toBe(text);
  });
});

describe('unit labels', () => {
  it('are empty where the value shows its unit or has none', () => {
    const shown = UNITS.filter((unit) => unitLabel(unit) !== '');
    expect(shown).toEqual(['dimensions']);
  });
});
