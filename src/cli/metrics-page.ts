const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g;

interface Sample {
  labels: Readonly<Record<string, string>>;
  value: number;
}

/** Cumulative counts by upper bound, in ascending order; the last bound is infinite. */
export type Buckets = readonly (readonly [bound: number, count: number])[];

/** A page of `/metrics`, in Prometheus' text format. Lines that are none are left out. */
export class MetricsPage {
  readonly #samples = new Map<string, Sample[]>();

  constructor(text: string) {
    for (const line of text.split('\n')) {
      const match = line.startsWith('#') ? null : SAMPLE.exec(line);
      if (match === null) continue;
      const [, name = '', labels = '', value = ''] = match;
      const sample = {
        labels: Object.fromEntries([...labels.matchAll(LABEL)].map(([, key = '', text = '']) => [key, text])),
        value: Number(value),
      };
      const known = this.#samples.get(name);
      if (known === undefined) this.#samples.set(name, [sample]);
      else known.push(sample);
    }
  }

  /** All samples of that name that have these labels, together; 0 where there is none. */
  sum(name: string, labels: Readonly<Record<string, string>> = {}): number {
    return this.#with(name, labels).reduce((total, { value }) => total + value, 0);
  }

  buckets(histogram: string): Buckets {
    const counts = new Map<number, number>();
    for (const { labels, value } of this.#samples.get(`${histogram}_bucket`) ?? []) {
      const bound = labels['le'] === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels['le']);
      counts.set(bound, (counts.get(bound) ?? 0) + value);
    }
    return [...counts].sort(([a], [b]) => a - b);
  }

  #with(name: string, wanted: Readonly<Record<string, string>>): Sample[] {
    const has = ({ labels }: Sample): boolean => Object.entries(wanted).every(([key, value]) => labels[key] === value);
    return (this.#samples.get(name) ?? []).filter(has);
  }
}

/** What was counted between two looks at one histogram. */
export const since = (now: Buckets, before: Buckets): Buckets => {
  const earlier = new Map(before);
  return now.map(([bound, count]) => [bound, count - (earlier.get(bound) ?? 0)]);
};

/** The value below which this share lies, straight between the bounds of its bucket; undefined where nothing was counted. */
export function quantileOf(buckets: Buckets, share: number): number | undefined {
  const total = buckets.at(-1)?.[1] ?? 0;
  if (total <= 0) return undefined;
  let [low, below] = [0, 0];
  for (const [bound, count] of buckets) {
    if (count >= total * share) {
      if (bound === Number.POSITIVE_INFINITY) return low;
      return low + ((bound - low) * (total * share - below)) / Math.max(1, count - below);
    }
    [low, below] = [bound, count];
  }
  return low;
}
