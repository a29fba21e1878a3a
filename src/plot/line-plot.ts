import { compile, type Config, type TopLevelSpec } from 'vega-lite';
import { parse, View } from 'vega';

export interface Series {
  name: string;
  /** In the order of `x`. */
  points: readonly { x: number; y: number }[];
}

export interface LinePlot {
  title: string;
  /** A line of small print below the title. */
  subtitle?: string;
  x: string;
  y: string;
  series: readonly Series[];
  /** Default: linear, from 0. */
  xScale?: 'linear' | 'log';
  yScale?: 'linear' | 'log';
}

/** Okabe and Ito's colours: told apart by everybody, and in print. */
const COLORS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000'];
const FONT = 'Helvetica, Arial, "Liberation Sans", sans-serif';
const [INK, FAINT] = ['#333333', '#e8e8e8'];

const CONFIG: Config = {
  font: FONT,
  padding: 12,
  view: { stroke: null },
  title: { anchor: 'start', fontSize: 16, color: INK, subtitleColor: '#666666', subtitleFontSize: 12, offset: 12 },
  axis: {
    labelFontSize: 12,
    titleFontSize: 12,
    titleFontWeight: 'normal',
    labelColor: INK,
    titleColor: INK,
    gridColor: FAINT,
    tickColor: FAINT,
    domainColor: '#888888',
    titlePadding: 10,
    tickCount: 6,
  },
  legend: { orient: 'top', direction: 'horizontal', labelFontSize: 12, symbolType: 'stroke', symbolStrokeWidth: 3 },
};

/** Draws lines over a common axis as an SVG document. The axes' titles carry their units. */
export async function linePlotSvg({ title, subtitle, x, y, series, xScale, yScale }: LinePlot): Promise<string> {
  const names = series.map(({ name }) => name);
  const values = series.flatMap(({ name, points }) => points.map((point) => ({ ...point, series: name })));
  const color = { field: 'series', type: 'nominal', title: null, scale: { domain: names, range: COLORS } } as const;
  const spec: TopLevelSpec = {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    title: subtitle === undefined ? title : { text: title, subtitle },
    width: 640,
    height: 260,
    background: 'white',
    config: CONFIG,
    data: { values },
    mark: { type: 'line', clip: true, strokeWidth: 1.75, strokeJoin: 'round', color: COLORS[0] ?? INK },
    encoding: {
      x: { field: 'x', type: 'quantitative', title: x, axis: { grid: false }, scale: scaleOf(xScale, false) },
      y: { field: 'y', type: 'quantitative', title: y, axis: { domain: false }, scale: scaleOf(yScale, true) },
      ...(series.length > 1 && { color }),
    },
  };
  const view = new View(parse(compile(spec).spec), { renderer: 'none' });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

/** A logarithm knows no 0. */
const scaleOf = (type: 'linear' | 'log' = 'linear', nice: boolean) => ({
  type,
  nice,
  ...(type === 'linear' && nice && { zero: true }),
});
