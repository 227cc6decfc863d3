import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { formatCount } from '../../src-main/contract/format.ts';
import { writeCheckpoint } from '../fixtures/checkpoints.ts';
import { expect, test, type Server } from './workbenchTest.ts';

const LAYERS = 30;
const EXPERTS = 100;
const TENSORS = LAYERS * EXPERTS;
/** Rows that a list may keep in the document: what is in sight on a high screen, and some to either side. */
const MOST_ROWS = 120;

function manyTensors(folder: string, code: number): void {
  const tensors = Array.from({ length: TENSORS }, (_, i) => ({
    name: `model.layers.${String(Math.floor(i / EXPERTS))}.mlp.experts.${String(i % EXPERTS)}.up_proj.weight`,
    dtype: 'BF16',
    shape: [2, 2],
    data: new Uint8Array(8).fill(code),
  }));
  writeCheckpoint(folder, { tensors });
}

/** Opens a study of an expert model that nobody has run. */
async function openMany(page: Page, server: Server): Promise<void> {
  const study = join(server.home, 'many');
  mkdirSync(study);
  manyTensors(join(server.home, 'base'), 0x3c);
  manyTensors(join(server.home, 'rl'), 0x3d);
  const variants = [{ label: 'rl', role: 'rl', from: 'base', path: '../rl' }];
  const file = {
    schema: 'polarimeter.study/1',
    name: 'many',
    base: { path: '../base' },
    variants,
    options: {},
  };
  writeFileSync(join(study, 'study.json'), JSON.stringify(file));
  await server.stop();
  await server.start(study);
  await page.goto(server.address);
  await expect(page.locator('main[data-view]')).toBeVisible();
}

test('of thousands of tensors only those in sight are in the document', async ({ page, server }) => {
  await openMany(page, server);

  await page.getByRole('link', { name: 'Tensor', exact: true }).click();
  const list = page.getByRole('listbox', { name: 'Tensors' });
  const options = list.getByRole('option');
  await expect(options.first()).toHaveAttribute('aria-setsize', String(TENSORS));
  for (const key of ['End', 'Home', 'PageDown']) {
    await list.press(key);
    expect(await options.count()).toBeLessThan(MOST_ROWS);
  }
  await list.press('End');
  const last = `model.layers.${String(LAYERS - 1)}.mlp.experts.${String(EXPERTS - 1)}.up_proj.weight`;
  await expect(list.getByRole('option', { name: last })).toBeInViewport();

  await page.getByRole('link', { name: 'Set-up', exact: true }).click();
  const table = page.getByRole('grid').and(page.locator(`[aria-rowcount="${String(TENSORS + 1)}"]`));
  await expect(table.getByRole('rowheader').first()).toBeVisible();
  await table.press('End');
  await expect(table.getByRole('rowheader', { name: last })).toBeInViewport();
  expect(await table.getByRole('row').count()).toBeLessThan(MOST_ROWS);
});

test('the palette lists few of thousands of tensors and says of how many', async ({ page, server }) => {
  await openMany(page, server);
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Search or go to' }).fill('up_proj');
  await expect(page.getByText(`24 of ${formatCount(TENSORS)}; type on to narrow`)).toBeVisible();
  expect(await page.getByRole('listbox', { name: 'Found' }).getByRole('option').count()).toBeLessThan(
    MOST_ROWS,
  );
});
