import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wrapText } from '../../src-main/cli/wrapText.ts';

describe('wrapText', () => {
  it('keeps what fits', () => {
    expect(wrapText('short', 10)).toEqual(['short']);
    expect(wrapText('', 10)).toEqual(['']);
  });

  it('prefers spaces, then punctuation of names, then any place', () => {
    expect(wrapText('one two three', 8)).toEqual(['one two', 'three']);
    expect(wrapText('model.layers.0', 8)).toEqual(['model.', 'layers.0']);
    expect(wrapText('abcdefghij', 4)).toEqual(['abcd', 'efgh', 'ij']);
  });

  it('indents the lines below, within the width', () => {
    expect(wrapText('aaa bbb ccc', 5, '  ')).toEqual(['aaa', '  bbb', '  ccc']);
  });

  it('loses only spaces and keeps to the width', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 3, max: 40 }), (text, width) => {
        const lines = wrapText(text, width, '  ');
        expect(lines.join('').replaceAll(/\s/g, '')).toBe(text.replaceAll(/\s/g, ''));
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
      }),
    );
  });
});
