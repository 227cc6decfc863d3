/**
 * The pages of the workbench with an expert model of 50 443 tensors in Chromium: time to the first picture of each page, frame times of a
 * scripted scroll, memory of the page, and how long the palette takes for a letter.
 *
 *   npm run bench -- workbench [--folder DIR]
 *
 * The first time the study is made and measured, which takes a minute or more; the folder takes 280 MB.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium, type Page } from '@playwright/test';
import { formatCount } from '../../src-main/contract/format.ts';
import { formatBytes } from '../../src-main/contract/units.ts';
import configuration from '../../playwright.config.ts';
import { Server } from '../e2e/Server.ts';
import { HUGE_TENSORS, hugeStudy } from '../fixtures/hugeStudy.ts';
import { frameTimes, openedMillis, paletteMillis } from './page/inPage.mjs';

const ROOT = join(import.meta.dirname, '..', '..');
const { values: options } = parseArgs({
  options: { folder: { type: 'string', default: join(ROOT, 'build', 'huge-study') } },
});

/** A view, what is on it once it shows something, and the list on it that is scrolled. */
const PAGES = [
  { view: 'overview', shows: 'main [role="gridcell"], main td' },
  { view: 'map', shows: 'main canvas' },
  {
    view: 'tensor',
    shows: 'main [role="row"], main [role="option"], main [role="treeitem"], main li',
    scrolls: true,
  },
  { view: 'setup', shows: 'main [role="row"], main tbody tr', scrolls: true },
] as const;

const TYPED = ['q_p', '31.', 'exp', 'gat'] as const;
const WAIT_MILLIS = 60_000;

interface Result {
  readonly what: string;
  readonly value: string;
  readonly numbers: unknown;
}

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

async function measurePage(page: Page, each: (typeof PAGES)[number]): Promise<Result[]> {
  const first = await page.evaluate(openedMillis, [each.view, each.shows, WAIT_MILLIS] as const);
  const results: Result[] = [{ what: `${each.view}: first picture`, value: millis(first), numbers: first }];
  if ('scrolls' in each) {
    const times = await page.evaluate(frameTimes);
    const [median, late, worst] = [quantile(times, 0.5), quantile(times, 0.95), Math.max(...times)];
    const value =
      times.length === 0
        ? 'nothing scrolls'
        : `median ${millis(median)}, 95 % ${millis(late)}, worst ${millis(worst)}, ${String(times.length)} frames`;
    results.push({ what: `${each.view}: frames of a scroll`, value, numbers: { median, late, worst } });
  }
  const heap = await heapBytes(page);
  return [...results, { what: `${each.view}: memory of the page`, value: formatBytes(heap), numbers: heap }];
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
  return [{ what: 'palette: a letter among all tensors', value, numbers: times }];
}

async function measure(page: Page, address: string): Promise<Result[]> {
  const started = performance.now();
  await page.goto(address);
  await page.waitForSelector('main[data-view]', { timeout: WAIT_MILLIS });
  const opened = performance.now() - started;
  const results: Result[] = [
    { what: 'study on screen, from a cold start', value: millis(opened), numbers: opened },
  ];
  // The first page to be measured must be another one than the one on screen.
  await page.getByRole('link', { name: 'Definitions', exact: true }).click();
  for (const each of PAGES) results.push(...(await measurePage(page, each)));
  return [...results, ...(await measurePalette(page))];
}

const study = hugeStudy(options.folder);
const server = new Server();
await server.start(study);
const browser = await chromium.launch(configuration.use?.launchOptions ?? {});
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const results = await measure(page, server.address);
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
  for (const { what, value } of results) console.log(`${what.padEnd(38)}  ${value}`);
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
