import { z } from 'zod';
import { fileError } from '../../checkpoint/fileErrors.ts';
import { readTextFile } from '../../checkpoint/readTextFile.ts';

const SampleLine = z.looseObject({
  doc_id: z.union([z.number(), z.string()]),
  doc_hash: z.string(),
  prompt_hash: z.string().nullish(),
  target_hash: z.string().nullish(),
  /** Harnesses before 0.4.8 do not name it. */
  filter: z.string().optional(),
});

/** One problem as one model answered it, by one filter. */
export interface Sample {
  /** The document: its hash, and which one of equal documents it is. */
  readonly key: string;
  readonly prompt: string | null;
  readonly target: string | null;
  /** Every number or boolean of the line: metrics are among them. */
  readonly values: ReadonlyMap<string, number>;
}

const LARGEST_SAMPLES = 256 * 1024 * 1024;

/** Samples of a task by filter; an unnamed filter is "". fails results-invalid with the line */
export function readSamples(file: string): Map<string, Sample[]> {
  const byFilter = new Map<string, Sample[]>();
  const seen = new Map<string, number>();
  for (const [index, text] of readTextFile(file, LARGEST_SAMPLES, 'results-invalid').split('\n').entries()) {
    if (text.trim() === '') continue;
    const line = parseLine(file, index + 1, text);
    const { filter = '', doc_hash: hash } = line;
    const place = JSON.stringify([filter, hash]);
    const occurrence = seen.get(place) ?? 0;
    seen.set(place, occurrence + 1);
    const values = new Map(
      Object.entries(line).flatMap(([name, value]) =>
        typeof value === 'number' || typeof value === 'boolean' ? [[name, Number(value)]] : [],
      ),
    );
    const sample = {
      key: `${hash}#${occurrence}`,
      prompt: line.prompt_hash ?? null,
      target: line.target_hash ?? null,
      values,
    };
    const samples = byFilter.get(filter);
    if (samples) samples.push(sample);
    else byFilter.set(filter, [sample]);
  }
  return byFilter;
}

function parseLine(file: string, number: number, text: string): z.infer<typeof SampleLine> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw fileError('results-invalid', file, `line ${number}: is no JSON`);
  }
  const read = SampleLine.safeParse(value);
  if (!read.success) throw fileError('results-invalid', file, `line ${number}: has no doc_id and doc_hash`);
  return read.data;
}
