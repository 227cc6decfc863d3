import type { StoredBinding, StoredResult } from './Store.ts';

/** Fields of a row of the database, in the order of the query. */
type Fields = readonly unknown[];

/** Numbers as text; NaN and infinities travel as words. */
export function encodeParts(values: readonly number[] | null): string | null {
  return values && JSON.stringify(values.map((value) => (Number.isFinite(value) ? value : String(value))));
}

function decodeParts(text: unknown): number[] | null {
  return typeof text === 'string' ? (JSON.parse(text) as (number | string)[]).map(Number) : null;
}

export function storedBinding([variant, tensor, pair, reference, own, identity]: Fields): StoredBinding {
  return {
    variant: String(variant),
    tensor: String(tensor),
    pair: String(pair),
    referenceHash: String(reference),
    variantHash: String(own),
    identity: String(identity),
  };
}

export function storedResult(fields: Fields): StoredResult {
  const [pair, measure, parts, baseline, reason, method, residual, engine] = fields;
  return {
    pair: String(pair),
    measure: String(measure),
    parts: decodeParts(parts),
    baseline: decodeParts(baseline),
    reason: typeof reason === 'string' ? reason : null,
    method: String(method),
    residual: typeof residual === 'number' ? residual : null,
    engine: String(engine),
  };
}

/** Little-endian float32. */
export function blobOf(values: Float64Array): Uint8Array {
  const data = new DataView(new ArrayBuffer(values.length * 4));
  values.forEach((value, i) => {
    data.setFloat32(i * 4, value, true);
  });
  return new Uint8Array(data.buffer);
}

export function valuesOf(blob: Uint8Array): Float64Array {
  const data = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  return Float64Array.from({ length: blob.byteLength / 4 }, (_, i) => data.getFloat32(i * 4, true));
}
