# From lines `round kind peer case threads metric value` of bench/compare: the peak, then a table for each kind of case.

function median(values, count,   i, j, x) {
  for (i = 2; i <= count; i++) {
    x = values[i]
    for (j = i - 1; j >= 1 && values[j] > x; j--) values[j + 1] = values[j]
    values[j + 1] = x
  }
  return count % 2 ? values[(count + 1) / 2] : (values[count / 2] + values[count / 2 + 1]) / 2
}

# The median over the rounds of a peer's value, or of how many times faster recur is than the peer; "" for none.
function over_rounds(peer, name, metric, as_ratio,   round, count, values, theirs, ours) {
  count = 0
  for (round = 1; round <= rounds; round++) {
    if (!((round, peer, name, metric) in value)) continue
    theirs = value[round, peer, name, metric]
    if (as_ratio) {
      if (!((round, "recur", name, metric) in value)) continue
      ours = value[round, "recur", name, metric]
      theirs = larger_is_better(metric) ? ours / theirs : theirs / ours
    }
    values[++count] = theirs
  }
  return count ? median(values, count) : ""
}

function larger_is_better(metric) { return metric ~ /\/s/ }

function number(x) {
  if (x == "") return "–"
  if (x >= 100) return sprintf("%.0f", x)
  return sprintf(x >= 10 ? "%.1f" : x >= 1 ? "%.2f" : "%.3f", x)
}
function ratio(x) { return x == "" ? "–" : sprintf("%.2f", x) }
function share(x) { return x == "" ? "–" : sprintf("%.0f %%", 100 * x) }

function table(kind, count,   metric, line, rule, p, c, name, parts, rate, shares) {
  metric = metric_of[kind]
  shares = kind != "stream" && (count in peak)
  line = "| case | recur, " unit_of[kind] " |"
  rule = "| --- | --- |"
  if (shares) { line = line " share of peak |"; rule = rule " --- |" }
  for (p = 1; p <= peers; p++) {
    if (!((kind, peer_name[p]) in measured)) continue
    line = line " " title[peer_name[p]] " | ratio |"
    rule = rule " --- | --- |"
  }
  printf "\n## %s, %d thread%s\n\n%s\n%s\n", heading[kind], count, count == 1 ? "" : "s", line, rule
  for (c = 1; c <= cases; c++) {
    name = case_name[c]
    split(name, parts, SUBSEP)
    if (parts[1] != kind || parts[3] != count) continue
    line = "| " parts[2] " | " number(over_rounds("recur", name, metric)) " |"
    if (shares) {
      rate = over_rounds("recur", name, "GF/s_med")
      line = line " " share(rate == "" ? "" : rate / peak[count]) " |"
    }
    for (p = 1; p <= peers; p++) {
      if (!((kind, peer_name[p]) in measured)) continue
      line = line " " number(over_rounds(peer_name[p], name, metric)) " | " ratio(over_rounds(peer_name[p], name, metric, 1)) " |"
    }
    print line
  }
}

# How fast ragged batches are beside the rectangle of as many tokens, round by round.
function ragged_shares(count,   c, name, parts, beside, round, found, values, p, peer) {
  for (c = 1; c <= cases; c++) {
    name = case_name[c]
    split(name, parts, SUBSEP)
    if (parts[1] != "ragged" || parts[2] !~ /^ragged/ || parts[3] != count) continue
    beside = name
    sub(SUBSEP "ragged", SUBSEP "rectangle", beside)
    for (p = 0; p <= peers; p++) {
      peer = p ? peer_name[p] : "recur"
      found = 0
      for (round = 1; round <= rounds; round++) {
        if ((round, peer, name, "GF/s_med") in value && (round, peer, beside, "GF/s_med") in value)
          values[++found] = value[round, peer, name, "GF/s_med"] / value[round, peer, beside, "GF/s_med"]
      }
      if (found) printf "\n%s, %s: %s of the rectangle's speed.\n", parts[2], title[peer], share(median(values, found))
    }
  }
}

BEGIN {
  kinds = split("train infer stream ragged lm translate", kind_name)
  split("recur pytorch onednn onnxruntime", order)
  title["recur"] = "recur"; title["pytorch"] = "PyTorch"; title["onednn"] = "oneDNN"; title["onnxruntime"] = "ONNX Runtime"
  for (peers = 0; (peers + 2) in order; peers++) peer_name[peers + 1] = order[peers + 2]
  heading["train"] = "Training, forward and backward"; metric_of["train"] = "ms_med"; unit_of["train"] = "ms"
  heading["infer"] = "Inference"; metric_of["infer"] = "ms_med"; unit_of["infer"] = "ms"
  heading["stream"] = "Streaming, batch 1, a step"; metric_of["stream"] = "us_med"; unit_of["stream"] = "µs"
  heading["ragged"] = "Ragged batches, training"; metric_of["ragged"] = "GF/s_med"; unit_of["ragged"] = "GFLOP/s"
  heading["lm"] = "Language models, whole training steps"; metric_of["lm"] = "tok/s_med"; unit_of["lm"] = "tokens/s"
  heading["translate"] = "A translator, whole training steps"; metric_of["translate"] = "tok/s_mean"
  unit_of["translate"] = "target tokens/s"
}

$3 == "#" || NF != 7 { next }
{ rounds = $1 > rounds ? $1 : rounds }
$2 == "peak" {
  if ($6 == "GF/s_max" && $7 > peak[$5]) peak[$5] = $7
  next
}
{
  name = $2 SUBSEP $4 SUBSEP $5
  value[$1, $3, name, $6] = $7
  measured[$2, $3] = 1
  if ($3 == "recur" && !(name in seen)) { seen[name] = 1; case_name[++cases] = name; threads_of[$2, $5] = 1 }
}

END {
  printf "Peak of multiply-adds, best of all rounds: %s GFLOP/s by 1 thread", number(peak[1])
  if (threads > 1) printf ", %s by %d", number(peak[threads]), threads
  print "."
  for (k = 1; k <= kinds; k++) {
    for (count = 1; count <= threads; count++) {
      if ((kind_name[k], count) in threads_of) table(kind_name[k], count)
    }
    if (kind_name[k] == "ragged") ragged_shares(threads)
  }
}
