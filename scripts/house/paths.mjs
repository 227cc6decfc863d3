import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

/** The root of the checkout. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');

/** An absolute path inside the checkout. */
export const inRoot = (...parts) => join(ROOT, ...parts);
