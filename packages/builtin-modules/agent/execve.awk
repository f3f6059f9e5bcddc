# Makes records of what the kernel saw run: auditd's log, RAW or ENRICHED. Input: `\001id offset` before the bytes of each file of
# the log, from that offset on, and a line end of ours behind them. Writes to `position` where to read on: `id offset time:serial`.
BEGIN {
  for (i = 0; i < 256; i++) {
    c = i ? sprintf("%c", i) : ""
    plain = i == 92 ? "\\\\" : i == 9 ? "\\t" : i == 10 ? "\\n" : i == 13 ? "\\r" : i < 32 || i == 127 ? sprintf("\\x%02x", i) : c
    hex = sprintf("%02X", i)
    as_text[hex] = plain
    as_word[hex] = i == 39 ? "'\\\\''" : plain
    if (i) { text_of[c] = plain; word_of[c] = as_word[hex] }
  }
  longest = 131072
  offset = total = 0
}
# A value of the log, `"…"` or hex, as text that may travel; `word`: within quotes of a shell.
function decode(value, word,   hexed, out, part, i, n, c) {
  if (value ~ /^".*"$/) value = substr(value, 2, length(value) - 2)
  else if (value == "(null)") return ""
  else hexed = length(value) % 2 == 0 && value !~ /[^0-9A-Fa-f]/
  if (hexed) value = toupper(value)
  else if (value !~ /[\\'\001-\037\177]/) return value
  n = length(value)
  out = part = ""
  for (i = 1; i <= n; i += hexed ? 2 : 1) {
    c = substr(value, i, hexed ? 2 : 1)
    part = part (hexed ? (word ? as_word[c] : as_text[c]) : (word ? word_of[c] : text_of[c]))
    if (i % 1024 < 2) { out = out part; part = "" }
  }
  return out part
}
function quoted(word) { return word ~ "^[A-Za-z0-9_@%+=:,./-]+$" ? word : "'" word "'" }
function started(stamp) { kind[++events] = ""; begin_of[events] = total; file_of[events] = id; offset_of[events] = offset; stamp_of[events] = stamp; done[events] = 0 }
function note(stamp, why) { started(stamp); kind[events] = "note"; text[events] = why; done[events] = 1 }
function digits(value, most) { return value ~ /^[0-9]+$/ && length(value) <= most ? value : "" }

function take(line,   type, stamp, extra, n, i, e, part, eq, name, value) {
  if (!match(line, /^(node=[^ ]+ )?type=[A-Z_0-9]+ msg=audit\([0-9]+\.[0-9][0-9][0-9]:[0-9]+\):/)) return
  stamp = substr(line, 1, RLENGTH - 2)
  type = stamp
  sub(/^(node=[^ ]+ )?type=/, "", type)
  sub(/ .*/, "", type)
  sub(/.*\(/, "", stamp)
  if (length(stamp) > 31 || stamp !~ /^[0-9]?[0-9]?[0-9]?[0-9]?[0-9]?[0-9]?[0-9]?[0-9]?[0-9]?[0-9]?[0-9]\./) return
  last = stamp
  line = substr(line, RLENGTH + 1)
  if (type == "DAEMON_END" || type == "DAEMON_ABORT") return note(stamp, "execve: auditd stopped")
  if (type == "CONFIG_CHANGE" && line ~ / audit_enabled=0 /) return note(stamp, "execve: the kernel's audit was turned off")
  if (type == "CONFIG_CHANGE" && line ~ / op=remove_rule / && index(line, key)) return note(stamp, "execve: a rule was removed")
  if (type == "SYSCALL") { started(stamp); of[stamp] = events }
  if (!(stamp in of)) return
  e = of[stamp]
  if (type == "PROCTITLE" || type == "EOE") { done[e] = 1; return }
  if (type != "SYSCALL" && type != "EXECVE" && type != "CWD" && type != "PATH") return
  extra = ""
  if (i = index(line, "\035")) { extra = substr(line, i + 1); line = substr(line, 1, i - 1) }
  n = split(line, part, " ")
  for (i = 1; i <= n; i++) {
    if (!(eq = index(part[i], "="))) continue
    name = substr(part[i], 1, eq - 1)
    value = substr(part[i], eq + 1)
    if (type == "EXECVE") argument(e, name, value)
    else if (type == "CWD") { if (name == "cwd") cwd[e] = decode(value, 0) }
    else if (type == "PATH") { if (name == "name" && !(e in path)) path[e] = decode(value, 1) }
    else if (name ~ /^(success|exit|auid|uid|tty|ses|key)$/) field[e, name] = value
  }
  n = split(extra, part, " ")
  for (i = 1; i <= n; i++) if (match(part[i], /^A?UID="/)) field[e, substr(part[i], 1, RLENGTH - 2)] = decode(substr(part[i], RLENGTH), 0)
}
# a2="word", a2=hex, and of a long one a2[0]=hex a2[1]=hex, in more records.
function argument(e, name, value,   which) {
  if (name !~ /^a[0-9]+(\[[0-9]+\])?$/) return
  kind[e] = "execve"
  if (size[e] > longest) { cut[e] = 1; return }
  which = name
  sub(/\[.*/, "", which)
  value = decode(value, 1)
  size[e] += length(value) + 1
  if (which == word_name[e]) { word[e] = word[e] value; return }
  if (word_name[e] != "") text[e] = text[e] quoted(word[e]) " "
  word_name[e] = which
  word[e] = value
}
function user(e, number, enriched) {
  if (number in names) return names[number]
  return field[e, enriched] ~ /^(unset|unknown\()/ ? "" : clean(field[e, enriched])
}
function milliseconds(stamp) { return substr(stamp, 1, index(stamp, ".") - 1) substr(stamp, index(stamp, ".") + 1, 3) }
function record(e,   uid, auid, ses, tty, said, exit_code) {
  if (kind[e] == "note") { print "dropped", milliseconds(stamp_of[e]), 0, "root", "root", "", "", "", "", "", "", "", "", "", text[e]; return }
  auid = digits(field[e, "auid"], 10)
  ses = digits(field[e, "ses"], 10)
  uid = digits(field[e, "uid"], 10)
  # Of no login; or of the forwarder itself.
  if (auid == "" || ses == "" || uid == "" || auid == "4294967295" || ses == "4294967295" || ses == own) return
  exit_code = field[e, "success"] == "no" && field[e, "exit"] ~ /^-[0-9]+$/ && length(field[e, "exit"]) < 6 ? field[e, "exit"] : ""
  if (kind[e] == "execve") said = text[e] quoted(word[e])
  # What could not be run has no arguments here. -2 is no such file: shells look through their PATH so.
  else if (exit_code != "" && exit_code != "-2" && e in path && index(field[e, "key"], key)) said = quoted(path[e])
  else return
  if (e in cut) said = said " [cut]"
  tty = field[e, "tty"]
  if (tty == "(none)" || length(tty) > 20) tty = ""
  sub(/^pts/, "pts/", tty)
  print "executed", milliseconds(stamp_of[e]), uid, user(e, uid, "UID"), "", user(e, auid, "AUID"), clean(decode("\"" tty "\"", 0)), "ses-" ses, "", "", clean(cwd[e]), exit_code, "execve", "", clean(said)
}
# Only what has a line end of its own is whole.
function whole() {
  if (!pending) return
  take(held)
  offset += length(held) + 1
  total += length(held) + 1
  pending = 0
}
/^\001/ {
  # A last line without an end: it never gets one in a file that another one follows.
  split(substr($0, 2), begins, " ")
  id = begins[1]; offset = begins[2] + 0
  pending = 0
  next
}
{ whole(); held = $0; pending = 1 }
END {
  # Of a line so long there is nothing to wait for.
  if (pending && length(held) > 1000000) { note(last == "" ? now ".000:0" : last, "execve: a part of the audit log is unreadable"); offset += length(held) }
  for (e = 1; e <= events; e++) {
    # Its other records may still come, or lie behind what was read.
    age = now - substr(stamp_of[e], 1, index(stamp_of[e], ".") - 1)
    if (!done[e] && ((age < hold && -age < hold) || (full && total - begin_of[e] < 524288))) break
    record(e)
  }
  if (e <= events) { id = file_of[e]; offset = offset_of[e] }
  print id " " offset " " (last == "" ? before : last) > position
}
