# Makes records of what shells noted. Input: `F uid user file` and its lines, each after `=`, backslashes and line ends escaped;
# `X` names a file that is not believed. The fields of a line:
# B|E number time user login tty source directory via run text (of E: the exit code)
function record(kind, exit_code, text) {
  login = f[5] ~ /^[0-9]+$/ && f[5] in names ? names[f[5]] : f[5]
  return kind OFS f[3] OFS uid OFS user OFS clean(f[4]) OFS clean(login) OFS clean(f[6]) OFS session OFS f[2] OFS clean(f[7]) OFS clean(f[8]) OFS exit_code OFS f[9] OFS clean(f[10]) OFS text
}
function dropped(n, why) { return "dropped" OFS now "000" OFS uid OFS user OFS OFS OFS OFS session OFS OFS OFS OFS OFS OFS OFS n " " why }
# Whether the shell is still there: one that is not will never tell how its last command ended.
function alive(   file, line, there) {
  file = session
  sub(/-.*/, "", file)
  file = "/proc/" file "/stat"
  there = (getline line < file) > 0
  close(file)
  return there
}
# Asked once it is dead: whether its last words are still where it has put them.
function waiting(   command, name, found) {
  command = "ls '" inbox "' 2>/dev/null"
  while ((command | getline name) > 0) if (name == session ".om") found = 1
  close(command)
  return found
}
# What is known of the session is complete: out with it.
function flush() {
  if (session == "") return
  if (began) {
    # Its time is a claim, of a user who may have set the clock: one from the future does not wait either.
    age = now - substr(begun[3], 1, length(begun[3]) - 3)
    if (age >= 0 && age < hold && (alive() || waiting())) { session = ""; return }
    for (i in begun) f[i] = begun[i]
    lines[++n] = record("command", "", clean(f[11]))
  }
  if (bad) lines[++n] = dropped(bad, "unreadable")
  for (i = 1; i <= n; i++) print lines[i]
  for (i = 1; i <= files; i++) print file[i] > out
  session = ""
}
/^[FX]\t/ {
  of = $4
  sub(/\.om\..*/, "", of)
  if (of != session || uid != $2) { flush(); session = of; n = files = bad = began = 0; split("", lines) }
  uid = $2; user = $3; file[++files] = $4
  if ($1 == "X") bad++
  next
}
/^=/ {
  if (length($0) > longest) { bad++; next }
  count = split(substr($0, 2), f, "\t")
  if (count != 11 || f[2] !~ /^[0-9]+$/ || f[3] !~ /^[0-9]+$/ || length(f[2]) > 9 || length(f[3]) < 4 || length(f[3]) > 15 || f[9] !~ /^(bash|zsh)$/) { bad++; next }
  if (f[1] == "B") {
    if (began) { for (i = 1; i < 12; i++) { keep[i] = f[i]; f[i] = begun[i] } lines[++n] = record("command", "", clean(f[11])); for (i = 1; i < 12; i++) f[i] = keep[i] }
    for (i = 1; i < 12; i++) begun[i] = f[i]
    began = 1
  } else if (f[1] == "E" && f[11] ~ /^[0-9]+$/ && length(f[11]) < 4) {
    status = f[11]
    if (began && begun[2] == f[2]) {
      for (i = 1; i < 12; i++) f[i] = begun[i]
      began = 0
      lines[++n] = record("command", status, clean(f[11]))
    } else lines[++n] = record("ended", status, "")
  } else bad++
}
END { flush() }
