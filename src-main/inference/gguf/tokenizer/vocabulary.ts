import { quoteName } from '../../../checkpoint/quoteName.ts';
import { type AddedToken, untokenizable } from './tokenizerFile.ts';

/** Kinds of tokens, with their numbers in llama.cpp. */
export const TOKEN_KIND = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;

/** All tokens by number: as many as the embedding has rows. */
export interface Vocabulary {
  readonly texts: string[];
  readonly kinds: number[];
}

const STRIPPED = ['lstrip', 'rstrip', 'single_word'] as const;

function checkAdded(token: AddedToken, path: string): void {
  const flag = STRIPPED.find((each) => token[each]);
  if (flag !== undefined)
    throw untokenizable(
      `token ${quoteName(token.content)} takes what is around it into account (${flag})`,
      path,
    );
}

/**
 * Texts and kinds of all tokens. Numbers that the tokenizer leaves free, up to the rows of the embedding, are unused ones.
 * Fails with tokenizer-unsupported where two tokens have the same text, or one has no row.
 */
export function vocabulary(
  entries: Iterable<readonly [text: string, id: number]>,
  added: readonly AddedToken[],
  { rows, path }: { readonly rows: number; readonly path: string },
): Vocabulary {
  const texts = new Array<string | undefined>(rows).fill(undefined);
  const kinds = new Array<number>(rows).fill(TOKEN_KIND.unused);
  const put = (text: string, id: number, kind: number): void => {
    if (id >= rows) {
      const what = `token ${quoteName(text)} has number ${String(id)}, the embedding has ${String(rows)} rows`;
      throw untokenizable(what, path);
    }
    texts[id] = text;
    kinds[id] = kind;
  };
  for (const [text, id] of entries) put(text, id, TOKEN_KIND.normal);
  for (const token of added) {
    checkAdded(token, path);
    put(token.content, token.id, token.special ? TOKEN_KIND.control : TOKEN_KIND.userDefined);
  }
  const filled = texts.map((text, id) => text ?? `[PAD${String(id)}]`);
  const seen = new Set<string>();
  for (const text of filled) {
    if (seen.has(text)) throw untokenizable(`two tokens have the text ${quoteName(text)}`, path);
    seen.add(text);
  }
  return { texts: filled, kinds };
}
