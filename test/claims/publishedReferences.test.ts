import { describe, expect, it } from 'vitest';
import { LEDGER } from '../../src-main/claims/ledger.ts';
import { publishedReferences } from '../../src-main/claims/publishedReferences.ts';
import { PublishedReference } from '../../src-main/contract/reference.ts';
import { StudyOptions } from '../../src-main/contract/study.ts';
import { measureInfo } from '../../src-main/measures/registry.ts';
import { PUBLISHED } from './published.ts';

const references = publishedReferences(measureInfo());
const of = (measure: string, role: string) =>
  references
    .filter((reference) => reference.measure === measure && reference.role === role)
    .map(({ low, high, text, mismatch, citation: { arxiv } }) => ({
      low,
      high,
      text,
      arxiv,
      drawn: mismatch === null,
    }));

describe('published references', () => {
  it('carry no number that is not in the papers, by the transcription made a second time', () => {
    for (const reference of references) {
      expect(PublishedReference.parse(reference)).toEqual(reference);
      const printed = (PUBLISHED[reference.claim] ?? []).flat();
      for (const end of [reference.low, reference.high]) {
        const found = printed.some(
          (value) => Math.abs(value - end) < 1e-12 || Math.abs(value / 100 - end) < 1e-12,
        );
        expect(found, `${reference.claim} ${reference.measure} ${String(end)}`).toBe(true);
      }
    }
  });

  it('cite a paper of their claim, and read a measure that the claim reads or is about', () => {
    for (const { claim, citation, measure } of references) {
      const info = LEDGER.find((one) => one.info.id === claim)!.info;
      expect(info.citations.map(({ arxiv }) => arxiv)).toContain(citation.arxiv);
      expect(info.measures, claim).toContain(measure);
    }
  });

  it('of the share of unchanged weights are those of Table 1, as ranges', () => {
    expect(of('update.unchanged.bf16', 'rl')).toEqual([
      { low: 0.36, high: 0.92, text: '36–92 %', arxiv: '2511.08567', drawn: true },
    ]);
    expect(of('update.unchanged.bf16', 'sft')).toEqual([
      { low: 0.006, high: 0.188, text: '0.6–18.8 %', arxiv: '2511.08567', drawn: true },
      { low: 0.599, high: 0.599, text: '59.9 %', arxiv: '2505.11711', drawn: true },
    ]);
    expect(of('update.unchanged.within-1e-5', 'rl')).toEqual([
      { low: 0.685, high: 0.96, text: '68.5–96 %', arxiv: '2505.11711', drawn: true },
    ]);
    expect(of('rank.one-norm-share', 'rl')).toEqual([
      { low: 0.1142, high: 0.193, text: '11.42–19.3 %', arxiv: '2510.00553', drawn: true },
    ]);
  });

  it('of another definition are told and not drawn, with the difference in words', () => {
    expect(of('angles.left.max', 'sft')).toEqual([
      { low: 10, high: 10, text: 'above 10°', arxiv: '2606.07082', drawn: false },
    ]);
    expect(of('masks.low', 'rl')).toEqual([
      { low: 0.7348, high: 0.7348, text: '73.48 %', arxiv: '2606.07082', drawn: true },
    ]);
    const options = StudyOptions.parse({ maskShare: 0.2 });
    const low = publishedReferences(measureInfo(options)).filter(({ measure }) => measure === 'masks.low');
    expect(low.map(({ mismatch }) => mismatch)).toEqual([
      'The published mask holds 30 % of the weights, the one of this study 20 %.',
      'The published mask holds 30 % of the weights, the one of this study 20 %.',
    ]);
  });

  it('never give an angle or a shift where the papers have curves only', () => {
    for (const { citation, measure } of references)
      if (/^(angles|spectrum)/.test(measure)) expect(citation.arxiv).not.toBe('2511.08567');
  });
});
