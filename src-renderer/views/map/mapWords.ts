import { AGGREGATIONS, type MeasureInfo } from '../../../src-main/contract/measure.ts';
import { OUTSIDE } from '../../../src-main/figures/heatmapPanels.ts';
import { quantityUnit } from '../../../src-main/figures/heatmapWords.ts';
import type { Subtrahend } from '../../../src-main/figures/heatmapDifference.ts';
import type { MapState } from '../../state/MapState.svelte.ts';
import { ROLE_NAMES } from '../roleNames.ts';

type Shown = Pick<
  MapState,
  'quantity' | 'subtrahend' | 'grid' | 'scale' | 'margins' | 'format' | 'unit' | 'table'
>;

function subtrahendName(subtrahend: Subtrahend): string {
  return subtrahend.kind === 'variant' ? subtrahend.label : `the mean of ${ROLE_NAMES[subtrahend.role]}`;
}

/** What is drawn: the measure, or what is made of it. */
export function mapTitle(measure: MeasureInfo, { quantity, subtrahend }: Shown): string {
  if (quantity === 'above-baseline') return `${measure.title}, minus its baseline`;
  if (quantity === 'ratio') return `${measure.title}, over ${subtrahendName(subtrahend)}`;
  if (quantity === 'difference') return `${measure.title}, minus ${subtrahendName(subtrahend)}`;
  return measure.title;
}

/** The scale in words. */
function scaleWords({ quantity, scale, format }: Shown): string {
  if (!scale) return 'No cell has a number.';
  const ends = `${format(scale.min)} to ${format(scale.max)}`;
  if (quantity === 'ratio') return `One scale for all panels, ${ends}, equal ratios equally far.`;
  return `One scale for all panels, ${ends}${scale.log ? ', logarithmic, zeros at its low end' : scale.map === 'diverging' ? ', centred on 0' : ''}.`;
}

function sharedCells({ table, grid }: Shown, { aggregation }: MeasureInfo): string {
  const { places } = table.value ?? { places: { tensors: [], levels: [] } };
  const most = places.tensors.reduce(
    (max, count, index) => (places.levels[index] === 'cell' ? Math.max(max, count) : max),
    1,
  );
  if (most === 1 || grid.lineName !== '') return '';
  return `A cell of several tensors (up to ${String(most)}, such as experts) is their ${AGGREGATIONS[aggregation]}; it opens them one by one.`;
}

/** What is drawn and how it is to be read. */
export function mapCaption(measure: MeasureInfo, shown: Shown): string {
  const unit = quantityUnit(shown.unit, shown.quantity);
  const baseline =
    shown.quantity === 'value' && measure.baseline
      ? `, ticks their baseline (${measure.baseline.title})`
      : '';
  const sentences = [
    `${mapTitle(measure, shown)}${unit === '' ? '' : `, ${unit}`}.`,
    scaleWords(shown),
    shown.margins
      ? `Bars: all of a layer, above, and all of a module, on the right, up to ${shown.format(shown.margins.max)}${baseline}.`
      : '',
    sharedCells(shown, measure),
    'Hatched: no number, the reason is in the read-out. Empty: does not apply, or not computed yet.',
    shown.grid.columns.includes(OUTSIDE) ? 'The column “–” holds tensors outside the layers.' : '',
  ];
  return sentences.filter((sentence) => sentence !== '').join(' ');
}
