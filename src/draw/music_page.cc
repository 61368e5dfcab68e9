#include "draw/music_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "draw/piano_roll.h"
#include "draw/svg_chart.h"

namespace recur {
namespace {

constexpr const char* kMusicStyle = R"css(
:root{color-scheme:light dark;--page:#fff;--ink:#1b1b1b;--soft:#666;--rule:#ddd;--link:#0b5cad}
@media(prefers-color-scheme:dark){:root{--page:#16181c;--ink:#e8e8e8;--soft:#a0a4ab;--rule:#3a3e45;--link:#7db7ff}
.roll .paper{fill:var(--page)}.roll .black{fill:#20242a}.roll .grid{stroke:#3a3e45}.roll text{fill:var(--ink)}
.roll .note{fill:#4aa3df}}
body{margin:0 auto;max-width:75rem;padding:0 1.25rem 3rem;background:var(--page);color:var(--ink);
font:16px/1.5 system-ui,sans-serif}
h1{font-size:1.5rem;margin:1.2rem 0 .6rem;overflow-wrap:anywhere}
p{display:flex;gap:1rem;align-items:center;color:var(--soft)}
button{font:inherit;min-width:6rem;padding:.3rem 1.2rem;border:1px solid var(--link);border-radius:1rem;
background:var(--link);color:var(--page);cursor:pointer}
.wide{overflow-x:auto;border:1px solid var(--rule);border-radius:.4rem}
.roll{display:block}
)css";

// notes: [number, start, length] in quarter notes, in order of their starts; beat: of one, in seconds. Sounds are
// scheduled half a second ahead, so that long pieces begin at once and stop at once.
constexpr const char* kMusicScript = R"js(
const button = document.querySelector("button"), clock = document.querySelector("#clock");
const now = document.querySelector(".now"), wide = document.querySelector(".wide");
const end = notes.reduce((last, [, start, length]) => Math.max(last, start + length), 0) * beat;
let sound = null, begin = 0, next = 0;

function strike([number, start, length]) {
  const voice = sound.createOscillator(), loud = sound.createGain();
  const from = begin + start * beat, to = from + length * beat;
  voice.type = "triangle";
  voice.frequency.value = 440 * 2 ** ((number - 69) / 12);
  loud.gain.setValueAtTime(0, from);
  loud.gain.linearRampToValueAtTime(0.16, from + 0.01);
  loud.gain.setTargetAtTime(0.05, from + 0.01, 0.4);
  loud.gain.setTargetAtTime(0, to - 0.02, 0.03);
  voice.connect(loud).connect(sound.destination);
  voice.start(from);
  voice.stop(to + 0.2);
}

function place(seconds) {
  const x = left + Math.min(seconds, end) / beat * width;
  now.setAttribute("x1", x);
  now.setAttribute("x2", x);
  if (x > wide.scrollLeft + wide.clientWidth || x < wide.scrollLeft) wide.scrollLeft = x - left;
  clock.textContent = `${Math.floor(seconds)} of ${Math.ceil(end)} s`;
}

function tick() {
  if (!sound) return;
  const seconds = sound.currentTime - begin;
  while (next < notes.length && notes[next][1] * beat < seconds + 0.5) strike(notes[next++]);
  if (seconds > end) return stop();
  place(Math.max(seconds, 0));
  requestAnimationFrame(tick);
}

function stop() {
  sound.close();
  sound = null;
  button.textContent = "Play";
  place(0);
}

button.addEventListener("click", () => {
  if (sound) return stop();
  sound = new AudioContext();
  begin = sound.currentTime + 0.1;
  next = 0;
  button.textContent = "Stop";
  tick();
});
place(0);
)js";

std::string data_of(const Score& score) {
  std::vector<Note> notes = score.notes;
  std::ranges::stable_sort(notes, {}, &Note::start);
  std::string list;
  for (const Note& note : notes) {
    list += fmt::format("{}[{},{:.9g},{:.9g}]", list.empty() ? "" : ",", note.number, note.start, note.length);
  }
  return fmt::format("const beat = {:.9g}, left = {}, width = {};\nconst notes = [{}];\n", 60 / score.tempo, kRollLeft,
                     kBeatWidth, list);
}

}  // namespace

std::string page_of_score(const Score& score) {
  const std::string title = escape_markup(score.title.empty() ? "A piece of music" : score.title);
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" +
         title + "</title>\n<style>" + kMusicStyle + "</style>\n</head>\n<body>\n<h1>" + title +
         "</h1>\n<p><button type=\"button\">Play</button><span id=\"clock\"></span></p>\n<div class=\"wide\">\n" +
         piano_roll(score) + "</div>\n<script>\n" + data_of(score) + kMusicScript + "</script>\n</body>\n</html>\n";
}

}  // namespace recur
