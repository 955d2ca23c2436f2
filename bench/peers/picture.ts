/**
 * The picture of the ratios: a dot for each peer in each row, on a logarithmic scale.
 *
 * @module
 */
import { columnTimes, type Results } from "./results.ts";
import { columns } from "./systems.ts";

/** A dot. */
export interface Dot {
  readonly work: string;
  readonly column: string;
  readonly ratio: number;
}

const LEAST = 0.1, MOST = 100;
const TICKS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100];
const LABEL =
  "peer / glissade, time or memory (right of 1: glissade needs less; cut off at 0.1 and 100)";

/** Ratios of the peers, cut off at the ends of the scale. */
export function dots({ rows }: Results): Dot[] {
  return rows.flatMap((row) => {
    const times = columnTimes(row);
    const own = times.get("glissade");
    if (own === undefined) return [];
    return columns.filter(({ id, isPeer }) => isPeer && times.has(id)).map(({ id, title }) => ({
      work: row.title,
      column: title,
      ratio: Math.min(MOST, Math.max(LEAST, times.get(id)! / own)),
    }));
  });
}

/** The picture as the text of an SVG file. Fetches its drawing library on first use. */
export async function picture(results: Results): Promise<string> {
  const [plot, dom] = ["npm:@observablehq/plot@0.6.17", "npm:linkedom@0.18.12"]; // computed on purpose
  const Plot = await import(plot!);
  const { parseHTML } = await import(dom!);
  const { document } = parseHTML("<html><body></body></html>");
  const all = dots(results);
  const works = results.rows.map(({ title }) => title)
    .filter((title) => all.some(({ work }) => work === title));
  const shown = columns.filter(({ title }) => all.some(({ column }) => column === title));
  const top = 30 + 20 * Math.ceil(shown.length / 4);
  const svg = Plot.plot({
    document,
    width: 900,
    height: top + 50 + 22 * works.length,
    marginLeft: 290,
    marginRight: 30,
    marginTop: top + 20,
    marginBottom: 50,
    style: { background: "white", color: "#222", fontSize: "12px" },
    x: {
      type: "log",
      domain: [LEAST, MOST],
      axis: null,
    },
    y: { domain: works, label: null },
    color: { domain: shown.map(({ title }) => title), range: shown.map(({ color }) => color) },
    marks: [
      Plot.gridX(TICKS),
      // an axis of its own would leave out every other number of a logarithmic scale
      Plot.text(TICKS, { x: (d: number) => d, text: String, frameAnchor: "bottom", dy: 18 }),
      Plot.text([LABEL], { frameAnchor: "bottom", dy: 36 }),
      Plot.ruleX([1], { stroke: "#222", strokeWidth: 1.5 }),
      Plot.dot(all, { x: "ratio", y: "work", fill: "column", r: 5, fillOpacity: 0.85 }),
    ],
  });
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  const node = (name: string, attributes: Record<string, string | number>, text = ""): unknown => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
    made.textContent = text;
    return made;
  };
  shown.forEach(({ title, color }, i) => {
    const [x, y] = [300 + 160 * (i % 4), 20 + 20 * Math.floor(i / 4)];
    svg.append(node("circle", { cx: x, cy: y, r: 5, fill: color }));
    svg.append(node("text", { x: x + 10, y: y + 4, "text-anchor": "start" }, title));
  });
  return svg.outerHTML + "\n";
}
