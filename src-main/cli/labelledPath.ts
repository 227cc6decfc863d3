import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/** "LABEL=PATH" or "PATH", made absolute; a path that exists is never split. */
export function labelledPath(text: string, folder: string): { label: string | null; path: string } {
  const at = text.indexOf('=');
  const whole = resolve(folder, text);
  if (at < 1 || existsSync(whole)) return { label: null, path: whole };
  return { label: text.slice(0, at), path: resolve(folder, text.slice(at + 1)) };
}
