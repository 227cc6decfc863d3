const word = new DataView(new ArrayBuffer(4));

/** Bits of a float32 number. */
function bitsOf(value: number): number {
  word.setFloat32(0, value);
  return word.getUint32(0);
}

function fromBits(bits: number): number {
  word.setUint32(0, bits);
  return word.getFloat32(0);
}

/** x rounded to bfloat16, nearest even. */
export function roundToBf16(value: number): number {
  const bits = bitsOf(value);
  return fromBits(((bits + 0x7fff + ((bits >>> 16) & 1)) & 0xffff0000) >>> 0);
}

/**
 * The largest float32 number that rounds to bfloat16 at or below b(tolerance): |d| <= threshold exactly when |b(d)| <= b(tolerance).
 * A tie rounds down only to an even code.
 */
export function bf16Threshold(tolerance: number): number {
  const code = bitsOf(roundToBf16(tolerance)) >>> 16;
  const halfway = ((code << 16) | 0x8000) >>> 0;
  return fromBits(code % 2 === 0 ? halfway : halfway - 1);
}
