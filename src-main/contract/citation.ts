import { formatValue, unitLabel } from './format.ts';
import { AGGREGATIONS, type MeasureInfo } from './measure.ts';
import type { Row } from './rows.ts';

/** Parameters that say where a value is, rather than how it is defined. */
const PLACE = new Set(['with', 'layers', 'modules']);

/** "over the whole model", "over layers 3-7 and q_proj", or the tensor. */
function whereText({ tensor, layer, module, parameters }: Row): string {
  if (tensor !== null) return tensor;
  const layers = layer === null ? parameters['layers'] : String(layer);
  const modules = module ?? parameters['modules'];
  const parts = [
    ...(layers === undefined ? [] : [`layers ${String(layers)}`]),
    ...(modules === undefined ? [] : [String(modules)]),
  ];
  return parts.length === 0 ? 'over the whole model' : `over ${parts.join(' and ')}`;
}

function valueText(measure: MeasureInfo, row: Row): string {
  const { variant, reference, parameters, value, unit, baseline, reason } = row;
  const label = unitLabel(unit);
  const partner = typeof parameters['with'] === 'string' ? ` with ${parameters['with']}` : '';
  const number = value === null ? `no value (${reason ?? 'not computed yet'})` : String(value);
  const shown = typeof value === 'number' ? ` (${formatValue(value, unit)})` : '';
  const chance =
    baseline === null ? '' : `; ${measure.baseline?.title ?? 'baseline'}: ${formatValue(baseline, unit)}`;
  return `${measure.title} of ${variant}${partner} from ${reference}, ${whereText(row)}: ${number}${label === '' ? '' : ` ${label}`}${shown}${chance}.`;
}

function methodText(measure: MeasureInfo, row: Row): string {
  const parameters = Object.entries(row.parameters).flatMap(([name, value]) =>
    value === null || PLACE.has(name) ? [] : [`${name.replaceAll('_', ' ')} = ${String(value)}`],
  );
  const aggregated = row.level === 'tensor' ? [] : [AGGREGATIONS[measure.aggregation]];
  return `${[...aggregated, ...parameters, row.method, row.dtype].filter((words) => words !== '').join('; ')}.`;
}

/** Key under which a paper stands in a bibliography made from its arXiv number. */
const keyOf = (arxiv: string): string => `arXiv-${arxiv}`;

/**
 * A measure, or one of its values, as a sentence for a paper: value, place, definition with version, how it was computed and whose
 * definition it is; the last line is the entry that BibTeX needs.
 */
export function citation(measure: MeasureInfo, row: Row | null): string {
  const { id, version, formula, sources } = measure;
  const definition = `${row === null ? `${measure.title}: ` : ''}${formula} [${id}, version ${String(version)}].`;
  const source = sources
    .map(({ arxiv, where }) => (arxiv === null ? where : `arXiv:${arxiv}, ${where}`))
    .join('; ');
  const papers = [...new Set(sources.flatMap(({ arxiv }) => (arxiv === null ? [] : [arxiv])))];
  return [
    ...(row === null ? [] : [valueText(measure, row)]),
    definition,
    ...(row === null ? [] : [methodText(measure, row)]),
    `Definition: ${source}.`,
    ...papers.map((arxiv) => `@misc{${keyOf(arxiv)}, eprint = {${arxiv}}, archivePrefix = {arXiv}}`),
  ].join('\n');
}
