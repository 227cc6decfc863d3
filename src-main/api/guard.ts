import { timingSafeEqual, createHash, randomBytes } from 'node:crypto';
import { PolarimeterError } from '../contract/errors.ts';
import { errorReply } from './errorReply.ts';

export type Handler = (request: Request) => Promise<Response>;

export interface Door {
  /** Secret of this launch; every call under /api must carry it. */
  readonly token: string;
  /** Authorities that a browser may have used to get here, e.g. "127.0.0.1:4711". */
  readonly authorities: () => readonly string[];
}

/** A secret for one launch: 256 random bits. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** Loopback is no wall: a page of any site can send requests to it, and a rebound DNS name can read the replies. */
export function loopbackAuthorities(port: number): string[] {
  return ['127.0.0.1', 'localhost', '[::1]'].map((host) => `${host}:${String(port)}`);
}

/** Hashing first gives both sides the same length, which timingSafeEqual demands, and hides the length of the secret. */
function sameSecret(left: string, right: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}

function bearer(request: Request): string | null {
  return /^Bearer ([A-Za-z0-9_-]+)$/.exec(request.headers.get('authorization') ?? '')?.[1] ?? null;
}

function refusal(request: Request, door: Door): PolarimeterError | null {
  const authorities = door.authorities();
  const host = request.headers.get('host') ?? new URL(request.url).host;
  if (!authorities.includes(host.toLowerCase())) {
    return new PolarimeterError('origin-refused', 'this server does not answer under that host name', host);
  }
  const origin = request.headers.get('origin');
  if (origin !== null && !authorities.some((authority) => origin.toLowerCase() === `http://${authority}`)) {
    return new PolarimeterError('origin-refused', 'this server answers only its own pages', origin);
  }
  if (!new URL(request.url).pathname.startsWith('/api')) return null;
  const token = bearer(request);
  if (token === null || !sameSecret(token, door.token)) {
    return new PolarimeterError('not-authorised', 'the request does not carry the token of this launch');
  }
  return null;
}

/**
 * Puts a door in front of a handler: Host and Origin must be this server's own, and calls under /api must carry the token as
 * `Authorization: Bearer`. Pages and scripts hold no secret and are served without it.
 * fails origin-refused, not-authorised
 */
export function guard(handler: Handler, door: Door): Handler {
  return async (request) => {
    const refused = refusal(request, door);
    return refused ? errorReply(refused, () => undefined) : handler(request);
  };
}
