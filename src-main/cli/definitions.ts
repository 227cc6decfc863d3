import { AGGREGATIONS, type MeasureInfo } from '../contract/measure.ts';
import { wrapText } from './wrapText.ts';

const INDENT = '    ';
const NAME_WIDTH = 11;

/** What each measure means: id, formula, baseline, how it is aggregated, and where it comes from. Lines of at most `width`. */
export function definitions(measures: readonly MeasureInfo[], width: number): string {
  return measures.map((measure) => definition(measure, width)).join('\n');
}

function definition(measure: MeasureInfo, width: number): string {
  const { baseline, complement } = measure;
  const parameters = Object.entries(measure.parameters)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name} = ${String(value)}`);
  const fields: [string, string | null][] = [
    ['formula', measure.formula],
    ['meaning', measure.meaning],
    ['parameters', parameters.length > 0 ? parameters.join(', ') : null],
    ['complement', complement === null ? null : `1 - value: ${complement}`],
    ['baseline', baseline === null ? 'none' : `${baseline.title}: ${baseline.formula}`],
    ['aggregated', AGGREGATIONS[measure.aggregation]],
    ['source', measure.sources.map(sourceText).join('; ')],
  ];
  const lines = fields.flatMap(([name, text]) => (text === null ? [] : field(name, text, width)));
  const scope = measure.scope === 'matrices' ? 'matrices' : 'all parameters';
  const head = `${measure.id}  ${measure.title} (version ${String(measure.version)}, unit ${measure.unit}, over ${scope})`;
  return `${[...wrapText(head, width, INDENT), ...lines].join('\n')}\n`;
}

function field(name: string, text: string, width: number): string[] {
  const below = ' '.repeat(NAME_WIDTH);
  const lines = wrapText(`${name.padEnd(NAME_WIDTH)}${text}`, width - INDENT.length, below);
  return lines.map((line) => INDENT + line);
}

function sourceText({ arxiv, where }: MeasureInfo['sources'][number]): string {
  return arxiv === null ? where : `arXiv ${arxiv}, ${where}`;
}
