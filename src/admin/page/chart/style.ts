// The rules of the charts' classes, for the pages' style sheet. No colour tells anything alone: signs, hatchings and words
// say the same.
import { TIMES_PX } from "./room.ts";

/** From this width of a chart on, names stand beside the lanes instead of above them. */
const WIDE = "54rem";

/** The colours themselves, and the ground on which they hold, are the pages'. */
const TONES = ["good", "bad", "warn", "ask", "go", "quiet"]
  .map((tone) => `.tone-${tone}{--tone:var(--${tone});--soft:var(--${tone}-soft)}`)
  .join("\n");

const COMMON = `
.chart{container-type:inline-size;margin:0 0 1.5rem;color:var(--ink);font-size:.875rem;line-height:1.4}
.chart svg{overflow:visible;display:block}
.chart-wide{display:none!important}
@container (min-width:${WIDE}){.chart .chart-wide{display:block!important}.chart .chart-narrow{display:none!important}}
.chart-icon{flex:none;vertical-align:-3px}
.chart-sign{fill:none;stroke:var(--tone);stroke-width:1.7;stroke-linecap:round;stroke-linejoin:round}
.chart-disc{fill:var(--tone)}
.chart-disc~.chart-sign,.chart-disc~g .chart-sign,.on-disc .chart-sign{stroke:var(--ground)}
.chart-hit{fill:transparent}
.chart-tick{font-size:11px;fill:var(--ink);text-anchor:middle;font-variant-numeric:tabular-nums}
.chart-faint{fill:var(--faint)}
.anchor-start .chart-tick{text-anchor:start}.anchor-end .chart-tick{text-anchor:end}
.chart-line{stroke:var(--line);stroke-width:1}
.chart-note{color:var(--faint);margin:.25rem 0}
.chart-legend{display:flex;flex-wrap:wrap;gap:.25rem 1rem;list-style:none;margin:.5rem 0 0;padding:0;color:var(--faint);font-size:.8125rem}
.chart-legend li{display:flex;align-items:center;gap:.35rem}
.chart-legend bdi{overflow-wrap:anywhere}
`;

const LIFE = `
.life figcaption{margin:0 0 .5rem}
.life-said{display:flex;gap:.5rem;align-items:center;margin:.15rem 0;font-size:1rem;font-weight:600;overflow-wrap:anywhere}
.life-lanes{position:relative}
.life-runs{list-style:none;margin:0;padding:0}
.life-lane{padding:0 1.25rem 0 .75rem;position:relative}
.life-grid{position:absolute;top:${TIMES_PX}px;bottom:0;left:.75rem;right:1.25rem}
.life-label{display:flex;flex-wrap:wrap;align-items:center;gap:0 .4rem;min-height:1.75rem;margin-left:-.75rem;color:inherit;text-decoration:none;position:relative}
.life-label:empty{display:none}
a.life-label:hover .life-name{text-decoration:underline}
.life-name{overflow:hidden;text-overflow:ellipsis;white-space:nowrap;min-width:0;max-width:calc(100% - 1.5rem)}
.life-label small{color:var(--faint);font-size:.8125rem}
@container (width < ${WIDE}){.life-grid .life-quiet,.life-grid .life-turn{opacity:.45}}
@container (min-width:${WIDE}){
.life-lane{display:grid;grid-template-columns:17rem minmax(0,1fr);column-gap:1.25rem;align-items:center;padding:0 1.5rem 0 0}
.life-grid{left:18.25rem;right:1.5rem}
.life-label,.life-label:empty{display:flex;margin:0}
.life-name{max-width:none}
.life-runs .life-label{display:grid;grid-template-columns:1rem minmax(0,1fr);padding:.2rem 0}.life-label small{grid-column:2}
}
.life-band{fill:var(--soft)}.life-edge{stroke:var(--tone);stroke-width:3}
.life-band-name{fill:var(--ink);font-size:12px;text-anchor:middle}
.life-bar.works{fill:var(--tone)}
.life-bar.waits,.life-bar.approval{stroke:var(--quiet);stroke-width:1}.life-bar.approval{stroke:var(--ask)}
.hatch-ground{fill:var(--quiet-soft)}.hatch-ground.approval{fill:var(--ask-soft)}.hatch-ground.quiet{fill:none}
.hatch-line{fill:none;stroke:var(--quiet);stroke-width:1;opacity:.5}.hatch-line.approval{stroke:var(--ask);opacity:.9}.hatch-line.quiet{stroke:var(--line);opacity:1}
.life-attempt{stroke:var(--tone);stroke-width:3}
.life-cross{stroke:var(--bad);stroke-width:2;fill:none}
.life-turn{stroke:var(--tone);stroke-width:1.5}.life-turn.is-reopened{stroke-dasharray:4 3}
.life-leader{stroke:var(--faint);stroke-width:1}
.life-mark.is-stale .chart-disc,.is-stale .chart-icon .chart-disc{fill:none;stroke:var(--quiet);stroke-width:1.5;stroke-dasharray:3 2}
.life-mark.is-stale .chart-sign,.is-stale .chart-icon .chart-sign{stroke:var(--quiet)}
.life-count{fill:var(--ground);font-size:11px;font-weight:700;text-anchor:middle}
.life-mark.is-stale .life-count{fill:var(--ink)}
.life-replayed{fill:var(--ask);stroke:var(--ground);stroke-width:1}
.life-lane a:focus-visible{outline:2px solid var(--go);outline-offset:2px;border-radius:3px}
svg a:focus-visible .chart-hit{stroke:var(--go);stroke-width:2}
`;

const COUNTS = `
.count figcaption{margin:0 0 .5rem}.count figcaption b{font-size:1rem}.count figcaption small{color:var(--faint);font-size:.8125rem}
.count-frame{padding:.35rem .75rem 0 3.25rem}
.count-part{fill:var(--tone)}
.count-scale{text-anchor:end}
.count-axis{stroke:var(--faint);stroke-width:1}
.count-deadline{stroke:var(--bad);stroke-width:1.5;stroke-dasharray:6 3}
.count-line{fill:none;stroke:var(--tone);stroke-width:2;stroke-linejoin:round;stroke-linecap:round;vector-effect:non-scaling-stroke}
.count-line.p95{stroke-dasharray:6 4}.count-line.p99{stroke-dasharray:.1 5;stroke-width:3}
.count-rows{list-style:none;margin:0;padding:0}.count-rows>li{margin:0 0 .75rem}.count-rows .chart-legend{margin:.25rem 0 0}
.chart details{margin:.5rem 0 0}.chart summary{display:list-item;color:var(--faint);cursor:pointer;padding:.6rem 0}
.chart table{border-collapse:collapse;font-variant-numeric:tabular-nums}
.chart th,.chart td{padding:.15rem .75rem .15rem 0;text-align:end;font-weight:400}.chart th:first-child{text-align:start}
.chart thead th{color:var(--faint)}.chart-table{overflow-x:auto}
`;

/** To be part of the pages' style sheet, which names the colours (`--good`, `--good-soft`, `--ground`, `--ink` …). */
export const CHART_STYLE = TONES + COMMON + LIFE + COUNTS;
