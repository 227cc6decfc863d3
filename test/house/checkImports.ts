import { posix } from 'node:path';
import ts from 'typescript';
import { ENTRIES, FOLDERS, LOADERS, OTHER_FILES, PACKAGES, RENDERER_RULE } from './importRules.ts';
import type { FolderRule } from './importRules.ts';

export interface Violation {
  readonly file: string;
  /** What it imports or does. */
  readonly what: string;
  readonly because: string;
}

/** Source text by path from the root of the checkout, with forward slashes. */
export type Sources = ReadonlyMap<string, string>;

/** Checks every file against the rules; an empty list means that all of them hold. */
export function checkImports(sources: Sources): Violation[] {
  return [...sources].flatMap(([file, text]) => {
    const rule = ruleOf(file);
    if (rule === null) {
      return [
        {
          file,
          what: 'is in no folder of the list',
          because: 'a folder is added to the list with its reason first',
        },
      ];
    }
    const imports = importsOf(file, text).flatMap((specifier) => judge(file, rule, specifier) ?? []);
    const loads = LOADERS.filter(({ pattern, only }) => rule.folder !== only && pattern.test(text));
    return [
      ...imports,
      ...loads.map(({ pattern, because }) => ({ file, what: `matches ${String(pattern)}`, because })),
    ];
  });
}

/** The rule that a file lives under: its folder below src-main, its own name there, or src-renderer. */
function ruleOf(file: string): FolderRule | null {
  if (file.startsWith('src-renderer/')) return RENDERER_RULE;
  const [top, folder, ...rest] = file.split('/');
  if (top !== 'src-main' || folder === undefined) return null;
  const rules = rest.length > 0 ? FOLDERS : ENTRIES;
  return rules.find((rule) => rule.folder === folder) ?? null;
}

/** Everything that a file loads: imports, re-exports, dynamic imports, require, and workers by URL. */
function importsOf(file: string, text: string): string[] {
  const scripts = file.endsWith('.svelte')
    ? [...text.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map((m) => m[1] ?? '')
    : [text];
  return scripts.flatMap((script) => [
    ...ts.preProcessFile(script, true, true).importedFiles.map((imported) => imported.fileName),
    ...[...script.matchAll(/new URL\(\s*['"`](\.[^'"`]+)['"`]/g)].map((match) => match[1] ?? ''),
  ]);
}

function judge(file: string, rule: FolderRule, specifier: string): Violation | null {
  if (!specifier.startsWith('.')) return judgePackage(file, rule, specifier);
  const target = posix.join(posix.dirname(file), specifier);
  const violation = (because: string): Violation => ({ file, what: `imports ${target}`, because });
  if (rule === RENDERER_RULE && target.startsWith('src-renderer/')) return null;
  if (OTHER_FILES.some(({ file: other, only }) => other === target && only === rule.folder)) return null;
  const [top, folder, ...rest] = target.split('/');
  if (top !== 'src-main' || folder === undefined)
    return violation('sources import from src-main and src-renderer only');
  if (rest.length === 0) {
    const importers = ENTRIES.find((entry) => entry.folder === folder)?.importedBy ?? [];
    return importers.includes(rule.folder) ? null : violation('an entry is started, not imported');
  }
  return folder === rule.folder || mayImport(rule, folder) ? null : violation(rule.because);
}

function mayImport(rule: FolderRule, folder: string): boolean {
  if (rule.mayImport !== 'earlier') return rule.mayImport.includes(folder);
  const names = FOLDERS.map((one) => one.folder);
  const place = names.indexOf(rule.folder);
  const earlier = place < 0 ? names : names.slice(0, place);
  return earlier.includes(folder);
}

function judgePackage(file: string, rule: FolderRule, specifier: string): Violation | null {
  const what = `imports ${specifier}`;
  const owner = PACKAGES.filter((one) => covers(one.package, specifier)).sort(
    (a, b) => b.package.length - a.package.length,
  )[0];
  if (owner === undefined) return { file, what, because: 'the package is not in the list of packages' };
  return owner.only.includes(rule.folder) ? null : { file, what, because: owner.because };
}

const covers = (name: string, specifier: string): boolean =>
  name.endsWith(':') ? specifier.startsWith(name) : specifier === name || specifier.startsWith(`${name}/`);
