import type { Locator, Page } from '@playwright/test';
import { expect, runState, studyName, test } from './workbenchTest.ts';

/** Goes with Tab, and with nothing else, to where the focus should be. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  const isThere = (): Promise<boolean> => target.evaluate((element) => element === document.activeElement);
  for (let i = 0; i < 120 && !(await isThere()); i++) await page.keyboard.press('Tab');
  await expect(target).toBeFocused();
}

async function search(page: Page, typed: string): Promise<void> {
  const palette = page.getByRole('dialog', { name: 'Command palette' });
  await page.keyboard.press('Control+k');
  await expect(palette.getByRole('combobox')).toBeFocused();
  await page.keyboard.type(typed);
  await expect(palette.getByRole('option').first()).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('Enter');
  await expect(palette).toBeHidden();
}

const announced = (page: Page) => page.locator('#announced');

async function arrives(page: Page, view: string, title: string): Promise<void> {
  await expect(page.getByRole('main')).toHaveAttribute('data-view', view);
  await expect(announced(page)).toHaveText(title);
  await expect(page.getByRole('main').getByRole('heading', { level: 1 })).toBeFocused();
}

test('a whole session with the keyboard alone', async ({ page, server }) => {
  test.slow();
  await page.goto(server.address);
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toBeFocused();
  await tabTo(page, page.getByRole('button', { name: 'Open the demo study' }));
  await page.keyboard.press('Enter');
  await expect(studyName(page)).toHaveText(/Demo/);
  await expect(runState(page)).toHaveText('Not run yet');
  await expect(page.getByRole('main')).toBeFocused();
  await page.keyboard.press('Control+Enter');
  await expect(runState(page)).toHaveText('Done', { timeout: 100_000 });

  // Overview: the table is one stop of Tab, arrows go from cell to cell, Enter opens the definition and Esc gives the focus back.
  const grid = page.getByRole('grid');
  await tabTo(page, grid.locator('[tabindex="0"]'));
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowRight');
  const cell = grid.locator('[data-cell="1/1"]');
  await expect(cell).toBeFocused();
  await expect(page.getByRole('tooltip')).toContainText('sft');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect(cell).toBeFocused();

  await page.keyboard.press('2');
  await arrives(page, 'map', 'Map');
  const map = page.getByRole('application', { name: /layer by module/ });
  await tabTo(page, map);
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowRight');
  const readout = page.getByRole('complementary', { name: 'Read-out' });
  await expect(readout).toContainText('layer 1');
  const tensor = /model\.layers\.1\.[\w.]+/.exec(await readout.innerText())![0];
  await page.keyboard.press('Enter');
  await arrives(page, 'tensor', 'Tensor');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(tensor);

  // The stripe map: closer with a key, from weight to weight with arrows, and the weight is read out.
  const stripes = page.getByRole('application', { name: new RegExp(`^${tensor}`) }).first();
  await tabTo(page, stripes);
  const status = page.locator('[data-renderer]');
  await expect(status).toContainText(/level \d/);
  const whole = await status.innerText();
  await page.keyboard.press('w');
  await page.keyboard.press('w');
  await page.keyboard.press('w');
  await expect(status).not.toHaveText(whole);
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowDown');
  const weight = page.getByRole('complementary', { name: 'Weight under the cursor' });
  await expect(weight.getByRole('row', { name: /^before/ })).toBeVisible();
  await page.keyboard.press('0');
  await expect(status).toHaveText(whole);

  await page.keyboard.press('4');
  await arrives(page, 'overlap', 'Overlap');
  const pairs = page.getByRole('application', { name: /^Jaccard overlap .* matrices, beyond chance\. / });
  await expect(pairs).toBeVisible();
  await tabTo(page, pairs);
  await page.keyboard.press('PageDown');
  await page.keyboard.press('ArrowRight');
  await expect(page.getByText(/by chance \d+\.\d %, beyond it [+−]\d+\.\d pp/).first()).toBeVisible();

  await search(page, 'claims');
  await arrives(page, 'claims', 'Claims');
  const details = page.getByRole('article').first().locator('summary');
  await tabTo(page, details);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('article').first().getByRole('heading', { name: 'This study' })).toBeVisible();

  await search(page, 'layers.3 down_proj');
  await expect(page).toHaveURL(/tensor=model\.layers\.3\.mlp\.down_proj\.weight/);
  await arrives(page, 'tensor', 'Tensor');
  await page.keyboard.press('Control+Shift+O');
  await expect(page).toHaveURL(/#\/$/);
  await expect(announced(page)).toHaveText('Studies');
  await tabTo(page, page.getByRole('link', { name: /Demo.*done/ }));
  await page.keyboard.press('Enter');
  await expect(runState(page)).toHaveText('Done');
});
