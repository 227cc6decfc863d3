import { readdirSync } from 'node:fs';
import { accessing } from './fileErrors.ts';
import { naturalOrder } from './naturalOrder.ts';

/** Names in a folder in natural order. Fails with the codes of `accessing`. */
export function listFolder(folder: string): string[] {
  return accessing(folder, () => readdirSync(folder).sort(naturalOrder));
}
