import { expect, goTo, openComputedDemo, openDemo, studyName, test } from './workbenchTest.ts';

const DIALOG = { name: 'Command palette' };

test('the palette finds commands, measures, variants and tensors, and gives the focus back', async ({
  page,
  server,
  computedDemo,
}) => {
  await openComputedDemo(page, server, computedDemo);
  const before = page.getByRole('button', { name: 'Details', exact: true });
  await before.focus();
  await page.keyboard.press('Control+k');
  const palette = page.getByRole('dialog', DIALOG);
  const field = palette.getByRole('combobox', { name: 'Search or go to' });
  await expect(field).toBeFocused();
  for (const name of ['Commands', 'Variants', 'Measures on the map', 'Tensors'])
    await expect(palette.getByRole('group', { name })).toBeVisible();
  await page.keyboard.type('q_proj 3');
  const first = palette.getByRole('option').first();
  await expect(first).toHaveText('model.layers.3.self_attn.q_proj.weight');
  await expect(first.locator('mark')).toHaveText(['3', 'q', 'proj']);
  await expect(field).toHaveAttribute('aria-activedescendant', (await first.getAttribute('id')) ?? 'none');
  // The module in every layer: more than one.
  for (let i = 0; i < ' 3'.length; i++) await page.keyboard.press('Backspace');
  await expect(palette.getByRole('option').nth(5)).toBeVisible();
  await page.keyboard.press('ArrowDown');
  await expect(first).toHaveAttribute('aria-selected', 'false');
  await page.keyboard.press('Escape');
  await expect(palette).toBeHidden();
  await expect(before).toBeFocused();

  await page.keyboard.press('Control+p');
  await page.keyboard.type('relative update norm');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toHaveAttribute('data-view', 'map');
  await page.keyboard.press('Control+k');
  await expect(palette.getByRole('group', { name: 'Recent' }).getByRole('option')).toHaveText(
    /^Relative update norm/,
  );
  await page.keyboard.type('hide sft-peak');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('checkbox', { name: 'sft-peak' })).not.toBeChecked();
});

test('keys that belong to fields and dialogs do nothing else', async ({ page, server, computedDemo }) => {
  await openComputedDemo(page, server, computedDemo);
  await page.keyboard.press('?');
  const sheet = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await expect(sheet).toBeVisible();
  await page.keyboard.press('2');
  await expect(page.getByRole('main', { includeHidden: true })).toHaveAttribute('data-view', 'overview');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('2n');
  await expect(page.getByRole('combobox', { name: 'Search or go to' })).toHaveValue('2n');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await expect(sheet).toBeHidden();
  await page.keyboard.press('2');
  await expect(page.getByRole('main')).toHaveAttribute('data-view', 'map');
});

test('a key is changed in the sheet, a taken one only after asking, and it is kept', async ({
  page,
  server,
  computedDemo,
}) => {
  await openComputedDemo(page, server, computedDemo);
  await page.getByRole('button', { name: 'Keyboard shortcuts' }).click();
  const sheet = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await sheet.getByRole('button', { name: 'Change keys' }).click();
  await sheet.getByRole('button', { name: 'Change the key of Map', exact: true }).click();
  await expect(sheet.getByRole('button', { name: 'Press the new key' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(sheet).toContainText('Not possible: this key belongs to lists, buttons and fields.');
  await page.keyboard.press('4');
  await expect(sheet).toContainText('“Overlap” has this key, at the same place.');
  await sheet.getByRole('button', { name: 'Take it from there' }).click();
  await expect(sheet.getByRole('row', { name: /^Overlap/ })).toContainText('palette only');
  await sheet.getByText('Changes as text').click();
  await expect(sheet.getByRole('textbox')).toHaveValue(/"view\.map": \[\s+"4"\s+\]/);
  await page.reload();
  await expect(studyName(page)).toHaveText(/Demo/);
  await page.keyboard.press('4');
  await expect(page.getByRole('main')).toHaveAttribute('data-view', 'map');
});

test('the breadcrumb leads to other studies and back', async ({ page, server }) => {
  await openDemo(page, server);
  await studyName(page).click();
  await page.getByRole('menuitem', { name: 'No other study yet: make one' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toBeFocused();
  await page.goBack();
  await expect(studyName(page)).toHaveText(/Demo/);
});

test('the rail folds to the keys of its pages, and stays so', async ({ page, server, computedDemo }) => {
  await openComputedDemo(page, server, computedDemo);
  await page.getByRole('button', { name: 'Fold the rail' }).click();
  await expect(page.getByRole('checkbox', { name: 'sft-peak' })).toBeHidden();
  await goTo(page, 'claims');
  await page.reload();
  await expect(page.getByRole('button', { name: 'Fold the rail' })).toHaveAttribute('aria-expanded', 'false');
});

test('a study that cannot be shown says why, and is shown once it can', async ({ page, server }) => {
  let answers = false;
  await openDemo(page, server);
  await page.route('**/api/studies/*', (route) => (answers ? route.continue() : route.abort()));
  await page.reload();
  await expect(page.getByRole('region', { name: 'This study cannot be shown' })).toBeVisible();
  await expect(page.getByRole('alert')).toContainText('the engine does not answer');
  answers = true;
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('main')).toHaveAttribute('data-view', 'overview');
});

test('forced colours and reduced motion leave nothing moving and marks visible', async ({
  page,
  server,
  computedDemo,
}) => {
  await page.emulateMedia({ forcedColors: 'active', reducedMotion: 'reduce' });
  await openComputedDemo(page, server, computedDemo);
  const current = page.getByRole('link', { name: 'Overview', exact: true });
  await expect(current).toHaveCSS('outline-style', 'solid');
  await expect(page.getByRole('progressbar')).toHaveCSS('transition-duration', '0s');
});
