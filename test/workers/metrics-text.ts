/** One family of Prometheus' text format. */
export interface Family {
  type: string;
  labels: Set<string>;
}

const SAMPLE =
  /^([a-zA-Z_:][\w:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\n"])*",?)*)\})? ([Nn]a[Nn]|[+-]Inf|-?\d\S*)$/;

/**
 * Reads a page as strictly as Prometheus itself, which drops a whole page for one bad line: each family told of once, its samples below
 * it, no sample twice. Throws on the first line that is wrong.
 */
export function readFamilies(page: string): Map<string, Family> {
  const families = new Map<string, Family>();
  const helped = new Set<string>();
  const seen = new Set<string>();
  let current = '';
  if (!page.endsWith('\n')) throw new Error('the page does not end with a line feed');
  for (const line of page.slice(0, -1).split('\n')) {
    const [, keyword, name = '', type = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (keyword === 'HELP') {
      if (helped.has(name)) throw new Error(`HELP twice: ${name}`);
      helped.add(name);
    } else if (keyword === 'TYPE') {
      if (families.has(name)) throw new Error(`TYPE twice: ${name}`);
      families.set(name, { type, labels: new Set() });
      current = name;
    } else if (line !== '' && !line.startsWith('# ')) {
      const [, sample = '', labels = ''] = SAMPLE.exec(line) ?? [];
      if (sample === '') throw new Error(`no sample: ${line}`);
      if (sample.replace(/_(bucket|sum|count)$/, '') !== current && sample !== current)
        throw new Error(`not below its family ${current}: ${line}`);
      const series = `${sample}{${labels}}`;
      if (seen.has(series)) throw new Error(`twice: ${series}`);
      seen.add(series);
      for (const [, label = ''] of labels.matchAll(/(?:^|,)([a-zA-Z_]\w*)=/g)) families.get(current)?.labels.add(label);
    }
  }
  return families;
}
