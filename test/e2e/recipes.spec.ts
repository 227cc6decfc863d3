import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  expect,
  fillForm,
  goTo,
  runDetails,
  runState,
  runToEnd,
  sideways,
  studyName,
  test,
} from './workbenchTest.ts';

const RECIPE = `
schema: polarimeter.recipe/1
name: half way back
target: tuned
inputs: { tuned: { path: ./rl-run }, base: { path: ./base } }
edits: [{ edit: interpolate, to: base, amount: 0.5 }]
`;

test('a recipe is a variant like any checkpoint: chosen, made by the run, measured', async ({
  page,
  server,
}) => {
  const base = server.checkpoint('base', 0, 128);
  server.checkpoint('rl-run', 1, 128);
  const recipe = join(server.home, 'halfway.yaml');
  writeFileSync(recipe, RECIPE);
  await page.goto(server.address);
  await fillForm(page, { name: 'With a recipe', base, variant: recipe });
  await page.getByRole('button', { name: 'Create the study' }).click();
  await expect(studyName(page)).toHaveText('With a recipe');
  const row = page.getByText(/^Recipe: 1 edit of .*rl-run, 0 tensors taken from elsewhere, 6 computed/);
  await expect(row).toBeVisible();

  await goTo(page, 'tensor');
  await expect(page.getByRole('main')).toContainText('this tensor of a recipe is not in the work folder');

  await goTo(page, 'overview');
  await runToEnd(page);
  const details = await runDetails(page);
  const made = details.getByRole('row', { name: /^Make tensors of recipes/ });
  await expect(made.getByRole('cell').nth(2)).toHaveText('6');
  const log = details.getByRole('list', { name: 'Log' });
  await expect(log).toContainText('6 tensors are made (192 KiB), 0 taken as they are');

  await goTo(page, 'tensor');
  await expect(page.getByRole('main')).not.toContainText('not in the work folder');
  await goTo(page, 'setup');
  await page.setViewportSize({ width: 390, height: 844 });
  expect(await sideways(page)).toBe(0);
});

test('a recipe that is none says so in the form', async ({ page, server }) => {
  const base = server.checkpoint('base', 0);
  const recipe = join(server.home, 'wrong.yaml');
  writeFileSync(recipe, RECIPE.replace('amount: 0.5', 'amount: half'));
  await page.goto(server.address);
  await fillForm(page, { name: 'Wrong', base, variant: recipe });
  await page.getByLabel('Checkpoint', { exact: true }).press('Tab');
  await expect(page.getByRole('main')).toContainText(/line 6, edit 1, amount/);
  await expect(runState(page)).toHaveCount(0);
});
