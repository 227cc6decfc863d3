import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import type { Reduction } from '../../src-main/contract/stripes.ts';
import { stripePalette } from '../../src-main/figures/stripePalette.ts';
import { Viewport } from '../../src-renderer/stripes/Viewport.ts';
import { plantedTile, type PlantedChange } from '../fixtures/plantedChange.ts';
import { writeStripedPair } from '../fixtures/stripedPair.ts';
import { axeViolations, expect, type Server, test } from './workbenchTest.ts';

const TENSOR = 'model.layers.0.mlp.up_proj.weight';
const MATRIX = { tensor: TENSOR, rows: 900, columns: 700 };

/** One run moves a band of rows three steps up and a band of columns two steps down; the other one half of those rows, and nothing else. */
const RUNS = {
  'run-a': (row: number, column: number): number => {
    if (row >= 300 && row < 340) return 3;
    return column >= 500 && column < 530 ? -2 : 0;
  },
  'run-b': (row: number): number => (row >= 300 && row < 320 ? 3 : 0),
};
type Run = keyof typeof RUNS;

const planted = (...runs: Run[]): PlantedChange => ({
  rows: MATRIX.rows,
  columns: MATRIX.columns,
  steps: runs.map((run) => RUNS[run]),
});

/** Makes the study, opens its tensor page and waits for the picture. */
async function openStripes(page: Page, server: Server, query = ''): Promise<void> {
  const paths = writeStripedPair(server.home, MATRIX, RUNS);
  const { origin, searchParams } = new URL(server.address);
  const headers = { authorization: `Bearer ${searchParams.get('token') ?? ''}` };
  const variants = Object.keys(RUNS).map((label) => ({ label, role: 'rl', path: paths[label] }));
  const study = { folder: join(server.home, 'study'), name: 'Striped', base: paths['base'], variants };
  const reply = await page.request.post(`${origin}/api/studies`, { headers, data: study });
  const { id } = (await reply.json()) as { id: string };
  await page.goto(server.address);
  await page.goto(`${origin}/#/study/${id}/tensor?tensor=${TENSOR}${query}`);
  await shown(page);
}

const status = (page: Page): Locator => page.locator('[data-renderer]');
const figure = (page: Page): Locator => page.getByRole('application', { name: new RegExp(TENSOR) });
const readout = (page: Page): Locator => page.getByRole('complementary', { name: 'Weight under the cursor' });

/** All tiles of the view are there, and drawn. */
async function shown(page: Page): Promise<void> {
  await expect(status(page)).toHaveAttribute('data-renderer', /webgpu|canvas/);
  await expect
    .poll(async () => {
      const [needed, present] = await Promise.all(
        ['needed', 'present'].map((name) => status(page).getAttribute(`data-tiles-${name}`)),
      );
      return needed !== '0' && needed === present;
    })
    .toBe(true);
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** What is on the screen where the picture is: a WebGPU canvas cannot be read itself. */
async function pictureOf(page: Page): Promise<Picture> {
  const canvas = figure(page).first().locator('.picture canvas');
  const png = (await canvas.screenshot({ animations: 'disabled' })).toString('base64');
  const { width, height, text } = await page.evaluate(async (encoded) => {
    const bytes = Uint8Array.from(atob(encoded), (letter) => letter.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const pen = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')!;
    pen.drawImage(bitmap, 0, 0);
    const { width, height, data } = pen.getImageData(0, 0, bitmap.width, bitmap.height);
    return { width, height, text: Array.from(data, (byte) => String.fromCharCode(byte)).join('') };
  }, png);
  return { width, height, data: Buffer.from(text, 'latin1') };
}

/** Share of the pixels of a picture that have another colour than the planted change asks for. */
function wrongShare(picture: Picture, viewport: Viewport, change: PlantedChange, reduce: Reduction): number {
  const palette = stripePalette(reduce, 'light');
  const { level } = viewport;
  const tiles = new Map<string, ReturnType<typeof plantedTile>>();
  let [wrong, inside] = [0, 0];
  for (let y = 0; y < picture.height; y++)
    for (let x = 0; x < picture.width; x++) {
      const weight = viewport.weightAt({ x: x + 0.5, y: y + 0.5 });
      if (!weight) continue;
      const [row, column] = [weight.row >> level, weight.column >> level];
      const place = { level, row: row >> 8, column: column >> 8 };
      const key = JSON.stringify(place);
      const tile = tiles.get(key) ?? plantedTile(change, reduce, place);
      tiles.set(key, tile);
      const byte = tile.pixels[(row & 255) * tile.columns + (column & 255)]!;
      const at = 4 * (y * picture.width + x);
      const isRight = [0, 1, 2].every((i) => Math.abs(picture.data[at + i]! - palette[4 * byte + i]!) <= 2);
      inside++;
      if (!isRight) wrong++;
    }
  expect(inside).toBeGreaterThan(10_000);
  return wrong / inside;
}

const fitted = (picture: Picture): Viewport => Viewport.fit(MATRIX, picture);

for (const kind of ['webgpu', 'canvas'] as const) {
  test(`${kind}: every pixel has the colour of the planted change`, async ({ page, server }) => {
    await openStripes(page, server, kind === 'canvas' ? '&renderer=canvas' : '');
    await expect(status(page)).toHaveAttribute('data-renderer', kind);
    await expect(status(page)).toContainText(kind === 'canvas' ? 'Canvas 2D, level' : 'WebGPU, level');
    const pixel = page.getByRole('combobox', { name: 'Pixel' });
    for (const reduction of ['density', 'steps', 'direction'] as const) {
      await pixel.selectOption(reduction);
      await shown(page);
      const picture = await pictureOf(page);
      const viewport = fitted(picture);
      expect(viewport.level).toBeGreaterThan(0);
      expect(wrongShare(picture, viewport, planted('run-a'), reduction), reduction).toBeLessThan(0.002);
      expect(wrongShare(picture, viewport, planted('run-b'), reduction), reduction).toBeGreaterThan(0.02);
    }
    await pixel.selectOption('consensus');
    await shown(page);
    const both = await pictureOf(page);
    expect(wrongShare(both, fitted(both), planted('run-a', 'run-b'), 'consensus')).toBeLessThan(0.002);
  });
}

test('where the browser has no WebGPU the canvas draws, and the page says why', async ({ page, server }) => {
  await page.addInitScript(() => Object.defineProperty(Navigator.prototype, 'gpu', { value: undefined }));
  await openStripes(page, server);
  await expect(status(page)).toHaveText(
    /^Canvas 2D \(this browser offers no WebGPU\), level 2: one pixel is 4 × 4 weights, 1 of 1 tiles/,
  );
  const picture = await pictureOf(page);
  expect(wrongShare(picture, fitted(picture), planted('run-a'), 'density')).toBeLessThan(0.002);
});

test('a device that is lost gives way to the canvas', async ({ page, server }) => {
  await page.addInitScript(() => {
    const real = GPUAdapter.prototype.requestDevice;
    GPUAdapter.prototype.requestDevice = async function (...given) {
      const device = await real.apply(this, given);
      const lost = new Promise<GPUDeviceLostInfo>((resolve) => {
        addEventListener('lose-device', () =>
          resolve({ reason: 'unknown', message: 'taken away by the test' }),
        );
      });
      Object.defineProperty(device, 'lost', { value: lost });
      return device;
    };
  });
  await openStripes(page, server);
  await expect(status(page)).toHaveAttribute('data-renderer', 'webgpu');
  await page.evaluate(() => dispatchEvent(new Event('lose-device')));
  await expect(status(page)).toContainText(
    'Canvas 2D (the graphics device was lost: taken away by the test)',
  );
  await shown(page);
  const picture = await pictureOf(page);
  expect(wrongShare(picture, fitted(picture), planted('run-a'), 'density')).toBeLessThan(0.002);
});

test('the wheel zooms about the pointer, dragging pans, keys and buttons do the same', async ({
  page,
  server,
}) => {
  await openStripes(page, server);
  const box = (await figure(page).locator('.picture').boundingBox())!;
  const start = Viewport.fit(MATRIX, { width: Math.round(box.width), height: Math.round(box.height) });
  const about = { x: Math.round(box.width / 2 + 20), y: Math.round(box.height / 2 - 10) };
  await page.mouse.move(box.x + about.x, box.y + about.y);
  await page.mouse.wheel(0, -800);
  await shown(page);
  const zoomed = start.zoomed(Math.exp(800 * 0.0018), about);
  await expect(status(page)).toHaveAttribute('data-level', String(zoomed.level));
  await page.mouse.down();
  await page.mouse.move(box.x + about.x - 60, box.y + about.y + 25, { steps: 6 });
  await page.mouse.up();
  await page.mouse.move(box.x - 5, box.y - 5);
  await page.getByRole('combobox', { name: 'Pixel' }).selectOption('steps');
  await shown(page);
  const picture = await pictureOf(page);
  const panned = zoomed.panned({ x: 60, y: -25 });
  expect(wrongShare(picture, panned, planted('run-a'), 'steps')).toBeLessThan(0.002);

  await page.getByRole('button', { name: 'Fit' }).click();
  await expect(status(page)).toHaveAttribute('data-level', String(start.level));
  await page.keyboard.press('w');
  await page.keyboard.press('w');
  await page.keyboard.press('w');
  await expect(status(page)).toHaveAttribute('data-level', '0');
  await page.keyboard.press('0');
  await expect(status(page)).toHaveAttribute('data-level', String(start.level));
  await page.getByRole('button', { name: '1:1' }).click();
  await expect(status(page)).toContainText('level 0: one weight is 1.0 × 1.0 pixels');
});

test('the keyboard reads weight by weight, and the page speaks it', async ({ page, server }) => {
  await openStripes(page, server);
  await figure(page).focus();
  await page.keyboard.press('ArrowDown');
  await expect(readout(page)).toContainText('450');
  for (let i = 0; i < 13; i++) await page.keyboard.press('Shift+ArrowUp');
  for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Shift+ArrowRight');
  // Row 315 is in the band of both runs: code + 3 steps of bf16 between 1 and 2, up if positive.
  const table = readout(page).getByRole('table');
  await expect(table.getByRole('row', { name: /^run-a/ })).toContainText('3 steps up');
  await expect(readout(page).locator('[aria-live]')).toHaveText(
    /^Row 315, column 360; before −?1\.\d+; run-a −?1\.\d+, 3 steps up$/,
  );
  await page.getByRole('combobox', { name: 'Pixel' }).selectOption('consensus');
  await expect(table.getByRole('row', { name: /^run-b/ })).toContainText('3 steps up');
  await figure(page).focus();
  for (let i = 0; i < 8; i++) await page.keyboard.press('ArrowDown');
  await expect(table.getByRole('row', { name: /^run-b/ })).toContainText('unchanged');
  await page.keyboard.press('Enter');
  await expect(status(page)).toContainText('one weight is 24 × 24 pixels');
  await page.keyboard.press('Escape');
  await expect(table).toBeHidden();
});

test('two variants stand side by side in one view', async ({ page, server }) => {
  await openStripes(page, server);
  await page.getByRole('combobox', { name: 'beside' }).selectOption('run-b');
  await expect(figure(page)).toHaveCount(2);
  await shown(page);
  await figure(page).nth(1).locator('.picture').hover();
  await expect(readout(page)).toContainText('(run-b)');
  await page.mouse.move(0, 0);
  const picture = await pictureOf(page);
  expect(wrongShare(picture, fitted(picture), planted('run-a'), 'density')).toBeLessThan(0.002);
});

test('a tile that does not come is hatched and explained, and comes when asked again', async ({
  page,
  server,
}) => {
  const refused = {
    code: 'file-changed',
    message: 'the file changed',
    where: null,
    cause: 'a save',
    remedy: 'wait',
  };
  await page.route('**/tile?*', (route) => route.fulfill({ status: 409, json: { error: refused } }));
  const opening = openStripes(page, server);
  const note = page
    .getByRole('alert')
    .filter({ hasText: 'Hatched tiles did not come: the file changed. wait.' });
  await expect(note).toBeVisible();
  await page.unroute('**/tile?*');
  await note.getByRole('button', { name: 'Try again' }).click();
  await opening;
  await expect(note).toBeHidden();
});

test('words and tables say what the profiles show, once they are computed', async ({ page, server }) => {
  await openStripes(page, server);
  await page.getByRole('region', { name: 'Stripe map' }).getByText('In words').click();
  await expect(page.getByText(/the profiles are not computed yet/)).toBeVisible();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  // 40 rows of 700, and 30 columns of the other 860 rows.
  await expect(
    page.getByText('900 rows by 700 columns; 53 800 weights changed in bfloat16 (8.5 %).'),
  ).toBeVisible();
  await expect(page.getByText(/Most changed row: 300 \(100 %\); median row 4\.3 %/)).toBeVisible();
  await page.getByText('As tables').click();
  const rows = page.getByRole('table', { name: 'run-a: the 50 most changed rows' });
  await expect(rows.getByRole('row').nth(1)).toHaveText(/300\s*700\s*100 %/);
  await expect(rows.getByRole('row').nth(41)).toHaveText(/0\s*30\s*4\.3 %/);
  const columns = page.getByRole('table', { name: 'run-a: the 50 most changed columns' });
  await expect(columns.getByRole('row').nth(1)).toHaveText(/500\s*900\s*100 %/);
});

for (const theme of ['light', 'dark'] as const) {
  test(`no axe violation, and nothing beyond a narrow screen, ${theme}`, async ({ page, server }) => {
    await openStripes(page, server);
    await page.getByRole('radio', { name: theme }).check();
    await page.getByRole('combobox', { name: 'beside' }).selectOption('run-b');
    await page.getByRole('region', { name: 'Stripe map' }).getByText('In words').click();
    await page.getByText('As tables').click();
    await figure(page).first().focus();
    await page.keyboard.press('ArrowDown');
    await expect(readout(page).getByRole('table')).toBeVisible();
    expect(await axeViolations(page, 'section.stripes')).toEqual([]);
    await page.setViewportSize({ width: 390, height: 844 });
    await shown(page);
    const beyond = await page
      .locator('section.stripes')
      .evaluate((section) => section.scrollWidth - section.clientWidth);
    expect(beyond).toBe(0);
  });
}
