import { z } from 'zod';

/** An option that is a number within bounds, said in one sentence where it is not. Commander gives options as text. */
export function numberOption(min: number, max: number, { isWhole = true } = {}): z.ZodType<number> {
  const wanted = `a ${isWhole ? 'whole number' : 'number'} from ${min} to ${max} is wanted.`;
  return z.string().transform((text, context) => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (value >= min && value <= max && (!isWhole || Number.isInteger(value))) return value;
    context.addIssue({ code: 'custom', message: wanted });
    return z.NEVER;
  });
}
