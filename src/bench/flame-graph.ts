import { type CpuProfile, frameName } from './cpu-profile.js';

const WIDTH = 1_200;
const ROW = 17;
const FONT = 11;
const CHARACTER = 6.6;
/** Narrower ones are left out, with what is above them. */
const LEAST_WIDTH = 0.4;

/** A call, with everything it called. */
interface Call {
  name: string;
  us: number;
  calls: Map<string, Call>;
}

/** Draws a profile as an SVG document: a bar for each call, as wide as it took, below what called it; hovering names it and its share. */
export function flameGraphSvg(profile: CpuProfile, title: string): string {
  const root = mergedCalls(profile);
  const bars: string[] = [];
  const depth = draw(root, 0, 0, WIDTH / Math.max(root.us, 1), root.us, bars);
  const height = (depth + 1) * ROW + 40;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="monospace" font-size="${FONT}">`,
    '<style>rect{stroke:#fff;stroke-width:.5}text{pointer-events:none}</style>',
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    `<text x="4" y="16" font-size="14">${escaped(title)}</text>`,
    `<g transform="translate(0 28)">`,
    ...bars,
    '</g></svg>',
  ].join('\n');
}

/** The calls of a profile: those of the same function from the same place count together. */
function mergedCalls({ nodes, samples, timeDeltas }: CpuProfile): Call {
  const selfUs = new Map<number, number>();
  samples.forEach((id, at) => selfUs.set(id, (selfUs.get(id) ?? 0) + Math.max(0, timeDeltas[at] ?? 0)));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const root: Call = { name: 'all', us: 0, calls: new Map() };
  const add = (id: number, into: Call): void => {
    const node = byId.get(id);
    if (node === undefined) return;
    const name = frameName(node.callFrame);
    const call = into.calls.get(name) ?? { name, us: 0, calls: new Map<string, Call>() };
    into.calls.set(name, call);
    call.us += selfUs.get(id) ?? 0;
    for (const child of node.children ?? []) add(child, call);
  };
  const [top] = nodes;
  for (const child of top?.children ?? []) add(child, root);
  root.calls.delete('(idle)');
  sum(root);
  return root;
}

/** Makes times of what was spent in each into times of all that is within it. */
function sum(call: Call): number {
  for (const one of call.calls.values()) call.us += sum(one);
  return call.us;
}

/** Gives the depth that was reached. */
function draw(call: Call, x: number, depth: number, scale: number, totalUs: number, bars: string[]): number {
  const width = call.us * scale;
  if (width < LEAST_WIDTH) return depth;
  const share = ((call.us / Math.max(totalUs, 1)) * 100).toFixed(1);
  const fits = Math.floor((width - 4) / CHARACTER);
  const label =
    fits < 3
      ? ''
      : `<text x="${(x + 2).toFixed(1)}" y="${depth * ROW + 12}">${escaped(call.name.slice(0, fits))}</text>`;
  bars.push(
    `<g><title>${escaped(call.name)} (${share} %, ${(call.us / 1_000).toFixed(1)} ms)</title>` +
      `<rect x="${x.toFixed(1)}" y="${depth * ROW}" width="${width.toFixed(1)}" height="${ROW - 1}" fill="${colour(call.name)}"/>${label}</g>`,
  );
  let deepest = depth;
  let at = x;
  for (const one of [...call.calls.values()].sort((a, b) => b.us - a.us)) {
    deepest = Math.max(deepest, draw(one, at, depth + 1, scale, totalUs, bars));
    at += one.us * scale;
  }
  return deepest;
}

/** The same name has the same colour in every graph. */
function colour(name: string): string {
  let hash = 7;
  for (let at = 0; at < name.length; at += 1) hash = (hash * 31 + name.charCodeAt(at)) % 4_093;
  return `hsl(${20 + (hash % 40)} ${70 + (hash % 20)}% ${58 + (hash % 17)}%)`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string): string => text.replaceAll(/[&<>"]/g, (sign) => ENTITIES[sign] ?? sign);
