/** Unicode normal form that a text must be brought to. */
export type NormalForm = 'NFC' | 'NFD' | 'NFKC' | 'NFKD';

/** What the model's own tokenizer does to a text that llama.cpp's does not. */
export interface PromptForm {
  readonly normalForm: NormalForm | null;
  /** A space before the text, or before each part of it between special tokens, unless there is one. */
  readonly leadingSpace: 'never' | 'start' | 'parts';
  /** Texts of special tokens, where they matter for that. */
  readonly tokens: readonly string[];
}

export const PLAIN_PROMPT: PromptForm = { normalForm: null, leadingSpace: 'never', tokens: [] };

const escaped = (token: string): string => token.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');

const withSpace = (part: string): string => (part === '' || /^[ ▁]/.test(part) ? part : ` ${part}`);

/** The text that llama.cpp must tokenise in place of a prompt, special tokens parsed, so that the tokens are the model's own. */
export function promptText(prompt: string, { normalForm, leadingSpace, tokens }: PromptForm): string {
  const text = normalForm === null ? prompt : prompt.normalize(normalForm);
  if (leadingSpace === 'never') return text;
  const longestFirst = tokens.toSorted((a, b) => b.length - a.length).map(escaped);
  const parts = tokens.length === 0 ? [text] : text.split(new RegExp(`(${longestFirst.join('|')})`, 'u'));
  // Texts between tokens are at even places; a text that begins with a token has an empty one before it.
  return parts
    .map((part, i) => (i === 0 || (leadingSpace === 'parts' && i % 2 === 0) ? withSpace(part) : part))
    .join('');
}
