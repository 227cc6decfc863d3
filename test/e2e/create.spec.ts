import { join } from 'node:path';
import { expect, fillForm, openDemo, test } from './workbenchTest.ts';

test('the empty start page teaches, and lists a study once it was opened', async ({ page, server }) => {
  await page.goto(server.address);
  await expect(page).toHaveURL(/^http:\/\/127\.0\.0\.1:\d+\/$/);
  await expect(page.getByText(/^A study sets one base checkpoint beside/)).toBeVisible();
  await openDemo(page, server);
  await page.getByRole('link', { name: 'Polarimeter' }).click();
  await expect(page.getByRole('link', { name: /Demo.*not run/ })).toBeVisible();
});

test('a wrong path is refused at its field with the remedy, and the study is made once it is right', async ({
  page,
  server,
}) => {
  const base = server.checkpoint('base', 0);
  const rl = server.checkpoint(join('runs', 'grpo', 'checkpoint-30'), 1);
  await page.goto(server.address);
  await fillForm(page, { name: 'Mine', base, variant: `${rl}0` });
  await page.getByRole('button', { name: 'Create the study' }).click();
  const field = page.getByLabel('Checkpoint', { exact: true });
  await expect(field).toBeFocused();
  await expect(field).toHaveAttribute('aria-invalid', 'true');
  await expect(field).toHaveAccessibleDescription(/does not exist.*misspelled.*check the path/is);
  await expect(page.getByText('no config.json · 24.6 K parameters · 6 tensors · BF16')).toBeVisible();

  await field.fill(rl);
  await field.blur();
  await expect(page.getByLabel('Label')).toHaveValue('grpo/checkpoint-30');
  await expect(page.getByLabel('Role')).toHaveValue('rl');
  await page.getByRole('button', { name: 'Create the study' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Mine');
  await expect(page).toHaveURL(/\/setup$/);
  const row = page.getByRole('row').filter({ has: page.getByLabel('Label of grpo/checkpoint-30') });
  await expect(row).toContainText('6 of 6');
  await expect(page.getByLabel('Run of grpo/checkpoint-30')).toHaveValue('grpo');
  await expect(page.getByLabel('Step of grpo/checkpoint-30')).toHaveValue('30');
});

test('two variants of one label and a missing name are refused', async ({ page, server }) => {
  const base = server.checkpoint('base', 0);
  await page.goto(server.address);
  await page.getByRole('textbox', { name: 'Base checkpoint' }).fill(base);
  for (const index of [0, 1]) await page.getByLabel('Checkpoint', { exact: true }).nth(index).fill(base);
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('base');
  await page.getByLabel('Name', { exact: true }).fill('');
  await page.getByRole('button', { name: 'Create the study' }).click();
  await expect(page.getByText('a study needs a name')).toBeVisible();
  await expect(page.getByLabel('Name', { exact: true })).toBeFocused();
  await expect(page.getByText('this label is taken by the base checkpoint')).toHaveCount(2);
  await page.getByLabel('Label').nth(0).fill('same');
  await page.getByLabel('Label').nth(1).fill('same');
  await expect(page.getByText('another variant has this label')).toHaveCount(2);
});

test('a checkpoint is found by browsing', async ({ page, server }) => {
  server.checkpoint(join('models', 'llama-base'), 0);
  await page.goto(server.address);
  await page.getByRole('button', { name: 'Browse for base checkpoint' }).click();
  const dialog = page.getByRole('dialog', { name: 'Base checkpoint' });
  await dialog.getByLabel('Folder', { exact: true }).fill(server.home);
  await dialog.getByRole('button', { name: 'Go' }).click();
  await dialog.getByRole('button', { name: 'models', exact: true }).click();
  await dialog.getByRole('button', { name: 'Choose llama-base' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('textbox', { name: 'Base checkpoint' })).toHaveValue(
    join(server.home, 'models', 'llama-base'),
  );
  await expect(page.getByText(/24\.6 K parameters/)).toBeVisible();

  await page.getByRole('button', { name: 'Browse for base checkpoint' }).click();
  await dialog.getByLabel('Folder', { exact: true }).fill('/nowhere/at/all');
  await dialog.getByRole('button', { name: 'Go' }).click();
  await expect(dialog.getByRole('alert')).toContainText('does not exist');
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
});

test('a folder of checkpoints offers them', async ({ page, server }) => {
  server.checkpoint(join('runs', 'checkpoint-10'), 1);
  server.checkpoint(join('runs', 'checkpoint-20'), 2);
  await page.goto(server.address);
  await page.getByRole('textbox', { name: 'Base checkpoint' }).fill(join(server.home, 'runs'));
  await page.getByRole('textbox', { name: 'Base checkpoint' }).blur();
  await page.getByRole('button', { name: /checkpoint-20/ }).click();
  await expect(page.getByRole('textbox', { name: 'Base checkpoint' })).toHaveValue(
    join(server.home, 'runs', 'checkpoint-20'),
  );
  await expect(page.getByText(/24\.6 K parameters/)).toBeVisible();
});

test('a page without the token says where to get one', async ({ page, server }) => {
  await page.goto(new URL(server.address).origin);
  await expect(page.getByRole('alert')).toContainText('does not carry the token');
  await expect(page.getByRole('alert')).toContainText('polarimeter serve');
});

test('an address of a study that is not there leads back', async ({ page, server }) => {
  await page.goto(`${server.address}#/study/AAAAAAAAAAAAAAAA`);
  await expect(page.getByRole('alert')).toContainText('no study of this id');
  await page.getByRole('link', { name: 'Back to the studies' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Studies');
});
