import { createHash } from 'node:crypto';

/** 64 bits that a stream of random numbers begins from: other ones for every text and purpose. */
export function streamSeed(stream: string, purpose: string): bigint {
  return createHash('sha256')
    .update(JSON.stringify([stream, purpose]))
    .digest()
    .readBigUInt64LE(0);
}
