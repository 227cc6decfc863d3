export interface FunctionLength {
  /** The first words of the function's head. */
  readonly name: string;
  /** Line of the opening brace, from 1. */
  readonly line: number;
  /** Lines from the opening brace to the closing one. */
  readonly lines: number;
}

/** Comments, strings and characters become blanks of the same length, so that braces in them do not count. */
function withoutText(source: string): string {
  const text =
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|R"\(([\s\S]*?)\)"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])*'/g;
  return source.replace(text, (match) => match.replace(/[^\n]/g, ' '));
}

/** Whether the text before an opening brace heads a scope that holds functions rather than statements. */
function opensScope(head: string): boolean {
  return /\b(namespace|class|struct|union|enum)\b[^()]*$/.test(head) || /\bextern\s*$/.test(head.trim());
}

/**
 * Lengths of the functions of a C++ source, by their braces: a brace after a head with parentheses opens a function,
 * and everything up to its partner belongs to it.
 */
export function functionLengths(source: string): FunctionLength[] {
  const text = withoutText(source);
  const found: FunctionLength[] = [];
  const lineAt = (index: number): number => text.slice(0, index).split('\n').length;
  let headStart = 0;
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at];
    if (letter === ';' || letter === '}') headStart = at + 1;
    if (letter !== '{') continue;
    const head = text.slice(headStart, at).trim();
    headStart = at + 1;
    if (opensScope(head) || !head.includes('(')) continue;
    const end = closingBrace(text, at);
    const line = lineAt(at);
    found.push({ name: head.replace(/\s+/g, ' ').slice(-80), line, lines: lineAt(end) - line + 1 });
    at = end;
    headStart = end + 1;
  }
  return found;
}

function closingBrace(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at += 1) {
    if (text[at] === '{') depth += 1;
    if (text[at] === '}') depth -= 1;
    if (depth === 0) return at;
  }
  return text.length;
}
