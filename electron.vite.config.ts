import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'electron-vite';

const inRoot = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Everything is bundled but llama.cpp, which finds its binaries beside its own files. */
export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      externalizeDeps: false,
      rolldownOptions: {
        input: { desktop: inRoot('src-main/desktop.ts'), engine: inRoot('src-main/engine.ts') },
        external: ['node-llama-cpp'],
        output: { format: 'es', entryFileNames: '[name].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      externalizeDeps: false,
      rolldownOptions: {
        input: { preload: inRoot('src-main/preload.ts') },
        // A sandboxed preload script is CommonJS.
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: inRoot('src-renderer'),
    plugins: [svelte({ configFile: false })],
    build: {
      outDir: inRoot('out/renderer'),
      minify: true,
      rolldownOptions: { input: { workbench: inRoot('src-renderer/index.html') } },
    },
  },
});
