import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

const inRoot = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  plugins: [svelte({ configFile: false })],
  resolve: {
    // Importing the real package would try to download a browser.
    alias: { electron: inRoot('test/house/electronStub.ts') },
  },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/e2e/**', 'test/visual/**'],
    pool: 'forks',
    // Generous: two cores may be busy with other work, and a deadlock is found all the same.
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
