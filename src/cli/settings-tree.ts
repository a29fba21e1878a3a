import { z } from 'zod';
import { BarrageConfig } from '../workers/config.js';

export type SettingKind = 'number' | 'boolean' | 'text' | 'list';

/** One leaf of the configuration, as its schema tells it. */
export interface Setting {
  /** `worker.connections` */
  key: string;
  /** `BARRAGE_WORKER_CONNECTIONS` */
  variable: string;
  kind: SettingKind;
  /** What a value must be, in words that follow "it must be". */
  expects: string;
  description: string;
  /** Undefined where there is none. */
  defaultValue: unknown;
  /** Never shown. */
  isSecret: boolean;
}

/** The parts of JSON Schema that settings use. */
const LeafSchema = z.object({
  type: z.string().optional(),
  description: z.string().default(''),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  format: z.string().optional(),
  pattern: z.string().optional(),
  enum: z.array(z.union([z.string(), z.number()])).optional(),
  anyOf: z.array(z.object({ const: z.union([z.string(), z.number()]) })).optional(),
  items: z.object({ type: z.string() }).optional(),
});
type LeafSchema = z.output<typeof LeafSchema>;

/** Every setting there is, in the order of the schema. */
export const SETTINGS: readonly Setting[] = leavesOf(BarrageConfig, []);

const BY_KEY = new Map(SETTINGS.map((setting) => [setting.key, setting]));
const SECTIONS = new Set(SETTINGS.flatMap(({ key }) => prefixes(key)));

export const settingOf = (key: string): Setting | undefined => BY_KEY.get(key);

/** Whether settings are below this key, as below `platforms.bilibili`. */
export const isSection = (key: string): boolean => SECTIONS.has(key);

function prefixes(key: string): string[] {
  const parts = key.split('.');
  return parts.slice(1).map((_, at) => parts.slice(0, at + 1).join('.'));
}

function leavesOf(schema: z.core.$ZodType, path: readonly string[]): Setting[] {
  const inner = withoutFallback(schema);
  if (!isObject(inner)) return [leaf(schema, path)];
  return Object.entries(inner.shape).flatMap(([name, child]) => leavesOf(child, [...path, name]));
}

function isObject(schema: z.core.$ZodType): schema is z.ZodObject<Record<string, z.core.$ZodType>> {
  return schema instanceof z.ZodObject;
}

function isWrapper(schema: z.core.$ZodType): schema is z.core.$ZodType & { unwrap: () => z.core.$ZodType } {
  return schema instanceof z.ZodPrefault || schema instanceof z.ZodDefault || schema instanceof z.ZodOptional;
}

function withoutFallback(schema: z.core.$ZodType): z.core.$ZodType {
  return isWrapper(schema) ? withoutFallback(schema.unwrap()) : schema;
}

function leaf(schema: z.core.$ZodType, path: readonly string[]): Setting {
  const facts = LeafSchema.parse(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
  const fallback = z.safeParse(schema, undefined);
  return {
    key: path.join('.'),
    variable: `BARRAGE_${path.map(upperSnake).join('_')}`,
    kind: kindOf(facts),
    expects: expectationOf(facts),
    description: facts.description,
    defaultValue: fallback.success ? fallback.data : undefined,
    isSecret: path.at(-1) === 'cookie',
  };
}

function upperSnake(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

function kindOf({ type, enum: names, anyOf }: LeafSchema): SettingKind {
  if (type === 'array') return 'list';
  if (type === 'boolean') return 'boolean';
  const isNumeric = type === 'integer' || type === 'number' || anyOf?.every((one) => typeof one.const === 'number');
  return isNumeric && names === undefined ? 'number' : 'text';
}

function expectationOf(facts: LeafSchema): string {
  const choices = facts.enum ?? facts.anyOf?.map((one) => one.const);
  if (choices) return `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`;
  switch (facts.type) {
    case 'integer':
      return `a whole number${range(facts.minimum, facts.maximum)}`;
    case 'number':
      return `a number${range(facts.minimum, facts.maximum)}`;
    case 'boolean':
      return 'true or false';
    case 'array':
      return 'a list, in the environment and in flags with commas between';
    default:
      return textExpectation(facts);
  }
}

function range(minimum = -Infinity, maximum = Infinity): string {
  const hasLow = minimum > Number.MIN_SAFE_INTEGER;
  const hasHigh = maximum < Number.MAX_SAFE_INTEGER;
  if (hasLow && hasHigh) return ` from ${minimum} to ${maximum}`;
  if (hasLow) return ` of at least ${minimum}`;
  return hasHigh ? ` of at most ${maximum}` : '';
}

function textExpectation({ format, minLength = 0, maxLength, pattern }: LeafSchema): string {
  if (format === 'uri') return 'a whole address, such as https://example.org';
  const length =
    maxLength === undefined ? (minLength > 0 ? ' that is not empty' : '') : ` of ${minLength} to ${maxLength} letters`;
  return pattern === undefined ? `a text${length}` : `a text that matches ${pattern}`;
}
