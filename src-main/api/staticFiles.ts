import { createReadStream, realpathSync, statSync } from 'node:fs';
import { extname, resolve, sep } from 'node:path';
import { Readable } from 'node:stream';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
  '.txt': 'text/plain; charset=utf-8',
};

/** The real path of a file below root, or null. Links that lead out of root do not count as below it. */
function fileBelow(root: string, pathname: string): string | null {
  let decoded: string;
  try {
    decoded = decodeURIComponent(pathname);
  } catch {
    return null;
  }
  if (decoded.includes('\0')) return null;
  try {
    const realRoot = realpathSync(root);
    const file = realpathSync(
      resolve(realRoot, `.${decoded.endsWith('/') ? `${decoded}index.html` : decoded}`),
    );
    return file.startsWith(realRoot + sep) && statSync(file).isFile() ? file : null;
  } catch {
    return null;
  }
}

/** Serves the built pages below a folder: a reply for GET of a file that is there, null for everything else. */
export function staticFiles(root: string): (request: Request) => Response | null {
  return (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return null;
    const { pathname } = new URL(request.url);
    const file = fileBelow(root, pathname);
    const type = file === null ? undefined : TYPES[extname(file)];
    if (file === null || type === undefined) return null;
    const headers = {
      'content-type': type,
      'content-length': String(statSync(file).size),
      // Names under assets/ carry a content hash; the page itself does not.
      'cache-control': pathname.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
    };
    if (request.method === 'HEAD') return new Response(null, { headers });
    return new Response(Readable.toWeb(createReadStream(file)) as ReadableStream, { headers });
  };
}
