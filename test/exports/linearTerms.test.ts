import { describe, expect, it } from 'vitest';
import type { Edit } from '../../src-main/contract/recipe.ts';
import { linearTerms, type Terms } from '../../src-main/exports/linearTerms.ts';

const of = (...edits: Edit[]): Terms | undefined =>
  linearTerms({ target: 't', edits }, ['w', 'other'], () => ['w']).get('w');

describe('linear terms', () => {
  it('are the target alone where nothing is done, and in tensors that no edit selects', () => {
    expect(of()).toEqual(new Map([['t', 1]]));
    const take: Edit = { edit: 'take', from: 'x' };
    expect(linearTerms({ target: 't', edits: [take] }, ['w', 'other'], () => ['w']).get('other')).toEqual(
      new Map([['t', 1]]),
    );
  });

  it('follow edits one after the other', () => {
    const half: Edit = { edit: 'interpolate', to: 'x', amount: 0.5 };
    const beyond: Edit = { edit: 'scale-update', since: 'b', factor: 1.5 };
    // t/2 + x/2, then b + 1.5 (that - b)
    expect(of(half, beyond)).toEqual(
      new Map([
        ['t', 0.75],
        ['x', 0.75],
        ['b', -0.5],
      ]),
    );
    expect(of(beyond, { edit: 'take', from: 'y' })).toEqual(new Map([['y', 1]]));
  });

  it('leave no trace of binary fractions, nor of inputs that cancelled out', () => {
    expect(of({ edit: 'interpolate', to: 'x', amount: 0.7 })).toEqual(
      new Map([
        ['t', 0.3],
        ['x', 0.7],
      ]),
    );
    expect(of({ edit: 'interpolate', to: 'x', amount: 1 })).toEqual(new Map([['x', 1]]));
  });
});
