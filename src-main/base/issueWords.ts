/** The words of a schema for people: what is not there is missing, rather than "received undefined". */
export function issueWords(message: string): string {
  return message
    .replace(/^Invalid input: expected (.+), received undefined$/, 'is missing: expected $1')
    .replace(/^Invalid input: expected (.+), received null$/, 'is empty: expected $1')
    .replace(/^Invalid input: expected/, 'expected');
}
