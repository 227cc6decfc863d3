const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;

/** The run of digits around a position, without leading zeros. */
function numberAt(text: string, at: number): string {
  let start = at;
  while (start > 0 && isDigit(text.charCodeAt(start - 1))) start--;
  let end = at;
  while (end < text.length && isDigit(text.charCodeAt(end))) end++;
  while (start < end - 1 && text.charCodeAt(start) === 0x30) start++;
  return text.slice(start, end);
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Orders text with its numbers by value, so that checkpoint-5 comes before checkpoint-40. Independent of locale. */
export function naturalOrder(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  let at = 0;
  while (at < length && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  const [left, right] = [numberAt(a, at), numberAt(b, at)];
  if (left === '' || right === '') return compareText(a.slice(at), b.slice(at));
  return left.length - right.length || compareText(left, right) || compareText(a.slice(at), b.slice(at));
}
