import type { Page } from '@playwright/test';
import { formatValue } from '../../src-main/contract/format.ts';
import { RowsDocument } from '../../src-main/contract/rows.ts';
import {
  axeViolations,
  expect,
  goTo,
  openComputedDemo,
  openDemo,
  scope,
  type Server,
  test,
} from './workbenchTest.ts';

async function openMap(page: Page, server: Server, computed: string, query = ''): Promise<void> {
  await openComputedDemo(page, server, computed);
  await page.evaluate((search) => {
    location.hash = location.hash.replace(/(study\/[^/]+).*$/, `$1/map${search}`);
  }, query);
  await expect(map(page)).toBeVisible();
}

const map = (page: Page) => page.getByRole('application', { name: /layer by module/ });
const readout = (page: Page) => page.getByRole('complementary', { name: 'Read-out' });
const line = (page: Page, label: string) =>
  readout(page)
    .getByRole('listitem')
    .filter({ has: page.getByText(label, { exact: true }) });

/** Rows as the engine has them. */
async function rowsOf(page: Page, search: string): Promise<RowsDocument['rows']> {
  const study = /study\/([^/]+)/.exec(page.url())![1]!;
  const reply = await page.evaluate(async (path) => {
    const headers = { authorization: `Bearer ${sessionStorage.getItem('polarimeter.token') ?? ''}` };
    return (await fetch(path, { headers })).json() as Promise<unknown>;
  }, `/api/studies/${study}/rows?${search}`);
  return RowsDocument.parse(reply).rows;
}

async function valueOf(page: Page, where: Record<string, string>): Promise<number> {
  const { measure = '', variant = '' } = where;
  const search = new URLSearchParams({ level: 'tensor', measure, variant });
  const rows = await rowsOf(page, search.toString());
  return Number(rows.find(({ tensor }) => tensor === where['tensor'])!.value);
}

async function choose(page: Page, typed: string, title: string): Promise<void> {
  await page.getByRole('combobox', { name: 'Measure' }).click();
  await page.keyboard.type(typed);
  await page.getByRole('option', { name: title, exact: true }).click();
}

test('a measure is found by typing, explained, drawn for every variant on one scale, and kept in the address', async ({
  page,
  server,
  computedDemo,
}) => {
  await openMap(page, server, computedDemo);
  await page.getByRole('combobox', { name: 'Measure' }).click();
  await page.keyboard.type('median output');
  await expect(page.getByText(/U_k\^T/).first()).toBeVisible();
  await page.getByRole('option', { name: 'Median principal angle, output side', exact: true }).click();
  await expect(map(page)).toHaveAccessibleName(
    /^Median principal angle, output side, layer by module, 11 panels/,
  );
  await expect(page.getByText(/One scale for all panels, 0\.\d+° to \d+\.\d+°, logarithmic/)).toBeVisible();
  await expect(page).toHaveURL(/map\?measure=angles\.left\.median/);
  const colours = await map(page)
    .locator('canvas')
    .evaluateAll((canvases: HTMLCanvasElement[]) => {
      const seen = new Set<number>();
      for (const canvas of canvases) {
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
        for (let i = 0; i < data.length; i += 4)
          if (data[i + 3] === 255) seen.add((data[i]! << 16) | (data[i + 1]! << 8) | data[i + 2]!);
      }
      return seen.size;
    });
  expect(colours).toBeGreaterThan(60);

  await page.keyboard.press('Escape');
  await map(page).focus();
  await page.keyboard.press('.');
  await expect(map(page)).toHaveAccessibleName(/^Mean principal angle, output side/);
  await page.keyboard.press(',');
  await expect(map(page)).toHaveAccessibleName(/^Median principal angle, output side/);
  await page.keyboard.press('g');
  await expect(page.getByRole('checkbox', { name: 'log scale' })).not.toBeChecked();
  await page.reload();
  await expect(map(page)).toHaveAccessibleName(/^Median principal angle, output side/);
  await expect(page.getByRole('checkbox', { name: 'log scale' })).not.toBeChecked();
});

test('the cursor reads every variant at once, table and words say the same, Enter opens the tensor', async ({
  page,
  server,
  computedDemo,
}) => {
  await openMap(page, server, computedDemo, '?measure=angles.left.median');
  await map(page).focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowRight');
  await expect(readout(page)).toContainText('k_proj, layer 1');
  await expect(readout(page)).toContainText('model.layers.1.self_attn.k_proj.weight');
  await expect(readout(page)).toContainText(/all of layer 1: \d.*all k_proj: \d/);
  await expect(readout(page).getByRole('listitem')).toHaveCount(11);
  const shown = await line(page, 'sft').locator('.value').innerText();
  const tensor = 'model.layers.1.self_attn.k_proj.weight';
  const value = await valueOf(page, { measure: 'angles.left.median', variant: 'sft', tensor });
  expect(Number.parseFloat(shown)).toBeCloseTo(value, 1);

  await page.getByText('As a table').click();
  const table = page.getByRole('table', { name: /^Median principal angle/ });
  await expect(
    table
      .getByRole('row')
      .filter({ hasText: /^\s*1\s*k_proj/ })
      .getByRole('cell')
      .nth(1),
  ).toHaveText(shown);
  await page.getByText('In words').click();
  await expect(
    page.getByText(/^sft: lowest .* \(layer \d+ \w+\), median .*, highest .*; 1 without a number\.$/),
  ).toBeVisible();

  // The embedding has no angles: a reason stands where the number would.
  await map(page).focus();
  await page.keyboard.press('End');
  for (let i = 0; i < 9; i++) await page.keyboard.press('ArrowDown');
  await expect(readout(page)).toContainText('embeddings and the output head are left out');
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/tensor\?tensor=model\.layers\.0\.mlp\.down_proj\.weight/);
  await page.goBack();
  await expect(map(page)).toHaveAccessibleName(/^Median principal angle/);
});

test('a part of the model is selected by keys, by dragging and by a name, and other pages know', async ({
  page,
  server,
  computedDemo,
}) => {
  await openMap(page, server, computedDemo, '?measure=angles.left.median');
  await map(page).focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('Shift+ArrowDown');
  const rail = page.getByRole('region', { name: 'Variants shown' });
  await expect(rail).toContainText('layers 1 to 2, q_proj, k_proj');
  await page.keyboard.press('1');
  await expect(page).toHaveURL(/\/overview/);
  await expect(rail).toContainText('layers 1 to 2, q_proj, k_proj');
  await page.keyboard.press('2');
  await expect(map(page)).toBeVisible();
  await rail.getByRole('button', { name: 'Show the whole model' }).click();
  await expect(rail).not.toContainText('layers 1 to 2');

  // The cell of the cursor says where the cells are.
  await map(page).focus();
  await page.keyboard.press('Home');
  const cell = (await map(page).locator('rect.active').first().boundingBox())!;
  const [x, y] = [cell.x + cell.width / 2, cell.y + cell.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + 0.9 * cell.width, y + 1.6 * cell.height, { steps: 5 });
  await page.mouse.up();
  await expect(rail).toContainText(/layers 0 to 1, \w+, \w+, \w+/);
  await page.mouse.click(cell.x - 20, y);
  await expect(rail).not.toContainText('layers');
  await expect(rail).toContainText(/_proj/);
});

test('the overview is over what was brushed on the map, with the numbers of the engine, and over the whole model again', async ({
  page,
  server,
  computedDemo,
}) => {
  const MEASURES = {
    'update.relative-norm': /^Relative update norm/,
    'angles.left.median': /^Median principal angle, output side/,
    'update.unchanged.bf16': /^Weights unchanged \(bf16\)/,
  };
  const shown = async (): Promise<string[]> => {
    const grid = page.getByRole('grid');
    const texts = Object.values(MEASURES).map((name) =>
      grid.getByRole('row', { name }).getByRole('gridcell').first().locator('strong').innerText(),
    );
    return Promise.all(texts);
  };
  const expected = async (part: string): Promise<string[]> => {
    const rows = await rowsOf(page, `level=overall&variant=sft${part}`);
    return Object.keys(MEASURES).map((id) => {
      const { value, unit } = rows.find(({ measure }) => measure === id)!;
      return formatValue(value, unit);
    });
  };
  await openComputedDemo(page, server, computedDemo);
  const whole = await expected('');
  expect(await shown()).toEqual(whole);
  await goTo(page, 'map');
  await map(page).focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('Shift+ArrowDown');
  const rail = page.getByRole('region', { name: 'Variants shown' });
  await expect(rail).toContainText('layers 1 to 2, q_proj, k_proj');

  await goTo(page, 'overview');
  const part = await expected('&layers=1-2&module=q_proj&module=k_proj');
  expect(part).not.toEqual(whole);
  await expect(scope(page)).toContainText('over layers 1 to 2, q_proj, k_proj');
  await expect.poll(shown).toEqual(part);
  await rail.getByRole('button', { name: 'Show the whole model' }).click();
  await expect(scope(page)).toContainText('over the whole model');
  await expect.poll(shown).toEqual(whole);
});

test('differences are those of the rows, as values, as ratios, and above chance', async ({
  page,
  server,
  computedDemo,
}) => {
  const measure = 'update.unchanged.bf16';
  await openMap(page, server, computedDemo, `?measure=${measure}`);
  await map(page).focus();
  await page.keyboard.press('d');
  await expect(page.getByRole('radio', { name: 'difference' })).toBeChecked();
  await page.getByRole('combobox', { name: 'minus' }).selectOption('sft');
  await page.getByRole('combobox', { name: 'Minuend' }).selectOption('rl-seed1');
  await expect(map(page)).toHaveAccessibleName(
    /^Weights unchanged \(bf16\), minus sft, layer by module, 1 panels/,
  );
  await expect(page).toHaveURL(/view=difference&of=rl-seed1&minus=sft/);
  await map(page).focus();
  await page.keyboard.press('Home');
  const tensor = 'model.layers.0.self_attn.q_proj.weight';
  const [rl, sft] = [await valueOf(page, { measure, variant: 'rl-seed1', tensor }), await valueOf(page, { measure, variant: 'sft', tensor })]; // prettier-ignore
  const value = line(page, 'rl-seed1').locator('.value');
  await expect(value).toHaveText(`+${(100 * (rl - sft)).toFixed(1)} pp`);
  await page.getByRole('checkbox', { name: 'as a ratio' }).check();
  await expect(value).toHaveText(/^×/);
  expect(Number((await value.innerText()).slice(1))).toBeCloseTo(rl / sft, 1);
  await page.getByRole('combobox', { name: 'over' }).selectOption('mean:sft');
  await expect(map(page)).toHaveAccessibleName(/over the mean of SFT/);
  await page.getByRole('radio', { name: 'above chance' }).check();
  await expect(map(page)).toHaveAccessibleName(/minus its baseline, layer by module, 11 panels/);
  await expect(page.getByText(/centred on 0/)).toBeVisible();
});

test('a measure of pairs is shown with a chosen partner', async ({ page, server, computedDemo }) => {
  await openMap(page, server, computedDemo);
  await choose(page, 'cosine between', 'Cosine between updates');
  await page.getByRole('combobox', { name: 'with', exact: true }).selectOption('rl-seed2');
  await expect(page).toHaveURL(/with=rl-seed2/);
  await map(page).focus();
  await expect(line(page, 'rl-seed1 with rl-seed2').locator('.value')).toHaveText(/^-?\d/);
});

test('nothing computed yet teaches what to do, and the map fills when it is done', async ({
  page,
  server,
}) => {
  await openDemo(page, server);
  await page.keyboard.press('2');
  await expect(page.getByText(/is computed yet/)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Run the study' })).toBeVisible();
  await runToEndOnMap(page);
});

async function runToEndOnMap(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Run the study' }).click();
  await expect(map(page)).toBeVisible({ timeout: 50_000 });
}

for (const theme of ['light', 'dark'] as const) {
  test(`no axe violations, and nothing runs off the page at any width, ${theme}`, async ({
    page,
    server,
    computedDemo,
  }) => {
    test.slow();
    await page.emulateMedia({ colorScheme: theme });
    await openMap(page, server, computedDemo, '?measure=angles.left.median&view=difference&minus=sft');
    await map(page).focus();
    await page.keyboard.press('Shift+ArrowDown');
    await page.getByText('As a table').click();
    await page.getByText('In words').click();
    expect(await axeViolations(page)).toEqual([]);
    for (const [width, height] of [
      [390, 844],
      [640, 400],
      [1280, 800],
      [2560, 1440],
    ] as const) {
      await page.setViewportSize({ width, height });
      await expect(map(page)).toBeVisible();
      const sideways = await page.evaluate(() => {
        const main = document.querySelector('main')!;
        return [document.documentElement, main].map((box) => box.scrollWidth - box.clientWidth);
      });
      expect(sideways, `sideways at ${String(width)}`).toEqual([0, 0]);
    }
  });
}
