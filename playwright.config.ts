import { defineConfig } from '@playwright/test';

/** Switches under which Debian's Chromium has WebGPU without a graphics card; each of the GPU ones is needed. */
const CHROMIUM_SWITCHES = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--enable-unsafe-webgpu',
  '--enable-features=Vulkan',
  '--use-vulkan=swiftshader',
  '--use-angle=swiftshader',
  '--use-webgpu-adapter=swiftshader',
];

export default defineConfig({
  projects: [
    { name: 'e2e', testDir: 'test/e2e' },
    { name: 'visual', testDir: 'test/visual', use: { timezoneId: 'UTC', screenshot: 'off' } },
  ],
  snapshotPathTemplate: 'test/visual/shots/{arg}{ext}',
  outputDir: 'test-results',
  fullyParallel: false,
  workers: 1,
  // A browser test that passes only the second time is reported as flaky, not as a failure of the product.
  retries: process.env['CI'] === undefined ? 0 : 1,
  forbidOnly: process.env['CI'] !== undefined,
  timeout: 60_000,
  expect: {
    timeout: 15_000,
    // One Chromium draws the same pixels every time; what may differ is the last bit of blended colours in software-drawn canvases,
    // which depends on the processor. 0.1 of the colour distance forgives that and no token; 0.05 % of a page is less than a word.
    toHaveScreenshot: { threshold: 0.1, maxDiffPixelRatio: 0.0005, animations: 'disabled', caret: 'hide' },
  },
  reporter: 'list',
  use: {
    browserName: 'chromium',
    viewport: { width: 1440, height: 900 },
    locale: 'en-GB',
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: process.env['POLARIMETER_CHROMIUM'] ?? '/usr/bin/chromium',
      args: CHROMIUM_SWITCHES,
    },
  },
});
