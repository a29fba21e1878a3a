import { compile, type TopLevelSpec } from 'vega-lite';
import { parse, View } from 'vega';

export interface BarPlot {
  title: string;
  /** Title of the axis of values, with its unit. */
  value: string;
  /** From top to bottom. */
  bars: readonly { name: string; value: number }[];
  /** Default: linear. */
  scale?: 'linear' | 'log';
}

/** Draws named bars from left to right as an SVG document. On a logarithmic scale a value below 1 is drawn as 1. */
export async function barPlotSvg({ title, value, bars, scale = 'linear' }: BarPlot): Promise<string> {
  const values = bars.map((bar) => (scale === 'log' ? { ...bar, value: Math.max(1, bar.value) } : bar));
  const x = { field: 'value', type: 'quantitative', title: value } as const;
  const spec: TopLevelSpec = {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    title,
    width: 480,
    height: { step: 22 },
    background: 'white',
    data: { values },
    mark: { type: 'bar' },
    encoding: {
      x: scale === 'log' ? { ...x, scale: { type: 'log', domainMin: 1 }, stack: null } : x,
      ...(scale === 'log' && { x2: { datum: 1 } }),
      y: { field: 'name', type: 'nominal', title: null, sort: null, axis: { labelLimit: 400 } },
    },
  };
  const view = new View(parse(compile(spec).spec), { renderer: 'none' });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}
