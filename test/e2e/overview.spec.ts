import type { BrowserContext, Page } from '@playwright/test';
import { execFileSync } from 'node:child_process';
import { RowsDocument } from '../../src-main/contract/rows.ts';
import { axeViolations, expect, openComputedDemo, PROGRAM, sideways, test } from './workbenchTest.ts';

const grid = (page: Page) => page.getByRole('grid');
const line = (page: Page, name: RegExp) => grid(page).getByRole('row', { name });
const cell = (page: Page, name: RegExp, column: number) => line(page, name).getByRole('gridcell').nth(column);
const copied = (page: Page): Promise<string> => page.evaluate(() => navigator.clipboard.readText());

async function mayCopy(context: BrowserContext): Promise<void> {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
}

test('a definition is one hover or one key away and opens to stay', async ({
  page,
  server,
  computedDemo,
}) => {
  await openComputedDemo(page, server, computedDemo);
  const angle = /^Median principal angle, output side/;
  await cell(page, angle, 0).hover();
  const note = page.getByRole('tooltip');
  await expect(note).toContainText('Median principal angle, output side · sft');
  for (const part of ['Formula', 'k = 32 to 64', 'two random k-subspaces, here', 'svd_gram_f64', 'BF16'])
    await expect(note).toContainText(part);
  await expect(note).toContainText('SFT: above 10°, Qwen3-8B (arXiv:2606.07082');
  await expect(note).toContainText('Not drawn: Published for one representative layer at k = 512');
  await note.hover();
  await page.waitForTimeout(400);
  await expect(note).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(note).toBeHidden();

  await cell(page, angle, 1).focus();
  await expect(note).toContainText('sft-peak');
  await expect(cell(page, angle, 1)).toHaveAttribute('aria-describedby', 'definition');
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Median principal angle, output side · sft-peak' });
  await expect(dialog).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(dialog.getByRole('button', { name: /^Copy citation/ })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(cell(page, angle, 1)).toBeFocused();
});

test('a value is copied as a citation, and as the command line that prints it again', async ({
  page,
  server,
  computedDemo,
  context,
}) => {
  await mayCopy(context);
  await openComputedDemo(page, server, computedDemo);
  await cell(page, /^Normalised spectral shift/, 4).focus();
  await page.keyboard.press('c');
  await expect(page.getByRole('status').filter({ hasText: 'Citation copied' })).toBeAttached();
  const citation = await copied(page);
  expect(citation).toMatch(/^Normalised spectral shift of rl-seed1 from sft, over the whole model: \d/);
  expect(citation).toContain('@misc{arXiv-2511.08567, eprint = {2511.08567}, archivePrefix = {arXiv}}');

  await page.keyboard.press('v');
  await expect.poll(() => copied(page)).toMatch(/^[\d.e-]+$/);
  const value = Number(await copied(page));
  await page.keyboard.press('Shift+C');
  await expect.poll(() => copied(page)).toMatch(/^polarimeter study rows /);
  const [, ...words] = (await copied(page)).split(' ');
  const stdout = execFileSync(process.execPath, [PROGRAM, ...words], { encoding: 'utf8' });
  const { rows } = RowsDocument.parse(JSON.parse(stdout));
  expect(rows.filter(({ measure }) => measure === 'spectrum.nss').map((row) => row.value)).toEqual([value]);
});

test('where the clipboard is denied the text is left to be copied by hand', async ({
  page,
  server,
  computedDemo,
}) => {
  await page.addInitScript(() => {
    navigator.clipboard.writeText = () => Promise.reject(new Error('denied'));
  });
  await openComputedDemo(page, server, computedDemo);
  await cell(page, /^Stable rank/, 0).click();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^Copy command line/ })
    .click();
  const field = page.getByRole('textbox', { name: 'To copy by hand' });
  await expect(field).toBeFocused();
  await expect(field).toHaveValue(/^polarimeter study rows .* --measures rank\.stable --variant sft /);
  expect(await page.evaluate(() => getSelection()?.toString())).toContain('polarimeter study rows');
});

test('published ranges, values per norm, and all measures by group', async ({
  page,
  server,
  computedDemo,
}) => {
  await openComputedDemo(page, server, computedDemo);
  await expect(page.getByText('published', { exact: true })).toBeVisible();
  const rl = cell(page, /^Weights unchanged \(bf16\)/, 4);
  await expect(rl.locator('rect.published')).toHaveCount(1);
  await expect(cell(page, /^Weights unchanged \(bf16\)/, 0).locator('rect.published')).toHaveCount(2);
  // 36 to 92 per cent on a strip from 0 to 100.
  const box = (await rl.locator('rect.published').boundingBox())!;
  const strip = (await rl.locator('path.axis').boundingBox())!;
  expect((box.x - strip.x) / strip.width).toBeCloseTo(0.36, 1);
  expect(box.width / strip.width).toBeCloseTo(0.56, 1);

  await page.keyboard.press('n');
  await expect(line(page, /^Weights unchanged \(bf16\): changed/)).toContainText('per 1 % of norm');
  await expect(line(page, /^Stable rank/)).toContainText('as it is');
  await expect(rl.locator('rect.published')).toHaveCount(0);
  await page.keyboard.press('n');

  await page.getByLabel('all measures').check();
  await expect(grid(page).getByRole('rowheader', { name: 'Update rank' })).toBeAttached();
  await page.keyboard.press('Tab');
  await grid(page)
    .getByRole('rowheader', { name: /^Parameters compared/ })
    .focus();
  for (let i = 0; i < 9; i++) await page.keyboard.press('PageDown');
  await expect(
    grid(page).getByRole('rowheader', { name: /^Changes that rounding to bf16 swallows/ }),
  ).toBeFocused();
  await expect(page.getByRole('tooltip')).toContainText('gate.swallowed');
});

test('a variant that is hidden leaves the table', async ({ page, server, computedDemo }) => {
  await openComputedDemo(page, server, computedDemo);
  await page.getByRole('region', { name: 'Variants shown' }).getByText('sft-peak', { exact: true }).click();
  await expect(grid(page).getByRole('columnheader', { name: /^sft-peak/ })).toHaveCount(0);
});

for (const theme of ['light', 'dark'] as const) {
  test(`is accessible with a definition open and stays on the page, ${theme}`, async ({
    page,
    server,
    computedDemo,
  }) => {
    test.slow();
    await page.emulateMedia({ colorScheme: theme });
    await openComputedDemo(page, server, computedDemo);
    const check = async (): Promise<void> => {
      expect(await axeViolations(page)).toEqual([]);
    };
    await cell(page, /^Stable rank/, 2).focus();
    await expect(page.getByRole('tooltip')).toBeVisible();
    await check();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('dialog')).toBeVisible();
    await check();
    for (const [width, height] of [
      [390, 844],
      [1280, 800],
      [2560, 1440],
    ] as const) {
      await page.setViewportSize({ width, height });
      expect(await sideways(page)).toBe(0);
    }
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.keyboard.press('Escape');
    await expect(page.getByRole('button', { name: /more variants to the right/ })).toBeVisible();
    await page.getByRole('button', { name: /more variants to the right/ }).click();
    await expect(grid(page).getByRole('columnheader', { name: /^rl-zero-seed2/ })).toBeInViewport();
    // The names of the measures stay beside the numbers.
    await expect(grid(page).getByRole('rowheader', { name: /^Relative update norm/ })).toBeInViewport();
  });
}
