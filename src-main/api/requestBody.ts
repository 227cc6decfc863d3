import type { z } from 'zod';
import { PolarimeterError } from '../contract/errors.ts';

/** The body as JSON in the shape of a schema; an empty body counts as {}. fails usage */
export async function requestBody<T extends z.ZodType>(
  request: { text(): Promise<string> },
  schema: T,
): Promise<z.output<T>> {
  const text = await request.text();
  let value: unknown;
  try {
    value = text === '' ? {} : JSON.parse(text);
  } catch {
    throw new PolarimeterError('usage', 'the request is not JSON');
  }
  return schema.parse(value);
}
