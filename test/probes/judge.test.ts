import { describe, expect, it } from 'vitest';
import { Problem } from '../../src-main/contract/probe.ts';
import { judge } from '../../src-main/probes/judge.ts';
import { chooseByScore } from '../../src-main/probes/verifiers/judgeChoice.ts';
import { judgeRegex } from '../../src-main/probes/verifiers/judgeRegex.ts';
import { caught } from '../fixtures/caught.ts';

const verdict = (verifier: object, text: string, ended: 'end' | 'stop' | 'length' = 'end'): string => {
  const problem = Problem.parse({ id: 'a', prompt: '', verifier });
  const judged = judge(problem, { text, tokens: 1, ended });
  expect(judged.correct).toBe(judged.verdict === 'correct');
  return judged.verdict;
};

describe('exact', () => {
  it('takes space around the answer, and other case where it may', () => {
    expect(verdict({ kind: 'exact', answer: 'Paris' }, ' Paris\n')).toBe('correct');
    expect(verdict({ kind: 'exact', answer: 'Paris' }, 'paris')).toBe('no-match');
    expect(verdict({ kind: 'exact', answer: 'Paris', ignoreCase: true }, 'PARIS')).toBe('correct');
    expect(verdict({ kind: 'exact', answer: ['grey', 'gray'] }, 'gray')).toBe('correct');
    expect(verdict({ kind: 'exact', answer: 'Par is' }, 'Paris')).toBe('no-match');
    expect(verdict({ kind: 'exact', answer: 'caf\u00e9' }, 'cafe\u0301')).toBe('correct');
  });
});

describe('numeric', () => {
  it.each([
    ['The answer is 42.', 42],
    ['first 7, then 42', 42],
    ['1,234,567.5', 1234567.5],
    ['1,2', 2],
    ['1,2345', 2345],
    ['x = -3', -3],
    ['\u22123', -3],
    ['24-3', 3],
    ['24 - 3', 3],
    ['(1+2)-3', 3],
    ['-2.5e-3', -0.0025],
    ['.5', 0.5],
    ['2.', 2],
    ['$18.00', 18],
  ])('reads the last number of %j', (text, answer) => {
    expect(verdict({ kind: 'numeric', answer }, text)).toBe('correct');
  });

  it('takes what is within the tolerance, ends included', () => {
    expect(verdict({ kind: 'numeric', answer: 10 }, '10.0001')).toBe('wrong-value');
    expect(verdict({ kind: 'numeric', answer: 10, absolute: 0.5 }, '10.5')).toBe('correct');
    expect(verdict({ kind: 'numeric', answer: -200, relative: 0.01 }, '-202')).toBe('correct');
    expect(verdict({ kind: 'numeric', answer: -200, relative: 0.01 }, '-202.1')).toBe('wrong-value');
  });

  it('says when there is no number', () => {
    expect(verdict({ kind: 'numeric', answer: 1 }, 'one')).toBe('no-number');
    expect(verdict({ kind: 'numeric', answer: 1 }, '1e999')).toBe('no-number');
  });

  it('reads a megabyte of digits and commas at once', () => {
    const start = performance.now();
    expect(verdict({ kind: 'numeric', answer: 1 }, `${'1,'.repeat(500_000)}x`)).toBe('correct');
    expect(verdict({ kind: 'numeric', answer: 1 }, '1'.repeat(1_000_000))).toBe('no-number');
    expect(performance.now() - start).toBeLessThan(2000);
  });
});

describe('regex', () => {
  it('looks for the pattern anywhere, with its flags', () => {
    expect(verdict({ kind: 'regex', pattern: '^the end$', flags: 'im' }, 'so\nThe End\n')).toBe('correct');
    expect(verdict({ kind: 'regex', pattern: '^the end$' }, 'The End')).toBe('no-match');
  });

  it('gives up on a pattern that backtracks without end, and goes on', () => {
    const start = performance.now();
    expect(verdict({ kind: 'regex', pattern: '^(a+)+$' }, `${'a'.repeat(60)}b`)).toBe('pattern-too-slow');
    expect(performance.now() - start).toBeLessThan(5000);
    expect(verdict({ kind: 'regex', pattern: '^(a+)+$' }, 'aaa')).toBe('correct');
  });

  it('names a pattern that cannot be run', () => {
    const error = caught(() => judgeRegex({ kind: 'regex', pattern: '(', flags: '' }, 'a'));
    expect([error.code, error.where]).toEqual(['probe-invalid', '(']);
  });
});

describe('choice', () => {
  const verifier = { kind: 'choice', choices: ['no', 'yes, indeed', 'perhaps'], answer: 1 } as const;

  it('is right when the right choice was chosen', () => {
    expect(verdict(verifier, 'yes, indeed')).toBe('correct');
    expect(verdict(verifier, 'no')).toBe('wrong-choice');
  });

  it('chooses the highest log-probability, per byte where that is asked', () => {
    const choose = (normalised: boolean, ...scores: number[]): string =>
      chooseByScore({ ...verifier, choices: [...verifier.choices], normalised }, scores);
    expect(choose(false, -3, -6, -9)).toBe('no');
    expect(choose(true, -3, -6, -9)).toBe('yes, indeed');
    expect(choose(false, -5, -5, -5)).toBe('no');
    expect(choose(false, Number.NEGATIVE_INFINITY, -90, Number.NEGATIVE_INFINITY)).toBe('yes, indeed');
  });
});

describe('points', () => {
  const points = (numbers: number[], more: object = {}): object => ({
    kind: 'points',
    numbers,
    target: 24,
    ...more,
  });
  const paper = { grading: 'paper' };
  const hand = [3, 3, 8, 8];

  it('computes in exact fractions: 8/(3-8/3) is 24', () => {
    expect(8 / (3 - 8 / 3)).not.toBe(24);
    expect(verdict(points(hand, paper), '8/(3-8/3)')).toBe('correct');
    expect(verdict(points(hand), '8/(3-8/3)')).toBe('correct');
  });

  it.each([
    ['8/(3-8/3)', 'correct', 'correct'],
    ['8/(3-8/3)=24', 'correct', 'correct'],
    ['8/(3-8/3)=', 'correct', 'correct'],
    ['8/(3-8/3)=25', 'correct', 'correct'],
    ['8 / (3 - 8 / 3)', 'not-a-formula', 'correct'],
    ['8/(3-8/3) = 24', 'not-a-formula', 'correct'],
    ['8/(3\u22128/3)', 'not-a-formula', 'correct'],
    ['8/(3\u20138/3)', 'not-a-formula', 'correct'],
    ['8\u00f7(3-8\u00f73)', 'not-a-formula', 'correct'],
    ['8/(3-8/3).', 'not-a-formula', 'correct'],
    ['8/(3-8/3)\n', 'not-a-formula', 'correct'],
    ['8x8-3*3', 'not-a-formula', 'wrong-value'],
    ['8\u00d78\u00b73X3', 'not-a-formula', 'wrong-value'],
    ['8+8+3+3', 'wrong-value', 'wrong-value'],
    ['8*3', 'wrong-numbers', 'wrong-numbers'],
    ['8*3*8/8', 'wrong-numbers', 'wrong-numbers'],
    ['8+8+3+3+3', 'wrong-numbers', 'wrong-numbers'],
    ['8+8+33', 'wrong-numbers', 'wrong-numbers'],
    ['8+8+3 3', 'not-a-formula', 'not-a-formula'],
    ['8/(3-3)+8', 'division-by-zero', 'division-by-zero'],
    ['-3+3+8+8', 'not-a-formula', 'not-a-formula'],
    ['8**3', 'not-a-formula', 'not-a-formula'],
    ['8//3', 'not-a-formula', 'not-a-formula'],
    ['8(3+3)8', 'not-a-formula', 'not-a-formula'],
    ['(8+8+3+3', 'not-a-formula', 'not-a-formula'],
    ['8+8+3+3)', 'not-a-formula', 'not-a-formula'],
    ['08+8+3+3', 'not-a-formula', 'not-a-formula'],
    ['8.0+8+3+3', 'not-a-formula', 'not-a-formula'],
    ['The answer is 8/(3-8/3)', 'not-a-formula', 'not-a-formula'],
    ['=24', 'not-a-formula', 'not-a-formula'],
    ['', 'not-a-formula', 'not-a-formula'],
    ['()', 'not-a-formula', 'not-a-formula'],
  ])('%j: by the published rules %s, leniently %s', (text, published, lenient) => {
    expect(verdict(points(hand, paper), text)).toBe(published);
    expect(verdict(points(hand), text)).toBe(lenient);
  });

  it('takes a repeated card as often as it was dealt', () => {
    expect(verdict(points([6, 6, 6, 6]), '6+6+6+6')).toBe('correct');
    expect(verdict(points([6, 6, 6, 6]), '6*6-6-6')).toBe('correct');
    expect(verdict(points([4, 6, 6, 6]), '6+6+6+6')).toBe('wrong-numbers');
    expect(verdict(points([4, 6, 1, 1]), '6*4*1')).toBe('wrong-numbers');
  });

  it('tells an answer that reads the cards by the other rule', () => {
    const ood = points([11, 8, 4, 1], { otherNumbers: [10, 8, 4, 1] });
    expect(verdict(ood, '10+8+4+1')).toBe('other-rule');
    expect(verdict(ood, '11+8+4+1')).toBe('correct');
    expect(verdict(ood, '12+8+4+1')).toBe('wrong-numbers');
    expect(verdict(points([7, 8, 4, 5], { otherNumbers: [7, 8, 4, 5] }), '7+8+4+5')).toBe('correct');
  });

  it('reads the formula of the JSON answer', () => {
    const json = (text: string, grading: string): string =>
      verdict(points(hand, { format: 'json', grading }), text);
    const answer = '{"cards": ["3"], "number": [3], "formula": "8/(3-8/3)=24"}';
    for (const grading of ['paper', 'lenient']) {
      expect(json(answer, grading)).toBe('correct');
      // The prompt's own example ends in a comma, which JSON forbids; the environment then searches for the formula.
      expect(json('{\n  "cards": [3],\n  "formula": "8/(3-8/3)",\n}', grading)).toBe('correct');
      expect(json(`Here it is: ${answer}`, grading)).toBe('correct');
      expect(json('8/(3-8/3)', grading)).toBe('not-a-formula');
      expect(json('{"formula": 24}', grading)).toBe('not-a-formula');
    }
    const quoted = `{'formula': '8/(3-8/3)'}`;
    expect([json(quoted, 'paper'), json(quoted, 'lenient')]).toEqual(['not-a-formula', 'correct']);
    const twice = '"formula": "8+8" no, "formula": "8/(3-8/3)"';
    expect([json(twice, 'paper'), json(twice, 'lenient')]).toEqual(['wrong-numbers', 'correct']);
  });

  it('reads no answer that is longer or deeper than any formula', () => {
    expect(verdict(points([24]), `${'('.repeat(30)}24${')'.repeat(30)}`)).toBe('correct');
    expect(verdict(points([24]), `${'('.repeat(60)}24${')'.repeat(60)}`)).toBe('not-a-formula');
    expect(verdict(points([24]), `${'('.repeat(1e6)}24`)).toBe('not-a-formula');
    expect(verdict(points([24]), '1+'.repeat(1e6))).toBe('not-a-formula');
    expect(verdict(points([24]), '9'.repeat(500))).toBe('not-a-formula');
  });
});

describe('an answer that was cut off', () => {
  it('is right if it is right as it stands, else it is called that', () => {
    expect(verdict({ kind: 'exact', answer: 'a' }, 'a', 'length')).toBe('correct');
    expect(verdict({ kind: 'exact', answer: 'ab' }, 'a', 'length')).toBe('cut-off');
    expect(verdict({ kind: 'points', numbers: [1], target: 24 }, '1+', 'length')).toBe('cut-off');
  });
});
