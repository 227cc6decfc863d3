/**
 * The pages of the workbench with an expert model of 50 443 tensors in Chromium: how long the engine takes to answer and holds up other
 * answers meanwhile, time to the first picture of each page, frame times of a scripted scroll, memory of the page, and how long the palette
 * takes for a letter. Beside every number stands the load of the machine: with others at work on it, times are theirs as well.
 *
 *   npm run bench -- workbench [--folder DIR]
 *
 * The first time the study is made and measured, which takes a minute or more; the folder takes 280 MB.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium, type Page } from '@playwright/test';
import { formatCount } from '../../src-main/contract/format.ts';
import { formatBytes } from '../../src-main/contract/units.ts';
import configuration from '../../playwright.config.ts';
import { Server } from '../e2e/Server.ts';
import { HUGE_TENSORS, hugeStudy } from '../fixtures/hugeStudy.ts';
import { answerMillis, frameTimes, openedMillis, paletteMillis } from './page/inPage.mjs';

const ROOT = join(import.meta.dirname, '..', '..');
const { values: options } = parseArgs({
  options: { folder: { type: 'string', default: join(ROOT, 'build', 'huge-study') } },
});

/** What pages ask the engine for, below the address of the study. */
const ANSWERS = [
  { what: 'the study', path: '' },
  {
    what: 'rows of the overview',
    path: '/rows?level=overall&measure=update.unchanged.bf16&measure=update.relative-norm',
  },
  { what: 'claims', path: '/claims' },
  { what: 'map', path: '/map?measure=update.unchanged.bf16' },
  { what: 'list of tensors', path: '/tensors' },
  { what: 'alignment report', path: '/alignment-report' },
] as const;

/** A view, what is on it once it shows something, and the list on it that is scrolled. */
const PAGES = [
  { view: 'overview', shows: 'main [data-cell] strong' },
  { view: 'claims', shows: 'main[data-view="claims"] article' },
  { view: 'map', shows: 'main canvas' },
  { view: 'tensor', shows: 'main [role="option"]', scrolls: '[role="listbox"]' },
  { view: 'setup', shows: 'main [role="rowheader"]', scrolls: '[role="grid"]' },
] as const;

const TYPED = ['q_p', '31.', 'exp', 'gat'] as const;
const WAIT_MILLIS = 60_000;

interface Result {
  readonly what: string;
  readonly value: string;
  readonly numbers: unknown;
  /** Of the machine, over the last minute. */
  readonly load: number;
}

const result = (what: string, value: string, numbers: unknown): Result => ({
  what,
  value,
  numbers,
  load: loadavg()[0] ?? NaN,
});
const quantile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(share * values.length))] ?? NaN;
const millis = (value: number): string => (Number.isFinite(value) ? `${value.toFixed(1)} ms` : 'not there');

async function heapBytes(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  return usedSize;
}

async function measureAnswers(page: Page): Promise<Result[]> {
  const results: Result[] = [];
  for (const { what, path } of ANSWERS) {
    const { total, held } = await page.evaluate(answerMillis, path);
    const value = `${millis(total)}, others wait up to ${millis(held)}`;
    results.push(result(`engine: ${what}`, value, { total, held }));
  }
  return results;
}

async function measureScroll(page: Page, view: string, list: string): Promise<Result> {
  const { times, nodes } = await page.evaluate(frameTimes, list);
  const what = `${view}: frames of a scroll`;
  if (times.length === 0) return result(what, 'nothing scrolls', null);
  const [median, late, worst] = [quantile(times, 0.5), quantile(times, 0.95), Math.max(...times)];
  const words = `median ${millis(median)}, 95 % ${millis(late)}, worst ${millis(worst)}`;
  const counts = `${String(times.length)} frames, ${String(nodes)} elements in the list`;
  return result(what, `${words}, ${counts}`, { median, late, worst, frames: times.length, nodes });
}

async function measurePage(page: Page, each: (typeof PAGES)[number]): Promise<Result[]> {
  const first = await page.evaluate(openedMillis, [each.view, each.shows, WAIT_MILLIS] as const);
  const results = [result(`${each.view}: first picture`, millis(first), first)];
  if ('scrolls' in each) results.push(await measureScroll(page, each.view, each.scrolls));
  const heap = await heapBytes(page);
  return [...results, result(`${each.view}: memory of the page`, formatBytes(heap), heap)];
}

async function measurePalette(page: Page): Promise<Result[]> {
  await page.keyboard.press('Control+k');
  const listed = page.getByText(`of ${formatCount(HUGE_TENSORS)}; type on to narrow`);
  await listed.waitFor({ timeout: WAIT_MILLIS });
  const times: number[] = [];
  for (const typed of TYPED) times.push(...(await page.evaluate(paletteMillis, typed)));
  await page.keyboard.press('Escape');
  const [median, worst] = [quantile(times, 0.5), Math.max(...times)];
  const value = `median ${millis(median)}, worst ${millis(worst)} of ${String(times.length)} letters`;
  return [result('palette: a letter among all tensors', value, times)];
}

async function measure(page: Page, address: string): Promise<Result[]> {
  const started = performance.now();
  await page.goto(address);
  await page.waitForSelector('main[data-view]', { timeout: WAIT_MILLIS });
  const opened = performance.now() - started;
  const results = [result('study on screen', millis(opened), opened)];
  // The first page to be measured must be another one than the one on screen.
  await page.getByRole('link', { name: 'Definitions', exact: true }).click();
  for (const each of PAGES) results.push(...(await measurePage(page, each)));
  return [...results, ...(await measurePalette(page)), ...(await measureAnswers(page))];
}

const study = hugeStudy(options.folder);
const server = new Server();
const started = performance.now();
await server.start(study);
const ready = performance.now() - started;
const browser = await chromium.launch(configuration.use?.launchOptions ?? {});
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const results = [
    result('server ready, study opened', millis(ready), ready),
    ...(await measure(page, server.address)),
  ];
  const machine = {
    processor: cpus()[0]?.model ?? '',
    cores: cpus().length,
    memory: formatBytes(totalmem()),
    node: process.version,
    chromium: browser.version(),
    date: new Date().toISOString().slice(0, 10),
  };
  const { processor, cores, memory, node, chromium: version } = machine;
  console.log(`${String(HUGE_TENSORS)} tensors, 3 variants; 1280 x 800, graphics in software`);
  console.log(
    `${processor}, ${String(cores)} cores, ${memory}; Node ${node}, Chromium ${version}, ${machine.date}`,
  );
  console.log(`${'what'.padEnd(38)}  load  result`);
  for (const { what, value, load } of results)
    console.log(`${what.padEnd(38)}  ${load.toFixed(1).padStart(4)}  ${value}`);
  const reports = join(ROOT, 'build', 'reports');
  mkdirSync(reports, { recursive: true });
  writeFileSync(
    join(reports, 'workbench.json'),
    JSON.stringify({ machine, tensors: HUGE_TENSORS, results }, null, 2),
  );
} finally {
  await browser.close();
  await server.stop();
  server.remove();
}
