import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readProbe, type Probe } from '../../src-main/probes/readProbe.ts';
import { caught } from '../fixtures/caught.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';

const folder = tempFolder();
let files = 0;

function probe(text: string | readonly object[], limit: number | null = null): Probe {
  const path = `probe-${++files}.jsonl`;
  const lines = typeof text === 'string' ? text : text.map((one) => JSON.stringify(one)).join('\n');
  writeFileSync(join(folder, path), lines);
  return readProbe({ name: 'id', kind: 'id', path, limit }, folder);
}

const exact = (id: string, more: object = {}): object => ({
  id,
  prompt: `what is ${id}`,
  verifier: { kind: 'exact', answer: id },
  ...more,
});

/** The message of the error, whose code is probe-invalid. */
function fault(text: string | readonly object[]): string {
  const error = caught(() => probe(text));
  expect(error.code).toBe('probe-invalid');
  return error.message;
}

describe('readProbe', () => {
  it('reads problems with what they leave out, and skips empty lines', () => {
    const { problems, name, kind } = probe(
      `\ufeff${JSON.stringify(exact('a'))}\r\n\n${JSON.stringify(exact('b'))}\n`,
    );
    expect([name, kind, problems.length]).toEqual(['id', 'id', 2]);
    expect(problems[1]).toEqual({
      id: 'b',
      prompt: 'what is b',
      verifier: { kind: 'exact', answer: 'b', ignoreCase: false },
      strata: {},
    });
  });

  it('has a fingerprint of what is asked, not of how the file is written', () => {
    const one = probe([exact('a'), exact('b')]);
    expect(one.fingerprint).toMatch(/^[0-9a-f]{32}$/);
    const other = [
      { verifier: { ignoreCase: false, answer: 'a', kind: 'exact' }, prompt: 'what is a', id: 'a' },
      exact('b'),
    ];
    expect(probe(other).fingerprint).toBe(one.fingerprint);
    expect(probe([exact('b'), exact('a')]).fingerprint).not.toBe(one.fingerprint);
    expect(probe([exact('a'), exact('b', { prompt: 'what is c' })]).fingerprint).not.toBe(one.fingerprint);
  });

  it('takes the first problems where a limit is given', () => {
    const some = probe([exact('a'), exact('b'), exact('c')], 2);
    expect(some.problems.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(some.fingerprint).toBe(probe([exact('a'), exact('b')]).fingerprint);
    expect(probe([exact('a')], 5).problems).toHaveLength(1);
  });

  it('accepts a twin of a problem that comes later', () => {
    expect(probe([exact('a', { twin: 'b' }), exact('b')]).problems[0]?.twin).toBe('b');
  });
});

describe('probe-invalid names the line', () => {
  const good = JSON.stringify(exact('a'));

  it.each([
    ['no JSON', `${good}\n{"id": `, /line 2: is no JSON/],
    ['another shape', `${good}\n\n{"id": "b"}`, /line 3: "prompt": /],
    ['an unknown field', JSON.stringify(exact('a', { answr: 1 })), /line 1: .*"answr"/],
    [
      'an unknown verifier',
      '{"id": "a", "prompt": "", "verifier": {"kind": "vibes"}}',
      /line 1: "verifier.kind": /,
    ],
    ['an id twice', `${good}\n${good}`, /line 2: the id "a" is that of line 1/],
    ['no problem', '\n \n', /holds no problem/],
    [
      'a twin of nothing',
      JSON.stringify(exact('a', { twin: 'z' })),
      /line 1: is a twin of "z", which is not/,
    ],
    [
      'a twin of itself',
      JSON.stringify(exact('a', { twin: 'a' })),
      /line 1: is a twin of "a", which is a twin itself/,
    ],
    ['a line without end', `${good}\n${'x'.repeat(1024 * 1024 + 1)}`, /line 2: is longer than/],
  ])('for %s', (_, text, message) => {
    expect(fault(text)).toMatch(message);
  });

  it.each([
    [
      'an answer beyond the choices',
      { kind: 'choice', choices: ['a', 'b'], answer: 2 },
      /choice 2, counted from 0, of 2/,
    ],
    ['a pattern that is none', { kind: 'regex', pattern: '(' }, /Invalid regular expression/],
    [
      'a pattern that takes long to compile',
      { kind: 'regex', pattern: 'a'.repeat(2001) },
      /longer than 2000/,
    ],
    ['flags twice', { kind: 'regex', pattern: 'a', flags: 'ii' }, /flags/],
    ['flags that it may not have', { kind: 'regex', pattern: 'a', flags: 'g' }, /"verifier.flags"/],
    [
      'other numbers of another count',
      { kind: 'points', numbers: [1, 2], target: 24, otherNumbers: [1] },
      /there are 2 numbers and 1 of the other rule/,
    ],
  ])('for %s', (_, verifier, message) => {
    expect(fault([exact('a'), exact('b', { verifier })])).toMatch(/line 2/);
    expect(fault([exact('b', { verifier })])).toMatch(message);
  });

  it('for a file that is no text, and for more problems than are read', () => {
    const path = join(folder, 'bytes.jsonl');
    writeFileSync(path, Uint8Array.of(0xff, 0xfe, 0));
    const error = caught(() => readProbe({ name: 'id', kind: 'id', path, limit: null }, folder));
    expect(error.code).toBe('probe-invalid');
    const many = Array.from(
      { length: 100_001 },
      (_, i) => `{"id":"${i}","prompt":"","verifier":{"kind":"numeric","answer":1}}`,
    );
    expect(fault(many.join('\n'))).toMatch(/line 100001: there are more than 100000 problems/);
  });

  it('and a file that is not there is path-not-found', () => {
    const error = caught(() => readProbe({ name: 'id', kind: 'id', path: 'none', limit: null }, folder));
    expect(error.code).toBe('path-not-found');
  });
});
