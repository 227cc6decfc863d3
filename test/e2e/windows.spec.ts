import type { Page } from '@playwright/test';
import { createStudy, expect, goTo, runPanel, runState, scope, test } from './workbenchTest.ts';

/** A second window on what the first one shows; what it was told at its start is noted, so that a reload would be seen. */
async function openAnother(page: Page, address: string): Promise<Page> {
  const other = await page.context().newPage();
  await other.goto(address.replace(/#.*/, '') + new URL(page.url()).hash);
  await expect(other.getByLabel('Label of rl-run')).toBeVisible();
  await other.evaluate(() => (document.documentElement.dataset['loaded'] = 'once'));
  return other;
}

test('an edit and a run of one window show in the other without a reload', async ({ page, server }) => {
  await createStudy(page, server, 768);
  const other = await openAnother(page, server.address);

  await page.getByLabel('Label of rl-run').fill('grpo');
  await page.keyboard.press('Enter');
  await expect(other.getByLabel('Label of grpo')).toHaveValue('grpo');
  await expect(other.getByRole('checkbox', { name: 'grpo' })).toBeAttached();
  // And back: the window that was only told of the first edit makes the next one.
  await other.getByLabel('Role of grpo').selectOption('sft');
  await expect(page.getByLabel('Role of grpo')).toHaveValue('sft');

  await goTo(other, 'overview');
  await expect(runState(other)).toHaveText('Not run yet');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(runState(other)).toHaveText('Running');
  await expect(runPanel(other)).toContainText(/[1-6] of 6 tensors/);
  await expect(other.getByRole('button', { name: 'Cancel', exact: true })).toBeEnabled();
  await expect(runState(other)).toHaveText('Done', { timeout: 50_000 });
  await expect(runState(page)).toHaveText('Done');
  await expect(scope(other)).toContainText('over the whole model');
  await expect(other.getByRole('grid').getByRole('columnheader', { name: /^grpo/ })).toBeVisible();
  await expect(other.locator('html')).toHaveAttribute('data-loaded', 'once');
});

test('an edit of what another window has changed meanwhile is refused, and the page shows the new study', async ({
  page,
  server,
}) => {
  await createStudy(page, server, 64);
  // This window is told of nothing, as when its connection hangs.
  await page.context().route('**/events*', (route) => route.abort());
  const other = await openAnother(page, server.address);
  await page.getByLabel('Label of rl-run').fill('grpo');
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('Label of grpo')).toBeVisible();

  await other.getByLabel('Role of rl-run').selectOption('sft');
  await expect(other.getByRole('alert').filter({ hasText: 'this edit was made on version' })).toBeVisible();
  await expect(other.getByLabel('Label of grpo')).toBeVisible();
  await expect(other.getByLabel('Role of grpo')).toHaveValue('rl');
});
