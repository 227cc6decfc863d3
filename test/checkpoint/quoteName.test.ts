import { describe, expect, it } from 'vitest';
import { quoteName, quoteNames } from '../../src-main/checkpoint/quoteName.ts';

describe('quoteName', () => {
  it('spells out what would not be seen', () => {
    expect(quoteName('a\u001b[2J\n\u202eb\u{e0001}')).toBe('"a\\u{1b}[2J\\u{a}\\u{202e}b\\u{e0001}"');
    expect(quoteName('模型.weight')).toBe('"模型.weight"');
  });

  it('cuts long names in the middle', () => {
    const quoted = quoteName(`${'a'.repeat(500)}.weight`);
    expect(quoted.length).toBe(113);
    expect(quoted).toMatch(/^"a+…a+\.weight"$/);
  });
});

describe('quoteNames', () => {
  it('says how many more there are', () => {
    expect(quoteNames(['a', 'b', 'c'])).toBe('"a", "b", "c"');
    expect(quoteNames(['a', 'b', 'c', 'd', 'e'], 2)).toBe('"a", "b" and 3 more');
  });
});
