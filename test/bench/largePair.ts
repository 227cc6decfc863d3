/**
 * A synthetic pair of 1.54 G parameters in sharded bf16: the rate of the element pass beside the rate at which the same mapped bytes can
 * merely be summed, in turn in one run; then `polarimeter compare` within --memory 2GiB, with its peak anonymous memory.
 *
 *   npm run bench -- largePair [--folder DIR] [--repeats N] [--full]
 *
 * --full also decomposes every matrix (exact spectra, angles, energies): minutes. The folder takes 6.2 GB.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openCheckpoint } from '../../src-main/checkpoint/openCheckpoint.ts';
import { RowsDocument } from '../../src-main/contract/rows.ts';
import { formatBytes, formatMillis } from '../../src-main/contract/units.ts';
import { Kernels } from '../../src-main/kernels/Kernels.ts';
import { bf16Threshold } from '../../src-main/measures/bf16.ts';
import { tensorSource, type StoredSource } from '../../src-main/tensors/tensorSource.ts';
import { syntheticPair, type SyntheticPair } from '../fixtures/syntheticPair.ts';

const { values: options } = parseArgs({
  options: {
    folder: { type: 'string', default: join(tmpdir(), 'polarimeter-bench') },
    repeats: { type: 'string', default: '5' },
    full: { type: 'boolean', default: false },
  },
});

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
const gigabytes = (rate: number): string => `${(rate / 1e9).toFixed(1)} GB/s`;

async function elementRates(pair: SyntheticPair): Promise<void> {
  const kernels = new Kernels({ threads: cpus().length, access: 'map' });
  const tensors = (path: string): StoredSource[] =>
    openCheckpoint(path).tensors.map((tensor) => tensorSource(tensor) as StoredSource);
  const [base, tuned] = [
    tensors(pair.base),
    new Map(tensors(pair.tuned).map((tensor) => [tensor.name, tensor])),
  ];
  const pairs = base.flatMap((reference) => {
    const variant = tuned.get(reference.name);
    return variant ? [{ reference, variant }] : [];
  });
  using _leases = new DisposableStack();
  for (const path of new Set(pairs.flatMap(({ reference, variant }) => [reference.path, variant.path]))) {
    _leases.use(kernels.files.acquire(path));
  }
  const thresholds = [1e-8, 1e-7, 1e-6, 1e-5].map(bf16Threshold);
  const time = async (
    step: (pair: (typeof pairs)[number]) => Promise<{ bytes: number }>,
  ): Promise<number> => {
    const start = performance.now();
    let bytes = 0;
    for (const each of pairs) bytes += (await step(each)).bytes;
    return (bytes / (performance.now() - start)) * 1000;
  };
  const sum = (): Promise<number> => time(({ reference, variant }) => kernels.byteSum([reference, variant]));
  const pass = (profiles: boolean): Promise<number> =>
    time(({ reference, variant }) =>
      kernels.elementPass({ reference, variants: [variant], bf16Thresholds: thresholds, profiles }),
    );
  await sum();
  const rates: { sum: number; pass: number; profiles: number }[] = [];
  for (let i = 0; i < Number(options.repeats); i++)
    rates.push({ sum: await sum(), pass: await pass(false), profiles: await pass(true) });
  const ratio = (key: 'pass' | 'profiles'): string =>
    `${(100 * median(rates.map((rate) => rate[key] / rate.sum))).toFixed(0)} %`;
  const rate = (key: keyof (typeof rates)[number]): string =>
    gigabytes(median(rates.map((each) => each[key])));
  console.log(`bare sum of the mapped bytes, page cache      ${rate('sum')}`);
  console.log(
    `element pass (${kernels.capabilities().isa})                        ${rate('pass')}   ${ratio('pass')} of the sum (median of ratios)`,
  );
  console.log(
    `element pass with row and column counts       ${rate('profiles')}   ${ratio('profiles')} of the sum`,
  );
}

/** Runs the command line and watches the anonymous memory of its process. */
async function compare(pair: SyntheticPair, out: string, extra: readonly string[]): Promise<void> {
  rmSync(out, { recursive: true, force: true });
  const root = join(import.meta.dirname, '../..');
  const args = [
    join(root, 'bin/polarimeter.mjs'),
    'compare',
    pair.base,
    '--rl',
    pair.tuned,
    '--out',
    out,
    '--memory',
    '2GiB',
    '--json',
    ...extra,
  ];
  const start = performance.now();
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let peak = 0;
  const watch = setInterval(() => {
    try {
      const kilobytes = /^RssAnon:\s+(\d+)/m.exec(
        readFileSync(`/proc/${String(child.pid)}/status`, 'utf8'),
      )?.[1];
      peak = Math.max(peak, Number(kilobytes ?? 0) * 1024);
    } catch {
      clearInterval(watch);
    }
  }, 10);
  let text = '';
  for await (const chunk of child.stdout) text += String(chunk);
  clearInterval(watch);
  const elapsed = performance.now() - start;
  const { rows } = RowsDocument.parse(JSON.parse(text));
  const unchanged = rows.find(
    ({ measure, level }) => measure === 'update.unchanged.bf16' && level === 'overall',
  )?.value;
  const expected = 1 - pair.changed / pair.parameters;
  const verdict = unchanged === expected ? 'exactly as planted' : `but ${String(expected)} was planted`;
  console.log(
    `compare ${extra.length > 0 ? '(element measures)' : '(all measures)'}: ${formatMillis(elapsed)}, peak anonymous memory ${formatBytes(peak)} of 2 GiB, unchanged ${String(unchanged)}, ${verdict}`,
  );
  if (unchanged !== expected || peak > 2 ** 31) process.exitCode = 1;
}

mkdirSync(options.folder, { recursive: true });
const pair = syntheticPair(options.folder);
console.log(
  `${cpus()[0]?.model ?? ''}, ${String(cpus().length)} cores; ${(pair.parameters / 1e9).toFixed(2)} G parameters, 4 shards, bf16; ${options.repeats} repeats, medians`,
);
await elementRates(pair);
await compare(pair, join(options.folder, 'study-elements'), [
  '--measures',
  'update.unchanged.bf16,update.relative-norm',
]);
if (options.full) await compare(pair, join(options.folder, 'study-full'), []);
