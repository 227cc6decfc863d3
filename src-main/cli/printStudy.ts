import type { Alignment } from '../contract/alignment.ts';
import type { MeasureInfo } from '../contract/measure.ts';
import type { Row } from '../contract/rows.ts';
import type { Checkpoint } from '../contract/checkpoint.ts';
import type { Variant } from '../contract/study.ts';
import type { Study } from '../study/Study.ts';
import { coverageOf } from './coverageOf.ts';
import { endpoints, resultColumns } from './ResultView.ts';
import { StudyReport } from './StudyReport.ts';
import type { Terminal } from './Terminal.ts';

interface PrintOptions {
  /** Also one table per headline measure by module. */
  readonly byModule?: boolean;
  /** Leave out the definitions. */
  readonly brief?: boolean;
}

/** The headline measures of a study: SFT beside RL beside others, with what is not compared and where the results lie. */
export function printStudy(
  terminal: Terminal,
  study: Study,
  { byModule = false, brief = false }: PrintOptions,
): void {
  const headline = study.measures().filter((measure) => measure.headline);
  const measures = headline.length > 0 ? headline : study.measures();
  const { variants } = study.file;
  const report = new StudyReport(terminal);
  const rows = study.rows({
    measure: measures.map(({ id }) => id),
    level: byModule ? ['overall', 'module'] : ['overall'],
  });
  report.heading(`${study.file.name}: the whole model`);
  report.gap();
  report.overview(rows, measures, resultColumns(variants));
  report.gap();
  if (byModule) printModules(report, { rows, measures, variants });
  printCoverage(
    report,
    study,
    variants.map(({ label }) => label),
  );
  report.end(brief);
}

function printModules(
  report: StudyReport,
  {
    rows,
    measures,
    variants,
  }: { rows: readonly Row[]; measures: readonly MeasureInfo[]; variants: readonly Variant[] },
): void {
  const ends = endpoints(variants);
  const left = variants.length - ends.length;
  report.heading(`By module${left > 0 ? ', the last checkpoint of each run' : ''}`);
  report.gap();
  report.breakdown(rows, { measures, columns: resultColumns(ends), level: 'module' });
  report.gap();
}

/** One paragraph per group of variants of which the same can be said, then what their files leave to be said. */
export function printCoverage(
  report: StudyReport,
  { alignments, checkpoints }: Study,
  labels: readonly string[],
): void {
  const shown = [...alignments].filter(([label]) => labels.includes(label));
  for (const text of coverage(shown)) report.paragraph(text);
  const opened = [...checkpoints].filter(([label]) => label === 'base' || labels.includes(label));
  for (const text of notesOf(opened)) report.paragraph(text);
}

/** "Note on rl, sft: there is no config.json …", once for all checkpoints of which it is said. */
export function notesOf(checkpoints: Iterable<readonly [string, Pick<Checkpoint, 'warnings'>]>): string[] {
  const notes = [...checkpoints].flatMap(([label, { warnings }]) =>
    warnings.map((warning) => ({ label, warning })),
  );
  return [...Map.groupBy(notes, ({ warning }) => warning)].map(
    ([warning, found]) => `Note on ${found.map(({ label }) => label).join(', ')}: ${warning}`,
  );
}

/**
 * What is compared, once for all variants of which the same can be said: "sft, rl: 56 of 57 tensors compared, 1.12 M parameters; not
 * compared: 1 (the shapes differ)".
 */
function coverage(alignments: readonly (readonly [string, Alignment])[]): string[] {
  const groups = Map.groupBy(alignments, ([, alignment]) => coverageOf(alignment));
  return [...groups].map(([text, found]) => `${found.map(([label]) => label).join(', ')}: ${text}`);
}
