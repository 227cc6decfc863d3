import { copyFileSync, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { listFolder } from '../checkpoint/listFolder.ts';

/** What programs need beside the weights: configuration, tokenizer, templates, preprocessors; and the licence, which goes with them. */
const COMPANIONS = [
  /^(?:config|generation_config|special_tokens_map|added_tokens)\.json$/,
  /^tokenizer[A-Za-z0-9_.-]*$/,
  /^chat_template[A-Za-z0-9_.-]*$/,
  /^(?:vocab\.(?:json|txt)|merges\.txt|spiece\.model|sentencepiece\.bpe\.model|tekken\.json)$/,
  /^(?:preprocessor|processor|video_preprocessor|image_processor|feature_extractor)_config\.json$/,
  /^(?:LICENSE|LICENCE|NOTICE|COPYING)(?:\.[A-Za-z]+)?$/,
];
const CODE = /\.py$/;

export const isCompanion = (name: string): boolean => COMPANIONS.some((pattern) => pattern.test(name));

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

export interface Companions {
  /** Name -> where it comes from. */
  readonly files: ReadonlyMap<string, string>;
  /** What is missing, or was left behind, in words. */
  readonly warnings: readonly string[];
}

/** Of every companion the first that there is. @param folders where they are looked for, the most particular first */
export function findCompanions(folders: readonly string[]): Companions {
  const files = new Map<string, string>();
  const code = new Set<string>();
  for (const folder of folders.filter((each) => existsSync(each))) {
    for (const name of listFolder(folder)) {
      if (CODE.test(name)) code.add(name);
      if (!isCompanion(name) || files.has(name) || !isFile(join(folder, name))) continue;
      files.set(name, join(folder, name));
    }
  }
  const warnings: string[] = [];
  if (!files.has('config.json'))
    warnings.push('there is no config.json to copy: other programs cannot load the folder without one');
  if (![...files.keys()].some((name) => /^(?:tokenizer|vocab|spiece|tekken)/.test(name)))
    warnings.push('there is no tokenizer to copy');
  if (code.size > 0)
    warnings.push(`code of the model was not copied: ${[...code].join(', ')}; take it from the original`);
  return { files, warnings };
}

/** Copies them, links as what they lead to. */
export function copyCompanions({ files }: Companions, folder: string): void {
  for (const [name, from] of files) copyFileSync(from, join(folder, name));
}
