/** An answer that is longer is not read. */
const LONGEST = 2000;

const PAPER_TOKENS = /\d+|[+\-*/()]/g;

/**
 * Tokens of the text before the first equals sign as the published grader of GeneralPoints takes them (`step_rewards` in utils_rl.py
 * of LeslieTrue/SFTvsRL, arXiv 2501.17161): digits, + - * / and brackets; null for any other character, a space included.
 */
export function paperTokens(text: string): string[] | null {
  const formula = text.slice(0, LONGEST + 1).split('=', 1)[0] ?? '';
  if (formula.length > LONGEST) return null;
  const tokens = formula.match(PAPER_TOKENS) ?? [];
  return tokens.join('') === formula ? tokens : null;
}

/** What people and models write for the four operations. */
const SPELLINGS: readonly (readonly [RegExp, string])[] = [
  [/[\u2212\u2013\u2014]/g, '-'],
  [/[\u00d7\u00b7\u22c5xX]/g, '*'],
  [/\u00f7/g, '/'],
];

const LENIENT_TOKENS = /\d+|[+\-*/()]|\S/g;

/**
 * Tokens with spaces, the Unicode minus and dashes, x × · for times and ÷ read as what they mean; what follows the first equals sign
 * and a full stop at the end are left out. Null for any other character. A space parts numbers: "1 2" is not 12.
 */
export function lenientTokens(text: string): string[] | null {
  if (text.length > LONGEST) return null;
  const before = text.split('=', 1)[0] ?? '';
  const formula = SPELLINGS.reduce((spelled, [from, to]) => spelled.replace(from, to), before)
    .trim()
    .replace(/\.$/, '');
  const tokens = formula.match(LENIENT_TOKENS) ?? [];
  return tokens.every((token) => /^[\d+\-*/()]/.test(token)) ? tokens : null;
}
