# What both readers of the forwarder need: names of users, and text that may travel.
BEGIN {
  FS = OFS = "\t"
  while ((getline line < passwd) > 0) { split(line, entry, ":"); names[entry[3]] = entry[1] }
  for (i = 1; i < 256; i++) code[sprintf("%c", i)] = i
}
# Control characters, and bytes that are no UTF-8, as \xHH.
function clean(text,   copy, high, out, part, i, c) {
  high = text ~ /[\200-\377]/
  if (high) {
    copy = text
    gsub(/[\302-\337][\200-\277]|[\340-\357][\200-\277][\200-\277]|[\360-\364][\200-\277][\200-\277][\200-\277]/, "", copy)
    high = copy ~ /[\200-\377]/
  }
  if (!high && text !~ /[\001-\010\013-\037\177]/) return text
  out = part = ""
  for (i = 1; i <= length(text); i++) {
    c = substr(text, i, 1)
    if (code[c] < 32 || code[c] == 127 || (high && code[c] > 127)) c = sprintf("\\x%02x", code[c])
    part = part c
    # By parts: a long text grows a character at a time otherwise.
    if (i % 512 == 0) { out = out part; part = "" }
  }
  return out part
}
