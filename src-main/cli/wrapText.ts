/**
 * Lines of at most `width` characters. Breaks at spaces, else after one of `. / _ -`, else anywhere; no character but a space at a
 * break is lost. Lines after the first are indented by `indent`.
 */
export function wrapText(text: string, width: number, indent = ''): string[] {
  const lines: string[] = [];
  let rest = text;
  let room = width;
  while (rest.length > room) {
    const cut = breakPoint(rest, room);
    lines.push((lines.length === 0 ? '' : indent) + rest.slice(0, cut).trimEnd());
    rest = rest.slice(cut).trimStart();
    room = Math.max(1, width - indent.length);
  }
  lines.push((lines.length === 0 ? '' : indent) + rest);
  return lines;
}

function breakPoint(text: string, room: number): number {
  const space = text.lastIndexOf(' ', room);
  if (space > text.length - text.trimStart().length) return space;
  for (let at = room; at > 1; at--) {
    if ('./_-'.includes(text.charAt(at - 1))) return at;
  }
  return room;
}
