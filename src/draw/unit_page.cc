#include "draw/unit_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cstdlib>
#include <utility>

#include "base/show.h"
#include "draw/svg_chart.h"

namespace recur {
namespace {

constexpr int kReds = 16;  // of red, and as many of blue

// i: some tokens of one colour; b: a newline's mark; u: a tab's.
constexpr const char* kUnitStyle = R"css(
:root{color-scheme:light dark;--page:#fff;--ink:#1b1b1b;--soft:#666;--rule:#ddd;--panel:#f4f5f7;
--red:235 90 80;--blue:80 150 235;--link:#0b5cad}
@media(prefers-color-scheme:dark){:root{--page:#16181c;--ink:#e8e8e8;--soft:#a0a4ab;--rule:#3a3e45;--panel:#20242a;
--red:178 44 44;--blue:35 95 190;--link:#7db7ff}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:75rem;padding:0 1.25rem 4rem;background:var(--page);color:var(--ink);
font:16px/1.5 system-ui,sans-serif}
h1{font-size:1.5rem;margin:1.2rem 0 .6rem;overflow-wrap:anywhere}
h2{font-size:1.15rem;margin:1.6rem 0 .2rem}
p{margin:.2rem 0 .6rem}
a{color:var(--link)}
nav{position:sticky;top:0;z-index:2;background:var(--page);border-bottom:1px solid var(--rule);padding:.5rem 0;
display:flex;flex-wrap:wrap;gap:.35rem}
nav a{padding:.15rem .6rem;border:1px solid var(--rule);border-radius:1rem;text-decoration:none;font-size:.85rem}
nav a[aria-current]{background:var(--link);color:var(--page);border-color:var(--link)}
section{scroll-margin-top:6rem}
.note{color:var(--soft)}
.legend{display:flex;align-items:center;gap:.6rem;font-size:.85rem;color:var(--soft)}
.legend span{width:14rem;height:.9rem;border:1px solid var(--rule);border-radius:.2rem;
background:linear-gradient(to right,rgb(var(--blue)),rgb(var(--blue)/0) 50%,rgb(var(--red)/0) 50%,rgb(var(--red)))}
.legend .gate{background:linear-gradient(to right,rgb(var(--red)/0),rgb(var(--red)))}
.text{font:14px/1.65 ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace;white-space:pre-wrap;
overflow-wrap:anywhere;tab-size:4;border:1px solid var(--rule);border-radius:.4rem;padding:.8rem 1rem;margin:.6rem 0}
i,b,u{font-style:normal;font-weight:normal;text-decoration:none}
b::before{content:"↵";color:var(--soft)}
u::before{content:"→";color:var(--soft)}
i{padding:.14em 0}
i:hover{position:relative;outline:1px solid var(--ink)}
i:hover::after{position:absolute;left:0;top:-1.8em;padding:.05rem .4rem;border-radius:.25rem;background:var(--ink);
color:var(--page);font:12px/1.5 system-ui,sans-serif;white-space:nowrap;pointer-events:none;z-index:1}
.wide{overflow-x:auto}
table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums}
th,td{padding:.25rem .8rem .25rem 0;border-bottom:1px solid var(--rule);text-align:left;vertical-align:top}
th{font-weight:600;vertical-align:bottom}
.n{text-align:right;white-space:nowrap}
td small{color:var(--soft);display:block}
.plots{display:flex;flex-wrap:wrap;gap:.8rem;margin:.8rem 0}
.plots svg{width:21rem;max-width:100%;border:1px solid var(--rule);border-radius:.4rem}
@media(prefers-color-scheme:dark){.chart .paper{fill:var(--page)}.chart text{fill:var(--ink)}
.chart .grid{stroke:#2c3037}.chart .axis{stroke:#8a8f98}.chart .c0{stroke:#4aa3df}.chart .c6{stroke:#ccc}}
.one section.unit{display:none}
.one section.unit.shown{display:block}
)css";

// Marks the page as one that shows one unit at a time, and shows the one that the address names.
constexpr const char* kUnitScript = R"js(
const units = [...document.querySelectorAll("section.unit")];
const links = [...document.querySelectorAll("nav a")];
function show() {
  const named = units.find(unit => "#" + unit.id === location.hash);
  const shown = named || units.find(unit => unit.classList.contains("shown")) || units[0];
  units.forEach(unit => unit.classList.toggle("shown", unit === shown));
  links.forEach(link => link.hash === "#" + shown.id ? link.setAttribute("aria-current", "true")
                                                     : link.removeAttribute("aria-current"));
  if (named) scrollTo(0, 0);
}
if (units.length > 0) {
  document.body.classList.add("one");
  addEventListener("hashchange", show);
  show();
}
)js";

std::string shade_class(int level) { return fmt::format("{}{}", level < 0 ? 'n' : 'p', std::abs(level)); }

std::string shade_rules(const UnitReport& report) {
  std::string css = "";
  for (int level = -kReds; level <= kReds; ++level) {
    if (level != 0) {
      css += fmt::format(".{}{{background:rgb(var(--{})/{:.3g}%)}}\n", shade_class(level), level < 0 ? "blue" : "red",
                         100.0 * std::abs(level) / kReds);
    }
    css +=
        fmt::format(".{}:hover::after{{content:\"{:.2f}\"}}\n", shade_class(level), static_cast<double>(level) / kReds);
  }
  for (std::size_t i = 0; i < report.units.size(); ++i) {
    const float scale = shade_scale(report.units[i]);
    for (int level = -kReds; scale != 1 && level <= kReds; ++level) {
      css += fmt::format("#unit{} .{}:hover::after{{content:\"{:.3g}\"}}\n", i + 1, shade_class(level),
                         static_cast<double>(scale) * level / kReds);
    }
  }
  return css;
}

std::string marked_up(const std::string& piece) {
  std::string text;
  for (const char c : escape_markup(piece)) {
    if (c == '\n') text += "<b></b>";
    if (c == '\t') text += "<u></u>";
    text += c;
  }
  return text;
}

// A run of one shade also ends with its line, so that what the mouse points to stays near its value.
std::string coloured_text(const std::vector<std::string>& tokens, const UnitView& unit, float scale) {
  std::string text;
  int run = 0;
  bool in_run = false;
  for (std::size_t t = 0; t < tokens.size(); ++t) {
    const int shade = shade_of(unit.values[t], scale, kReds);
    if (!in_run || shade != run) {
      text += (in_run ? "</i>" : "") + ("<i class=" + shade_class(shade) + ">");
      run = shade;
      in_run = true;
    }
    text += marked_up(tokens[t]);
    if (tokens[t].ends_with('\n')) {
      text += "</i>";
      in_run = false;
    }
  }
  return text + (in_run ? "</i>" : "");
}

std::string legend(const UnitView& unit, float scale) {
  const std::string low = unit.gate ? "0" : fmt::format("{:.3g}", -scale);
  return fmt::format("<div class=\"legend\">{} <span{}></span> {:.3g}</div>\n", low, unit.gate ? " class=\"gate\"" : "",
                     scale);
}

std::string unit_section(const std::vector<std::string>& tokens, const UnitView& unit, std::size_t number) {
  assert(unit.values.size() == tokens.size());
  const float scale = shade_scale(unit);
  std::string html =
      fmt::format("<section class=\"unit\" id=\"unit{}\">\n<h2>{}</h2>\n", number, escape_markup(unit.title));
  if (!unit.caption.empty()) html += fmt::format("<p class=\"note\">{}</p>\n", escape_markup(unit.caption));
  return html + legend(unit, scale) + "<div class=\"text\" lang=\"\" translate=\"no\">" +
         coloured_text(tokens, unit, scale) + "</div>\n</section>\n";
}

std::string row_of(const char* cell, const std::vector<std::string>& texts, std::size_t left_aligned) {
  std::string html = "<tr>";
  for (std::size_t i = 0; i < texts.size(); ++i) {
    html += fmt::format("<{}{}>{}</{}>", cell, i < left_aligned ? "" : " class=\"n\"", texts[i], cell);
  }
  return html + "</tr>\n";
}

std::string table_of(const std::string& head, const std::string& body) {
  return "<div class=\"wide\"><table>\n<thead>\n" + head + "</thead>\n<tbody>\n" + body + "</tbody>\n</table></div>\n";
}

std::string features_section(const std::vector<FeatureRow>& features) {
  std::string body;
  for (const FeatureRow& feature : features) {
    std::string units, correlations;
    for (const FeatureRow::Unit& unit : feature.units) {
      units += (units.empty() ? "" : "<br>") + escape_markup(unit.title);
      correlations += (correlations.empty() ? "" : "<br>") + fmt::format("{:.3f}", unit.correlation);
    }
    body += row_of("td",
                   {escape_markup(feature.name) + "<small>" + escape_markup(feature.explanation) + "</small>", units,
                    correlations, with_thousands(feature.positions)},
                   2);
  }
  return "<section id=\"features\">\n<h2>Units that follow a feature of the text</h2>\n"
         "<p class=\"note\">Pearson's correlation r of the unit with the feature, over all tokens; positions: at how "
         "many of them the feature is not 0. Over few of them, a large r can be chance.</p>\n" +
         table_of(row_of("th", {"Feature", "Units", "r", "Positions"}, 2), body) + "</section>\n";
}

std::string percent(double share) { return fmt::format("{:.1f}&nbsp;%", 100 * share); }

// A plot for each gate, in which each unit of each layer is a point; the line is where the shares add up to 1.
std::string saturation_plots(const std::vector<GateRow>& gates) {
  std::vector<Chart> charts;
  for (const GateRow& row : gates) {
    auto chart = std::ranges::find(charts, row.gate, &Chart::title);
    if (chart == charts.end()) {
      charts.push_back({.title = row.gate,
                        .x_label = "share of steps above 0.9",
                        .y_label = "share of steps below 0.1",
                        .x_range = {0, 1},
                        .y_range = {0, 1},
                        .diagonal = true,
                        .width = 400,
                        .height = 340});
      chart = charts.end() - 1;
    }
    ChartSeries series{.name = row.layer, .mark = ChartMark::points};
    for (const Saturation& unit : row.units) series.points.emplace_back(unit.right, unit.left);
    chart->series.push_back(std::move(series));
  }
  std::string html = "<div class=\"plots\">\n";
  for (const Chart& chart : charts) html += svg_chart(chart);
  return html + "</div>\n";
}

std::string gates_section(const std::vector<GateRow>& gates) {
  std::string body;
  for (const GateRow& gate : gates) {
    const SaturationSummary s = summarize(gate.units);
    body += row_of("td",
                   {escape_markup(gate.layer), escape_markup(gate.gate), std::to_string(s.units), percent(s.mean.left),
                    percent(s.mean.right), std::to_string(s.mostly_left), std::to_string(s.mostly_right)},
                   2);
  }
  const std::vector<std::string> head = {
      "Layer", "Gate", "Units", "Steps below 0.1", "Steps above 0.9", "Units mostly below", "Units mostly above"};
  return "<section id=\"gates\">\n<h2>Saturation of the gates</h2>\n"
         "<p class=\"note\">A gate below 0.1 is all but closed (left-saturated), one above 0.9 all but open "
         "(right-saturated). In the plots each point is a unit.</p>\n" +
         table_of(row_of("th", head, 2), body) + saturation_plots(gates) + "</section>\n";
}

std::string states_section(const std::vector<StateRow>& states) {
  std::string body;
  for (const StateRow& state : states) {
    body += row_of("td",
                   {escape_markup(state.layer), escape_markup(state.state), std::to_string(state.units),
                    fmt::format("{:.3f}", state.statistics.mean), fmt::format("{:.3f}", state.statistics.deviation),
                    percent(state.statistics.saturated)},
                   2);
  }
  return "<section id=\"states\">\n<h2>States</h2>\n" +
         table_of(row_of("th", {"Layer", "State", "Units", "Mean", "Deviation", "|x| &gt; 0.9"}, 2), body) +
         "</section>\n";
}

}  // namespace

std::string unit_page(const UnitReport& report) {
  const std::string title = escape_markup(report.title);
  std::string links, sections;
  const auto add = [&](const std::string& id, const std::string& name, const std::string& section) {
    links += "<a href=\"#" + id + "\">" + name + "</a>\n";
    sections += section;
  };
  const std::vector<std::string> tokens = shown_pieces(report.pieces);
  for (std::size_t i = 0; i < report.units.size(); ++i) {
    add(fmt::format("unit{}", i + 1), escape_markup(report.units[i].title),
        unit_section(tokens, report.units[i], i + 1));
  }
  if (!report.features.empty()) add("features", "features", features_section(report.features));
  if (!report.gates.empty()) add("gates", "gates", gates_section(report.gates));
  if (!report.states.empty()) add("states", "states", states_section(report.states));
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" +
         title + "</title>\n<style>" + kUnitStyle + shade_rules(report) + "</style>\n</head>\n<body>\n<h1>" + title +
         "</h1>\n<nav>\n" + links + "</nav>\n<main>\n" + sections + "</main>\n<script>" + kUnitScript +
         "</script>\n</body>\n</html>\n";
}

}  // namespace recur
