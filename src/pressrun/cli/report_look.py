"""How the page of a batch looks: its colours by day and by night, and its style sheet."""

from __future__ import annotations

LIGHT = {
    "ground": "#f7f6f2", "card": "#ffffff", "line": "#d9d6cd", "ink": "#1c2027", "muted": "#565e6b",
    "link": "#1a559c", "bar": "#2f6db5", "track": "#e6e3da", "good": "#17663a", "bad": "#a8241c", "wait": "#7a4b00",
}
DARK = {
    "ground": "#13161b", "card": "#1c2128", "line": "#363d48", "ink": "#e9ebef", "muted": "#a7b0bd",
    "link": "#8bbcf5", "bar": "#6ba3e0", "track": "#2b323c", "good": "#80d6a0", "bad": "#ff9d94", "wait": "#f2bd63",
}
TEXT_COLOURS = ("ink", "muted", "link", "good", "bad", "wait")
GROUNDS = ("ground", "card")

_SHEET = """
*, ::before, ::after { box-sizing: border-box }
html { color-scheme: light dark; -webkit-text-size-adjust: 100% }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif }
main, header, footer { max-width: 72rem; margin: 0 auto; padding: 0 1.25rem }
header { padding-top: 2.5rem }
h1 { font-size: clamp(1.6rem, 1.2rem + 2vw, 2.4rem); line-height: 1.2; margin: 0 0 .4rem; letter-spacing: -.01em }
h2 { font-size: 1.25rem; margin: 2.75rem 0 1rem }
h3 { font-size: 1rem; margin: 0; line-height: 1.35; overflow-wrap: anywhere }
p { margin: .25rem 0 }
a { color: var(--link); text-underline-offset: .15em; overflow-wrap: anywhere }
a:focus-visible, summary:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 2px }
code { font: .9em ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere }
.muted { color: var(--muted) } .good { color: var(--good) } .bad { color: var(--bad) } .wait { color: var(--wait) }
.small { font-size: .875rem }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: .75rem; margin: 1.5rem 0 0;
  padding: 0; list-style: none }
.tiles li, .card, .failed > li { background: var(--card); border: 1px solid var(--line); border-radius: 10px }
.tiles li { padding: .8rem 1rem; color: var(--muted); font-size: .9rem }
.tiles b { display: block; font-size: 1.6rem; line-height: 1.2; color: var(--ink); font-variant-numeric: tabular-nums }
.tiles .good b { color: var(--good) } .tiles .bad b { color: var(--bad) }
.sheet { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(17rem, 100%), 1fr)); gap: 1.1rem;
  margin: 0; padding: 0; list-style: none }
.sheet .card { overflow: hidden; display: flex; flex-direction: column }
.sheet img, .none { display: block; width: 100%; height: auto; aspect-ratio: 16 / 9; object-fit: cover;
  background: var(--track) }
.none { display: grid; place-items: center; color: var(--muted) }
.words { padding: .8rem 1rem 1rem; display: flex; flex-direction: column; gap: .15rem; flex: 1 }
.places { display: flex; flex-wrap: wrap; gap: .1rem 1.1rem; margin-top: auto; padding-top: .4rem }
.failed { list-style: none; margin: 0; padding: 0; display: grid; gap: .9rem }
.again { margin-top: .9rem }
.failed > li { border-left: 5px solid var(--bad); padding: .9rem 1.1rem }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: .5rem 0 0 }
dt { color: var(--muted) } dd { margin: 0; overflow-wrap: anywhere; min-width: 0 }
.scroll { overflow-x: auto }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
th, td { text-align: start; padding: .45rem .9rem .45rem 0; border-bottom: 1px solid var(--line); vertical-align: top }
th { color: var(--muted); font-weight: 600; font-size: .875rem }
td.number, th.number { text-align: end; white-space: nowrap }
td { overflow-wrap: anywhere; min-width: 4.5rem }
summary { cursor: pointer; color: var(--link); padding: .4rem 0 }
.card.pad { padding: 1.1rem }
svg.chart { display: block; width: 100%; overflow: visible; font: inherit }
.chart text { fill: var(--ink); font-size: 14px } .chart .value { fill: var(--muted) }
.chart .bar { fill: var(--bar) } .chart .track { fill: var(--track) }
footer { padding-top: 2.5rem; padding-bottom: 3rem }
@media (max-width: 34rem) { main, header, footer { padding-left: 1rem; padding-right: 1rem }
  dl { grid-template-columns: 1fr; gap: 0 } dd { margin-bottom: .5rem }
  .tiles { grid-template-columns: 1fr 1fr } .tiles b { font-size: 1.3rem } }
@media print { body { background: none } .tiles li, .card, .failed > li { break-inside: avoid } }
"""


def style_sheet() -> str:
    night = f"@media (prefers-color-scheme: dark) {{ :root {{ {_variables(DARK)} }} }}"
    return f":root {{ {_variables(LIGHT)} }}\n{night}{_SHEET}"


def _variables(colours: dict[str, str]) -> str:
    return "; ".join(f"--{name}: {value}" for name, value in colours.items())
