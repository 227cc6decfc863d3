/**
 * The stripe map of a matrix of 18944 x 3584 in a real browser: zooms in, pans and zooms out along a fixed path, with each renderer, and
 * prints the times between frames.
 *
 *   npm run bench -- stripeMap [--folder DIR] [--seconds N] [--width PX] [--height PX]
 *
 * The folder takes 272 MB. Without a graphics card WebGPU runs in software (SwiftShader) on the same cores as the engine and the page.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium, type Page } from '@playwright/test';
import config from '../../playwright.config.ts';
import { StudyId } from '../../src-main/contract/routes.ts';
import { formatBytes } from '../../src-main/contract/units.ts';
import { driveStripes } from '../fixtures/driveStripes.mjs';
import { writeStripedPair } from '../fixtures/stripedPair.ts';

const { values: options } = parseArgs({
  options: {
    folder: { type: 'string', default: join(tmpdir(), 'polarimeter-stripes') },
    seconds: { type: 'string', default: '4' },
    width: { type: 'string', default: '1440' },
    height: { type: 'string', default: '900' },
  },
});

const TENSOR = 'model.layers.0.mlp.up_proj.weight';
const MATRIX = { tensor: TENSOR, rows: 18_944, columns: 3584 };
const FRAME_MILLIS = 1000 / 60;
/** Frames are timed by a clock that is not exactly that of the screen. */
const TOLERANCE_MILLIS = 1;

/** Bands of rows and columns over a thin random change. */
function steps(row: number, column: number): number {
  const mixed = Math.imul(row * 3584 + column, 2_654_435_761) >>> 0;
  const isBand = Math.floor(row / 37) % 11 === 0 || Math.floor(column / 13) % 17 === 0;
  if (mixed % 100 >= (isBand ? 60 : 6)) return 0;
  return ((mixed >>> 8) % 5) + 1 - 3 || 4;
}

interface Driven {
  readonly movements: readonly (readonly number[])[];
  readonly drawing: readonly number[];
  readonly tiles: number;
  readonly heapBytes: number;
  readonly adapter: string;
  readonly view: string;
}

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;

function frameLine(name: string, millis: readonly number[]): string {
  const sorted = millis.toSorted((a, b) => a - b);
  const inTime = sorted.filter((value) => value <= FRAME_MILLIS + TOLERANCE_MILLIS).length / sorted.length;
  const times = [0.5, 0.95, 1].map((share) => `${quantile(sorted, share).toFixed(1).padStart(7)} ms`);
  const share = `${(100 * inTime).toFixed(1)} %`.padStart(8);
  return `  ${name.padEnd(18)}${times.join('')}${share}${String(sorted.length).padStart(8)}`;
}

function report(kind: string, { movements, drawing, tiles, heapBytes, view, adapter }: Driven): void {
  const millis = movements.flat().reduce((sum, value) => sum + value, 0);
  console.log(`\n${kind}, view of ${view} pixels${kind === 'webgpu' ? `, adapter: ${adapter}` : ''}`);
  console.log(`  ${'frames'.padEnd(18)}    median       p95     worst  <=16.7 ms  frames`);
  for (const [i, name] of ['zoom in', 'pan', 'zoom out'].entries())
    console.log(frameLine(name, movements[i] ?? []));
  console.log(frameLine('all', movements.flat()));
  console.log(frameLine('page thread alone', drawing));
  console.log(`  ${(tiles / (millis / 1000)).toFixed(1)} tiles/s, JS heap ${formatBytes(heapBytes)}`);
}

async function createStudy(address: string, folder: string, home: string): Promise<string> {
  const { origin, searchParams } = new URL(address);
  const reply = await fetch(`${origin}/api/studies`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${searchParams.get('token') ?? ''}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({
      folder: join(home, 'study'),
      name: 'Large matrix',
      base: join(folder, 'base'),
      variants: [{ label: 'run', role: 'rl', path: join(folder, 'run') }],
    }),
  });
  return StudyId.parse(await reply.json()).id;
}

async function measure(page: Page, place: string, kind: string): Promise<Driven> {
  await page.goto('about:blank');
  await page.goto(`${place}&renderer=${kind}&frames=1`);
  await page.waitForSelector(`[data-renderer="${kind}"]`);
  await page.waitForTimeout(2000);
  const path = JSON.stringify({ seconds: Number(options.seconds) });
  return page.evaluate<Driven>(`(${driveStripes.toString()})(${path})`);
}

async function main(): Promise<void> {
  const { folder } = options;
  if (!existsSync(join(folder, 'run'))) writeStripedPair(folder, MATRIX, { run: steps });
  const home = mkdtempSync(join(tmpdir(), 'polarimeter-stripes-home-'));
  const program = join(import.meta.dirname, '..', '..', 'bin', 'polarimeter.mjs');
  const server = spawn(process.execPath, [program, 'serve', '--port', '0'], {
    env: { ...process.env, POLARIMETER_STATE: join(home, 'state') },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const browser = await chromium.launch(config.use?.launchOptions ?? {});
  try {
    const [line] = (await once(server.stdout, 'data')) as [Buffer];
    const address = line.toString().trim();
    const id = await createStudy(address, folder, home);
    const viewport = { width: Number(options.width), height: Number(options.height) };
    const page = await browser.newPage({ viewport });
    await page.goto(address);
    const place = `${new URL(address).origin}/#/study/${id}/tensor?tensor=${TENSOR}`;
    console.log(
      `${String(cpus().length)} cores, load ${loadavg()[0]?.toFixed(1) ?? '?'}, ${browser.version()}`,
    );
    for (const kind of ['webgpu', 'canvas']) report(kind, await measure(page, place, kind));
  } finally {
    await browser.close();
    server.kill('SIGINT');
    await once(server, 'exit');
    rmSync(home, { recursive: true, force: true });
  }
}

await main();
