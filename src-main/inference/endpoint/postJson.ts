import { PolarimeterError } from '../../contract/errors.ts';
import { formatBytes } from '../../contract/units.ts';
import { quoted } from './quoted.ts';

/** Longer replies are not answers. */
const MOST_BYTES = 64 * 2 ** 20;

export interface Post {
  readonly url: URL;
  readonly body: unknown;
  /** Never part of a message. */
  readonly key: string | null;
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal | undefined;
}

/** What came back, or why nothing did that another attempt could not better. */
export type Reply =
  | { readonly kind: 'reply'; readonly status: number; readonly text: string; readonly headers: Headers }
  | { readonly kind: 'lost'; readonly why: string };

/** One request, without retries. fails cancelled endpoint-invalid */
export async function postJson(post: Post): Promise<Reply> {
  const timeout = AbortSignal.timeout(post.timeoutSeconds * 1000);
  const signal = post.signal ? AbortSignal.any([post.signal, timeout]) : timeout;
  try {
    const response = await fetch(post.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        ...(post.key === null ? {} : { authorization: `Bearer ${post.key}` }),
      },
      body: JSON.stringify(post.body),
      // A key is not carried to an address that the user did not name.
      redirect: 'manual',
      signal,
    });
    const text = await readText(response, post);
    return { kind: 'reply', status: response.status, text, headers: response.headers };
  } catch (error) {
    if (error instanceof PolarimeterError) throw error;
    if (post.signal?.aborted) throw new PolarimeterError('cancelled', 'cancelled', post.url.host);
    if (timeout.aborted)
      return { kind: 'lost', why: `no answer within ${String(post.timeoutSeconds)} seconds` };
    return { kind: 'lost', why: networkReason(error, post.key) };
  }
}

/** Addresses and system codes are in the cause of what fetch throws. */
function networkReason(error: unknown, key: string | null): string {
  // fetch fails with TypeError, and with DOMException while the body is read.
  if (!(error instanceof TypeError || error instanceof DOMException)) throw error;
  const cause: unknown = error.cause;
  return quoted(cause instanceof Error && cause.message !== '' ? cause.message : error.message, key);
}

async function readText(response: Response, { url }: Post): Promise<string> {
  const decoder = new TextDecoder();
  let bytes = 0;
  let text = '';
  for await (const part of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += part.byteLength;
    if (bytes > MOST_BYTES) {
      const message = `${url.host} sent more than ${formatBytes(MOST_BYTES)} for one answer`;
      throw new PolarimeterError('endpoint-invalid', message, url.host);
    }
    text += decoder.decode(part, { stream: true });
  }
  return text + decoder.decode();
}
