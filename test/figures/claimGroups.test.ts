import { expect, it } from 'vitest';
import { CONFLICTS } from '../../src-main/claims/conflicts.ts';
import { readClaims } from '../../src-main/claims/readClaims.ts';
import { claimGroups, evidencePlace, verdictCounts } from '../../src-main/figures/claimGroups.ts';
import { publishedText, verdictWords, type ClaimsDocument } from '../../src-main/contract/claim.ts';

const document: ClaimsDocument = {
  schema: 'polarimeter.claims/1',
  study: 's',
  conflicts: [...CONFLICTS],
  readings: readClaims([], []),
};

it('every claim stands in one group, conflicts first', () => {
  const groups = claimGroups(document);
  expect(groups.slice(0, 7).map(({ id }) => id)).toEqual(CONFLICTS.map(({ id }) => id));
  expect(groups.slice(7).every(({ sides }) => sides === null)).toBe(true);
  const ids = groups.flatMap(({ readings }) => readings.map(({ claim }) => claim.id));
  expect(ids.toSorted()).toEqual(document.readings.map(({ claim }) => claim.id).toSorted());
  expect(new Set(groups.map(({ id }) => id)).size).toBe(groups.length);
});

it('groups without a reading are left out', () => {
  expect(claimGroups({ ...document, readings: document.readings.slice(0, 1) })).toHaveLength(1);
  expect(verdictCounts([])).toEqual([]);
});

it('a claim beyond weights says what it needs', () => {
  const words = new Set(document.readings.map(verdictWords));
  expect(words).toEqual(
    new Set(['not applicable', 'needs training runs', 'needs a model run', 'needs a trajectory']),
  );
});

it('published numbers read as they are printed', () => {
  const value = { label: '', value: 0.6, upTo: 18.8, unit: '%', baseline: null, where: '' };
  const reading = 'authors' as const;
  expect(publishedText({ ...value, qualifier: '', reading })).toBe('0.6–18.8 %');
  expect(publishedText({ ...value, qualifier: 'order of', value: 1e-5, upTo: null, unit: '', reading })).toBe(
    'order of 1e-5',
  );
  expect(publishedText({ ...value, qualifier: 'below', value: 0.5, upTo: null, unit: '°', reading })).toBe(
    'below 0.5°',
  );
});

it('evidence names its variant, its partner and its module', () => {
  const one = {
    variant: 'a',
    role: 'rl' as const,
    reference: 'base',
    partner: 'b',
    measure: 'm.n',
    level: 'module' as const,
    module: 'q_proj',
    value: 1,
    unit: 'share',
    baseline: null,
    note: '',
  };
  expect(evidencePlace(one)).toBe('a with b, q_proj');
  expect(evidencePlace({ ...one, partner: null, module: null })).toBe('a');
});
