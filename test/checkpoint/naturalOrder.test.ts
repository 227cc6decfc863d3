import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { naturalOrder } from '../../src-main/checkpoint/naturalOrder.ts';

describe('naturalOrder', () => {
  it('orders numbers by value', () => {
    const names = [
      'checkpoint-40',
      'checkpoint-5',
      'base',
      'checkpoint-240',
      'checkpoint-5b',
      'a10/b2',
      'a9/b10',
      'a10/b10',
    ];
    expect(names.toSorted(naturalOrder)).toEqual([
      'a9/b10',
      'a10/b2',
      'a10/b10',
      'base',
      'checkpoint-5',
      'checkpoint-5b',
      'checkpoint-40',
      'checkpoint-240',
    ]);
  });

  it('compares numbers beyond 2^53 exactly', () => {
    expect(naturalOrder('x9007199254740993', 'x9007199254740992')).toBeGreaterThan(0);
  });

  it('is an order: antisymmetric, transitive, and equal only for equal texts', () => {
    const text = fc
      .array(fc.constantFrom('0', '1', '9', 'a', 'b', '-', ''), { maxLength: 6 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, text, text, (a, b, c) => {
        expect(Math.sign(naturalOrder(a, b))).toBe(0 - Math.sign(naturalOrder(b, a)));
        expect(naturalOrder(a, b) === 0).toBe(a === b);
        if (naturalOrder(a, b) <= 0 && naturalOrder(b, c) <= 0)
          expect(naturalOrder(a, c)).toBeLessThanOrEqual(0);
      }),
    );
  });
});
