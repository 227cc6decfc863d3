import { VIEWS } from '../../src-renderer/state/place.ts';
import {
  axeViolations,
  expect,
  goTo,
  openComputedDemo,
  runDetails,
  sideways,
  studyName,
  test,
} from './workbenchTest.ts';

for (const theme of ['light', 'dark'] as const) {
  test(`no axe violations on the start page, ${theme}`, async ({ page, server }) => {
    await page.emulateMedia({ colorScheme: theme });
    await page.goto(server.address);
    await expect(page.locator('html')).toHaveAttribute('data-theme', theme);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    expect(await axeViolations(page)).toEqual([]);
  });

  test(`no axe violations on any page of a study, ${theme}`, async ({ page, server, computedDemo }) => {
    test.slow();
    await page.emulateMedia({ colorScheme: theme });
    await openComputedDemo(page, server, computedDemo);
    for (const view of VIEWS) {
      await goTo(page, view);
      await expect(page.getByRole('main').getByRole('heading').first()).toBeAttached();
      expect.soft(await axeViolations(page), view).toEqual([]);
    }
  });

  test(`no axe violations in palette, shortcuts and run details, ${theme}`, async ({
    page,
    server,
    computedDemo,
  }) => {
    test.slow();
    await page.emulateMedia({ colorScheme: theme });
    await openComputedDemo(page, server, computedDemo);
    await page.keyboard.press('Control+k');
    await expect(page.getByRole('option').first()).toBeVisible();
    expect.soft(await axeViolations(page), 'palette').toEqual([]);
    await page.keyboard.type('zzzz');
    await expect(page.getByText('Nothing here is called')).toBeVisible();
    expect.soft(await axeViolations(page), 'palette without finds').toEqual([]);
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    await page.getByRole('button', { name: 'Change keys' }).click();
    expect.soft(await axeViolations(page), 'shortcuts').toEqual([]);
    await page.keyboard.press('Escape');
    await runDetails(page);
    expect.soft(await axeViolations(page), 'run details').toEqual([]);
    await studyName(page).click();
    await expect(page.getByRole('menu')).toBeVisible();
    expect.soft(await axeViolations(page), 'menu of studies').toEqual([]);
  });
}

test('narrow, wide and at 200 % zoom no page runs off sideways, and every bar can be reached', async ({
  page,
  server,
  computedDemo,
}) => {
  test.slow();
  await openComputedDemo(page, server, computedDemo);
  for (const [width, height] of [
    [390, 844],
    [640, 400],
    [1280, 800],
    [2560, 1440],
  ] as const) {
    await page.setViewportSize({ width, height });
    for (const view of VIEWS) {
      await goTo(page, view);
      expect.soft(await sideways(page), `${view} sideways at ${String(width)}`).toBe(0);
    }
    const button = page.getByRole('button', { name: 'Check for changes' });
    await button.scrollIntoViewIfNeeded();
    await expect(button).toBeInViewport();
  }
  await page.goto(`${server.address.split('#')[0] ?? ''}#/`);
  for (const width of [390, 640]) {
    await page.setViewportSize({ width, height: 800 });
    expect(await sideways(page), `sideways at ${String(width)}`).toBe(0);
  }
});

test('on a narrow page the variants can be switched', async ({ page, server, computedDemo }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await openComputedDemo(page, server, computedDemo);
  const disclosure = page.getByRole('button', { name: '11 of 11 variants' });
  await expect(page.getByRole('checkbox', { name: 'sft-peak' })).toBeHidden();
  await disclosure.click();
  await page.getByRole('checkbox', { name: 'sft-peak' }).uncheck({ force: true });
  await expect(page.getByRole('button', { name: '10 of 11 variants' })).toHaveAttribute(
    'aria-expanded',
    'true',
  );
});

test('the theme follows the system until one is chosen, and a choice is kept', async ({ page, server }) => {
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.goto(server.address);
  const html = page.locator('html');
  await expect(html).toHaveAttribute('data-theme', 'dark');
  await page.emulateMedia({ colorScheme: 'light' });
  await expect(html).toHaveAttribute('data-theme', 'light');
  await page.getByRole('radio', { name: 'dark' }).check();
  await page.reload();
  await expect(html).toHaveAttribute('data-theme', 'dark');
});
