import { listed } from '../listed.ts';
import { printed } from '../printed.ts';
import { SECTIONS } from '../sections.ts';

export const extrapolationFailsElsewhere = listed(
  {
    id: 'extrapolation-fails-elsewhere',
    title: 'Extrapolation fails off mathematics',
    statement:
      'An independent replication finds that linear extrapolation works on mathematics and destroys accuracy on other tasks.',
    citations: [{ arxiv: '2605.21468', where: 'replication of RELEX by third parties' }],
    definition: 'Accuracy of the real and of the extrapolated checkpoint.',
    conflict: 'linear-extrapolation',
    section: SECTIONS.newer,
    published: [
      printed({
        label: 'Qwen2.5-Math-1.5B, MATH, step 500',
        value: 63.8,
        unit: '',
        where: 'replication',
        reading: 'third-party',
      }),
      printed({
        label: 'same, extrapolated',
        value: 66.02,
        unit: '',
        where: 'replication',
        reading: 'third-party',
      }),
      printed({
        label: 'same, first update times 1000',
        value: 66.66,
        unit: '',
        where: 'replication',
        reading: 'third-party',
      }),
      printed({
        label: 'Qwen3-4B, Knights and Knaves, real',
        value: 19.88,
        unit: '',
        where: 'replication',
        reading: 'third-party',
      }),
      printed({
        label: 'same, extrapolated',
        value: 0,
        upTo: 3.41,
        unit: '',
        where: 'replication',
        reading: 'third-party',
      }),
      printed({
        label: '8B, Knights and Knaves, real',
        value: 95.18,
        unit: '',
        where: 'replication',
        reading: 'third-party',
      }),
      printed({
        label: 'same, extrapolated',
        value: 7.23,
        unit: '',
        where: 'replication',
        reading: 'third-party',
      }),
      printed({
        label: '8B, IFEval, real',
        value: 65.25,
        unit: '',
        where: 'replication',
        reading: 'third-party',
      }),
      printed({
        label: 'same, extrapolated',
        value: 22.37,
        unit: '',
        where: 'replication',
        reading: 'third-party',
      }),
    ],
    chance: 'The real checkpoint of the same step, with an interval over samples.',
    needs: 'trajectory',
  },
  'Needs checkpoints of runs on other tasks, and the model run on the extrapolated weights.',
);
