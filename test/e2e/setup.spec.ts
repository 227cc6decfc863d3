import { join } from 'node:path';
import type { Page } from '@playwright/test';
import {
  axeViolations,
  createStudy,
  expect,
  openComputedDemo,
  runState,
  sideways,
  test,
} from './workbenchTest.ts';

/** Drops something on the page as a browser does it: names, and no paths. */
async function dropNames(page: Page, ...names: string[]): Promise<void> {
  const dropped = await page.evaluateHandle((all) => {
    const transfer = new DataTransfer();
    for (const name of all) transfer.items.add(new File([], name));
    return transfer;
  }, names);
  await page.getByText('Drop checkpoint folders').dispatchEvent('drop', { dataTransfer: dropped });
}

const lastEdit = (page: Page) => page.getByRole('status', { name: 'Last edit' });

async function openSetup(page: Page): Promise<void> {
  await page.getByRole('link', { name: /Set-up/ }).click();
  await expect(page.getByRole('heading', { name: 'Base and variants' })).toBeVisible();
}

test('checkpoints are found, dropped by name, taken for what they are, and measured after a look at the cost', async ({
  page,
  server,
}) => {
  server.checkpoint(join('user', '.lmstudio', 'models', 'me', 'tiny-base'), 0);
  for (const step of [10, 20])
    server.checkpoint(
      join('user', '.lmstudio', 'models', 'me', 'tiny-sft', `checkpoint-${String(step)}`),
      step,
    );
  server.checkpoint(join('user', '.lmstudio', 'models', 'me', 'mystery'), 3);
  await page.goto(server.address);
  const found = page.getByRole('grid', { name: 'Checkpoints found on this machine' });
  await expect(page.getByText('4 checkpoints')).toBeVisible();
  await found.getByRole('row', { name: /tiny-base/ }).click();
  await expect(page.getByRole('textbox', { name: 'Base checkpoint' })).toHaveValue(/tiny-base$/);

  // A run shows its steps; the list is one stop of the keyboard.
  await found.getByRole('row', { name: /tiny-sft/ }).click();
  await found.getByRole('row', { name: /step 20/ }).click();
  await expect(page.getByLabel('Label', { exact: true })).toHaveValue('tiny-sft/checkpoint-20');
  await dropNames(page, 'mystery');
  await expect(page.getByText(/^Added me\/mystery\./)).toBeVisible();
  await dropNames(page, 'nowhere');
  await expect(page.getByText(/A browser does not tell where “nowhere” lies/)).toBeVisible();
  await expect(page.getByLabel('Role').nth(1)).toHaveValue('other');
  await page.getByLabel('Role').nth(1).selectOption('rl');
  await page.getByRole('button', { name: 'Create the study' }).click();

  await expect(page.getByRole('heading', { level: 1 })).toHaveText('tiny-base');
  await expect(page.getByRole('heading', { name: 'What a run will do' })).toBeVisible();
  const plan = page.getByRole('region', { name: 'What a run will do' });
  await expect(plan).toContainText(/12 tensors in 2\s+comparisons/);
  await expect(plan).toContainText(/Time\s*about .*Reads\s*\d.*KiB/s);
  await plan.getByLabel('Threads').fill('1');
  await plan.getByRole('button', { name: 'Run this study' }).click();
  await expect(runState(page)).toHaveText('Done', { timeout: 50_000 });
  await expect(page.getByText('nothing: every result is stored')).toBeVisible();
});

test('an edit is made in place, undone and redone', async ({ page, server }) => {
  await createStudy(page, server, 64);
  await page.getByRole('button', { name: /^Run$/ }).click();
  await expect(runState(page)).toHaveText('Done', { timeout: 50_000 });

  await page.getByLabel('Label of rl-run').fill('grpo');
  await page.keyboard.press('Enter');
  await expect(lastEdit(page)).toContainText('rl-run is now called grpo.');
  await expect(runState(page)).toHaveText('Done');
  await page.getByLabel('Role of grpo').selectOption('other');
  await expect(lastEdit(page)).toContainText('Role of grpo is now Other.');
  await page.getByRole('heading', { level: 1 }).click();
  await page.keyboard.press('Control+z');
  await expect(page.getByLabel('Role of grpo')).toHaveValue('rl');
  await expect(lastEdit(page)).toContainText('Undone: the role of grpo.');
  await lastEdit(page).getByRole('button', { name: 'Redo' }).click();
  await expect(page.getByLabel('Role of grpo')).toHaveValue('other');
  await lastEdit(page).getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByLabel('Role of grpo')).toHaveValue('rl');

  await page.getByRole('button', { name: 'Rename the study' }).click();
  await page.getByLabel('Name of the study').fill('Better name');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Better name');
});

test('a label that cannot be says why, and a variant is added, moved and removed', async ({
  page,
  server,
}) => {
  await createStudy(page, server, 32);
  const label = page.getByLabel('Label of rl-run');
  await label.fill('base');
  await page.keyboard.press('Enter');
  await expect(label).toHaveAccessibleDescription('this label is taken');
  await label.fill('rl-run');
  await label.blur();

  await page.getByText('Add a variant').click();
  await page.getByLabel('Checkpoint', { exact: true }).fill(server.checkpoint('sft-run', 2, 32));
  await page.getByRole('button', { name: 'Add to the study' }).click();
  await expect(page.getByLabel('Role of sft-run')).toHaveValue('sft');
  await page.getByLabel('What rl-run is compared with').selectOption('sft-run');
  await expect(lastEdit(page)).toContainText('rl-run is now compared with sft-run.');
  await page.getByRole('button', { name: 'Move sft-run up' }).click();
  await expect(page.getByRole('textbox', { name: /^Label of/ }).first()).toHaveValue('sft-run');
  await page.getByRole('button', { name: 'Remove sft-run' }).click();
  await expect(page.getByLabel('What rl-run is compared with')).toHaveValue('base');

  await page.locator('summary', { hasText: /^Options/ }).click();
  await page.getByLabel('Modules').fill('k_proj');
  await expect(page.getByText(/no module is called k_proj; there are q_proj/)).toBeVisible();
  await page.getByLabel('Modules').fill('');
  await page.getByLabel('Layers', { exact: true }).fill('0-2');
  await page.getByRole('button', { name: 'Save the options' }).click();
  await expect(page.getByText('left out by --layers or --modules').first()).toBeVisible();
  await page.getByRole('button', { name: /3 left out by/ }).click();
  await expect(page.getByText('3 of 6 comparisons')).toBeVisible();
});

for (const theme of ['light', 'dark'] as const) {
  test(`no axe violations on the start page with a list and on the set-up page, ${theme}`, async ({
    page,
    server,
    computedDemo,
  }) => {
    server.checkpoint(join('user', '.lmstudio', 'models', 'me', 'tiny'), 0);
    await page.goto(server.address);
    await page.getByRole('radio', { name: theme }).check();
    await expect(page.getByText('1 checkpoint', { exact: true })).toBeVisible();
    await page.locator('summary', { hasText: 'Options' }).click();
    await page.getByText(/searched$/).click();
    await expect(page.getByText('All usual measures')).toBeVisible();
    expect(await axeViolations(page)).toEqual([]);
    await openComputedDemo(page, server, computedDemo);
    await openSetup(page);
    await page.locator('summary', { hasText: /^Options/ }).click();
    await page.getByLabel('Role of rl-seed1', { exact: true }).selectOption('other');
    await expect(lastEdit(page)).toContainText('Other');
    expect(await axeViolations(page)).toEqual([]);
    for (const width of [390, 640, 1280, 2560]) {
      await page.setViewportSize({ width, height: 844 });
      expect(await sideways(page), `sideways at ${String(width)}`).toBe(0);
    }
  });
}

test('a study is made from found checkpoints with the keyboard alone', async ({ page, server }) => {
  for (const [seed, name] of ['tiny-base', 'tiny-rl'].entries())
    server.checkpoint(join('user', '.lmstudio', 'models', 'me', name), seed);
  await page.goto(server.address);
  const list = page.getByRole('grid', { name: 'Checkpoints found on this machine' });
  await expect(list).toBeVisible();
  for (let i = 0; i < 40 && !(await list.evaluate((element) => element === document.activeElement)); i++)
    await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('textbox', { name: 'Base checkpoint' })).toHaveValue(/tiny-base$/);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('Label', { exact: true })).toHaveValue('tiny-rl');
  const create = page.getByRole('button', { name: 'Create the study' });
  for (let i = 0; i < 40 && !(await create.evaluate((element) => element === document.activeElement)); i++)
    await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('tiny-base');
  await expect(page.getByLabel('Role of tiny-rl')).toHaveValue('rl');
});
