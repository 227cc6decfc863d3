import { streamSeed } from './streamSeed.ts';

/** An order of so many heads, drawn from a stream, in which at least one is elsewhere. */
export function shuffled(count: number, stream: string): number[] {
  const order = Array.from({ length: count }, (_, head) => head);
  for (let draw = 0; count > 1 && !permuted(order); draw++) {
    for (let last = count - 1; last > 0; last--) {
      const other = Number(streamSeed(stream, `order ${String(draw)} ${String(last)}`) % BigInt(last + 1));
      [order[last], order[other]] = [order[other] ?? 0, order[last] ?? 0];
    }
  }
  return order;
}

/** Whether an order moves anything. */
export const permuted = (order: readonly number[]): boolean => order.some((head, i) => head !== i);
