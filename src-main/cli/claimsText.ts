import {
  publishedText,
  READINGS,
  verdictWords,
  VERDICTS,
  type ClaimEvidence,
  type ClaimInfo,
  type ClaimReading,
  type ClaimsDocument,
  type PublishedValue,
} from '../contract/claim.ts';
import { formatValue, unitLabel } from '../contract/format.ts';
import { claimGroups, evidenceByMeasure, evidencePlace, verdictCounts } from '../figures/claimGroups.ts';
import { Footnotes } from './Footnotes.ts';
import { inkFor, type Ink } from './ink.ts';
import { printable } from './printable.ts';
import type { Terminal } from './Terminal.ts';
import { wrapText } from './wrapText.ts';

const INDENT = '  ';
/** Published values in the text; all of them are in the JSON. */
const MOST_PUBLISHED = 6;

interface Page {
  readonly width: number;
  readonly ink: Ink;
  readonly sources: Footnotes;
}

/** The ledger as text: conflicts with their sides together, then by paper; every verdict with its numbers beside chance. */
export function claimsText(document: ClaimsDocument, terminal: Pick<Terminal, 'columns' | 'colour'>): string {
  const page = { width: terminal.columns, ink: inkFor(terminal.colour), sources: new Footnotes() };
  const counts = verdictCounts(document.readings).map(
    ({ verdict, count }) => `${count} ${VERDICTS[verdict]}`,
  );
  const groups = claimGroups(document).flatMap(({ title, sides, readings }) => [
    '',
    ...wrapText(title, page.width).map(page.ink.strong),
    ...(sides === null ? [] : wrapText(sides, page.width).map(page.ink.faint)),
    ...readings.flatMap((reading) => ['', ...readingLines(reading, page)]),
  ]);
  const lines = [
    ...wrapText(printable(`${document.study}: published claims`), page.width).map(page.ink.strong),
    ...wrapText(counts.length === 0 ? 'no claim has this verdict' : counts.join(', '), page.width),
    ...groups,
  ];
  const sources = page.sources.lines().flatMap((line) => wrapText(line, page.width, '    '));
  return `${[...lines, ...(sources.length === 0 ? [] : ['', ...sources])].join('\n')}\n`;
}

function readingLines(reading: ClaimReading, page: Page): string[] {
  const { claim, because, evidence } = reading;
  const marks = claim.citations.map((citation) => page.sources.mark(sourceText(citation))).join('');
  const head = `${verdictWords(reading).toUpperCase()}: ${claim.title} ${marks}`;
  return [
    ...block(head, page).map(page.ink.strong),
    ...block(because, page),
    ...evidenceByMeasure(evidence).flatMap((found) =>
      block(numbersText(found.measure, found.evidence), page),
    ),
    ...(claim.published.length === 0 ? [] : block(publishedLine(claim), page).map(page.ink.faint)),
  ];
}

function block(text: string, { width }: Page): string[] {
  // A number keeps its sign on the same line.
  const kept = printable(text).replaceAll(' %', '\u00a0%');
  const lines = wrapText(kept, width - INDENT.length, INDENT).map((line) => line.replaceAll('\u00a0%', ' %'));
  return lines.map((line) => INDENT + line);
}

/** "energy.two-sided (baseline in brackets): sft 19.4 % (14.7 %), rl 22.2 % (14.7 %)" */
function numbersText(measure: string, evidence: readonly ClaimEvidence[]): string {
  const unit = unitLabel(evidence[0]?.unit ?? '');
  const hasChance = evidence.some(({ baseline }) => baseline !== null);
  const head = `${measure}${unit === '' ? '' : ` [${unit}]`}${hasChance ? ' (baseline in brackets)' : ''}`;
  return `${head}: ${evidence.map(numberText).join(', ')}`;
}

function numberText(found: ClaimEvidence): string {
  const chance = found.baseline === null ? '' : ` (${formatValue(found.baseline, found.unit)})`;
  return `${evidencePlace(found)} ${formatValue(found.value, found.unit)}${chance}`;
}

function publishedLine({ published }: ClaimInfo): string {
  const shown = published.slice(0, MOST_PUBLISHED).map(publishedCell);
  const left = published.length - shown.length;
  return `published: ${shown.join('; ')}${left > 0 ? `; and ${left} more in --json` : ''}`;
}

function publishedCell(value: PublishedValue): string {
  const chance =
    value.baseline === null
      ? ''
      : `, chance ${publishedText({ ...value, value: value.baseline, upTo: null })}`;
  const reading = READINGS[value.reading];
  return `${value.label} ${publishedText(value)}${chance}${reading === null ? '' : ` (${reading})`}`;
}

function sourceText({ arxiv, where }: ClaimInfo['citations'][number]): string {
  return arxiv === null ? where : `arXiv ${arxiv}, ${where}`;
}
