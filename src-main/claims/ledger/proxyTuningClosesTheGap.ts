import { listed } from '../listed.ts';
import { printed } from '../printed.ts';
import { SECTIONS } from '../sections.ts';

export const proxyTuningClosesTheGap = listed(
  {
    id: 'proxy-tuning-closes-the-gap',
    title: 'The difference of two small models steers a large one',
    statement:
      'Adding the logit difference of a tuned and an untuned small model to a large model closes most of the gap to tuning the large one.',
    citations: [{ arxiv: '2401.08565', where: 'Llama-2 results' }],
    definition: 'Gap closed (proxy - base) / (direct - base).',
    conflict: null,
    section: SECTIONS.behaviour,
    published: [
      printed({ label: 'average, 13B', value: 91.1, unit: '%', where: 'headline' }),
      printed({ label: 'average, 70B', value: 88.1, unit: '%', where: 'headline' }),
      printed({ label: 'GSM 13B, base', value: 6.6, unit: '', where: 'table' }),
      printed({ label: 'GSM 13B, proxy', value: 26.4, unit: '', where: 'table' }),
      printed({ label: 'GSM 13B, chat', value: 32.4, unit: '', where: 'table' }),
      printed({ label: 'GSM 70B, base', value: 9.6, unit: '', where: 'table' }),
      printed({ label: 'GSM 70B, proxy', value: 32, unit: '', where: 'table' }),
      printed({ label: 'GSM 70B, chat', value: 51.8, unit: '', where: 'table' }),
    ],
    chance: 'The untouched large model.',
    needs: 'model-run',
  },
  'Needs three models to be run together.',
);
