import { formatValue } from '../contract/format.ts';
import type { ChartFigure, NoFigure } from './chartFigure.ts';
import { lineFigure } from './lineFigure.ts';
import { methodWords, rowOf, seriesOf, whyNone, type TensorSubject } from './tensorSubject.ts';

const ABOUT = {
  id: 'svf',
  title: 'Singular value fine-tuning: best z',
  measure: 'svf.explained',
  spectral: true,
};

function summaryOf(subject: TensorSubject): string[] {
  return subject.styles.flatMap(({ label }) => {
    const row = rowOf(subject, label, ABOUT.measure);
    if (typeof row?.value !== 'number') return [];
    const chance =
      row.baseline === null ? '' : `, ${formatValue(row.baseline, row.unit)} for an isotropic update`;
    return [
      `${label}: rescaling singular values explains ${formatValue(row.value, row.unit)} of the update${chance}.`,
    ];
  });
}

/** The factor on each singular value that follows the update best. */
export function svfFactors(subject: TensorSubject): ChartFigure | NoFigure {
  const series = seriesOf(subject, 'svf-z');
  if (series.length === 0) {
    const none = whyNone(subject, ABOUT);
    const wasAsked = subject.rows.some(({ measure }) => measure === ABOUT.measure);
    return none.reason !== 'Not computed yet.' || wasAsked
      ? none
      : {
          ...none,
          reason: 'Not computed: this measure is optional.',
          remedy: 'Add the measures svf.explained and svf.z-rms to the study and run it again.',
        };
  }
  return lineFigure({
    ...ABOUT,
    x: { title: 'index i of the singular value of W', symbol: 'i', first: 1 },
    panels: [
      {
        title: 'z_i',
        unit: 'ratio',
        log: false,
        series,
        guides: [{ axis: 'y', at: 1, label: 'z = 1: untouched', style: null }],
      },
    ],
    beside: false,
    caption: [
      "z_i = 1 + u_iᵀ (W' − W) v_i / s_i(W): the best diagonal rescaling U diag(s z) Vᵀ of the reference. Its baseline is 1.",
      'Single z_i are ill-defined where singular values nearly coincide, and spread most where s_i is small.',
      methodWords(subject, ABOUT.measure),
    ],
    summary: summaryOf(subject),
  });
}
