import { describe, expect, it } from 'vitest';
import { CONFLICTS } from '../../src-main/claims/conflicts.ts';
import { LEDGER } from '../../src-main/claims/ledger.ts';
import { ClaimInfo, ConflictInfo } from '../../src-main/contract/claim.ts';
import { measureInfo } from '../../src-main/measures/registry.ts';
import { PUBLISHED } from './published.ts';

const infos = LEDGER.map(({ info }) => info);

describe('the ledger', () => {
  it('has claims of the shape of the contract, each with its words', () => {
    for (const info of infos) {
      expect(ClaimInfo.parse(info)).toEqual(info);
      for (const text of [info.title, info.statement, info.definition, info.chance, info.rule])
        expect(text.length, `${info.id}: ${text}`).toBeGreaterThan(10);
      for (const { where } of info.citations) expect(where, info.id).not.toBe('');
    }
    expect(new Set(infos.map(({ id }) => id)).size).toBe(infos.length);
  });

  it('cites papers by number', () => {
    for (const { arxiv } of infos.flatMap(({ citations }) => citations))
      if (arxiv !== null) expect(arxiv).toMatch(/^\d{4}\.\d{5}$/);
  });

  it('has the seven conflicts, each with its sides together', () => {
    expect(CONFLICTS.map((conflict) => ConflictInfo.parse(conflict).id)).toHaveLength(7);
    for (const { id } of CONFLICTS) {
      const at = infos.flatMap(({ conflict }, index) => (conflict === id ? index : []));
      expect(at.length, id).toBeGreaterThanOrEqual(2);
      expect(at.at(-1)! - at[0]!, id).toBe(at.length - 1);
    }
    const known: unknown[] = CONFLICTS.map(({ id }) => id);
    for (const { conflict } of infos) if (conflict !== null) expect(known).toContain(conflict);
  });

  it('says in the rule when each verdict is given, and measures what weights can test', () => {
    for (const { id, needs, rule, measures } of infos) {
      if (needs !== 'weights') expect([id, measures]).toEqual([id, []]);
      else {
        expect(measures.length, id).toBeGreaterThan(0);
        expect(rule, id).toMatch(/[Oo]pen/);
      }
    }
  });

  it('reads per tensor only what it lists', () => {
    for (const { info, perTensor } of LEDGER)
      for (const measure of perTensor) expect(info.measures, info.id).toContain(measure);
  });

  it('reads measures that exist', () => {
    const known = new Set(measureInfo().map(({ id }) => id));
    const strangers = [...new Set(infos.flatMap(({ measures }) => measures))].filter((id) => !known.has(id));
    expect(strangers).toEqual([]);
  });
});

describe('published numbers', () => {
  it.each(infos.map((info) => [info.id, info] as const))('%s are those of the papers', (id, info) => {
    const found = info.published.map(({ value, upTo, baseline }) =>
      [value, upTo, baseline].filter((x) => x !== null),
    );
    expect(found).toEqual(PUBLISHED[id] ?? []);
  });

  it('of others are marked as such', () => {
    const marked = infos.filter(({ published }) => published.some(({ reading }) => reading !== 'authors'));
    expect(marked.map(({ id }) => id).sort()).toEqual([
      'energy-toward-principals',
      'extrapolation-fails-elsewhere',
      'singular-values-barely-change',
    ]);
  });

  // Numbers that circulate and are in no paper, or of which the definition was not read.
  it.each([
    /12\.3\b/,
    /\b2\.1 ?(deg|°)/,
    /\b5 ?(deg|°)? ?(vs|and|against) ?~?50/,
    /0\.93\b/,
    /80 % (vs|against) 20 %/,
    /verbal/i,
    /6e-5/,
    /70 ?(-|–|to) ?80 %/,
    /13\.9/,
    /about 3 %|\b1\.8 %/,
  ])('%s is nowhere', (forbidden) => {
    expect(infos.filter((info) => forbidden.test(JSON.stringify(info))).map(({ id }) => id)).toEqual([]);
  });

  it('the angle of 50 degrees and the sparsity of 20 % are no reference values', () => {
    const angles = infos.flatMap(({ published }) => published.filter(({ unit }) => unit === '°'));
    expect([...new Set(angles.map(({ value }) => value))].sort((a, b) => a - b)).toEqual([0.5, 1, 10]);
  });
});
