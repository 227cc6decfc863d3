/** The import rules as data. Each says why it is there; the reason is printed with every violation. */

export interface FolderRule {
  readonly folder: string;
  /** Folders of src-main that it may import from; 'earlier' means every folder further up in the list. */
  readonly mayImport: 'earlier' | readonly string[];
  readonly because: string;
}

const ONE_WAY = 'data flows one way, from bytes on disk to what people see';

/** Folders of src-main in the order in which data flows. */
export const FOLDERS: readonly FolderRule[] = [
  { folder: 'base', mayImport: [], because: 'base has no dependencies, so that everything can build on it' },
  {
    folder: 'contract',
    mayImport: ['base'],
    because: 'the renderer loads the contract: it holds types and schemas only',
  },
  {
    folder: 'checkpoint',
    mayImport: 'earlier',
    because: 'files are described from their headers; nothing is computed yet',
  },
  {
    folder: 'architecture',
    mayImport: 'earlier',
    because: 'what a tensor is follows from names and shapes, not from its values',
  },
  {
    folder: 'tensors',
    mayImport: 'earlier',
    because: 'the store hands out bytes and does not know who reads them',
  },
  { folder: 'kernels', mayImport: 'earlier', because: 'kernels work on tensors and know no measure' },
  {
    folder: 'measures',
    mayImport: 'earlier',
    because: 'a measure is a definition: it knows no study, plan or file',
  },
  { folder: 'recipes', mayImport: 'earlier', because: ONE_WAY },
  { folder: 'study', mayImport: 'earlier', because: 'a run must not depend on who asked for it' },
  { folder: 'inference', mayImport: 'earlier', because: ONE_WAY },
  { folder: 'probes', mayImport: 'earlier', because: ONE_WAY },
  {
    folder: 'exports',
    mayImport: 'earlier',
    because: 'what is written for others is made of checkpoints and recipes, whoever asks for it',
  },
  {
    folder: 'experiments',
    mayImport: 'earlier',
    because: 'a sweep puts recipes, evaluators and probes together; none of them knows of it',
  },
  { folder: 'claims', mayImport: 'earlier', because: ONE_WAY },
  {
    folder: 'figures',
    mayImport: ['base', 'contract'],
    because: 'a figure is a pure function of rows, the same on screen and on paper; the renderer loads it',
  },
  { folder: 'report', mayImport: 'earlier', because: ONE_WAY },
  {
    folder: 'api',
    mayImport: 'earlier',
    because: 'the one handler serves every door and knows none of them',
  },
  { folder: 'cli', mayImport: 'earlier', because: 'the command line is a door' },
  {
    folder: 'shell',
    mayImport: ['base', 'contract'],
    because: 'a front process holds no logic of the product: it forwards requests to the engine process',
  },
];

export interface EntryRule extends FolderRule {
  /** Folders that may import it. */
  readonly importedBy: readonly string[];
}

/** Programs that start from a file of their own, at the end of the flow. */
export const ENTRIES: readonly EntryRule[] = [
  {
    folder: 'serve.ts',
    mayImport: ['base', 'contract', 'api', 'shell'],
    importedBy: ['cli'],
    because:
      'the local server is a guard on a loopback port in front of the engine; `polarimeter serve` starts it',
  },
  {
    folder: 'engine.ts',
    mayImport: ['base', 'contract', 'api'],
    importedBy: [],
    because: 'the engine process is the one handler on a private socket',
  },
  {
    folder: 'desktop.ts',
    mayImport: ['base', 'contract', 'shell'],
    importedBy: [],
    because: 'a crash of the native core must not take the window down',
  },
  {
    folder: 'preload.ts',
    mayImport: ['contract'],
    importedBy: [],
    because: 'the page gets native dialogs and nothing else',
  },
];

/** Files outside the source folders that a folder may import. */
export const OTHER_FILES: readonly { readonly file: string; readonly only: string }[] = [
  // The version of the product is written down once.
  { file: 'package.json', only: 'base' },
];

/** What the renderer may use of src-main. */
export const RENDERER_RULE: FolderRule = {
  folder: 'src-renderer',
  mayImport: ['contract', 'figures'],
  because:
    'the renderer reaches the engine through fetch alone; only types, schemas and pure figures are shared',
};

export interface PackageRule {
  /** Name of a package, or "node:" for everything that comes with Node. */
  readonly package: string;
  /** Folders and entries of src-main, or src-renderer. */
  readonly only: readonly string[];
  readonly because: string;
}

const everywhere = [...FOLDERS, ...ENTRIES].map((rule) => rule.folder);
const without = (...names: string[]): string[] => everywhere.filter((name) => !names.includes(name));

/** Who may use which package; a package that is not listed may be used by nobody. The most exact name wins. */
export const PACKAGES: readonly PackageRule[] = [
  {
    package: 'node:',
    only: without('base', 'contract', 'figures'),
    because: 'these run in a browser as well',
  },
  {
    package: 'node:sqlite',
    only: ['study', 'experiments'],
    because: 'a store alone knows how results are kept',
  },
  {
    package: 'yaml',
    only: ['recipes', 'experiments', 'exports'],
    because: 'files that people write are read where their schema is known',
  },
  {
    package: 'node-llama-cpp',
    only: ['inference'],
    because: 'a model is run behind one interface',
  },
  {
    package: '@huggingface/jinja',
    only: ['inference'],
    because: 'a chat template is part of how a model is asked',
  },
  {
    package: 'zod',
    only: [...without('base', 'preload.ts'), 'src-renderer'],
    because: 'schemas belong to the edges',
  },
  { package: 'hono', only: ['api'], because: 'routes are in one place' },
  {
    package: '@hono/node-server',
    only: ['api', 'engine.ts', 'serve.ts'],
    because: 'a socket is opened by a door only',
  },
  { package: 'commander', only: ['cli'], because: 'only the command line parses arguments' },
  { package: 'open', only: ['cli', 'serve.ts'], because: 'only a door opens a browser' },
  {
    package: 'echarts',
    only: ['figures', 'report', 'src-renderer'],
    because: 'a figure becomes pixels at the edge only',
  },
  {
    package: 'electron',
    only: ['desktop.ts', 'preload.ts'],
    because: 'everything else must run and be tested without Electron',
  },
  { package: 'svelte', only: ['src-renderer'], because: 'the workbench is the only user interface' },
  {
    package: 'bits-ui',
    only: ['src-renderer'],
    because: 'dialogs, menus and lists that the keyboard can use',
  },
  { package: 'virtua', only: ['src-renderer'], because: 'only a page has more rows than it shows' },
  { package: '@leeoniya/ufuzzy', only: ['src-renderer'], because: 'people search, programs name' },
  {
    package: '@fontsource-variable/inter',
    only: ['src-renderer'],
    because: 'the page brings its one typeface along',
  },
];

/** Text that loads code past these rules, and the folder that may do so. */
export const LOADERS: readonly {
  readonly pattern: RegExp;
  readonly only: string;
  readonly because: string;
}[] = [
  { pattern: /\bcreateRequire\s*\(/, only: 'kernels', because: 'nothing but kernels/ loads the addon' },
  { pattern: /\bprocess\s*\.\s*dlopen\b/, only: 'kernels', because: 'nothing but kernels/ loads the addon' },
  {
    pattern: /['"`][^'"`\n]*\.node['"`]/,
    only: 'kernels',
    because: 'nothing but kernels/ knows the file of the addon',
  },
  { pattern: /\bloadAddon\b/, only: 'kernels', because: 'nothing but kernels/ loads the addon' },
];
